/**
 * `--head-by a,b`: the first row of each group of rows with the same values in these columns, whole and in input order;
 * `--distinct`: the first of all rows that are the same, in these columns or in all of theirs. A part tells of the rows
 * whose key has not come before in their batch, by a digest of each; the picker knows the digests of all batches so far, and
 * nothing else is kept of them. A digest has 128 bits and a secret of the run: that two keys share one does not happen.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { DIGEST_WORDS, TextDigester } from "../../formats/indexed/row-digester.ts";
import { openMemory } from "../../formats/memory.ts";
import { KnownDigests } from "./known-digests.ts";
import { columnReader } from "../grouping/row-fields.ts";
import { noRoom, shownCount } from "../kept.ts";
import type { CutRows, MakeStage, PickingStage, StepFacts } from "../stage.ts";
import { SeenColumns, type SeenNames } from "../unseen-column.ts";
import { WaitingRows } from "./waiting-rows.ts";
import { valueText } from "../value-text.ts";

/** What a batch tells: the digests of its rows' keys, each once, and which columns its worker has seen. */
interface Part extends SeenNames {
  digests: Uint32Array;
}

export const headBy: MakeStage = (columns, { areKnown, emptyIsNothing, ...facts }) =>
  firstRows({
    ...facts,
    name: "head",
    flag: "--head-by",
    what: `by ${columns.join(", ")}`,
    columns: areKnown ? [] : columns,
    ...keyOf(columns, textBy(emptyIsNothing)),
  });

export const distinct: MakeStage = (columns, { areKnown, emptyIsNothing, ...facts }) => {
  const text = textBy(emptyIsNothing);
  return firstRows({
    ...facts,
    name: "distinct",
    flag: "--distinct",
    what: columns.length === 0 ? "" : `by ${columns.join(", ")}`,
    columns: areKnown ? [] : columns,
    ...(columns.length === 0 ? { key: keyOfRows(text), seen: [] } : keyOf(columns, text)),
  });
};

/** How rows are told apart. */
interface Keys {
  /** The same text for the same rows only. */
  key: (row: Row) => string;
  /** Of each column that it looks at, whether it has seen one. */
  seen: boolean[];
}

/** What is asked of a stage of first rows. */
interface FirstRows extends Keys, Pick<StepFacts, "secret" | "memoryBytes" | "mostBytes" | "tempDir"> {
  name: string;
  /** The option that asks for it. */
  flag: string;
  what: string;
  /** Some row must have them. */
  columns: readonly string[];
}

/** The first row of each key. */
function firstRows({ name, flag, what, columns, secret, key, seen, ...room }: FirstRows): PickingStage {
  let names: string[] = [];
  let digester: TextDigester | undefined;
  const checkSize = (digests: KnownDigests): void => {
    if (digests.size <= room.mostBytes) return;
    throw noRoom(`${flag} has ${shownCount(digests.count)} different rows`, {
      most: room.mostBytes,
      hint: "rows that are not wanted can be left out before: --filter",
    });
  };
  const digestsOf = (keys: ReadonlySet<string>): Uint32Array => {
    digester ??= new TextDigester(openMemory(), secret);
    return digester.digestEach([...keys]);
  };
  return {
    kind: "picking",
    name,
    what,
    note: (row) => {
      if (names.length === 0) names = Object.keys(row);
      return key(row);
    },
    part: () => {
      const keys = new Set<string>();
      return {
        add: (note) => isNew(keys, String(note)),
        // What it gives is memory that all threads share; a copy can be handed over.
        pack: () => new Uint8Array(serialize({ digests: digestsOf(keys), seen, names } satisfies Part)).slice(),
      };
    },
    picker: () => {
      const known = new KnownDigests();
      const all = new SeenColumns(columns);
      let waiting: WaitingRows | undefined;
      return {
        pick: (bytes, rows) => {
          const part = deserialize(bytes) as Part;
          all.add(part);
          const { digests } = part;
          const count = digests.length / DIGEST_WORDS;
          if (rows !== undefined && known.size > room.memoryBytes) {
            waiting ??= new WaitingRows(room, checkSize);
            hold(waiting, { digests, rows: rows(), known });
            return Array.from({ length: count }, () => false);
          }
          const picked = Array.from({ length: count }, (_, at) => known.add(digests, at * DIGEST_WORDS));
          checkSize(known);
          return picked;
        },
        end: () => {
          all.check();
          return waiting?.first() ?? [];
        },
        close: () => waiting?.close(),
      };
    },
  };
}

/** Has those rows of a batch wait whose keys are not known. */
function hold(
  waiting: WaitingRows,
  { digests, rows, known }: { digests: Uint32Array; rows: CutRows; known: KnownDigests },
): void {
  for (let row = 0; row < rows.ends.length; row++)
    if (!known.has(digests, row * DIGEST_WORDS)) waiting.add(digests, row, rows);
}

function isNew(known: Set<string>, text: string): boolean {
  const { size } = known;
  return known.add(text).size > size;
}

/** What a value is told apart by. */
type TextOf = (value: unknown, column: string) => string;

function textBy(emptyIsNothing: boolean): TextOf {
  return emptyIsNothing ? (value, column) => (value === "" ? "" : valueText(value, column)) : valueText;
}

/** Rows with the same values in these columns are the same. */
function keyOf(columns: readonly string[], textOf: TextOf): Keys {
  const readers = columns.map(columnReader);
  const seen = columns.map(() => false);
  const key = (row: Row): string => {
    let texts = "";
    for (const [at, read] of readers.entries()) {
      const value = read(row);
      if (value !== undefined) seen[at] = true;
      const text = textOf(value, columns[at] ?? "");
      // Of several texts put together, their lengths tell which.
      texts = readers.length === 1 ? text : `${texts}${text.length}:${text}`;
    }
    return texts;
  };
  return { key, seen };
}

/** Rows with the same values under the same names are the same, in whatever order these stand. */
function keyOfRows(textOf: TextOf): Keys["key"] {
  let names: string[] = [];
  let ordered: string[] = [];
  return (row) => {
    const own = Object.keys(row);
    // Most rows have the names of the one before.
    if (own.length !== names.length || own.some((name, at) => name !== names[at])) {
      names = own;
      ordered = own.toSorted();
    }
    let texts = "";
    for (const name of ordered) {
      const text = textOf(row[name], name);
      // What is missing is null.
      if (text !== "") texts = `${texts}${name.length}:${name}${text.length}:${text}`;
    }
    return texts;
  };
}
