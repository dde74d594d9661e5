/**
 * Rows of an indexed block that are folded into groups, by loops of the kernel: JavaScript sees a row only where its group
 * is not known yet. What is kept of groups lies in lists of the caller's, and is in the kernel's memory for the time of a loop.
 */
import type { Kernel } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import type { DecimalFields } from "./field-reader.ts";
import { NO_TEXT } from "./interner.ts";
import { MAX_TEXTS } from "./text-table.ts";

/** What is kept of the numbers of a column, by number of the group. Lists may be longer than there are groups. */
export interface NumberLists {
  /** How many numbers. */
  counts: Float64Array;
  /** For each group so many doubles: of numbers without decimals, with one, …, their digits added up. */
  sums: { list: Float64Array; width: number } | undefined;
  /** They mean nothing for a group without numbers. */
  extremes: { least: Float64Array; greatest: Float64Array } | undefined;
}

/** Where more groups than this may be, copying what is kept of them takes longer than the loops save. */
const MOST_GROUPS = 8192;
/** The most doubles that are kept of a group at once: its count, the least, the greatest, and sums. */
const GROUP_DOUBLES = 3 + 16;
const DOUBLE = 8;

export class GroupLoops {
  readonly #kernel: Kernel;
  #rows = 0;
  /** There is room for so many groups. */
  #most = 0;
  // Addresses: of the groups by the numbers of their texts, of those of the rows, and of what is kept of groups.
  #known = 0;
  #groups = 0;
  #lists = 0;

  constructor(memory: Memory) {
    this.#kernel = kernelOf(memory);
  }

  /**
   * Makes room for a block, and for `bytes` that are read of it: returns where these may be. Nothing else may ask for
   * memory until its rows are folded.
   */
  open({ rows, groups }: { rows: number; groups: number }, bytes: number): number {
    this.#rows = rows;
    // Each row may be the first of a group.
    this.#most = Math.min(groups + rows, MOST_GROUPS);
    const listBytes = this.#most * GROUP_DOUBLES * DOUBLE;
    const known = MAX_TEXTS * 4;
    const groupBytes = (rows * 4 + 7) & ~7;
    const at = this.#kernel.scratch(bytes + 7 + known + groupBytes + listBytes);
    this.#known = (at + bytes + 7) & ~7;
    this.#groups = this.#known + known;
    this.#lists = this.#groups + groupBytes;
    return at;
  }

  /**
   * The group of each row, in memory of the kernel, by the number of its text: `ids` lies there too. `known` has the groups
   * of `texts` texts, -1 where there is none; `groupOf` finds, or makes, that of a row, which is noted there.
   */
  groups(
    ids: Int32Array,
    { known, texts }: { known: Int32Array; texts: number },
    groupOf: (row: number) => number,
  ): Int32Array {
    const groups = this.room();
    const { loops, bytes } = this.#kernel;
    const there = new Int32Array(bytes.buffer, this.#known, texts);
    there.set(known.subarray(0, texts));
    const rows = this.#rows;
    for (let row = 0; ; row++) {
      row = loops.groupsOfIds(ids.byteOffset, rows, row, this.#known, this.#groups);
      if (row === rows) return groups;
      const group = groupOf(row);
      const id = ids[row] ?? NO_TEXT;
      groups[row] = group;
      if (id !== NO_TEXT) there[id] = known[id] = group;
    }
  }

  /** Memory of the kernel for the groups of the rows of the block. */
  room(): Int32Array {
    return new Int32Array(this.#kernel.bytes.buffer, this.#groups, this.#rows);
  }

  /** Adds the rows of each group to its count. False where there are too many groups: nothing is done then. */
  count(groups: Int32Array, counts: Float64Array, groupCount: number): boolean {
    if (groupCount > this.#most) return false;
    const there = this.#put(0, counts, groupCount);
    this.#kernel.loops.countGroups(groups.byteOffset, groups.length, there.byteOffset);
    counts.set(there);
    return true;
  }

  /**
   * Adds the numbers of rows to what is kept of their groups. Returns the first row that it leaves: of this one the sum
   * becomes too large, or it is the first where there are too many groups.
   */
  fold(
    groups: Int32Array,
    { digits, decimals }: DecimalFields,
    { counts, sums, extremes, groupCount }: NumberLists & { groupCount: number },
  ): number {
    if (groupCount > this.#most) return 0;
    const [ofCounts, ofLeast, ofGreatest] = [0, groupCount, groupCount * 2];
    const countsThere = this.#put(ofCounts, counts, groupCount);
    const leastThere = extremes && this.#put(ofLeast, extremes.least, groupCount);
    const greatestThere = extremes && this.#put(ofGreatest, extremes.greatest, groupCount);
    const sumsThere = sums && this.#put(groupCount * 3, sums.list, groupCount * sums.width);
    const done = this.#kernel.loops.foldDecimals(
      groups.byteOffset,
      groups.length,
      digits.byteOffset,
      decimals.byteOffset,
      countsThere.byteOffset,
      sumsThere?.byteOffset ?? 0,
      sums?.width ?? 0,
      leastThere?.byteOffset ?? 0,
      greatestThere?.byteOffset ?? 0,
    );
    counts.set(countsThere);
    if (leastThere !== undefined) extremes?.least.set(leastThere);
    if (greatestThere !== undefined) extremes?.greatest.set(greatestThere);
    if (sumsThere !== undefined) sums?.list.set(sumsThere);
    return done;
  }

  /** Puts the first doubles of a list, so many, into the kernel's memory. */
  #put(place: number, list: Float64Array, length: number): Float64Array {
    const there = new Float64Array(this.#kernel.bytes.buffer, this.#lists + place * DOUBLE, length);
    there.set(list.subarray(0, length));
    return there;
  }
}
