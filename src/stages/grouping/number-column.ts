/** The numbers of one column, group by group, as far as figures are made of them: how many, sums, the least, the greatest, all. */
import type { Row } from "../../formats/format.ts";
import type { DecimalFields } from "../../formats/indexed/field-reader.ts";
import type { GroupLoops } from "../../formats/indexed/group-loops.ts";
import type { NumberStore, NumberStores } from "./collected-numbers.ts";
import {
  multipleOf,
  nearestQuotient,
  nearestRoot,
  squareOf,
  subtractDecimals,
  wholeQuotient,
  wholeRoot,
} from "./decimal.ts";
import { ExactSquares, type PackedSquares } from "./exact-squares.ts";
import { ExactSums, POWERS_OF_TEN, type PackedSums } from "./exact-sums.ts";
import { type PlannedNumbers, quantileOf } from "./group-plan.ts";
import { Extremes, grown, type Figures, type PackedExtremes } from "./extremes.ts";
import type { Figure } from "./grouping.ts";
import { type FoundNumber, readNumber } from "./row-fields.ts";
import { VALUE_BYTES } from "../kept.ts";

export interface PackedNumbers {
  counts: Float64Array;
  sums: PackedSums | undefined;
  squares: PackedSquares | undefined;
  /** As their store packs them. */
  collected: unknown;
  extremes: PackedExtremes | undefined;
  isSeen: boolean;
}

/** Loops of the kernel over rows that lie in its memory, and how many groups there are. */
interface RowLoops {
  loops: GroupLoops;
  groupCount: number;
}

/** A sum takes as much as so many values. */
const SUM_VALUES = 2;

export class NumberColumn {
  readonly name: string;
  readonly #readField: (row: Row) => unknown;
  readonly #stores: NumberStores | undefined;
  #sums: ExactSums | undefined;
  #squares: ExactSquares | undefined;
  #extremes: Extremes | undefined;
  #collected: NumberStore | undefined;
  /** The number that {@linkcode NumberColumn.look} found. */
  #found: FoundNumber | undefined;
  /** By number of the group. */
  #counts: Float64Array = new Float64Array(0);
  #groups = 0;
  /** A row had this column. */
  isSeen = false;

  constructor({ name, read, wantsSums, wantsSquares, wantsExtremes, stores }: PlannedNumbers) {
    this.name = name;
    this.#readField = read;
    this.#stores = stores;
    if (wantsSums) this.#sums = new ExactSums();
    if (wantsSquares) this.#squares = new ExactSquares();
    if (wantsExtremes) this.#extremes = new Extremes();
    this.#collected = stores?.make();
  }

