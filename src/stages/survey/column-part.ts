/** Makes of the different values of a column, in the rows of a part, what is handed on of them. */
import { LOOK } from "../../formats/indexed/column-texts.ts";
import { packNumbers } from "../grouping/approx/number-sketches.ts";
import { REGISTERS, noteWords } from "../grouping/approx/hyperloglog.ts";
import { Bins, CALENDAR, DECIMAL, type Scale } from "./bins.ts";
import { MAX_COUNTED, keptOfPart, packCounts } from "./counted-texts.ts";
import type { DifferentValues } from "./different-values.ts";
import {
  type ColumnPart,
  type ExtremeNumber,
  MAX_EXTREMES,
  MAX_TEXT_CHARS,
  type Mark,
  type NumbersPart,
  type Seen,
} from "./survey.ts";
import { BROKEN } from "./value-looks.ts";

export interface FoundColumn {
  part: ColumnPart;
  /** Row by row, where all values are numbers; NaN where there is none. */
  numbers: Float64Array | undefined;
  /** Hashes, two words to a row, where nearly all values are different; 0 where there is none. */
  key: Uint32Array | undefined;
}

/** Of texts that are no numbers, the first so many are kept. */
const MAX_UNLIKE = 3;
/** A column may tell rows apart when so few of its values came before; of few rows, when it is so few values. */
const MAX_SHARE_AGAIN = 0.01;
const MAX_AGAIN = 5;

/** @param rowOf Which row of the run one of the part is. */
export function columnPart(
  name: string,
  values: DifferentValues,
  { rows, rowOf }: { rows: number; rowOf: (at: number) => number },
): FoundColumn {
  const { size, counts, firsts } = values;
  let count = 0;
  for (let place = 0; place < size; place++) count += counts[place] ?? 0;
  const part: ColumnPart = { ...emptyPart(name), count };
  lookAtTexts(part, values, rowOf);
  part.values = packCounts(keptOfPart(counts, size), {
    text: (place) => keptText(values.text(place)),
    count: (place) => counts[place] ?? 0,
    row: (place) => rowOf(firsts[place] ?? 0),
  });
  const isKey = count > 0 && count - size <= Math.max(MAX_AGAIN, count * MAX_SHARE_AGAIN);
  if (size > MAX_COUNTED) part.registers = registersOf(values.hashes, size);
  const isAllNumbers = part.numbers !== undefined && part.numbers.count === count;
  return {
    part,
    numbers: isAllNumbers ? rowByRow(values, rows) : undefined,
    key: isKey ? hashesByRow(values, rows) : undefined,
  };
}

/** Registers of HyperLogLog that have noted so many hashes, of which each is two words. */
export function registersOf(hashes: ArrayLike<number>, count: number): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  for (let at = 0; at < count * 2; at += 2) noteWords(registers, hashes[at] ?? 0, hashes[at + 1] ?? 0);
  return registers;
}

/** Two words for each text: its hash. */
export function hashesOf(texts: readonly string[]): Uint32Array {
  const hashes = new BigUint64Array(texts.length);
  for (let at = 0; at < texts.length; at++) hashes[at] = Bun.hash.xxHash64(texts[at] ?? "");
  return new Uint32Array(hashes.buffer);
}

function rowByRow({ placeOf, numbers }: DifferentValues, rows: number): Float64Array {
  const all = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = placeOf[row] ?? -1;
    all[row] = place >= 0 ? (numbers[place] ?? 0) : Number.NaN;
  }
  return all;
}

function hashesByRow({ placeOf, hashes }: DifferentValues, rows: number): Uint32Array {
  const words = new Uint32Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const place = placeOf[row] ?? -1;
    if (place < 0) continue;
    const high = hashes[place * 2 + 1] ?? 0;
    // None is 0 as a whole: that stands for no value.
    words[row * 2] = (hashes[place * 2] ?? 0) || (high === 0 ? 1 : 0);
    words[row * 2 + 1] = high;
  }
  return words;
}

/** That of a column without a value. */
export function emptyPart(name: string): ColumnPart {
  const none = { texts: [], counts: new Float64Array(0), rows: new Float64Array(0), missed: 0, isWhole: true };
  return {
    name,
    count: 0,
    numbers: undefined,
    times: undefined,
    texts: undefined,
    unlike: [],
    values: none,
    patterns: none,
    marks: {},
    registers: undefined,
  };
}

/** What stands for a text: itself, or where it is long its beginning, and a hash of it. */
function keptText(text: string): string {
  if (text.length > MAX_TEXT_CHARS) return `${text.slice(0, MAX_TEXT_CHARS)}… ${Bun.hash.xxHash64(text).toString(36)}`;
  return text;
}

/** Some of the different values of a part, as lists that are filled up to a length. */
class Figures {
  readonly numbers: Float64Array;
  readonly counts: Float64Array;
  readonly rows: Float64Array;
  length = 0;

