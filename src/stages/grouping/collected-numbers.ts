/**
 * All numbers of a column, group by group, for figures that are read off their order: 8 bytes each, or less.
 *
 * A worker notes them as they come, and puts those of a group together when it packs them. Where parts are taken they stay
 * as they came, and only a window of groups is put together at a time, when their figures are read.
 */
import type { DecimalFields } from "../../formats/indexed/field-reader.ts";
import { ENTRY_BYTES } from "../kept.ts";
import { POWERS_OF_TEN } from "./exact-sums.ts";
import { type Numbers, quantilesOf } from "./quantiles.ts";
import { type ShortNumbers, commonPower, shortened, writeNumbers } from "./short-numbers.ts";

/** Numbers of a part, those of the same group one behind the other. */
interface Run extends ShortNumbers {
  /** By place in the run: which group, and how many numbers. */
  groups: Int32Array;
  counts: Int32Array;
}

export interface PackedCollected extends Run {
  large: Map<number, bigint[]>;
}

/** Some groups. */
interface GroupRange {
  from: number;
  to: number;
}

/** Numbers of some groups, those of a group one behind the other. */
interface Window extends GroupRange {
  /** Where those of each group start, and behind the last one, where they end. */
  bounds: Float64Array;
  all: ShortNumbers;
}

/** What reading all of them begins with. */
interface Reading {
  /** How many numbers each group has. */
  totals: Float64Array;
  /** Memory of the windows. */
  room: ShortNumbers;
}

/** Numbers as they came, and the group of each. */
interface Notes {
  groups: Int32Array;
  numbers: Float64Array;
}

/** Memory that goes from one part to the next: fresh memory costs more than what is done in it. */
export class NoteMemory {
  #free: Notes | undefined;
  #room = new Float64Array(0);

  take(): Notes {
    const free = this.#free ?? { groups: new Int32Array(FIRST_ROOM), numbers: new Float64Array(FIRST_ROOM) };
    this.#free = undefined;
    return free;
  }

  giveBack(notes: Notes): void {
    this.#free = notes;
  }

  /** For so many numbers; what was there is gone when it is asked for again. */
  room(size: number): Float64Array {
    if (this.#room.length < size) this.#room = new Float64Array(size);
    return this.#room.subarray(0, size);
  }
}

/** Of a number as it came. */
const NOTE_BYTES = 12;
const FIRST_ROOM = 1024;
const NO_NOTES: Notes = { groups: new Int32Array(0), numbers: new Float64Array(0) };
interface Sizes {
  /** Runs of fewer numbers are not worth an object of their own. */
  run: number;
  /** A window has so many numbers, or those of one group. */
  window: number;
}

const SIZES: Sizes = { run: 4096, window: 2 ** 21 };

/** Numbers of the groups of a column, for figures that are read off their order. */
export interface NumberStore {
  /** Bytes that it takes, about. */
  readonly size: number;
  add(group: number, number: number | bigint): void;
  /** Adds the number of each row, where it has one, to the group that the row belongs to. */
  addAll(groupOf: Int32Array, numbers: DecimalFields): void;
  /** Adds all numbers of rows that come behind; may use them up. `groupOf`: what their groups are here. */
  addFrom(behind: NumberStore, groupOf: Int32Array): void;
  /**
   * One of the quantiles of a group; undefined where it has no number. Groups are best asked for in their order.
   *
   * @param groups How many there are.
   */
  quantile(share: number, group: number, groups: number): number | bigint | undefined;
  /** @param groups How many there are. */
  pack(groups: number): unknown;
}

/** Makes them. */
export interface NumberStores {
  make(): NumberStore;
  unpack(packed: unknown): NumberStore;
}

/** All numbers are kept. @param quantiles Those that will be read. */
export function collecting(quantiles: readonly number[]): NumberStores {
  const options = { quantiles, memory: new NoteMemory() };
  return {
    make: () => new CollectedNumbers(options),
    unpack: (packed) => CollectedNumbers.unpack(packed as PackedCollected, options),
  };
}

interface CollectedOptions {
  /** The quantiles that will be read. */
  quantiles: readonly number[];
  memory: NoteMemory;
  /** Others than the usual ones, for tests. */
  sizes?: Sizes;
}

export class CollectedNumbers implements NumberStore {
  readonly #options: CollectedOptions;
  #notes: Notes | undefined;
  #length = 0;
  #runs: Run[] = [];
  /** Integers that no double holds, by group. */
  #large = new Map<number, bigint[]>();
  /** Of the runs. */
  #runBytes = 0;
  #reading: Reading | undefined;
  #window: Window | undefined;
  /** What was read last. */
  #read: { group: number; values: readonly (number | bigint)[] | undefined } | undefined;