  /** Bytes that it takes for so many groups, about. */
  sizeOf(groups: number): number {
    const perGroup =
      VALUE_BYTES *
      (1 +
        (this.#extremes === undefined ? 0 : 2) +
        (this.#sums === undefined ? 0 : SUM_VALUES) +
        (this.#squares === undefined ? 0 : 2 * SUM_VALUES));
    return groups * perGroup + (this.#collected?.size ?? 0);
  }

  /** Makes room for so many groups. */
  grow(groups: number): void {
    this.#groups = groups;
    this.#counts = grown(this.#counts, groups);
    this.#extremes?.grow(groups);
    this.#sums?.grow(groups);
    this.#squares?.grow(groups);
  }

  /** Looks at the field of a row; throws when it is neither a number nor missing. */
  look(row: Row): void {
    const value = this.#readField(row);
    if (!this.isSeen && value !== undefined) this.isSeen = true;
    this.#found = readNumber(value, this.name);
  }

  /** Adds what was looked at last to a group. */
  add(group: number): void {
    const found = this.#found;
    if (found === undefined) return;
    const count = this.#counts[group] ?? 0;
    this.#counts[group] = count + 1;
    this.#sums?.add(group, found);
    this.#squares?.add(group, found);
    const value = typeof found === "object" ? found.nearest : found;
    this.#collected?.add(group, value);
    this.#extremes?.widen(group, { isFirst: count === 0, least: value, greatest: value });
  }

  /** Adds the number of each row, where it has one, to the group that the row belongs to. */
  addAll(groups: Int32Array, numbers: DecimalFields, rows: RowLoops): void {
    if (numbers.isSeen) this.isSeen = true;
    this.#addRest(groups, numbers, this.#fold(groups, numbers, rows));
    this.#squares?.addAll(groups, numbers);
    this.#collected?.addAll(groups, numbers);
  }

  /** Adds up the numbers of the first rows in the kernel: returns the first one that it has left. */
  #fold(groups: Int32Array, numbers: DecimalFields, { loops, groupCount }: RowLoops): number {
    const extremes = this.#extremes?.lists;
    if (this.#extremes !== undefined && extremes === undefined) return 0;
    const sums = this.#sums?.lists(numbers.mostDecimals);
    return loops.fold(groups, numbers, { counts: this.#counts, sums, extremes, groupCount });
  }

  /** Adds the numbers of the rows from one on. */
  #addRest(groups: Int32Array, numbers: DecimalFields, from: number): void {
    if (from === groups.length) return;
    const counts = this.#counts;
    const { digits, decimals } = numbers;
    for (let row = from; row < groups.length; row++) {
      const whole = digits[row] ?? Number.NaN;
      if (Number.isNaN(whole)) continue;
      const group = groups[row] ?? 0;
      const count = counts[group] ?? 0;
      counts[group] = count + 1;
      // Both are exact: the quotient is the double nearest to the number.
      const number = whole / (POWERS_OF_TEN[decimals[row] ?? 0] ?? 1);
      this.#extremes?.widen(group, { isFirst: count === 0, least: number, greatest: number });
    }
    this.#sums?.addAll(groups, numbers, from);
  }

  /** Adds what is not added group by group, of rows that come behind; may use that up. `groupOf`: what its groups are here. */
  addCollected(behind: NumberColumn, groupOf: Int32Array): void {
    if (behind.#collected !== undefined) this.#collected?.addFrom(behind.#collected, groupOf);
  }

  /** Adds the numbers of a group of rows that come behind. */
  addFrom(group: number, behind: NumberColumn, from: number): void {
    if (behind.isSeen) this.isSeen = true;
    const count = behind.#counts[from] ?? 0;
    if (count === 0) return;
    const before = this.#counts[group] ?? 0;
    this.#counts[group] = before + count;
    if (behind.#sums !== undefined) this.#sums?.addFrom(group, behind.#sums, from);
    if (behind.#squares !== undefined) this.#squares?.addFrom(group, behind.#squares, from);
    const extremes = behind.#extremes?.of(from);
    if (extremes !== undefined) this.#extremes?.widen(group, { isFirst: before === 0, ...extremes });
  }

  /** A figure of a group; null where there are too few numbers to make it of. */
  figure(figure: Figure, group: number): Figures | null {
    const count = this.#counts[group] ?? 0;
    switch (figure.kind) {
      case "sum":
        return this.#sums?.read(group) ?? null;
      case "mean":
        return count === 0 ? null : (this.#sums?.readMean(group, count) ?? null);
      case "min":
        return count === 0 ? null : (this.#extremes?.of(group).least ?? null);
      case "max":
        return count === 0 ? null : (this.#extremes?.of(group).greatest ?? null);
      case "var":
      case "stddev":
        return this.#spread(figure.kind, group, count);
      default: {
        const share = quantileOf(figure);
        if (share === undefined) throw new Error(`${figure.kind} is no figure of numbers`);
        return this.#collected?.quantile(share, group, this.#groups) ?? null;
      }
    }
  }

  /** Of the numbers of a group: the squares of how far they are from their mean, added up, by one less than their count. */
  #spread(kind: "var" | "stddev", group: number, count: number): Figures | null {
    if (this.#sums === undefined || this.#squares === undefined || count < 2) return null;
    const n = BigInt(count);
    const squares = multipleOf(this.#squares.read(group), n);
    const spread = subtractDecimals(squares, squareOf(this.#sums.decimal(group)));
    const number = kind === "var" ? nearestQuotient(spread, n * (n - 1n)) : nearestRoot(spread, n * (n - 1n));
    if (Number.isFinite(number)) return number;
    const variance = wholeQuotient(spread, n * (n - 1n));
    return kind === "var" ? variance : wholeRoot(variance);
  }

  pack(groups: number): PackedNumbers {
    return {
      counts: this.#counts.slice(0, groups),
      sums: this.#sums?.pack(groups),
      squares: this.#squares?.pack(groups),
      collected: this.#collected?.pack(groups),
      extremes: this.#extremes?.pack(groups),
      isSeen: this.isSeen,
    };
  }

  unpack({ counts, sums, squares, collected, extremes, isSeen }: PackedNumbers): void {
    this.#counts = counts;
    if (sums !== undefined) this.#sums = ExactSums.unpack(sums);
    if (squares !== undefined) this.#squares = ExactSquares.unpack(squares);
    if (collected !== undefined) this.#collected = this.#stores?.unpack(collected);
    if (extremes !== undefined) this.#extremes = Extremes.unpack(extremes);
    this.isSeen = isSeen;
  }
}
