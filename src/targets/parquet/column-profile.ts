/** What the values of a column are, and the type that it has by them. */
import { type ColumnType, momentWith, timeWith } from "../../formats/column-type.ts";

/** What was seen in the fields of a column. */
export interface ColumnProfile {
  /** Bits: see {@linkcode SEEN}. */
  seen: number;
  /** Digits behind the point of numbers, and of seconds, and before the point of numbers, at most. */
  decimals: number;
  fraction: number;
  whole: number;
}

/** As in assembly/profile.ts; the last one is what a closer look has shown. */
export const SEEN = {
  null: 1,
  text: 2,
  json: 4,
  integer: 8,
  /** A whole number that no double holds. */
  unsafe: 16,
  large: 32,
  fraction: 64,
  truth: 128,
  /** What values of dates are written as. */
  instant: 256,
  day: 512,
  local: 1024,
  time: 2048,
  /** Of these, and of texts: what not all of them are. */
  notDay: 4096,
  notTime: 8192,
  notMoment: 16_384,
  notUtc: 32_768,
  notLocal: 65_536,
  /** A number with digits that no double has. */
  odd: 131_072,
  /** A moment of which nanoseconds are more than 64 bits. */
  far: 262_144,
} as const;

export const NOTHING_SEEN: ColumnProfile = { seen: 0, decimals: 0, fraction: 0, whole: 0 };

export function joinedProfiles(one: ColumnProfile, other: ColumnProfile): ColumnProfile {
  return {
    seen: one.seen | other.seen,
    decimals: Math.max(one.decimals, other.decimals),
    fraction: Math.max(one.fraction, other.fraction),
    whole: Math.max(one.whole, other.whole),
  };
}

const DATES = SEEN.instant | SEEN.day | SEEN.local | SEEN.time;
const NUMBERS = SEEN.integer | SEEN.fraction;
const KINDS = SEEN.text | SEEN.json | NUMBERS | SEEN.large | SEEN.truth | DATES | SEEN.odd;

/** @param stated What an input says of a column of this name: it counts where all values are such. */
export function typeByValues(profile: ColumnProfile, stated: ColumnType | undefined): ColumnType {
  const { seen, fraction } = profile;
  const kinds = seen & KINDS;
  if (stated !== undefined && isSuch(stated, profile)) return stated;
  if (kinds === SEEN.integer) return { is: "integer" };
  if (kinds !== 0 && (kinds & ~NUMBERS) === 0 && (seen & SEEN.unsafe) === 0) return { is: "double" };
  switch (kinds) {
    case SEEN.truth:
      return { is: "boolean" };
    case SEEN.day:
      return { is: "day" };
    case SEEN.time:
      return timeWith(fraction);
    case SEEN.instant:
    case SEEN.local: {
      const isUtc = kinds === SEEN.instant;
      if (isUtc && (seen & SEEN.notDay) === 0) return { is: "day" };
      const moment = momentWith(fraction, isUtc);
      return isSuch(moment, profile) ? moment : { is: "text" };
    }
    case SEEN.json:
      return { is: "json" };
    default:
      return { is: "text" };
  }
}

function isSuch(type: ColumnType, { seen, decimals, fraction, whole }: ColumnProfile): boolean {
  const kinds = seen & KINDS;
  const has = (bits: number): boolean => (seen & bits) !== 0;
  const isOnly = (bits: number): boolean => (kinds & ~bits) === 0;
  // What holds nothing is what one likes.
  if (kinds === 0) return true;
  switch (type.is) {
    case "text":
      return isOnly(SEEN.text);
    case "json":
      return isOnly(SEEN.json);
    case "boolean":
      return isOnly(SEEN.truth);
    case "integer":
      return isOnly(SEEN.integer);
    case "double":
      return isOnly(NUMBERS) && !has(SEEN.unsafe);
    case "decimal":
      return isOnly(NUMBERS | SEEN.odd) && decimals <= type.scale && whole + type.scale <= type.precision;
    case "day":
      return isOnly(SEEN.text | DATES) && !has(SEEN.notDay);
    case "time":
      return isOnly(SEEN.text | DATES) && !has(SEEN.notTime) && fraction <= type.digits;
    case "moment": {
      const far = type.digits === 9 ? SEEN.far : 0;
      const others = SEEN.notMoment | far | (type.isUtc ? SEEN.notUtc : SEEN.notLocal);
      return isOnly(SEEN.text | DATES) && !has(others) && fraction <= type.digits;
    }
  }
}
