/** What a report says of a column: figures of its numbers and times, and how they are spread, as bars. */
import { isDataNumber } from "../../fields/data-types.ts";
import { pack, quantileIn } from "../grouping/approx/number-sketches.ts";
import { Bins, CALENDAR, DECIMAL, type PackedBins, TIME_LEVELS, upTo } from "./bins.ts";
import type { SurveyedColumn, SurveyedNumbers } from "./total-survey.ts";

/** A bar: from where to where, the end not among them, and how many values are there. */
export interface Bar {
  from: number;
  to: number;
  count: number;
}

interface Spread {
  bars: Bar[];
  /** Values that lie far below and far above, and have no bar. */
  below: number;
  above: number;
}

export interface NumberFigures {
  count: number;
  min: number;
  max: number;
  mean: number;
  /** Of a sample: undefined for one number. */
  deviation: number | undefined;
  zeros: number;
  negative: number;
  /** At {@linkcode SHARES}. */
  quantiles: number[];
  /** All different numbers were counted: quantiles are no estimates. */
  isExact: boolean;
  spread: Spread;
}

export const SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;
/** Places of quartiles among them. */
const [LOW, HIGH] = [SHARES.indexOf(0.25), SHARES.indexOf(0.75)];

/** The figures of its numbers; undefined where it has none. @param most Bars at most, about. */
export function numberFigures({ numbers, values }: SurveyedColumn, most: number): NumberFigures | undefined {
  if (numbers === undefined) return undefined;
  const counted = values.isWhole ? countedNumbers(values.commonest(Infinity)) : undefined;
  const quantiles = SHARES.map((share) =>
    counted === undefined ? estimated(numbers, share) : countedQuantile(counted, share),
  );
  const min = numbers.least[0]?.number ?? 0;
  const max = numbers.greatest[0]?.number ?? 0;
  return {
    count: numbers.count,
    min,
    max,
    mean: numbers.mean,
    deviation: numbers.count > 1 ? Math.sqrt(numbers.squares / (numbers.count - 1)) : undefined,
    zeros: numbers.zeros,
    negative: numbers.negative,
    quantiles,
    isExact: counted !== undefined,
    // Of few numbers, few bars say more.
    spread: spreadOf(numbers, counted, { min, max, quantiles, most: Math.min(most, barsFor(numbers.count)) }),
  };
}

/** Numbers with how often they come, in their order. */
type Counted = readonly { number: number; count: number }[];

function countedNumbers(values: readonly { text: string; count: number }[]): Counted {
  // Beside numbers there may be texts.
  return values
    .filter(({ text }) => isDataNumber(text))
    .map(({ text, count }) => ({ number: Number(text) + 0, count }))
    .toSorted((a, b) => a.number - b.number);
}

/** Between two numbers, as far as the place lies between their ranks. */
function countedQuantile(counted: Counted, share: number): number {
  const place = share * (counted.reduce((sum, { count }) => sum + count, 0) - 1);
  const rank = Math.floor(place);
  const low = ranked(counted, rank);
  const high = place === rank ? low : ranked(counted, rank + 1);
  return low + (high - low) * (place - rank);
}

function ranked(counted: Counted, rank: number): number {
  let before = 0;
  for (const { number, count } of counted) {
    before += count;
    if (rank < before) return number;
  }
  return counted.at(-1)?.number ?? 0;
}

/** A sketch knows a number to a hundredth of it, bins to their width: whichever is nearer. */
const SKETCH_SHARE = 0.01;

function estimated(numbers: SurveyedNumbers, share: number): number {
  const sketched = quantileIn(numbers.sketch, share);
  const { level, indexes, counts } = numbers.bins.pack();
  const width = 10 ** level;
  if (width >= Math.abs(sketched) * SKETCH_SHARE) return sketched;
  const place = share * (numbers.count - 1);
  let before = 0;
  for (let at = 0; at < indexes.length; at++) {
    const count = counts[at] ?? 0;
    if (place < before + count) {
      const within = DECIMAL.startOf(indexes[at] ?? 0, level) + (width * (place - before + 0.5)) / count;
      return clamp(Number(within.toPrecision(12)), numbers);
    }
    before += count;
  }
  return sketched;
}

