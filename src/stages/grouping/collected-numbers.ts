/**
 * All numbers of a column, group by group, for figures that are read off their order: 8 bytes each.
 *
 * A worker notes them as they come, and puts those of a group together when it packs them. Where parts are taken they stay
 * as they came, and only a window of groups is put together at a time, when their figures are read.
 */
import type { DecimalFields } from "../../formats/indexed/field-reader.ts";
import { POWERS_OF_TEN } from "./exact-sums.ts";
import { type Numbers, quantilesOf } from "./quantiles.ts";

/** Numbers of a part, those of the same group one behind the other. */
interface Run {
  /** By place in the run: which group, and how many numbers. */
  groups: Int32Array;
  counts: Int32Array;
  numbers: Float64Array;
}

export interface PackedCollected extends Run {
  large: Map<number, bigint[]>;
}

/** Numbers of some groups, those of a group one behind the other. */
interface Window {
  from: number;
  to: number;
  /** Where those of each group start, and behind the last one, where they end. */
  bounds: Float64Array;
  numbers: Float64Array;
}

const FIRST_ROOM = 1024;
/** Runs of fewer numbers are not worth an object of their own. */
const SHORT_RUN = 4096;
/** A window has so many numbers, or those of one group. */
const WINDOW_NUMBERS = 2 ** 23;

export class CollectedNumbers {
  readonly #quantiles: readonly number[];
  /** Numbers as they came, and the group of each. */
  #groups = new Int32Array(FIRST_ROOM);
  #numbers = new Float64Array(FIRST_ROOM);
  #length = 0;
  #runs: Run[] = [];
  /** Integers that no double holds, by group. */
  #large = new Map<number, bigint[]>();
  #window: Window | undefined;
  /** What was read last. */
  #read: { group: number; values: readonly (number | bigint)[] | undefined } | undefined;

  /** @param quantiles Those that will be read, in ascending order. */
  constructor(quantiles: readonly number[]) {
    this.#quantiles = quantiles;
  }

