/**
 * What a report says of the columns of all rows beside their profiles: the commonest values, how numbers and times are spread,
 * patterns of texts, what belongs together, which values come twice. All of it is bounded in memory, and parts of rows are put
 * together in their order.
 */
import { HEAD_ROWS, type RowsProfile } from "../profile/row-profiler.ts";
import type { PackedBins } from "./bins.ts";
import type { PackedCounts } from "./counted-texts.ts";
import type { PairSums } from "./pair-sums.ts";
import type { PackedSketch } from "../grouping/approx/number-sketches.ts";

/** A survey is asked of rows. */
export interface SurveyAsked {
  kind: "survey";
  /** The columns whose values together tell rows apart; none where no key was named. */
  key: readonly string[];
}

/** So many columns are surveyed: the first ones. */
export const MAX_SURVEYED = 500;
/** Of texts that are longer, the beginning stands for them. */
export const MAX_TEXT_CHARS = 200;
/** Of each column so many of the least and the greatest numbers are kept, with their rows. */
export const MAX_EXTREMES = 5;

/** Something that was seen in a row. */
export interface Seen {
  value: string;
  /** The number of the row in the run, from 0. */
  row: number;
}

/** What numbers, or times in milliseconds, come to. */
export interface NumberSums {
  count: number;
  mean: number;
  /** The sum of the squares of what they differ from the mean. */
  squares: number;
  /** All are whole. */
  areWhole: boolean;
  zeros: number;
  negative: number;
  /** The least and the greatest, and the rows that have them first. */
  least: ExtremeNumber[];
  greatest: ExtremeNumber[];
}

/** The same, and how they are spread; rows are those of the run. */
export interface NumbersPart extends NumberSums {
  bins: PackedBins;
  sketch: PackedSketch;
}

export interface ExtremeNumber {
  number: number;
  row: number;
}

/** What makes texts look odd, whatever their column. */
export const MARKS = ["spaces", "broken", "controls"] as const;
export type Mark = (typeof MARKS)[number];

/** How many rows have something, and the first of them. */
export interface Marked extends Seen {
  count: number;
}

/** What was seen in a column by the rows of a part. */
export interface ColumnPart {
  name: string;
  /** Values that are there: no null, and not empty. */
  count: number;
  /** How many of them are numbers, times, and texts that are neither. */
  numbers: NumbersPart | undefined;
  times: NumbersPart | undefined;
  texts: { count: number; characters: number; lengths: PackedBins } | undefined;
  /** The first texts that are no numbers. */
  unlike: Seen[];
  values: PackedCounts;
  patterns: PackedCounts;
  marks: Partial<Record<Mark, Marked>>;
  /** Registers of HyperLogLog that have noted all different values, where these are too many to be handed over. */
  registers: Uint8Array | undefined;
}

/** Which rows of the run those of a part are: so many from one on, or these. */
export type PartRows = { from: number; count: number } | Float64Array;

/** The number of a row, by its place in the part. */
export function rowAt(rows: PartRows, at: number): number {
  return rows instanceof Float64Array ? (rows[at] ?? 0) : rows.from + at;
}

/** Counts the rows of a part from behind so many others. */
export function moveRows({ profile, rows, columns }: RowsPart, before: number): void {
  if (rows instanceof Float64Array) moveAll(rows, before);
  else rows.from += before;
  for (const seen of profile.head) seen.index += before;
  profile.head = profile.head.filter(({ index }) => index < HEAD_ROWS);
  for (const { first } of profile.rows.keys.values()) first.row += before;
  for (const { numbers, times, unlike, values, patterns, marks } of columns) {
    for (const of of [numbers?.least, numbers?.greatest, times?.least, times?.greatest, unlike, Object.values(marks)])
      for (const seen of of ?? []) seen.row += before;
    moveAll(values.rows, before);
    moveAll(patterns.rows, before);
  }
}

function moveAll(rows: Float64Array, by: number): void {
  for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] ?? 0) + by;
}

/** What was seen in the rows of a part. */
export interface RowsPart {
  profile: RowsProfile;
  rows: PartRows;
  columns: ColumnPart[];
  /** There are further columns. */
  hasMore: boolean;
  /** Hashes of the values of columns that may tell rows apart, two words for each row; 0 where there is no value. */
  keys: { name: string; hashes: Uint32Array }[];
  pairs: PairSums[];
}
