/**
 * Sums of the squares of decimal numbers, many at a time (one a group), without any loss, as the sums beside them
 * (exact-sums.ts): so a variance depends on no order and on no cut, and is right where all numbers are large and near to
 * each other.
 *
 * The digits of a number are cut into a high and a low part of 25 bits: its square is high² × 2^50 + 2 × high × low × 2^25
 * + low². Each of the three products is a whole number below 2^53, and has a double of its own for the numbers of each
 * count of decimals. What becomes too large for these goes into a decimal without a limit beside them.
 */
import type { DecimalFields } from "../../formats/indexed/field-reader.ts";
import { type Decimal, addDecimals, decimalOf, squareOf } from "./decimal.ts";
import { MAX_DIGITS, MAX_WHOLE, type SplitDouble, splitDouble } from "./exact-sums.ts";
import type { FoundNumber } from "./row-fields.ts";

const HALF_BITS = 25n;
const HALF = 2 ** Number(HALF_BITS);
/** Low², high × low, high². */
const PRODUCTS = 3;
const SHIFTS: readonly bigint[] = [0n, HALF_BITS + 1n, HALF_BITS * 2n];

/** The sums, as they go between threads. */
export interface PackedSquares {
  width: number;
  sums: Float64Array;
  rest: Map<number, Decimal>;
}

export class ExactSquares {
  #count = 16;
  /** Counts of decimals that have doubles: none, one, … */
  #width = 2;
  #sums: Float64Array = new Float64Array(this.#count * this.#width * PRODUCTS);
  readonly #rest = new Map<number, Decimal>();

  /** Makes room for so many sums; new ones are zero. */
  grow(count: number): void {
    if (count <= this.#count) return;
    this.#count = Math.max(count, this.#count * 2);
    const larger = new Float64Array(this.#count * this.#width * PRODUCTS);
    larger.set(this.#sums);
    this.#sums = larger;
  }

  /** Adds the square of a finite number to a sum. */
  add(at: number, value: FoundNumber): void {
    if (typeof value === "bigint") return this.#addRest(at, squareOf({ digits: value, scale: 0 }));
    if (typeof value === "object") return this.#addRest(at, squareOf(value.exact));
    const split: SplitDouble | undefined = splitDouble(value);
    if (split === undefined) this.#addRest(at, squareOf(decimalOf(String(value))));
    else this.#addDigits(at, split.digits, split.decimals);
  }

  /** Adds the square of the number of each row, where it has one, to the sum that the row belongs to. */
  addAll(rows: Int32Array, { digits, decimals, mostDecimals }: DecimalFields): void {
    this.#widen(mostDecimals);
    const sums = this.#sums;
    const width = this.#width;
    for (let row = 0; row < rows.length; row++) {
      const value = digits[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      if (value < HALF && value > -HALF) {
        const at = ((rows[row] ?? 0) * width + (decimals[row] ?? 0)) * PRODUCTS;
        const sum = (sums[at] ?? 0) + value * value;
        if (sum <= MAX_WHOLE) {
          sums[at] = sum;
          continue;
        }
      }
      this.#addDigits(rows[row] ?? 0, value, decimals[row] ?? 0);
    }
  }

  /** Adds one of other sums to a sum. */
  addFrom(at: number, other: ExactSquares, from: number): void {
    for (let decimals = 0; decimals < other.#width; decimals++) {
      for (let product = 0; product < PRODUCTS; product++) {
        const sum = other.#sums[(from * other.#width + decimals) * PRODUCTS + product] ?? 0;
        if (sum !== 0) this.#addProduct(at, sum, { decimals, product });
      }
    }
    const rest = other.#rest.get(from);
    if (rest !== undefined) this.#addRest(at, rest);
  }

  /** A sum. */
  read(at: number): Decimal {
    let sum: Decimal = this.#rest.get(at) ?? { digits: 0n, scale: 0 };
    for (let decimals = 0; decimals < this.#width; decimals++) {
      for (let product = 0; product < PRODUCTS; product++) {
        const value = this.#sums[(at * this.#width + decimals) * PRODUCTS + product] ?? 0;
        sum = addDecimals(sum, decimalAt(BigInt(value), { decimals, product }));
      }
    }
    return sum;
  }

  /** The first sums, so many. */
  pack(count: number): PackedSquares {
    return { width: this.#width, sums: this.#sums.slice(0, count * this.#width * PRODUCTS), rest: this.#rest };
  }

  static unpack({ width, sums, rest }: PackedSquares): ExactSquares {
    const unpacked = new ExactSquares();
    unpacked.#count = sums.length / width / PRODUCTS;
    unpacked.#width = width;
    unpacked.#sums = sums;
    for (const [at, one] of rest) unpacked.#rest.set(at, one);
    return unpacked;
  }

  /** Makes room for numbers of so many decimals. */
  #widen(decimals: number): void {
    const before = this.#width * PRODUCTS;
    if (decimals < this.#width) return;
    const sums = this.#sums;
    this.#width = Math.max(decimals + 1, this.#width * 2);
    const width = this.#width * PRODUCTS;
    this.#sums = new Float64Array(this.#count * width);
    for (let at = 0; at < this.#count; at++) this.#sums.set(sums.subarray(at * before, (at + 1) * before), at * width);
  }

  /** Adds the square of digits of which so many are decimals. */
  #addDigits(at: number, digits: number, decimals: number): void {
    if (digits > MAX_DIGITS || digits < -MAX_DIGITS) {
      this.#addRest(at, squareOf({ digits: BigInt(digits), scale: decimals }));
      return;
    }
    if (decimals >= this.#width) this.#widen(decimals);
    const size = Math.abs(digits);
    const high = Math.floor(size / HALF);
    const low = size - high * HALF;
    this.#addProduct(at, low * low, { decimals, product: 0 });
    if (high === 0) return;
    this.#addProduct(at, high * low, { decimals, product: 1 });
    this.#addProduct(at, high * high, { decimals, product: 2 });
  }

  #addProduct(at: number, value: number, place: Place): void {
    if (place.decimals >= this.#width) this.#widen(place.decimals);
    const index = (at * this.#width + place.decimals) * PRODUCTS + place.product;
    const before = this.#sums[index] ?? 0;
    const sum = before + value;
    if (sum <= MAX_WHOLE) {
      this.#sums[index] = sum;
      return;
    }
    this.#sums[index] = 0;
    this.#addRest(at, decimalAt(BigInt(before) + BigInt(value), place));
  }

  #addRest(at: number, decimal: Decimal): void {
    const before = this.#rest.get(at);
    this.#rest.set(at, before === undefined ? decimal : addDecimals(before, decimal));
  }
}

/** Which of the doubles of a group. */
interface Place {
  /** Those of the numbers: their squares have twice as many. */
  decimals: number;
  product: number;
}

function decimalAt(value: bigint, { decimals, product }: Place): Decimal {
  return { digits: value << (SHIFTS[product] ?? 0n), scale: decimals * 2 };
}
