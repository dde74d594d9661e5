/**
 * Quantiles of numbers, between which is interpolated: of n numbers in their order, counted from 0, the quantile at p is the
 * one at (n - 1) × p, or lies as far between two as that does. It is computed of decimals, as sums are, and rounded once.
 */
import { type Decimal, addDecimals, decimalOf, multipleOf, nearestDouble, wholeOf } from "./decimal.ts";
import { type ShortNumbers, boundsOf } from "./short-numbers.ts";

/** Some numbers, whose order may be changed, and integers that no double holds. */
export interface Numbers extends ShortNumbers {
  large: readonly bigint[];
}

/**
 * The quantiles at some shares; undefined where there is no number.
 *
 * @param shares From 0 to 1.
 */
export function quantilesOf(
  { numbers, power, large }: Numbers,
  shares: readonly number[],
): readonly (number | bigint)[] | undefined {
  const count = numbers.length + large.length;
  if (count === 0) return undefined;
  const numberAt = rankedIn({ numbers, power, large });
  return shares.map((share) => {
    const { digits, scale } = decimalOf(String(share));
    const unit = 10n ** BigInt(Math.max(0, scale));
    const place = BigInt(count - 1) * digits;
    const at = Number(place / unit);
    return between(numberAt(at), place % unit === 0n ? undefined : numberAt(at + 1), { part: place % unit, unit });
  });
}

/** Gives the number of a rank. */
type Ranked = (rank: number) => number | bigint;

function rankedIn({ numbers, power, large }: Numbers): Ranked {
  if (large.length > 0) {
    const doubles: (number | bigint)[] = Array.from(numbers, (number) => number / power);
    const sorted = [...doubles, ...large].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return (rank) => sorted[rank] ?? 0;
  }
  if (numbers instanceof Float64Array) {
    const ranked = new RankedNumbers(numbers);
    return (rank) => ranked.at(rank);
  }
  const ranked = numbers instanceof Int16Array && numbers.length >= MANY ? countedIn(numbers) : sortedIn(numbers);
  return (rank) => ranked(rank) / power;
}

function sortedIn(numbers: Int32Array | Int16Array): (rank: number) => number {
  numbers.sort();
  return (rank) => numbers[rank] ?? 0;
}

/** So many numbers of two bytes are not sorted: how often each is there is counted. */
const MANY = 2048;

function countedIn(numbers: Int16Array): (rank: number) => number {
  const { min, max } = boundsOf(numbers);
  // Up to each number, from the least: how many there are.
  const upTo = new Uint32Array(max - min + 1);
  for (let at = 0; at < numbers.length; at++) {
    const place = (numbers[at] ?? 0) - min;
    upTo[place] = (upTo[place] ?? 0) + 1;
  }
  for (let place = 1; place < upTo.length; place++) upTo[place] = (upTo[place] ?? 0) + (upTo[place - 1] ?? 0);
  return (rank) => min + placeIn(upTo, rank);
}

/** The first place at which there are more than `rank`. */
function placeIn(upTo: Uint32Array, rank: number): number {
  let [from, to] = [0, upTo.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((upTo[middle] ?? 0) > rank) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Fewer numbers than these are sorted. */
const FEW = 512;
const BUCKETS = 2048;

/**
 * Finds numbers by rank. Many are not sorted: they are counted by bucket, from the least to the greatest, and only those of
 * a bucket that has a rank which is asked for are looked at. Their buckets follow the order of the numbers, however they
 * are rounded.
 */
class RankedNumbers {
  readonly #numbers: Float64Array;
  readonly #min: number;
  readonly #scale: number;
  /** How many numbers are in buckets up to each; undefined: the numbers are sorted. */
  readonly #upTo: Uint32Array | undefined;
  readonly #buckets = new Map<number, RankedNumbers>();

  /** @param numbers Their order may be changed. */
  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
    const { min, max } = numbers.length > FEW ? boundsOf(numbers) : { min: 0, max: 0 };
    this.#min = min;
    this.#scale = BUCKETS / (max - min);
    // All are equal, or so far or so near to each other that no double says how much.
    if (numbers.length <= FEW || !(this.#scale > 0 && this.#scale < Number.POSITIVE_INFINITY)) numbers.sort();
    else this.#upTo = this.#counted();
  }

  at(rank: number): number {
    const upTo = this.#upTo;
    if (upTo === undefined) return this.#numbers[rank] ?? 0;
    const bucket = placeIn(upTo, rank);
    const before = bucket === 0 ? 0 : (upTo[bucket - 1] ?? 0);
    let ranked = this.#buckets.get(bucket);
    if (ranked === undefined) {
      ranked = new RankedNumbers(this.#inBucket(bucket, (upTo[bucket] ?? 0) - before));
      this.#buckets.set(bucket, ranked);
    }
    return ranked.at(rank - before);
  }

  #counted(): Uint32Array {
    const numbers = this.#numbers;
    const [min, scale] = [this.#min, this.#scale];
    // The greatest number is in one of its own.
    const upTo = new Uint32Array(BUCKETS + 1);
    for (let at = 0; at < numbers.length; at++) {
      const bucket = (((numbers[at] ?? 0) - min) * scale) | 0;
      upTo[bucket] = (upTo[bucket] ?? 0) + 1;
    }
    for (let bucket = 1; bucket <= BUCKETS; bucket++) upTo[bucket] = (upTo[bucket] ?? 0) + (upTo[bucket - 1] ?? 0);
    return upTo;
  }

  #inBucket(bucket: number, count: number): Float64Array {
    const numbers = this.#numbers;
    const [min, scale] = [this.#min, this.#scale];
    const found = new Float64Array(count);
    let length = 0;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] ?? 0;
      if ((((number - min) * scale) | 0) === bucket) found[length++] = number;
    }
    return found;
  }
}

/** How far something lies between two numbers: `part` of `unit`. */
interface Share {
  part: bigint;
  unit: bigint;
}

function between(low: number | bigint, high: number | bigint | undefined, { part, unit }: Share): number | bigint {
  // What is added makes 0 of -0.
  if (high === undefined || low === high) return typeof low === "bigint" ? low : low + 0;
  const sum = addDecimals(multipleOf(exactly(low), unit - part), multipleOf(exactly(high), part));
  const quotient = { digits: sum.digits, scale: sum.scale + unit.toString().length - 1 };
  const isLarge = typeof low === "bigint" || typeof high === "bigint";
  const nearest = nearestDouble(quotient);
  if (!isLarge || Number.isSafeInteger(nearest)) return nearest + 0;
  return wholeOf(quotient) ?? nearest;
}

function exactly(number: number | bigint): Decimal {
  return typeof number === "bigint" ? { digits: number, scale: 0 } : decimalOf(String(number));
}