  constructor(room: number) {
    this.numbers = new Float64Array(room);
    this.counts = new Float64Array(room);
    this.rows = new Float64Array(room);
  }

  add(number: number, count: number, row: number): void {
    const at = this.length++;
    this.numbers[at] = number;
    this.counts[at] = count;
    this.rows[at] = row;
  }
}

const MARK_BITS: readonly (readonly [Mark, number])[] = [
  ["spaces", LOOK.edge],
  ["broken", BROKEN],
  ["controls", LOOK.control],
];
const ANY_MARK = MARK_BITS.reduce((all, [, bit]) => all | bit, 0);

/** Up to this length texts are counted one length after another. */
const SHORT = 4096;

/** Looks at the different values. */
function lookAtTexts(part: ColumnPart, values: DifferentValues, rowOf: (at: number) => number): void {
  const { size, counts, firsts, marks, numbers, times, lengths, patternOf, patternCount } = values;
  let numeric: Figures | undefined;
  let dated: Figures | undefined;
  let long: Figures | undefined;
  const byLength = new Float64Array(SHORT);
  const patternCounts = new Float64Array(patternCount);
  const patternFirsts = new Float64Array(patternCount).fill(Number.POSITIVE_INFINITY);
  let [textCount, characters] = [0, 0];
  for (let place = 0; place < size; place++) {
    const count = counts[place] ?? 0;
    const first = firsts[place] ?? 0;
    const said = marks[place] ?? 0;
    if ((said & LOOK.number) !== 0) {
      (numeric ??= new Figures(size - place)).add(numbers[place] ?? 0, count, rowOf(first));
      continue;
    }
    const time = times[place] ?? Number.NaN;
    const length = lengths[place] ?? 0;
    if (Number.isNaN(time)) {
      textCount += count;
      characters += length * count;
      if (length < SHORT) byLength[length] = (byLength[length] ?? 0) + count;
      else (long ??= new Figures(size - place)).add(length, count, 0);
    } else (dated ??= new Figures(size - place)).add(time, count, rowOf(first));
    const pattern = patternOf[place] ?? 0;
    patternCounts[pattern] = (patternCounts[pattern] ?? 0) + count;
    if (first < (patternFirsts[pattern] ?? 0)) patternFirsts[pattern] = first;
    if (part.unlike.length < MAX_UNLIKE) part.unlike.push({ value: keptText(values.text(place)), row: rowOf(first) });
    if ((said & ANY_MARK) === 0) continue;
    for (const [mark, bit] of MARK_BITS) {
      if ((said & bit) === 0) continue;
      const known = part.marks[mark];
      if (known === undefined) part.marks[mark] = { value: keptText(values.text(place)), row: rowOf(first), count };
      else known.count += count;
    }
  }
  part.patterns = packCounts(keptOfPart(patternCounts, patternCounts.length), {
    text: (at) => values.pattern(at),
    count: (at) => patternCounts[at] ?? 0,
    row: (at) => rowOf(patternFirsts[at] ?? 0),
  });
  part.numbers = numeric && figuresPart(numeric, DECIMAL);
  part.times = dated && figuresPart(dated, CALENDAR);
  if (textCount === 0) return;
  const all = new Figures((long?.length ?? 0) + SHORT);
  for (let length = 0; length < SHORT; length++) {
    const count = byLength[length] ?? 0;
    if (count > 0) all.add(length, count, 0);
  }
  for (let at = 0; long !== undefined && at < long.length; at++)
    all.add(long.numbers[at] ?? 0, long.counts[at] ?? 0, 0);
  part.texts = { count: textCount, characters, lengths: binned(all, DECIMAL).pack() };
}

function binned({ numbers, counts, length }: Figures, scale: Scale): Bins {
  const bins = new Bins(scale);
  bins.addAll(numbers.subarray(0, length), counts);
  return bins;
}

function figuresPart(figures: Figures, scale: Scale): NumbersPart {
  const { counts, rows, length } = figures;
  const numbers = figures.numbers.subarray(0, length);
  let [count, sum, zeros, negative, areWhole] = [0, 0, 0, 0, true];
  const start = numbers[0] ?? 0;
  for (let at = 0; at < length; at++) {
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
  for (let at = 0; at < length; at++) {
    const by = (numbers[at] ?? 0) - mean;
    squares += by * by * (counts[at] ?? 0);
  }
  return {
    count,
    mean,
    squares,
    areWhole,
    zeros,
    negative,
    bins: binned(figures, scale).pack(),
    // No quantile of times is asked for.
    sketch: packNumbers(scale === DECIMAL ? numbers : NO_NUMBERS, counts),
    least: extremes(numbers, rows, 1),
    greatest: extremes(numbers, rows, -1),
  };
}

const NO_NUMBERS = new Float64Array(0);

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

/** Adds what was seen behind. */
export function firstOf(before: readonly Seen[], behind: readonly Seen[]): Seen[] {
  return [...before, ...behind].slice(0, MAX_UNLIKE);
}
