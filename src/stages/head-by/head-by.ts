/**
 * `--head-by a,b`: the first row of each group of rows with the same values in these columns, whole and in input order;
 * `--distinct`: the first of all rows that are the same, in these columns or in all of theirs. A part tells of the rows
 * whose key has not come before in their batch, by a digest of each; the picker knows the digests of all batches so far, and
 * nothing else is kept of them. A digest has 128 bits and a secret of the run: that two keys share one does not happen.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { DIGEST_WORDS, FieldDigester, TextDigester } from "../../formats/indexed/row-digester.ts";
import { openMemory } from "../../formats/memory.ts";
import { cellText } from "../../formats/values/cell.ts";
import { KnownDigests } from "./known-digests.ts";
import { columnReader, noGroup } from "../grouping/row-fields.ts";
import { noRoom, shownCount } from "../kept.ts";
import type { CutRows, FieldNotes, MakeStage, PickingStage, StepFacts } from "../stage.ts";
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
    keys: keysBy(columns, textBy(emptyIsNothing)),
    areFields: emptyIsNothing,
  });

export const distinct: MakeStage = (columns, { areKnown, emptyIsNothing, ...facts }) => {
  const text = textBy(emptyIsNothing);
  return firstRows({
    ...facts,
    name: "distinct",
    flag: "--distinct",
    what: columns.length === 0 ? "" : `by ${columns.join(", ")}`,
    columns: areKnown ? [] : columns,
    keys: columns.length === 0 ? keysOfRows(text) : keysBy(columns, text),
    areFields: emptyIsNothing,
  });
};

/** What tells rows apart: texts under names; a text that is empty counts for nothing. */
interface Keys {
  /** Names and texts in turns, in an order that is the same for the same ones. */
  of: (row: Row) => string[];
  /** Which columns of these, and in which order. */
  among: (columns: readonly string[]) => readonly string[];
  /** Of each column that it looks at, whether it has seen one. */
  seen: boolean[];
}

/** What is asked of a stage of first rows. */
interface FirstRows extends Pick<StepFacts, "secret" | "memoryBytes" | "mostBytes" | "tempDir"> {
  name: string;
  /** The option that asks for it. */
  flag: string;
  what: string;
  /** Some row must have them. */
  columns: readonly string[];
  keys: Keys;
  /** The texts are those of fields: what is handed on may be told by its bytes. */
  areFields: boolean;
}

/** The first row of each key. */
function firstRows({ name, flag, what, columns, secret, keys, areFields, ...room }: FirstRows): PickingStage {
  const { seen } = keys;
  let names: string[] = [];
  let digester: TextDigester | undefined;
  const texts = (): TextDigester => (digester ??= new TextDigester(openMemory(), secret));
  const checkSize = (digests: KnownDigests): void => {
    if (digests.size <= room.mostBytes) return;
    throw noRoom(`${flag} has ${shownCount(digests.count)} different rows`, {
      most: room.mostBytes,
      hint: "rows that are not wanted can be left out before: --filter",
    });
  };
  const byFields: FieldNotes = {
    open: (memory, file, results) => {
      const columnOf = new Map(results.map((one) => [one.name, one]));
      if (names.length === 0) names = results.map((one) => one.name);
      const among = keys.among(results.map((one) => one.name));
      const picked = among.flatMap((one) => columnOf.get(one) ?? []);
      for (const [at, one] of among.entries())
        if (seen.length > at && file.columns.includes(columnOf.get(one)?.column ?? "")) seen[at] = true;
      const fields = new FieldDigester(
        memory,
        { file: file.columns, quote: file.quote },
        { picked, key: secret, texts: texts() },
      );
      return (block) => fields.digest(block);
    },
  };
  return {
    kind: "picking",
    name,
    what,
    ...(areFields && { byFields }),
    note: (row) => {
      if (names.length === 0) names = Object.keys(row);
      return keys.of(row);
    },
    part: () => {
      const known = new KnownDigests();
      return {
        add: (note) => known.add(texts().digestPairs(note as string[]), 0),
        addDigest: (digests, row) => known.add(digests, row * DIGEST_WORDS),
        // What it gives is memory that all threads share; a copy can be handed over.
        pack: () => new Uint8Array(serialize({ digests: known.all, seen, names } satisfies Part)).slice(),
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
          // Where rows may wait in a file, the next ones do.
          if (rows === undefined) checkSize(known);
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

/** What a value is told apart by. */
type TextOf = (value: unknown, column: string) => string;

/** Where what comes out are fields of texts, values are told apart by the field that would be written. */
function textBy(areFields: boolean): TextOf {
  return areFields ? fieldText : valueText;
}

function fieldText(value: unknown, column: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "function" || typeof value === "symbol") throw noGroup(value, column);
  return cellText(value, "");
}

/** Rows with the same values in these columns are the same. */
function keysBy(columns: readonly string[], textOf: TextOf): Keys {
  const readers = columns.map((name) => ({ name, read: columnReader(name) }));
  const seen = columns.map(() => false);
  const of = (row: Row): string[] => {
    const texts: string[] = [];
    for (const [at, { name, read }] of readers.entries()) {
      const value = read(row);
      if (value !== undefined) seen[at] = true;
      texts.push(name, textOf(value, name));
    }
    return texts;
  };
  return { of, among: () => columns, seen };
}

/** Rows with the same values under the same names are the same, in whatever order these stand. */
function keysOfRows(textOf: TextOf): Keys {
  let names: string[] = [];
  let ordered: string[] = [];
  const of = (row: Row): string[] => {
    const own = Object.keys(row);
    // Most rows have the names of the one before.
    if (own.length !== names.length || own.some((name, at) => name !== names[at])) {
      names = own;
      ordered = own.toSorted();
    }
    return ordered.flatMap((name) => [name, textOf(row[name], name)]);
  };
  return { of, among: (columns) => columns.toSorted(), seen: [] };
}
