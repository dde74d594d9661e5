/**
 * Rows with the columns of a table beside the input: what is called for a row is called for each row of the table that has
 * its key. What comes of them is one outcome, that of the row of the input.
 */
import { RowmillError } from "../errors.ts";
import { isIndexKey, shownColumn } from "../formats/columns.ts";
import type { Row } from "../formats/format.ts";
import { spellingOfValue } from "../formats/values/spelling.ts";
import type { ObjectSpelling, Spelling } from "../formats/values/spelling-tree.ts";
import { generate, objectLiteral } from "../generated-code.ts";
import { addsColumns } from "../tables/asked.ts";
import { NONE } from "../formats/indexed/key-arrays.ts";
import { keyText } from "../tables/key-index.ts";
import { keyField } from "../tables/key-field.ts";
import { releaseTable, tableOfFound } from "../tables/found-rows.ts";
import { type PackedTable, TableReader } from "../tables/packed-table.ts";
import type { RowContext } from "../code/context.ts";
import { Emitting } from "./emitted.ts";
import { type Outcome, type RowFunction, combined } from "./outcome.ts";
import type { Reads } from "./reads.ts";
import type { JoinSetup, JoinsSeen, RunSetup } from "./wire.ts";

/** What joins of a run need beside their tables. */
export interface JoinParts {
  joins: readonly OpenJoin[];
  /** Rows are limited to so many a second: waits until the next one may be begun. */
  turn: (() => Promise<void>) | undefined;
}

/** Gives a row the fields of one of the table. */
type Widen = (row: Row, values: readonly unknown[]) => Row;

/** Rows of a table that are asked for again and again are not unpacked each time. */
const KEPT_ROWS = 8192;

/** One join of a run in a worker. */
export class OpenJoin {
  readonly setup: JoinSetup;
  #table: TableReader;
  readonly #nullTexts: readonly string[];
  readonly #widen: Widen;
  readonly #added: readonly string[];
  readonly #hasKeys: boolean;
  readonly #nothing: readonly unknown[];
  readonly #keptRows = new Int32Array(KEPT_ROWS).fill(NONE);
  readonly #kept: (readonly string[])[] = [];
  /** What rows have come to so far. */
  seen: JoinsSeen[number] = { hasMatched: false, firstMiss: undefined };

  /** @param reads The columns that somebody reads; undefined for all. */
  constructor(setup: JoinSetup, { input, joins }: RunSetup, reads: Reads) {
    this.setup = setup;
    this.#table = new TableReader(setup.table);
    this.#nullTexts = input.nullTexts ?? [];
    this.#hasKeys = input.columns === undefined;
    // A later join may look for one of them.
    const keys = new Set(joins.flatMap(({ on }) => on));
    const added = setup.names.flatMap((name, at) =>
      reads === undefined || reads.has(name) || keys.has(name) ? [{ name, at }] : [],
    );
    this.#added = added.map(({ name }) => name);
    this.#widen = compileWiden(added);
    const missing = setup.table.form === "text" ? "" : null;
    this.#nothing = setup.names.map(() => missing);
  }

  /** The table, or what of it rows need that come next. */
  get table(): PackedTable {
    return this.#table.table;
  }

