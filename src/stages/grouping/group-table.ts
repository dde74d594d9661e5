/**
 * Groups of rows with their figures: the accumulator of `--group-by` and its like. Groups stand in the order in which
 * their first rows came.
 *
 * A row is folded in as a whole or, when a field of it is no number, not at all.
 */
import { RowmillError } from "../../errors.ts";
import type { FieldValues } from "../../formats/indexed/field-reader.ts";
import type { GroupLoops } from "../../formats/indexed/group-loops.ts";
import { NO_TEXT } from "../../formats/indexed/interner.ts";
import type { Row } from "../../formats/format.ts";
import { MAX_TEXTS } from "../../formats/indexed/text-table.ts";
import { ENTRY_BYTES, valueBytes } from "../kept.ts";
import type { GroupPlan } from "./group-plan.ts";
import { type Figure, isValueFigure } from "./grouping.ts";
import { grown } from "./extremes.ts";
import { NumberColumn, type PackedNumbers } from "./number-column.ts";
import { GroupKeys, plainValue } from "./row-fields.ts";
import { type PackedValues, ValueColumn } from "./value-column.ts";

/** Groups by the key of one column; in the last one by number. */
type Level = Map<unknown, Level | number>;

/** A column that makes groups. */
interface GroupColumn {
  name: string;
  read: (row: Row) => unknown;
  /** Its value, by number of the group. */
  values: unknown[];
}

/** Groups as they go between threads. */
export interface PackedGroups {
  values: unknown[][];
  counts: Float64Array;
  numbers: PackedNumbers[];
  figured: PackedValues[];
  names: string[];
}

/** What is known of rows that a kernel has read, beside their fields. */
export interface ReadGroups {
  rows: number;
  strings: readonly string[];
  /** The columns of the first row. */
  names: readonly string[];
  /** The value of a column that makes groups (by its number among these), where it is none of the strings. */
  valueOf: (row: number, column: number) => unknown;
  /** The value of a column of whose values figures are made (by its number among these). */
  figuredOf: (row: number, column: number) => unknown;
  /** What goes over the rows; they are in its memory. */
  loops: GroupLoops;
}

const NO_GROUP = -1;

export class GroupTable {
  readonly #plan: GroupPlan;
  readonly #keys = new GroupKeys();
  readonly #index: Level = new Map();
  readonly #by: readonly GroupColumn[];
  /** The one column of `by`, where it is the only one. */
  readonly #only: GroupColumn | undefined;
  readonly #numbers: ReadonlyMap<string, NumberColumn>;
  /** The same, to loop over. */
  readonly #columns: readonly NumberColumn[];
  /** The columns of whose values, numbers or not, figures are made. */
  readonly #values: readonly ValueColumn[];
  /** Groups by the numbers of their strings: of one, or of several put together. */
  #groupOfId: Int32Array | undefined;
  readonly #groupOfIds = new Map<number, number>();
  /** How many groups there are. */
  #groups = 0;
  /** Rows, by number of the group. */
  #counts: Float64Array = new Float64Array(0);
  /** Columns of the first row. */
  #names: string[] = [];
  /** Of the values of the columns that make groups. */
  #bytes = 0;

  constructor(plan: GroupPlan) {
    this.#plan = plan;
    this.#by = plan.by.map((column) => ({ ...column, values: [] }));
    this.#only = this.#by.length === 1 ? this.#by[0] : undefined;
    this.#numbers = new Map(plan.numbers.map((column) => [column.name, new NumberColumn(column)]));
    this.#columns = [...this.#numbers.values()];
    this.#values = plan.values.map((column) => new ValueColumn(column, this.#keys));
  }