function clamp(number: number, { least, greatest }: SurveyedNumbers): number {
  return Math.max(least[0]?.number ?? number, Math.min(greatest[0]?.number ?? number, number));
}

/** Where numbers lie so much further apart than most of them, the others have no bars. */
const FAR = 8;

interface Bounds {
  min: number;
  max: number;
  quantiles: readonly number[];
  /** Bars at most, about. */
  most: number;
}

function barsFor(count: number): number {
  return Math.max(4, Math.ceil(2 * Math.sqrt(count)));
}

function spreadOf({ bins, sketch, areWhole }: SurveyedNumbers, counted: Counted | undefined, bounds: Bounds): Spread {
  const packed = bins.pack();
  const { min, max, quantiles, most } = bounds;
  const [first = min, last = max] = [quantiles[0], quantiles.at(-1)];
  const isFar = last > first && max - min > FAR * (last - first);
  const [low, high] = [Math.max(min, first - (last - first) / 2), Math.min(max, last + (last - first) / 2)];
  if (!isFar) return barsOf(packed, { from: min, to: max, most, areWhole });
  if (counted === undefined && (high - low) / 10 ** packed.level > most)
    return barsOf(packed, { from: low, to: high, most, areWhole });
  // All bins are too wide where a few numbers are far off: numbers themselves are put into others, or those of the sketch.
  const { numbers, counts } = counted === undefined ? pack(sketch) : asLists(counted);
  const within = new Bins(DECIMAL);
  const isWithin = (_: unknown, at: number): boolean => (numbers[at] ?? 0) >= low && (numbers[at] ?? 0) <= high;
  within.addAll([...numbers].filter(isWithin), [...counts].filter(isWithin));
  const sum = (is: (number: number) => boolean): number =>
    counts.reduce((all, count, at) => all + (is(numbers[at] ?? 0) ? count : 0), 0);
  const below = sum((number) => number < low);
  const above = sum((number) => number > high);
  return { ...barsOf(within.pack(), { from: low, to: high, most, areWhole }), below, above };
}

function asLists(counted: Counted): { numbers: Float64Array; counts: Float64Array } {
  return {
    numbers: Float64Array.from(counted, ({ number }) => number),
    counts: Float64Array.from(counted, ({ count }) => count),
  };
}

function barsOf(
  { level, indexes, counts }: PackedBins,
  { from, to, most, areWhole }: { from: number; to: number; most: number; areWhole: boolean },
): Spread {
  const step = stepFor(Math.max(areWhole ? 1 : 0, (to - from) / most), level);
  // Steps are whole multiples of the width of the bins.
  const bins = Math.round(step.factor * 10 ** (step.level - level));
  const barOf = (index: number): number => Math.floor(index / bins);
  const [first, last] = [barOf(DECIMAL.indexOf(from, level)), barOf(DECIMAL.indexOf(to, level))];
  const bars: Bar[] = [];
  for (let bar = first; bar <= last; bar++)
    bars.push({ from: DECIMAL.startOf(bar * bins, level), to: DECIMAL.startOf((bar + 1) * bins, level), count: 0 });
  let [below, above] = [0, 0];
  for (let at = 0; at < indexes.length; at++) {
    const count = counts[at] ?? 0;
    const bar = barOf(indexes[at] ?? 0);
    const found = bars[bar - first];
    if (bar < first) below += count;
    else if (found === undefined) above += count;
    else found.count += count;
  }
  return { bars, below, above };
}

/** The width of a bar: 1, 2 or 5 times a power of ten, and no less than a bin. */
function stepFor(width: number, level: number): { factor: number; level: number } {
  const least = 10 ** level;
  if (!(width > least)) return { factor: 1, level };
  const power = Math.max(level, Math.floor(Math.log10(width)));
  const factor = [1, 2, 5, 10].find((one) => one * 10 ** power >= width * (1 - 1e-9)) ?? 10;
  return { factor, level: power };
}

export interface TimeFigures {
  count: number;
  min: number;
  max: number;
  bars: Bar[];
  /** What a bar stands for: `month`. */
  unit: (typeof TIME_LEVELS)[number];
}

