/** What the different values of a column come to: as the kernel sums up those of fields, and the slow form of that, for all others. */
import { type ColumnSums, LOOK } from "../../formats/indexed/column-texts.ts";
import { type ExtremeNumber, MAX_EXTREMES, type NumberSums } from "./survey.ts";

/** What is known of values, one after the other. */
export interface KnownValues {
  readonly size: number;
  readonly counts: Uint32Array;
  /** The place among the rows of the part of the first that has it. */
  readonly firsts: Uint32Array;
  /** What is said of it: see {@linkcode LOOK}. */
  readonly marks: Uint32Array;
  /** The number that it is, or NaN. */
  readonly numbers: Float64Array;
  /** Its length in characters. */
  readonly lengths: Uint32Array;
}

export interface ValueSums {
  /** Rows that have a value. */
  count: number;
  /** Of the values. */
  shortest: number;
  longest: number;
  /** Rows whose value has several lines. */
  multiline: number;
  /** How many values are whole numbers that JavaScript would write so, other such numbers, numbers written otherwise, and none. */
  whole: number;
  parts: number;
  odd: number;
  others: number;
  /** Their rows are places in the part. */
  numbers: NumberSums | undefined;
}

/** Those that the kernel has found. */
export function foundSums({ figures, least, greatest }: ColumnSums): ValueSums {
  const [count = 0, shortest = 0, longest = 0, multiline = 0, whole = 0, parts = 0, odd = 0, others = 0] = figures;
  const [numbered = 0, mean = 0, squares = 0, notWhole = 0, zeros = 0, negative = 0, leasts = 0, greatests = 0] =
    figures.subarray(8);
  const numbers = {
    count: numbered,
    mean,
    squares,
    areWhole: notWhole === 0,
    zeros,
    negative,
    least: foundExtremes(least, leasts, 1),
    greatest: foundExtremes(greatest, greatests, -1),
  };
  const sums = { count, shortest, longest, multiline, whole, parts, odd, others };
  return { ...sums, numbers: numbered > 0 ? numbers : undefined };
}

function foundExtremes(kept: Float64Array, length: number, sign: 1 | -1): ExtremeNumber[] {
  return Array.from({ length }, (_, at) => ({ number: (kept[at * 2] ?? 0) * sign + 0, row: kept[at * 2 + 1] ?? 0 }));
}

/** Those of any values. */
export function sumsOf({ size, marks, lengths, counts, numbers, firsts }: KnownValues): ValueSums {
  const sums = { count: 0, shortest: Number.POSITIVE_INFINITY, longest: 0, multiline: 0 };
  const kinds = { whole: 0, parts: 0, odd: 0, others: 0 };
  const found = { numbers: [] as number[], counts: [] as number[], rows: [] as number[] };
  for (let place = 0; place < size; place++) {
    const said = marks[place] ?? 0;
    const count = counts[place] ?? 0;
    const number = numbers[place] ?? 0;
    sums.count += count;
    sums.shortest = Math.min(sums.shortest, lengths[place] ?? 0);
    sums.longest = Math.max(sums.longest, lengths[place] ?? 0);
    if ((said & LOOK.lines) !== 0) sums.multiline += count;
    if ((said & LOOK.number) === 0) {
      kinds.others++;
      continue;
    }
    if ((said & LOOK.canonical) === 0) kinds.odd++;
    else if (Number.isSafeInteger(number)) kinds.whole++;
    else kinds.parts++;
    found.numbers.push(number);
    found.counts.push(count);
    found.rows.push(firsts[place] ?? 0);
  }
  return { ...sums, ...kinds, numbers: found.numbers.length > 0 ? numberSums(found) : undefined };
}

/** Of numbers, or times, how often each comes, and the rows that have them first. */
export function numberSums({
  numbers,
  counts,
  rows,
}: {
  numbers: ArrayLike<number>;
  counts: ArrayLike<number>;
  rows: ArrayLike<number>;
}): NumberSums {
  let [count, sum, zeros, negative, areWhole] = [0, 0, 0, 0, true];
  const start = numbers[0] ?? 0;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    const times = counts[at] ?? 0;
    count += times;
    sum += (number - start) * times;
    if (areWhole && !Number.isInteger(number)) areWhole = false;
    if (number === 0) zeros += times;
    if (number < 0) negative += times;
  }
  const mean = start + sum / count;
  let squares = 0;
  for (let at = 0; at < numbers.length; at++) {
    const by = (numbers[at] ?? 0) - mean;
    squares += by * by * (counts[at] ?? 0);
  }
  const [least, greatest] = [extremes(numbers, rows, 1), extremes(numbers, rows, -1)];
  return { count, mean, squares, areWhole, zeros, negative, least, greatest };
}

/** The least ones, or with a sign of -1 the greatest, each once, and with the first row that has it. */
export function extremes(numbers: ArrayLike<number>, rows: ArrayLike<number>, sign: 1 | -1): ExtremeNumber[] {
  const kept = new Float64Array(MAX_EXTREMES + 1).fill(Number.POSITIVE_INFINITY);
  const rowOf = new Float64Array(MAX_EXTREMES + 1);
  let length = 0;
  for (let at = 0; at < numbers.length; at++) {
    const number = (numbers[at] ?? 0) * sign;
    if (length === MAX_EXTREMES && number > (kept[MAX_EXTREMES - 1] ?? 0)) continue;
    const row = rows[at] ?? 0;
    let place = length;
    while (place > 0 && (kept[place - 1] ?? 0) > number) place--;
    if (place > 0 && kept[place - 1] === number) {
      rowOf[place - 1] = Math.min(rowOf[place - 1] ?? 0, row);
      continue;
    }
    for (let to = length; to > place; to--) {
      kept[to] = kept[to - 1] ?? 0;
      rowOf[to] = rowOf[to - 1] ?? 0;
    }
    kept[place] = number;
    rowOf[place] = row;
    length = Math.min(MAX_EXTREMES, length + 1);
  }
  return Array.from({ length }, (_, at) => ({ number: (kept[at] ?? 0) * sign + 0, row: rowOf[at] ?? 0 }));
}