  /**
   * Folds a row in.
   *
   * @throws {RowmillError} `row-type`, naming the column, or `row-encode`; nothing has changed then.
   */
  add(row: Row): void {
    for (const column of this.#columns) column.look(row);
    for (const column of this.#values) column.look(row);
    const group = this.#groupOf(row);
    this.#counts[group] = (this.#counts[group] ?? 0) + 1;
    for (const column of this.#columns) column.add(group);
    for (const column of this.#values) column.add(group);
  }

  /**
   * Folds in rows that a kernel has read: the values of the columns that make groups as numbers of `strings`, row by row,
   * and the figures' numbers and values, column by column.
   */
  addFields({ ids, decimals }: Pick<FieldValues, "ids" | "decimals">, { names, ...read }: ReadGroups): void {
    if (this.#names.length === 0) this.#names = [...names];
    const { loops } = read;
    const groups = this.#groupsOf(ids, read);
    const counts = this.#counts;
    if (!loops.count(groups, counts, this.#groups)) {
      for (const group of groups) counts[group] = (counts[group] ?? 0) + 1;
    }
    for (const [at, column] of this.#columns.entries()) {
      const numbers = decimals[at];
      if (numbers !== undefined) column.addAll(groups, numbers, { loops, groupCount: this.#groups });
    }
    for (const [at, column] of this.#values.entries()) column.addAll(groups, (row) => read.figuredOf(row, at));
  }

  #groupsOf(ids: Int32Array, { rows, strings, valueOf, loops }: Omit<ReadGroups, "names" | "figuredOf">): Int32Array {
    const width = this.#by.length;
    const newGroup = (row: number): number =>
      this.#find((column) => {
        const id = ids[row * width + column] ?? NO_TEXT;
        return id === NO_TEXT ? valueOf(row, column) : strings[id];
      });
    if (width === 1) {
      this.#groupOfId ??= new Int32Array(MAX_TEXTS).fill(NO_GROUP);
      return loops.groups(ids, { known: this.#groupOfId, texts: strings.length }, newGroup);
    }
    const groups = loops.room();
    if (width === 0) return rows === 0 ? groups : groups.fill(newGroup(0));
    const known = this.#groupOfIds;
    for (let row = 0; row < rows; row++) {
      let key = 0;
      let isKnown = true;
      for (let column = 0; column < width; column++) {
        const id = ids[row * width + column] ?? NO_TEXT;
        if (id === NO_TEXT) isKnown = false;
        key = key * MAX_TEXTS + id;
      }
      let group = isKnown ? known.get(key) : newGroup(row);
      if (group === undefined) known.set(key, (group = newGroup(row)));
      groups[row] = group;
    }
    return groups;
  }

  /** Checks that a row can be folded in; throws as {@linkcode GroupTable.add} does. */
  check(row: Row): void {
    for (const column of this.#columns) column.look(row);
    for (const column of this.#values) column.look(row);
    for (const { name, read } of this.#by) this.#keys.keyOf(read(row), name);
    this.#plan.check(this.#by.map(({ read }) => read(row)));
  }

  /** Folds in the groups of rows that come behind all rows of this one. */
  addAll(other: GroupTable): void {
    const groupOf = new Int32Array(other.#groups);
    for (let from = 0; from < groupOf.length; from++) {
      const group = this.#find((column) => other.#by[column]?.values[from]);
      groupOf[from] = group;
      this.#counts[group] = (this.#counts[group] ?? 0) + (other.#counts[from] ?? 0);
      for (const [at, column] of this.#columns.entries()) {
        const behind = other.#columns[at];
        if (behind !== undefined) column.addFrom(group, behind, from);
      }
    }
    for (const [at, column] of this.#columns.entries()) {
      const behind = other.#columns[at];
      if (behind !== undefined) column.addCollected(behind, groupOf);
    }
    for (const [at, column] of this.#values.entries()) {
      const behind = other.#values[at];
      if (behind !== undefined) column.addFrom(behind, groupOf);
    }
    if (this.#names.length === 0) this.#names = other.#names;
  }

  /** How many groups there are. */
  get count(): number {
    return this.#groups;
  }

  /** Bytes that it takes, about. */
  get size(): number {
    const groups = this.#groups;
    const columns = [...this.#columns, ...this.#values].reduce((sum, column) => sum + column.sizeOf(groups), 0);
    return groups * 2 * ENTRY_BYTES + this.#bytes + columns;
  }

  /** The output rows. */
  *rows(): Generator<Row> {
    const { figures, columns } = this.#plan;
    if (this.#by.length === 0 && this.#groups === 0) this.#newGroup(() => undefined);
    for (let group = 0; group < this.#groups; group++) {
      const values = [
        ...this.#by.map((column) => column.values[group] ?? null),
        ...figures.map((one) => this.#read(one, group)),
      ];
      yield Object.fromEntries(columns.map((name, at) => [name, values[at]]));
    }
  }

  /** A column that no row had, although there were rows, and the columns that the first one had. */
  get unseen(): { column: string; names: readonly string[] } | undefined {
    if (this.#groups === 0) return undefined;
    const column =
      this.#by.find(({ values }) => values.every((value) => value === undefined))?.name ??
      [...this.#columns, ...this.#values].find(({ isSeen }) => !isSeen)?.name;
    return column === undefined ? undefined : { column, names: this.#names };
  }

  pack(): PackedGroups {
    return {
      values: this.#by.map(({ values }) => values),
      counts: this.#counts.slice(0, this.#groups),
      numbers: this.#columns.map((column) => column.pack(this.#groups)),
      figured: this.#values.map((column) => column.pack(this.#groups)),
      names: this.#names,
    };
  }

  static unpack(plan: GroupPlan, { values, counts, numbers, figured, names }: PackedGroups): GroupTable {
    const table = new GroupTable(plan);
    for (let from = 0; from < counts.length; from++) table.#find((column) => values[column]?.[from]);
    if (counts.length > 0) table.#counts = counts;
    table.#names = names;
    for (const [at, column] of table.#columns.entries()) {
      const packed = numbers[at];
      if (packed !== undefined) column.unpack(packed);
    }
    for (const [at, column] of table.#values.entries()) {
      const packed = figured[at];
      if (packed !== undefined) column.unpack(packed);
    }
    return table;
  }

  #read(figure: Figure, group: number): unknown {
    if (figure.kind === "count") return this.#counts[group];
    const { kind, column } = figure;
    if (isValueFigure(kind)) return this.#values.find(({ name }) => name === column)?.figure(kind, group);
    return this.#numbers.get(column)?.figure(figure, group);
  }

  /** The number of a row's group. */
  #groupOf(row: Row): number {
    // One column, and a group that is known: nearly every row.
    const only = this.#only;
    if (only !== undefined) {
      const known = this.#index.get(this.#keys.keyOf(only.read(row), only.name));
      if (typeof known === "number") return known;
    }
    if (this.#names.length === 0) this.#names = Object.keys(row);
    return this.#find((column) => this.#by[column]?.read(row), this.#plan.check);
  }

  /** The number of the group with these values, which may be a new one: that is one that `check` has passed. */
  #find(valueOf: (column: number) => unknown, check?: GroupPlan["check"]): number {
    let level = this.#index;
    const last = this.#by.length - 1;
    for (let column = 0; column < last; column++) {
      const key = this.#keys.keyOf(valueOf(column), this.#by[column]?.name ?? "");
      let next = level.get(key);
      if (!(next instanceof Map)) {
        next = new Map();
        level.set(key, next);
      }
      level = next;
    }
    // All rows are one group where no column makes any.
    const key = last < 0 ? null : this.#keys.keyOf(valueOf(last), this.#by[last]?.name ?? "");
    const known = level.get(key);
    if (typeof known === "number") return known;
    check?.(this.#by.map((_, column) => valueOf(column)));
    const group = this.#newGroup(valueOf);
    level.set(key, group);
    return group;
  }

  #newGroup(valueOf: (column: number) => unknown): number {
    const group = this.#groups++;
    this.#counts = grown(this.#counts, this.#groups);
    for (const [column, { values }] of this.#by.entries()) {
      const value = plainValue(valueOf(column));
      values.push(value);
      this.#bytes += valueBytes(value);
    }
    for (const column of this.#columns) column.grow(group + 1);
    for (const column of this.#values) column.grow(group + 1);
    return group;
  }
}

export function tableOf(accumulator: unknown): GroupTable {
  if (accumulator instanceof GroupTable) return accumulator;
  throw new Error("the accumulator is no table of groups");
}

/** What is folded must be an object with names. */
export function checkedRow(row: unknown): Row {
  if (typeof row === "object" && row !== null) return row as Row;
  throw new RowmillError("row-result", `the result is the ${typeof row} ${String(row)}, not an object`, {
    hint: "groups are made of rows: return an object",
  });
}