  add(group: number, number: number | bigint): void {
    if (typeof number === "bigint") {
      const large = this.#large.get(group);
      if (large === undefined) this.#large.set(group, [number]);
      else large.push(number);
      return;
    }
    if (this.#length === this.#numbers.length) this.#reserve(1);
    this.#groups[this.#length] = group;
    this.#numbers[this.#length++] = number;
  }

  /** Adds the number of each row, where it has one, to the group that the row belongs to. */
  addAll(groupOf: Int32Array, { digits, decimals }: DecimalFields): void {
    this.#reserve(groupOf.length);
    const groups = this.#groups;
    const numbers = this.#numbers;
    let length = this.#length;
    for (let row = 0; row < groupOf.length; row++) {
      const whole = digits[row] ?? Number.NaN;
      if (Number.isNaN(whole)) continue;
      groups[length] = groupOf[row] ?? 0;
      // Both are exact: the quotient is the double nearest to the number.
      numbers[length++] = whole / (POWERS_OF_TEN[decimals[row] ?? 0] ?? 1);
    }
    this.#length = length;
  }

  /** Adds all numbers of rows that come behind; may use them up. `groupOf`: what its groups are here. */
  addFrom(behind: CollectedNumbers, groupOf: Int32Array): void {
    const here = (group: number): number => groupOf[group] ?? 0;
    for (const { groups, counts, numbers } of behind.#runs) {
      if (numbers.length >= SHORT_RUN) {
        this.#runs.push({ groups: groups.map(here), counts, numbers });
        continue;
      }
      let at = 0;
      for (const [place, group] of groups.entries()) {
        for (const end = at + (counts[place] ?? 0); at < end; at++) this.add(here(group), numbers[at] ?? 0);
      }
    }
    for (let at = 0; at < behind.#length; at++) this.add(here(behind.#groups[at] ?? 0), behind.#numbers[at] ?? 0);
    for (const [group, large] of behind.#large) for (const number of large) this.add(here(group), number);
  }

  /**
   * One of the quantiles of a group; undefined where it has no number. Groups are best asked for in their order.
   *
   * @param groups How many there are.
   */
  quantile(share: number, group: number, groups: number): number | bigint | undefined {
    if (this.#read?.group !== group) {
      this.#read = { group, values: quantilesOf(this.#numbersOf(group, groups), this.#quantiles) };
    }
    return this.#read.values?.[this.#quantiles.indexOf(share)];
  }

  /** @param groups How many there are. */
  pack(groups: number): PackedCollected {
    const { bounds, numbers } = this.#together(0, groups);
    const counts = Int32Array.from({ length: groups }, (_, group) => (bounds[group + 1] ?? 0) - (bounds[group] ?? 0));
    return { groups: Int32Array.from(counts.keys()), counts, numbers, large: this.#large };
  }

  static unpack({ large, ...run }: PackedCollected, quantiles: readonly number[]): CollectedNumbers {
    const unpacked = new CollectedNumbers(quantiles);
    unpacked.#runs.push(run);
    unpacked.#large = large;
    return unpacked;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#numbers.length) return;
    const room = Math.max(wanted, this.#numbers.length * 2);
    const [groups, numbers] = [this.#groups, this.#numbers];
    this.#groups = new Int32Array(room);
    this.#groups.set(groups);
    this.#numbers = new Float64Array(room);
    this.#numbers.set(numbers);
  }

  #numbersOf(group: number, groups: number): Numbers {
    if (this.#window === undefined || group < this.#window.from || group >= this.#window.to) {
      this.#window = this.#together(group, this.#windowEnd(group, groups));
    }
    const { from, bounds, numbers } = this.#window;
    const at = group - from;
    return { numbers: numbers.subarray(bounds[at] ?? 0, bounds[at + 1] ?? 0), large: this.#large.get(group) ?? [] };
  }

  #windowEnd(from: number, groups: number): number {
    const counts = this.#countsOf(from, groups);
    let size = counts[0] ?? 0;
    let to = from + 1;
    while (to < groups && size + (counts[to - from] ?? 0) <= WINDOW_NUMBERS) size += counts[to++ - from] ?? 0;
    return to;
  }

  /** How many numbers some groups have. */
  #countsOf(from: number, to: number): Float64Array {
    const all = new Float64Array(to - from);
    for (const { groups, counts } of this.#runs) {
      for (let place = 0; place < groups.length; place++) {
        const at = (groups[place] ?? 0) - from;
        if (at >= 0 && at < all.length) all[at] = (all[at] ?? 0) + (counts[place] ?? 0);
      }
    }
    for (let place = 0; place < this.#length; place++) {
      const at = (this.#groups[place] ?? 0) - from;
      if (at >= 0 && at < all.length) all[at] = (all[at] ?? 0) + 1;
    }
    return all;
  }

  #together(from: number, to: number): Window {
    const bounds = new Float64Array(to - from + 1);
    for (const [at, count] of this.#countsOf(from, to).entries()) bounds[at + 1] = (bounds[at] ?? 0) + count;
    const all = new Float64Array(bounds.at(-1) ?? 0);
    /** Where the next number of each group goes. */
    const ends = bounds.slice(0, -1);
    for (const { groups, counts, numbers } of this.#runs) {
      let start = 0;
      for (let place = 0; place < groups.length; place++) {
        const count = counts[place] ?? 0;
        const at = (groups[place] ?? 0) - from;
        if (at >= 0 && at < ends.length) {
          const end = ends[at] ?? 0;
          all.set(numbers.subarray(start, start + count), end);
          ends[at] = end + count;
        }
        start += count;
      }
    }
    for (let place = 0; place < this.#length; place++) {
      const at = (this.#groups[place] ?? 0) - from;
      if (at < 0 || at >= ends.length) continue;
      const end = ends[at] ?? 0;
      all[end] = this.#numbers[place] ?? 0;
      ends[at] = end + 1;
    }
    return { from, to, bounds, numbers: all };
  }
}
