/**
 * Sums of decimal numbers, many at a time (one a group), without any loss: what is read is the exact sum, rounded once.
 * They do not depend on the order of the numbers, nor on how these were cut into parts.
 *
 * What is added up are decimals: a text's own digits, and of a double those that it is written with. 19.99 is 1999 with
 * two decimals: a sum has one double for the numbers of each count of decimals, which holds their digits as a whole
 * number below 2^53. What would be larger, and numbers of more digits, go into a decimal without a limit beside it.
 */
import type { DecimalFields } from "../../formats/indexed/field-reader.ts";
import { type Decimal, addDecimals, decimalOf, nearestDouble, nearestQuotient, wholeOf } from "./decimal.ts";
import type { FoundNumber } from "./row-fields.ts";

/** Whole doubles up to here are exact, and so are their sums. */
export const MAX_WHOLE: number = Number.MAX_SAFE_INTEGER;
/** Of so many digits each decimal is a double of its own, so that digits can be told from that. */
export const MAX_DIGITS = 1e15;
/** Numbers of more decimals go without a double of their own. */
const MAX_DECIMALS = 15;
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, power) => 10 ** power);

/** What few sums have. */
interface Rest extends Decimal {
  /** A number came that is beyond 2^53 and not written as a whole one: so is the sum. */
  isRounded: boolean;
}

/** The sums, as they go between threads. */
export interface PackedSums {
  width: number;
  sums: Float64Array;
  rest: Map<number, Rest>;
}

export class ExactSums {
  #count = 16;
  /** Doubles a sum has: for numbers without decimals, with one, … */
  #width = 2;
  #sums: Float64Array = new Float64Array(this.#count * this.#width);
  readonly #rest = new Map<number, Rest>();

