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
}

/** The sums of all pairs. */
export function pairSums(columns: readonly PairedColumn[]): PairSums[] {
  const paired = columns.slice(0, MAX_PAIRED);
  return paired.flatMap((a, at) => paired.slice(at + 1).map((b) => sumsOf(a, b)));
}

function sumsOf(a: PairedColumn, b: PairedColumn): PairSums {
  let [count, sumA, sumB, startA, startB] = [0, 0, 0, 0, 0];
  const [as, bs] = [a.numbers, b.numbers];
  for (let row = 0; row < as.length; row++) {
    const [x, y] = [as[row] ?? 0, bs[row] ?? 0];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    // Less is lost of numbers that are large and near to each other.
    if (count++ === 0) [startA, startB] = [x, y];
    sumA += x - startA;
    sumB += y - startB;
  }
  const sums = { a: a.name, b: b.name, count, meanA: 0, meanB: 0, squaresA: 0, squaresB: 0, products: 0 };
  if (count === 0) return sums;
  sums.meanA = startA + sumA / count;
  sums.meanB = startB + sumB / count;
  for (let row = 0; row < as.length; row++) {
    const x = (as[row] ?? 0) - sums.meanA;
    const y = (bs[row] ?? 0) - sums.meanB;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    sums.squaresA += x * x;
    sums.squaresB += y * y;
    sums.products += x * y;
  }
  return sums;
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
