/** Makes of the values of a column, in the rows of a part, what is handed on of them. All is done once for each different value. */
import { isDataNumber } from "../../fields/data-types.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { packNumbers } from "../grouping/approx/number-sketches.ts";
import { Bins, CALENDAR, DECIMAL, type Scale } from "./bins.ts";
import { MAX_COUNTED, packCounts } from "./counted-texts.ts";
import {
  type ColumnPart,
  type ExtremeNumber,
  MAX_EXTREMES,
  MAX_TEXT_CHARS,
  type Mark,
  type NumbersPart,
  type Seen,
} from "./survey.ts";
import { patternOf } from "./text-pattern.ts";
import { timeOf } from "./times.ts";

/** A column as a part of the rows has it. */
export interface ColumnValues {
  name: string;
  /** Row by row; undefined where there is no value. */
  values: unknown[];
}

export interface FoundColumn {
  part: ColumnPart;
  /** Row by row, where all values are numbers; NaN where there is none. */
  numbers: Float64Array | undefined;
  /** Hashes, row by row, where nearly all values are different; 0 where there is none. */
  key: BigUint64Array | undefined;
}

/** Of texts that are no numbers, the first so many are kept. */
const MAX_UNLIKE = 3;
/** A column may tell rows apart when so few of its values came before; of few rows, when it is so few values. */
const MAX_SHARE_AGAIN = 0.01;
const MAX_AGAIN = 5;

/** Different values, how often they come, and in which row first. */
class Different {
  readonly texts: string[] = [];
  readonly counts: number[] = [];
  readonly rows: number[] = [];
  readonly #places = new Map<string, number>();

  /** Notes a value; returns its place. */
  note(text: string, row: number, count: number = 1): number {
    const known = this.#places.get(text);
    if (known !== undefined) {
      this.counts[known] = (this.counts[known] ?? 0) + count;
      return known;
    }
    const place = this.texts.length;
    this.#places.set(text, place);
    this.texts.push(text);
    this.counts.push(count);
    this.rows.push(row);
    return place;
  }
}

/**
 * @param rows Which rows they are.
 * @param isText Texts of the column are read as numbers: it is one of CSV.
 */
export function columnPart(
  { name, values }: ColumnValues,
  { rows, isText }: { rows: ArrayLike<number>; isText: boolean },
): FoundColumn {
  const different = new Different();
  const placeOf = new Int32Array(rows.length).fill(-1);
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === undefined || value === null || value === "") continue;
    const text = typeof value === "string" ? value : shownValue(value);
    placeOf[at] = different.note(text, rows[at] ?? 0);
    count++;
  }
  const isNumeric = isText || values.some((value) => typeof value === "number" || typeof value === "bigint");
  const part: ColumnPart = { ...emptyPart(name), count };
  const numbers = lookAtTexts(part, different, isNumeric);
  part.values = packCounts(different.texts, different.counts, different.rows);
  part.values.texts = part.values.texts.map(keptText);
  const isKey = count > 0 && count - different.texts.length <= Math.max(MAX_AGAIN, count * MAX_SHARE_AGAIN);
  const hasMany = different.texts.length > MAX_COUNTED;
  const hashes = isKey || hasMany ? hashesOf(different.texts) : undefined;
  if (hasMany) part.hashes = hashes;
  const isAllNumbers = numbers !== undefined && part.numbers?.count === count;
  return {
    part,
    numbers: isAllNumbers ? rowByRow(placeOf, numbers) : undefined,
    key: isKey && hashes !== undefined ? hashesByRow(placeOf, hashes) : undefined,
  };
}

/** Their hashes. */
export function hashesOf(texts: readonly string[]): BigUint64Array {
  const hashes = new BigUint64Array(texts.length);
  for (let at = 0; at < texts.length; at++) hashes[at] = hashOf(texts[at] ?? "");
  return hashes;
}

function rowByRow(placeOf: Int32Array, numbers: readonly number[]): Float64Array {
  const all = new Float64Array(placeOf.length).fill(Number.NaN);
  for (let row = 0; row < placeOf.length; row++) {
    const place = placeOf[row] ?? -1;
    if (place >= 0) all[row] = numbers[place] ?? 0;
  }
  return all;
}

function hashesByRow(placeOf: Int32Array, hashes: BigUint64Array): BigUint64Array {
  // Words are copied: a bigint of each is made of none.
  const [from, to] = [new Uint32Array(hashes.buffer), new Uint32Array(placeOf.length * 2)];
  for (let row = 0; row < placeOf.length; row++) {
    const place = placeOf[row] ?? -1;
    if (place < 0) continue;
    to[row * 2] = from[place * 2] ?? 0;
    to[row * 2 + 1] = from[place * 2 + 1] ?? 0;
  }
  return new BigUint64Array(to.buffer);
}

/** That of a column without a value. */
export function emptyPart(name: string): ColumnPart {
  const none = packCounts([], [], []);
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
    hashes: undefined,
  };
}

/** A hash of a value, which is not 0. */
export function hashOf(text: string): bigint {
  return Bun.hash.xxHash64(text) || 1n;
}