  /** Makes room for so many sums; new ones are zero. */
  grow(count: number): void {
    if (count <= this.#count) return;
    this.#count = Math.max(count, this.#count * 2);
    const larger = new Float64Array(this.#count * this.#width);
    larger.set(this.#sums);
    this.#sums = larger;
  }

  /** Adds a finite number to a sum. */
  add(at: number, value: FoundNumber): void {
    if (typeof value === "bigint") this.#addDecimal(at, { digits: value, scale: 0 });
    else if (typeof value === "object") this.#addDecimal(at, value.exact, isBeyond(value.nearest));
    else if (Number.isSafeInteger(value)) this.#addDigits(at, value, 0);
    else this.#addDouble(at, value);
  }

  /** The sums, to which numbers of so many decimals may be added as long as they stay whole numbers below 2^53. */
  lists(mostDecimals: number): { list: Float64Array; width: number } {
    this.#widen(mostDecimals);
    return { list: this.#sums, width: this.#width };
  }

  /** Adds the number of each row from number `from` on, where it has one, to the sum that the row belongs to. */
  addAll(rows: Int32Array, { digits, decimals, mostDecimals }: DecimalFields, from = 0): void {
    this.#widen(mostDecimals);
    const sums = this.#sums;
    const width = this.#width;
    for (let row = from; row < rows.length; row++) {
      const value = digits[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const at = (rows[row] ?? 0) * width + (decimals[row] ?? 0);
      const sum = (sums[at] ?? 0) + value;
      if (sum <= MAX_WHOLE && sum >= -MAX_WHOLE) sums[at] = sum;
      else this.#addDigits(rows[row] ?? 0, value, decimals[row] ?? 0);
    }
  }

  /** Adds one of other sums to a sum. */
  addFrom(at: number, other: ExactSums, from: number): void {
    for (let decimals = 0; decimals < other.#width; decimals++) {
      const digits = other.#sums[from * other.#width + decimals] ?? 0;
      if (digits !== 0) this.#addDigits(at, digits, decimals);
    }
    const rest = other.#rest.get(from);
    if (rest !== undefined) this.#addDecimal(at, rest, rest.isRounded);
  }

  /**
   * A sum: a whole one to its last digit, as a bigint where no number can hold it; any other rounded to the nearest
   * double. Where numbers were added that are no whole ones up to 2^53 (1e20), the sum is rounded as they were, as long
   * as there is a double for it.
   */
  read(at: number): number | bigint {
    const sum = this.decimal(at);
    const whole = wholeOf(sum);
    const number = nearestDouble(sum);
    const isExact = whole !== undefined && Number.isSafeInteger(number);
    const isRounded = whole === undefined || this.#rest.get(at)?.isRounded === true;
    if (isExact || (isRounded && Number.isFinite(number))) return number;
    return whole ?? sum.digits / 10n ** BigInt(sum.scale);
  }

  /** A sum divided by a count, rounded once. */
  readMean(at: number, count: number): number {
    return nearestQuotient(this.decimal(at), count);
  }

  /** The first sums, so many. */
  pack(count: number): PackedSums {
    return { width: this.#width, sums: this.#sums.slice(0, count * this.#width), rest: this.#rest };
  }

  static unpack({ width, sums, rest }: PackedSums): ExactSums {
    const unpacked = new ExactSums();
    unpacked.#count = sums.length / width;
    unpacked.#width = width;
    unpacked.#sums = sums;
    for (const [at, one] of rest) unpacked.#rest.set(at, one);
    return unpacked;
  }

  /** A sum, to its last digit. */
  decimal(at: number): Decimal {
    let sum: Decimal = this.#rest.get(at) ?? { digits: 0n, scale: 0 };
    for (let decimals = 0; decimals < this.#width; decimals++) {
      sum = addDecimals(sum, { digits: BigInt(this.#sums[at * this.#width + decimals] ?? 0), scale: decimals });
    }
    return sum;
  }

  /** Makes room for numbers of so many decimals. */
  #widen(decimals: number): void {
    const before = this.#width;
    if (decimals < before) return;
    const sums = this.#sums;
    this.#width = Math.min(MAX_DECIMALS + 1, Math.max(decimals + 1, before * 2));
    this.#sums = new Float64Array(this.#count * this.#width);
    for (let at = 0; at < this.#count; at++) {
      this.#sums.set(sums.subarray(at * before, (at + 1) * before), at * this.#width);
    }
  }

  #addDouble(at: number, value: number): void {
    const split = splitDouble(value);
    if (split === undefined) this.#addDecimal(at, decimalOf(String(value)), isBeyond(value));
    else this.#addDigits(at, split.digits, split.decimals);
  }

  /** Adds digits of which so many are decimals. */
  #addDigits(at: number, digits: number, decimals: number): void {
    if (decimals >= this.#width) this.#widen(decimals);
    const place = at * this.#width + decimals;
    const before = this.#sums[place] ?? 0;
    const sum = before + digits;
    if (sum <= MAX_WHOLE && sum >= -MAX_WHOLE) {
      this.#sums[place] = sum;
      return;
    }
    this.#sums[place] = 0;
    this.#addDecimal(at, { digits: BigInt(before) + BigInt(digits), scale: decimals });
  }

  #addDecimal(at: number, decimal: Decimal, isRounded = false): void {
    const before = this.#rest.get(at);
    const sum = before === undefined ? decimal : addDecimals(before, decimal);
    const { digits, scale } = sum;
    this.#rest.set(at, { digits, scale, isRounded: isRounded || before?.isRounded === true });
  }
}

function isBeyond(value: number): boolean {
  return Math.abs(value) > MAX_WHOLE;
}

/** The digits that a double is written with, as a whole number, and how many of them are decimals. */
export interface SplitDouble {
  digits: number;
  decimals: number;
}

/** Undefined for one of more digits than these hold. */
export function splitDouble(value: number): SplitDouble | undefined {
  if (Number.isSafeInteger(value)) return { digits: value, decimals: 0 };
  for (let decimals = 1; decimals <= MAX_DECIMALS; decimals++) {
    const power = POWERS_OF_TEN[decimals] ?? Number.NaN;
    const digits = Math.round(value * power);
    if (digits > MAX_DIGITS || digits < -MAX_DIGITS) return undefined;
    // Both are exact, so that the quotient is the double nearest to these digits.
    if (digits / power === value) return { digits, decimals };
  }
  return undefined;
}
