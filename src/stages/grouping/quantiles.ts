/**
 * Quantiles of numbers, between which is interpolated: of n numbers in their order, counted from 0, the quantile at p is the
 * one at (n - 1) × p, or lies as far between two as that does. It is computed of decimals, as sums are, and rounded once.
 */
import { type Decimal, addDecimals, decimalOf, multipleOf, nearestDouble, wholeOf } from "./decimal.ts";

/** Some numbers, and integers that no double holds. */
export interface Numbers {
  /** Their order may be changed. */
  numbers: Float64Array;
  large: readonly bigint[];
}

/**
 * The quantiles at some shares, in ascending order; undefined where there is no number.
 *
 * @param shares From 0 to 1, in ascending order.
 */
export function quantilesOf(
  { numbers, large }: Numbers,
  shares: readonly number[],
): readonly (number | bigint)[] | undefined {
  const count = numbers.length + large.length;
  if (count === 0) return undefined;
  const numberAt = large.length === 0 ? selecting(numbers) : among([...numbers, ...large]);
  return shares.map((share) => {
    const { digits, scale } = decimalOf(String(share));
    const unit = 10n ** BigInt(Math.max(0, scale));
    const place = BigInt(count - 1) * digits;
    const at = Number(place / unit);
    return between(numberAt(at), place % unit === 0n ? undefined : numberAt(at + 1), { part: place % unit, unit });
  });
}

type Selection = (rank: number) => number | bigint;

function among(all: (number | bigint)[]): Selection {
  const sorted = all.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return (rank) => sorted[rank] ?? 0;
}

/** Finds the numbers of ascending ranks. */
function selecting(numbers: Float64Array): Selection {
  let from = 0;
  return (rank) => {
    select(numbers, rank, from);
    from = rank;
    return numbers[rank] ?? 0;
  };
}

/** Fewer numbers than these are sorted. */
const FEW = 48;
/** After so many rounds, in which each should have left half of the numbers, the rest is sorted. */
const MOST_ROUNDS = 64;

/** Puts the number of a rank in its place: those before are not greater, those behind are not less. @param from This is so for all before. */
export function select(numbers: Float64Array, rank: number, from: number): void {
  let left = from;
  let right = numbers.length - 1;
  for (let round = 0; right - left > FEW && round < MOST_ROUNDS; round++) {
    const pivot = middle(numbers[left] ?? 0, numbers[(left + right) >> 1] ?? 0, numbers[right] ?? 0);
    let low = left;
    let high = right;
    while (low <= high) {
      while ((numbers[low] ?? 0) < pivot) low++;
      while ((numbers[high] ?? 0) > pivot) high--;
      if (low > high) break;
      const number = numbers[low] ?? 0;
      numbers[low++] = numbers[high] ?? 0;
      numbers[high--] = number;
    }
    if (rank <= high) right = high;
    else if (rank >= low) left = low;
    else return;
  }
  numbers.subarray(left, right + 1).sort();
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
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