function shownValue(value: unknown): string {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : stringifyJson(value);
}

/** What stands for a text: itself, or where it is long its beginning, and a hash of it. */
function keptText(text: string): string {
  if (text.length > MAX_TEXT_CHARS) return `${text.slice(0, MAX_TEXT_CHARS)}… ${hashOf(text).toString(36)}`;
  return text;
}

/** Stands where bytes were no text. */
const REPLACEMENT = "\uFFFD";
// Tabs and line breaks are none.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/;

const NO_BREAK_SPACE = 0xa0;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === NO_BREAK_SPACE;
}

/** Numbers of a part, with their rows. */
class Figures {
  readonly numbers: number[] = [];
  readonly counts: number[] = [];
  readonly rows: number[] = [];

  add(number: number, count: number, row: number): void {
    this.numbers.push(number);
    this.counts.push(count);
    this.rows.push(row);
  }
}

/** Looks at the different texts; returns the numbers that they are, where any is one. */
function lookAtTexts(part: ColumnPart, { texts, counts, rows }: Different, isNumeric: boolean): number[] | undefined {
  const numbers = new Figures();
  const times = new Figures();
  const byPlace: number[] = [];
  const patterns = new Different();
  const lengths = new Figures();
  let [textCount, characters] = [0, 0];
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at] ?? "";
    const count = counts[at] ?? 0;
    const row = rows[at] ?? 0;
    const number = isNumeric && isDataNumber(text) ? Number(text) + 0 : Number.NaN;
    byPlace.push(number);
    if (Number.isFinite(number)) {
      numbers.add(number, count, row);
      continue;
    }
    const time = timeOf(text);
    if (time === undefined) {
      textCount += count;
      characters += text.length * count;
      lengths.add(text.length, count, row);
    } else times.add(time, count, row);
    patterns.note(patternOf(text), row, count);
    if (part.unlike.length < MAX_UNLIKE) part.unlike.push({ value: keptText(text), row });
    if (isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1)))
      mark(part, "spaces", { text, count, row });
    if (text.includes(REPLACEMENT)) mark(part, "broken", { text, count, row });
    if (CONTROLS.test(text)) mark(part, "controls", { text, count, row });
  }
  part.patterns = packCounts(patterns.texts, patterns.counts, patterns.rows);
  part.numbers = figuresPart(numbers, DECIMAL);
  part.times = figuresPart(times, CALENDAR);
  if (textCount > 0) part.texts = { count: textCount, characters, lengths: binned(lengths, DECIMAL).pack() };
  return part.numbers === undefined ? undefined : byPlace;
}

function mark(part: ColumnPart, name: Mark, { text, count, row }: { text: string; count: number; row: number }): void {
  const known = part.marks[name];
  if (known === undefined) part.marks[name] = { value: keptText(text), row, count };
  else known.count += count;
}

function binned({ numbers, counts }: Figures, scale: Scale): Bins {
  const bins = new Bins(scale);
  bins.addAll(numbers, counts);
  return bins;
}

function figuresPart(figures: Figures, scale: Scale): NumbersPart | undefined {
  const { numbers, counts, rows } = figures;
  if (numbers.length === 0) return undefined;
  let [count, sum, zeros, negative, areWhole] = [0, 0, 0, 0, true];
  const start = numbers[0] ?? 0;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    const times = counts[at] ?? 0;
    count += times;
    sum += (number - start) * times;
    areWhole &&= Number.isInteger(number);
    if (number === 0) zeros += times;
    if (number < 0) negative += times;
  }
  const mean = start + sum / count;
  let squares = 0;
  for (let at = 0; at < numbers.length; at++) squares += ((numbers[at] ?? 0) - mean) ** 2 * (counts[at] ?? 0);
  return {
    count,
    mean,
    squares,
    areWhole,
    zeros,
    negative,
    bins: binned(figures, scale).pack(),
    sketch: packNumbers(numbers, counts),
    least: extremes(numbers, rows, 1),
    greatest: extremes(numbers, rows, -1),
  };
}

/** The least ones, or with a sign of -1 the greatest, each once, and with the first row that has it. */
export function extremes(numbers: readonly number[], rows: readonly number[], sign: 1 | -1): ExtremeNumber[] {
  const kept: ExtremeNumber[] = [];
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    const row = rows[at] ?? 0;
    const last = kept.at(-1);
    if (kept.length === MAX_EXTREMES && last !== undefined && (number - last.number) * sign > 0) continue;
    let place = kept.length;
    while (place > 0 && ((kept[place - 1]?.number ?? 0) - number) * sign > 0) place--;
    const before = kept[place - 1];
    if (before?.number === number) before.row = Math.min(before.row, row);
    else kept.splice(place, 0, { number, row });
    if (kept.length > MAX_EXTREMES) kept.pop();
  }
  return kept;
}

/** Adds what was seen behind. */
export function firstOf(before: readonly Seen[], behind: readonly Seen[]): Seen[] {
  return [...before, ...behind].slice(0, MAX_UNLIKE);
}