  /** Takes what of the table the next rows may find, where it has no room in memory. */
  take(found: Uint8Array): void {
    const { table, rewritten } = this.setup;
    releaseTable(this.#table.table);
    this.#table = new TableReader(tableOfFound(table, found, rewritten));
    this.#keptRows.fill(NONE);
  }

  /** The first row of the table for a row, or NONE. */
  find(row: Row, spelling: ObjectSpelling | undefined): number {
    const { on } = this.setup;
    const [name = ""] = on;
    const key =
      on.length === 1
        ? this.#field(row, name, spelling)
        : keyText(on.map((column) => this.#field(row, column, spelling)));
    if (key === undefined || key === "") return NONE;
    const found = this.#table.find(key);
    if (!this.seen.hasMatched) {
      const isFound = found !== NONE;
      const shown = (): string => on.map((column) => this.#field(row, column, spelling)).join(", ");
      this.note({ hasFound: isFound, firstMiss: isFound ? undefined : shown() });
    }
    return found;
  }

  /** The text of a field of the key; undefined where it stands for null. */
  #field(row: Row, name: string, spelling: ObjectSpelling | undefined): string | undefined {
    const field = keyField(Object.hasOwn(row, name) ? row[name] : undefined, spelling?.parts.get(name));
    return field !== undefined && this.#nullTexts.length > 0 && this.#nullTexts.includes(field) ? undefined : field;
  }

  /** The first row of the table for the text of a key that is one column. */
  findText(text: string): number {
    return text === "" ? NONE : this.#table.find(text);
  }

  /** Notes what has come of rows. */
  note({ hasFound, firstMiss }: { hasFound: boolean; firstMiss: string | undefined }): void {
    this.seen = { hasMatched: this.seen.hasMatched || hasFound, firstMiss: this.seen.firstMiss ?? firstMiss };
  }

  next(found: number): number {
    return this.#table.next(found);
  }

  /** A row with the fields of one of the table, and how it is spelled. */
  widened(
    row: Row,
    found: number,
    spelling: ObjectSpelling | undefined,
  ): { row: Row; spelling: ObjectSpelling | undefined } {
    if (this.#hasKeys) this.#checkNew(row);
    if (found === NONE)
      return { row: this.#widen(row, this.#nothing), spelling: this.#spelling(row, spelling, undefined) };
    if (this.setup.table.form === "text") return { row: this.#widen(row, this.#fields(found)), spelling };
    const text = this.#table.text(found);
    const spelled = spellingOfValue(text);
    return {
      row: this.#widen(row, this.#table.values(text)),
      spelling: this.#spelling(row, spelling, spelled),
    };
  }

  #fields(found: number): readonly string[] {
    const slot = found % KEPT_ROWS;
    const kept = this.#keptRows[slot] === found ? this.#kept[slot] : undefined;
    if (kept !== undefined) return kept;
    const fields = this.#table.fields(found);
    this.#keptRows[slot] = found;
    this.#kept[slot] = fields;
    return fields;
  }

  #checkNew(row: Row): void {
    const twice = this.#added.find((name) => Object.hasOwn(row, name));
    if (twice === undefined) return;
    const { table } = this.setup;
    throw new RowmillError("row-join", `the row has ${shownColumn(twice)}, and so has ${table.file}`, {
      hint: "--prefix behind its --join stands before the names of its columns: --prefix t_",
    });
  }

  #spelling(row: Row, own: ObjectSpelling | undefined, table: Spelling | undefined): ObjectSpelling | undefined {
    if (this.setup.table.form === "text") return own;
    const hasOrder = own?.keys !== undefined || this.#added.some(isIndexKey);
    if (own === undefined && table === undefined && !hasOrder) return undefined;
    const parts = new Map(own?.parts);
    if (table?.kind === "list")
      for (const [at, part] of table.parts) {
        const name = this.setup.names[at];
        if (name !== undefined && this.#added.includes(name)) parts.set(name, part);
      }
    const keys = hasOrder ? [...(own?.keys ?? Object.keys(row)), ...this.#added] : undefined;
    return { kind: "object", keys, parts };
  }
}

function compileWiden(added: readonly { name: string; at: number }[]): Widen {
  if (added.length === 0) return (row) => row;
  const fields = objectLiteral(added.map(({ name, at }): [string, string] => [name, `values[${at}]`]));
  return generate(
    "widenRow",
    `return function widenRow(row, values) { return { ...row, ${fields.slice(1)}; }`,
  ) as Widen;
}

/** A function of the rows that come of joins, as one of the rows of the input: the first join is done first. */
export function withJoins(call: RowFunction, { joins, turn }: JoinParts): RowFunction {
  return joins.reduceRight((next, join) => joinStep(join, next, turn), call);
}

function joinStep(join: OpenJoin, next: RowFunction, turn: JoinParts["turn"]): RowFunction {
  const { kind } = join.setup;
  if (!addsColumns(kind)) {
    const wanted = kind === "semi";
    return (row, ctx, spelling) =>
      (join.find(row, spelling) !== NONE) === wanted ? next(row, ctx, spelling) : undefined;
  }
  const isOuter = kind === "left";
  return (row, ctx, spelling) => {
    const found = join.find(row, spelling);
    if (found === NONE && !isOuter) return undefined;
    const behind = found === NONE ? NONE : join.next(found);
    const first = join.widened(row, found, spelling);
    const outcome = next(first.row, ctx, first.spelling);
    return behind === NONE ? outcome : manyRows({ join, next, turn }, { row, ctx, spelling, outcome, behind });
  };
}

/** The outcome of a row with which several of the table go. Those whose function answers late are done one after another. */
function manyRows(
  { join, next, turn }: { join: OpenJoin; next: RowFunction; turn: JoinParts["turn"] },
  first: { row: Row; ctx: RowContext; spelling: ObjectSpelling | undefined; outcome: Outcome; behind: number },
): Outcome {
  const { row, ctx, spelling } = first;
  const call = (found: number): Outcome => {
    const widened = join.widened(row, found, spelling);
    return next(widened.row, ctx, widened.spelling);
  };
  const outcomes: Outcome[] = [];
  const later = async (late: Outcome, from: number): Promise<Outcome> => {
    outcomes.push(await late);
    for (let found = from; found !== NONE; found = join.next(found)) {
      if (turn !== undefined) await turn();
      outcomes.push(await call(found));
    }
    return together(outcomes);
  };
  if (first.outcome instanceof Promise || turn !== undefined) return later(first.outcome, first.behind);
  outcomes.push(first.outcome);
  for (let found = first.behind; found !== NONE; found = join.next(found)) {
    const outcome = call(found);
    if (outcome instanceof Promise) return later(outcome, join.next(found));
    outcomes.push(outcome);
  }
  return together(outcomes);
}

/** One outcome of several, with all that their rows have emitted. */
function together(outcomes: readonly Outcome[]): Outcome {
  const rows = outcomes.flatMap((outcome) => (outcome instanceof Emitting ? outcome.rows : []));
  const own = combined(outcomes.map((outcome): Outcome => (outcome instanceof Emitting ? outcome.outcome : outcome)));
  return rows.length === 0 ? own : new Emitting(own, rows);
}
