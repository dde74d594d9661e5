/** The values of one column, whatever they are, group by group, as far as figures are made of them. An empty field is none. */
import type { Row } from "../../formats/format.ts";
import type { PlannedValues } from "./group-plan.ts";
import type { ValueFigure } from "./grouping.ts";
import { type GroupKeys, checkValue, plainValue } from "./row-fields.ts";

/** A value, and how often it was there. */
interface Counted {
  value: unknown;
  count: number;
}

/** The different values of a group, in the order in which they first came, by what they are told apart by. */
type Counts = Map<unknown, Counted>;

/** Values as they go between threads, by group. */
export interface PackedValues {
  first: unknown[];
  last: unknown[];
  all: unknown[][];
  /** Different values, those of the first group first, how often each was there, and how many a group has. */
  different: unknown[];
  counts: number[];
  sizes: number[];
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
  /** By group, the number of the block in which its last value was found. */
  #lastIn: number[] = [];
  #block = 0;
  /** A row had this column. */
  isSeen = false;

  constructor(plan: PlannedValues, keys: GroupKeys) {
    this.name = plan.name;
    this.#plan = plan;
    this.#keys = keys;
  }

  /** Makes room for so many groups: lists have no holes. */
  grow(groups: number): void {
    const { wantsFirst, wantsLast } = this.#plan;
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
    if (wantsCounts || wantsAll) {
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
    for (const [from, group] of groupOf.entries()) {
      if (wantsFirst) this.#first[group] ??= behind.#first[from];
      if (wantsLast) this.#last[group] = behind.#last[from] ?? this.#last[group];
      const all = behind.#all[from];
      if (all !== undefined) {
        const before = this.#all[group];
        if (before === undefined) this.#all[group] = all;
        else for (const value of all) before.push(value);
      }
      for (const { value, count } of behind.#counts[from]?.values() ?? []) this.#count(group, value, count);
    }
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
        return this.#counts[group]?.size ?? 0;
      case "mode":
        return this.#commonest(group);
    }
  }

  pack(groups: number): PackedValues {
    const counts = Array.from({ length: groups }, (_, group) => [...(this.#counts[group]?.values() ?? [])]);
    return {
      first: this.#first,
      last: this.#last,
      all: this.#all,
      different: counts.flatMap((ofGroup) => ofGroup.map(({ value }) => value)),
      counts: counts.flatMap((ofGroup) => ofGroup.map(({ count }) => count)),
      sizes: counts.map(({ length }) => length),
      isSeen: this.isSeen,
    };
  }

  unpack({ first, last, all, different, counts, sizes, isSeen }: PackedValues): void {
    this.#first = first;
    this.#last = last;
    this.#all = all;
    this.isSeen = isSeen;
    let at = 0;
    for (const [group, size] of sizes.entries()) {
      for (const end = at + size; at < end; at++) this.#count(group, different[at], counts[at] ?? 0);
    }
  }

  #add(group: number, value: unknown): void {
    const { wantsFirst, wantsLast, wantsCounts, wantsAll } = this.#plan;
    if (wantsFirst) this.#first[group] ??= value;
    if (wantsLast) this.#last[group] = value;
    if (wantsCounts) this.#count(group, value, 1);
    if (!wantsAll) return;
    const all = this.#all[group];
    if (all === undefined) this.#all[group] = [value];
    else all.push(value);
  }

  #count(group: number, value: unknown, count: number): void {
    const counts = (this.#counts[group] ??= new Map());
    const key = this.#keys.keyOf(value, this.name);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { value, count });
    else known.count += count;
  }

  /** Of values that are as common the one that came first. */
  #commonest(group: number): unknown {
    let best: Counted | undefined;
    for (const counted of this.#counts[group]?.values() ?? []) {
      if (best === undefined || counted.count > best.count) best = counted;
    }
    return best === undefined ? null : best.value;
  }
}

function isEmpty(value: unknown): value is undefined | null | "" {
  return value === undefined || value === null || value === "";
}
