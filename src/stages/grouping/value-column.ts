/** The values of one column, whatever they are, group by group, as far as figures are made of them. An empty field is none. */
import type { Row } from "../../formats/format.ts";
import type { DistinctCounts, PackedDistinct } from "./approx/distinct-counts.ts";
import { ENTRY_BYTES, TEXT_BYTES, VALUE_BYTES, valueBytes } from "../kept.ts";
import type { PlannedValues } from "./group-plan.ts";
import type { ValueFigure } from "./grouping.ts";
import { type GroupKeys, checkValue, plainValue } from "./row-fields.ts";

/** How often each different value is there, by the number of the value, in the order in which they first came. */
type Counts = Map<number, number>;

/** The same of all groups: values by their numbers, those of the first group first; how often each is there; how many a group has. */
interface PackedCounts {
  ids: Int32Array;
  counts: Float64Array;
  sizes: Int32Array;
}

/** Values as they go between threads, by group. */
export interface PackedValues {
  first: unknown[];
  last: unknown[];
  all: unknown[][];
  /** Different values of the column. */
  values: unknown[];
  packed: PackedCounts;
  distinct: PackedDistinct | undefined;
  isSeen: boolean;
}

export class ValueColumn {
  readonly name: string;
  readonly #plan: PlannedValues;
  readonly #keys: GroupKeys;
  /** The value that {@linkcode ValueColumn.look} found. */
  #found: unknown;
  /** By number of the group. */
  #first: unknown[] = [];
  #last: unknown[] = [];
  #all: unknown[][] = [];
  #counts: Counts[] = [];
  /** Where it need not be exact how many different values there are. */
  #distinct: DistinctCounts | undefined;
  /** Counts that came from another thread, until they are looked at. */
  #packed: PackedCounts | undefined;
  /** The different values of all groups, and their numbers by what they are told apart by. */
  #values: unknown[] = [];
  readonly #ids = new Map<unknown, number>();
  /** By group, the number of the block in which its last value was found. */
  #lastIn: number[] = [];
  #block = 0;
  /** Of what came from other columns, and is kept here. */
  #bytes = 0;
  /** A row had this column. */
  isSeen = false;

  constructor(plan: PlannedValues, keys: GroupKeys) {
    this.name = plan.name;
    this.#plan = plan;
    this.#keys = keys;
    this.#distinct = plan.distinct?.make();
  }

  /** Bytes that it takes for so many groups, about. */
  sizeOf(groups: number): number {
    const { wantsFirst, wantsLast, wantsCounts } = this.#plan;
    const perGroup = (wantsFirst ? TEXT_BYTES : 0) + (wantsLast ? TEXT_BYTES : 0) + (wantsCounts ? ENTRY_BYTES : 0);
    return groups * perGroup + this.#bytes + (this.#distinct?.size ?? 0);
  }

  /** Makes room for so many groups: lists have no holes, but for those of all values. */
  grow(groups: number): void {
    const { wantsFirst, wantsLast, wantsCounts } = this.#plan;
    if (wantsCounts) this.#countsOf(0);
    while (wantsCounts && this.#counts.length < groups) this.#counts.push(new Map());
    while (wantsFirst && this.#first.length < groups) this.#first.push(undefined);
    while (wantsLast && this.#last.length < groups) this.#last.push(undefined);
  }

  /** Looks at the field of a row; throws when it is none that could be told apart from others, or written. */
  look(row: Row): void {
    const value = this.#plan.read(row);
    if (value !== undefined) this.isSeen = true;
    this.#found = undefined;
    if (isEmpty(value)) return;
    checkValue(value, this.name);
    this.#plan.check([value]);
    this.#found = plainValue(value);
  }

  /** Adds what was looked at last to a group. */
  add(group: number): void {
    const value = this.#found;
    if (value !== undefined) this.#add(group, value);
  }

  /** Adds the value of each row, where it has one, to the group that the row belongs to: texts, numbers, booleans. */
  addAll(groups: Int32Array, valueOf: (row: number) => unknown): void {
    const { wantsFirst, wantsLast, wantsCounts, wantsAll } = this.#plan;
    if (wantsCounts || wantsAll || this.#distinct !== undefined) {
      for (let row = 0; row < groups.length; row++) {
        const value = valueOf(row);
        if (value !== undefined) this.isSeen = true;
        if (!isEmpty(value)) this.#add(groups[row] ?? 0, value);
      }
      return;
    }
    if (wantsFirst) this.#addFirst(groups, valueOf);
    if (wantsLast) this.#addLast(groups, valueOf);
  }

  /** Most rows are not looked at: their groups have a first value. */
  #addFirst(groups: Int32Array, valueOf: (row: number) => unknown): void {
    const first = this.#first;
    for (let row = 0; row < groups.length; row++) {
      const group = groups[row] ?? 0;
      if (first[group] !== undefined) continue;
      const value = valueOf(row);
      if (value !== undefined) this.isSeen = true;
      if (!isEmpty(value)) first[group] = value;
    }
  }

  /** From the last row to the first. */
  #addLast(groups: Int32Array, valueOf: (row: number) => unknown): void {
    const block = ++this.#block;
    const lastIn = this.#lastIn;
    for (let row = groups.length - 1; row >= 0; row--) {
      const group = groups[row] ?? 0;
      if (lastIn[group] === block) continue;
      const value = valueOf(row);
      if (value !== undefined) this.isSeen = true;
      if (isEmpty(value)) continue;
      this.#last[group] = value;
      lastIn[group] = block;
    }
  }

  /** Adds the values of rows that come behind; `groupOf`: what their groups are here. */
  addFrom(behind: ValueColumn, groupOf: Int32Array): void {
    if (behind.isSeen) this.isSeen = true;
    const { wantsFirst, wantsLast } = this.#plan;
    const idOf = behind.#values.map((value) => this.#idOf(value));
    for (const [from, group] of groupOf.entries()) {
      if (wantsFirst) this.#first[group] ??= behind.#first[from];
      if (wantsLast) this.#last[group] = behind.#last[from] ?? this.#last[group];
      const all = behind.#all[from];
      if (all !== undefined) {
        const before = this.#all[group];
        for (const value of all) this.#bytes += VALUE_BYTES + valueBytes(value);
        if (before === undefined) this.#all[group] = all;
        else for (const value of all) before.push(value);
      }
    }
    if (behind.#distinct !== undefined) this.#distinct?.addFrom(behind.#distinct, groupOf);
    behind.#eachCount((from, id, count) => this.#count(groupOf[from] ?? 0, idOf[id] ?? 0, count));
  }

  /** A figure of a group; null where it has no value. */
  figure(kind: ValueFigure, group: number): unknown {
    switch (kind) {
      case "first-value":
        return this.#first[group] ?? null;
      case "last-value":
        return this.#last[group] ?? null;
      case "collect":
        return this.#all[group] ?? [];
      case "distinct-count":
        return this.#distinct?.count(group) ?? this.#countsOf(group).size;
      case "mode":
        return this.#commonest(group);
    }
  }

  pack(groups: number): PackedValues {
    const sizes = Int32Array.from({ length: groups }, (_, group) =>
      this.#plan.wantsCounts ? this.#countsOf(group).size : 0,
    );
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const packed = { ids: new Int32Array(all), counts: new Float64Array(all), sizes };
    let at = 0;
    this.#eachCount((_, id, count) => {
      packed.ids[at] = id;
      packed.counts[at++] = count;
    });
    return {
      first: this.#first,
      last: this.#last,
      all: this.#all,
      values: this.#values,
      packed,
      distinct: this.#distinct?.pack(groups),
      isSeen: this.isSeen,
    };
  }