export function timeFigures({ times }: SurveyedColumn, most: number): TimeFigures | undefined {
  if (times === undefined) return undefined;
  const packed = times.bins.pack();
  let level = packed.level;
  const bounds = (): readonly [number, number] => [
    upTo(CALENDAR, packed.indexes[0] ?? 0, { from: packed.level, to: level }),
    upTo(CALENDAR, packed.indexes.at(-1) ?? 0, { from: packed.level, to: level }),
  ];
  let [first, last] = bounds();
  while (last - first >= most && level < TIME_LEVELS.length - 1) {
    level++;
    [first, last] = bounds();
  }
  const bars: Bar[] = [];
  for (let index = first; index <= last; index++)
    bars.push({ from: CALENDAR.startOf(index, level), to: CALENDAR.startOf(index + 1, level), count: 0 });
  for (let at = 0; at < packed.indexes.length; at++) {
    const bar = bars[upTo(CALENDAR, packed.indexes[at] ?? 0, { from: packed.level, to: level }) - first];
    if (bar !== undefined) bar.count += packed.counts[at] ?? 0;
  }
  return {
    count: times.count,
    min: times.least[0]?.number ?? 0,
    max: times.greatest[0]?.number ?? 0,
    bars,
    unit: TIME_LEVELS[level] ?? "year",
  };
}

/** How long texts are: the shortest, the longest, and bars. */
export function lengthBars(lengths: Bins, most: number): Bar[] {
  const packed = lengths.pack();
  const min = DECIMAL.startOf(packed.indexes[0] ?? 0, packed.level);
  const max = DECIMAL.startOf(packed.indexes.at(-1) ?? 0, packed.level);
  return barsOf(wholeBins(packed), { from: min, to: max, most, areWhole: true }).bars;
}

/** The same bins, none of them narrower than 1. */
function wholeBins({ level, indexes, counts }: PackedBins): PackedBins {
  if (level >= 0) return { level, indexes, counts };
  return { level: 0, indexes: indexes.map((index) => upTo(DECIMAL, index, { from: level, to: 0 })), counts };
}

/** A row that has something in a column that the others have not. */
export interface OddValue {
  row: number;
  column: string;
  value: string;
  why: string;
}

/** Numbers lie far off beyond so many times the distance of the quartiles. */
const FENCE = 3;
/** A column is one of numbers when so many of its values are; a pattern is that of the column when so many have it. */
const MOST = 0.95;
const RARE = 0.001;
/** What one row in so few has, is rare. */
const FEW_ROWS = 100;
const MAX_RARE_PATTERNS = 3;

/** What looks odd in a column: numbers far off, texts among numbers, patterns that hardly any other has. */
export function oddValues(column: SurveyedColumn, figures: NumberFigures | undefined): OddValue[] {
  const { name, numbers, unlike, patterns, count } = column;
  const odd: OddValue[] = [];
  const add = (row: number, value: string, why: string): void => void odd.push({ row, column: name, value, why });
  const others = count - (numbers?.count ?? 0);
  if (figures !== undefined && numbers !== undefined && others / count <= 1 - MOST) {
    const [low = 0, high = 0] = [figures.quantiles[LOW], figures.quantiles[HIGH]];
    const reach = FENCE * (high - low);
    if (reach > 0 && count >= FEW_ROWS) {
      for (const { number, row } of numbers.least)
        if (number < low - reach) add(row, String(number), "far below the others");
      for (const { number, row } of numbers.greatest)
        if (number > high + reach) add(row, String(number), "far above the others");
    }
    for (const { value, row } of unlike) add(row, value, "no number, as the others are");
    return odd;
  }
  const [usual, ...rare] = patterns.commonest(Infinity);
  if (usual === undefined || usual.count < count * MOST || count < FEW_ROWS || !patterns.isWhole) return odd;
  for (const { text, count: times, row } of rare.slice(-MAX_RARE_PATTERNS))
    if (times <= Math.max(1, count * RARE)) add(row, text, `not like ${usual.text}, as nearly all others are`);
  return odd;
}
