/** Which columns of numbers belong together: sums of products, pair by pair, of which coefficients of correlation come. */

/** Sums over the rows that have both numbers. */
export interface PairSums {
  a: string;
  b: string;
  count: number;
  meanA: number;
  meanB: number;
  squaresA: number;
  squaresB: number;
  products: number;
}

/** So many columns are compared with each other. */
const MAX_PAIRED = 40;

/** A column of numbers, row by row; NaN where there is none. */
export interface PairedColumn {
  name: string;
  numbers: Float64Array;
  /** Of all of its numbers. */
  mean: number;
}

/** The sums of all pairs. */
export function pairSums(columns: readonly PairedColumn[]): PairSums[] {
  const paired = columns.slice(0, MAX_PAIRED);
  return paired.flatMap((a, at) => paired.slice(at + 1).map((b) => sumsOf(a, b)));
}

function sumsOf(a: PairedColumn, b: PairedColumn): PairSums {
  const [as, bs] = [a.numbers, b.numbers];
  // Less is lost of sums of what numbers differ from about their mean.
  const [aroundA, aroundB] = [a.mean, b.mean];
  let count = 0;
  let sumA = 0;
  let sumB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let row = 0; row < as.length; row++) {
    const x = (as[row] ?? 0) - aroundA;
    const y = (bs[row] ?? 0) - aroundB;
    const product = x * y;
    if (Number.isNaN(product)) continue;
    count++;
    sumA += x;
    sumB += y;
    squaresA += x * x;
    squaresB += y * y;
    products += product;
  }
  const sums = { a: a.name, b: b.name, count, meanA: 0, meanB: 0, squaresA: 0, squaresB: 0, products: 0 };
  if (count === 0) return sums;
  sums.meanA = aroundA + sumA / count;
  sums.meanB = aroundB + sumB / count;
  sums.squaresA = squaresAround(squaresA, sumA, count);
  sums.squaresB = squaresAround(squaresB, sumB, count);
  sums.products = products - (sumA * sumB) / count;
  return sums;
}

/** What is left of squares, where it is no mere rounding, as that of numbers which are all the same. */
const ROUNDING = 1e-12;

function squaresAround(squares: number, sum: number, count: number): number {
  const around = squares - (sum * sum) / count;
  return around <= squares * ROUNDING ? 0 : around;
}

/** Adds those of rows behind. */
export function joinPairs(into: PairSums, from: PairSums): void {
  const count = into.count + from.count;
  if (count === 0) return;
  const [byA, byB] = [from.meanA - into.meanA, from.meanB - into.meanB];
  const share = (into.count * from.count) / count;
  into.squaresA += from.squaresA + byA * byA * share;
  into.squaresB += from.squaresB + byB * byB * share;
  into.products += from.products + byA * byB * share;
  into.meanA += (byA * from.count) / count;
  into.meanB += (byB * from.count) / count;
  into.count = count;
}

/** Pearson's coefficient; undefined where a column has one number only. */
export function correlationOf({ squaresA, squaresB, products }: PairSums): number | undefined {
  const size = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return size > 0 && Number.isFinite(size) ? Math.max(-1, Math.min(1, products / size)) : undefined;
}