  unpack({ first, last, all, values, packed, distinct, isSeen }: PackedValues): void {
    this.#first = first;
    this.#last = last;
    this.#all = all;
    this.#values = values;
    this.#packed = packed;
    if (distinct !== undefined) this.#distinct = this.#plan.distinct?.unpack(distinct);
    this.isSeen = isSeen;
  }

  /** Group by group, in the order in which the values of each came. */
  #eachCount(visit: (group: number, id: number, count: number) => void): void {
    if (this.#packed === undefined) {
      for (const [group, counts] of this.#counts.entries()) for (const [id, count] of counts) visit(group, id, count);
      return;
    }
    const { ids, counts, sizes } = this.#packed;
    let at = 0;
    for (const [group, size] of sizes.entries()) {
      for (const end = at + size; at < end; at++) visit(group, ids[at] ?? 0, counts[at] ?? 0);
    }
  }

  /** Those of a group, which may be changed. */
  #countsOf(group: number): Counts {
    if (this.#packed !== undefined) {
      const { sizes } = this.#packed;
      const counts: Counts[] = Array.from(sizes, () => new Map());
      this.#eachCount((of, id, count) => counts[of]?.set(id, count));
      this.#counts = counts;
      this.#packed = undefined;
    }
    return (this.#counts[group] ??= new Map());
  }

  #add(group: number, value: unknown): void {
    const { wantsFirst, wantsLast, wantsCounts, wantsAll } = this.#plan;
    if (wantsFirst) this.#first[group] ??= value;
    if (wantsLast) this.#last[group] = value;
    if (wantsCounts) this.#count(group, this.#idOf(value), 1);
    this.#distinct?.add(group, value);
    if (!wantsAll) return;
    const all = this.#all[group];
    if (all === undefined) this.#all[group] = [value];
    else all.push(value);
  }

  /** The number of a value, which may be a new one. */
  #idOf(value: unknown): number {
    // Values that came from another thread have no entry yet.
    while (this.#ids.size < this.#values.length) {
      const id = this.#ids.size;
      this.#ids.set(this.#keys.keyOf(this.#values[id], this.name), id);
    }
    const key = this.#keys.keyOf(value, this.name);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.push(value) - 1;
    this.#ids.set(key, id);
    this.#bytes += ENTRY_BYTES + valueBytes(value);
    return id;
  }

  #count(group: number, id: number, count: number): void {
    const counts = this.#countsOf(group);
    const before = counts.get(id);
    if (before === undefined) this.#bytes += ENTRY_BYTES;
    counts.set(id, (before ?? 0) + count);
  }

  /** Of values that are as common the one that came first. */
  #commonest(group: number): unknown {
    let best: number | undefined;
    let most = 0;
    for (const [id, count] of this.#countsOf(group)) {
      if (count > most) [best, most] = [id, count];
    }
    return best === undefined ? null : this.#values[best];
  }
}

function isEmpty(value: unknown): value is undefined | null | "" {
  return value === undefined || value === null || value === "";
}