  constructor(options: CollectedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runBytes + this.#length * NOTE_BYTES + this.#large.size * ENTRY_BYTES;
  }

  add(group: number, number: number | bigint): void {
    if (typeof number === "bigint") {
      const large = this.#large.get(group);
      if (large === undefined) this.#large.set(group, [number]);
      else large.push(number);
      return;
    }
    const { groups, numbers } = this.#roomFor(1);
    groups[this.#length] = group;
    numbers[this.#length++] = number;
  }

  addAll(groupOf: Int32Array, { digits, decimals }: DecimalFields): void {
    const { groups, numbers } = this.#roomFor(groupOf.length);
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

  addFrom(behind: NumberStore, groupOf: Int32Array): void {
    if (!(behind instanceof CollectedNumbers)) throw new Error("numbers are kept in two ways");
    const here = (group: number): number => groupOf[group] ?? 0;
    for (const run of behind.#runs) {
      const groups = run.groups.map(here);
      if (run.numbers.length >= this.#sizes.run) this.#push({ ...run, groups });
      else this.#addRun({ ...run, groups });
    }
    const { groups, numbers } = behind.#noted();
    for (let at = 0; at < behind.#length; at++) this.add(here(groups[at] ?? 0), numbers[at] ?? 0);
    for (const [group, large] of behind.#large) for (const number of large) this.add(here(group), number);
  }

  #push(run: Run): void {
    this.#runs.push(run);
    this.#runBytes += run.numbers.byteLength + run.groups.byteLength + run.counts.byteLength;
  }

  #addRun(run: Run): void {
    const numbers = new Float64Array(run.numbers.length);
    writeNumbers(run, { start: 0, end: numbers.length, at: 0 }, { numbers, power: 1 });
    let at = 0;
    for (const [place, group] of run.groups.entries()) {
      for (const end = at + (run.counts[place] ?? 0); at < end; at++) this.add(group, numbers[at] ?? 0);
    }
  }

  quantile(share: number, group: number, groups: number): number | bigint | undefined {
    const { quantiles } = this.#options;
    if (this.#read?.group !== group) {
      this.#read = { group, values: quantilesOf(this.#numbersOf(group, groups), quantiles) };
    }
    return this.#read.values?.[quantiles.indexOf(share)];
  }

  pack(groups: number): PackedCollected {
    const counts = this.#countsOf(groups);
    const { memory } = this.#options;
    const all = { numbers: memory.room(this.#size), power: 1 };
    this.#together({ from: 0, to: groups }, counts, all);
    const run = { groups: Int32Array.from(counts.keys()), counts: Int32Array.from(counts), ...shortened(all.numbers) };
    if (this.#notes !== undefined) memory.giveBack(this.#notes);
    this.#notes = undefined;
    this.#length = 0;
    this.#runs = [run];
    return { ...run, large: this.#large };
  }

  static unpack({ large, ...run }: PackedCollected, options: CollectedOptions): CollectedNumbers {
    const unpacked = new CollectedNumbers(options);
    unpacked.#push(run);
    unpacked.#large = large;
    return unpacked;
  }

  #noted(): Notes {
    return this.#notes ?? NO_NOTES;
  }

  #roomFor(more: number): Notes {
    this.#notes ??= this.#options.memory.take();
    const wanted = this.#length + more;
    const { groups, numbers } = this.#notes;
    if (wanted <= numbers.length) return this.#notes;
    const room = Math.max(wanted, numbers.length * 2);
    this.#notes = { groups: new Int32Array(room), numbers: new Float64Array(room) };
    this.#notes.groups.set(groups);
    this.#notes.numbers.set(numbers);
    return this.#notes;
  }

  get #sizes(): Sizes {
    return this.#options.sizes ?? SIZES;
  }

  /** How many numbers there are, but for large ones. */
  get #size(): number {
    return this.#runs.reduce((size, { numbers }) => size + numbers.length, this.#length);
  }

  #numbersOf(group: number, groups: number): Numbers {
    if (this.#window === undefined || group < this.#window.from || group >= this.#window.to) {
      const { totals, room } = (this.#reading ??= this.#begun(groups));
      this.#window = this.#together({ from: group, to: this.#windowEnd(group, totals) }, totals, room);
    }
    const { from, bounds, all } = this.#window;
    const at = group - from;
    return {
      numbers: all.numbers.subarray(bounds[at] ?? 0, bounds[at + 1] ?? 0),
      power: all.power,
      large: this.#large.get(group) ?? [],
    };
  }

  #begun(groups: number): Reading {
    const totals = this.#countsOf(groups);
    const { window } = this.#sizes;
    const size = Math.max(
      Math.min(this.#size, window),
      totals.reduce((a, b) => Math.max(a, b), 0),
    );
    const noted = shortened(this.#noted().numbers.subarray(0, this.#length));
    const power = commonPower([...this.#runs, noted]);
    const room =
      power === undefined ? { numbers: new Float64Array(size), power: 1 } : { numbers: new Int16Array(size), power };
    return { totals, room };
  }

  #windowEnd(from: number, totals: Float64Array): number {
    const { window } = this.#sizes;
    let size = totals[from] ?? 0;
    let to = from + 1;
    while (to < totals.length && size + (totals[to] ?? 0) <= window) size += totals[to++] ?? 0;
    return to;
  }

  /** How many numbers each group has. */
  #countsOf(all: number): Float64Array {
    const totals = new Float64Array(all);
    for (const { groups, counts } of this.#runs) {
      for (let place = 0; place < groups.length; place++) {
        const group = groups[place] ?? 0;
        totals[group] = (totals[group] ?? 0) + (counts[place] ?? 0);
      }
    }
    const { groups } = this.#noted();
    for (let place = 0; place < this.#length; place++) {
      const group = groups[place] ?? 0;
      totals[group] = (totals[group] ?? 0) + 1;
    }
    return totals;
  }

  /** Puts the numbers of some groups together. */
  #together({ from, to }: GroupRange, totals: Float64Array, all: ShortNumbers): Window {
    const bounds = new Float64Array(to - from + 1);
    for (let at = 0; at < to - from; at++) bounds[at + 1] = (bounds[at] ?? 0) + (totals[from + at] ?? 0);
    /** Where the next number of each group goes. */
    const ends = bounds.slice(0, -1);
    for (const run of this.#runs) {
      const { groups, counts } = run;
      let start = 0;
      for (let place = 0; place < groups.length; place++) {
        const end = start + (counts[place] ?? 0);
        const at = (groups[place] ?? 0) - from;
        if (at >= 0 && at < ends.length) {
          writeNumbers(run, { start, end, at: ends[at] ?? 0 }, all);
          ends[at] = (ends[at] ?? 0) + end - start;
        }
        start = end;
      }
    }
    const noted = { ...this.#noted(), length: this.#length };
    if (all.numbers instanceof Float64Array) sortIn(noted, { from, ends }, all.numbers);
    else
      sortIn(
        { ...noted, numbers: noted.numbers.map((number) => Math.round(number * all.power)) },
        { from, ends },
        all.numbers,
      );
    return { from, to, bounds, all };
  }
}

/** Puts numbers behind those of their groups that are there. `ends`: where these end, from the group `from` on. */
function sortIn(
  { groups, numbers, length }: Notes & { length: number },
  { from, ends }: { from: number; ends: Float64Array },
  all: ShortNumbers["numbers"],
): void {
  for (let place = 0; place < length; place++) {
    const at = (groups[place] ?? 0) - from;
    if (at < 0 || at >= ends.length) continue;
    const end = ends[at] ?? 0;
    all[end] = numbers[place] ?? 0;
    ends[at] = end + 1;
  }
}
