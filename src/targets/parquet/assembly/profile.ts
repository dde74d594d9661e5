// What the fields of a column are, all of them together.

import { setResult } from "../../../sources/parquet/assembly/results";
import { BARE, JSON as JSON_FIELD, NULL, kindOf, lengthOf, startOf } from "./fields";
import { DECIMAL, INTEGER, LARGE, NO_NUMBER, UNSURE, integer, readNumber, readTruth, scale, wholeDigits } from "./numbers";
import { MOST_NANO_DAYS, day, digits, isUtc, readDate, readDay, readMoment, readTime } from "./times";

// Each of these is a bit of what was seen; see ../column-profile.ts.
const NOTHING: u32 = 1;
const TEXT: u32 = 2;
const JSON: u32 = 4;
const WHOLE: u32 = 8;
/** One that no double holds. */
const UNSAFE: u32 = 16;
/** One of more than 64 bits. */
const HUGE: u32 = 32;
const FRACTION: u32 = 64;
const TRUTH: u32 = 128;
// What values of dates are written as, without quotes.
const INSTANT: u32 = 256;
const DAY: u32 = 512;
const LOCAL: u32 = 1024;
const TIME: u32 = 2048;
// Of these, and of texts: what not all of them are.
const NOT_DAY: u32 = 4096;
const NOT_TIME: u32 = 8192;
const NOT_MOMENT: u32 = 16384;
const NOT_UTC: u32 = 32768;
const NOT_LOCAL: u32 = 65536;
/** A moment of which nanoseconds are more than 64 bits. */
const FAR: u32 = 262144;

const SAFE: i64 = 9007199254740991;

/**
 * Looks at the fields of a column from one row on. Returns the row at which it stopped, since the number there is to be looked
 * at more closely, or how many rows there are. The result words are the bits of what was seen; the most digits behind the
 * point of numbers, and of seconds, and before the point of numbers.
 */
export function profileFields(table: usize, from: u32, rows: u32): u32 {
  let seen: u32 = 0;
  let decimals: u32 = 0;
  let fraction: u32 = 0;
  let whole: u32 = 0;
  let row = from;
  for (; row < rows; row++) {
    const field = table + (<usize>row << 3);
    const kind = kindOf(field);
    if (kind == NULL) {
      seen |= NOTHING;
      continue;
    }
    const at = startOf(field);
    const length = lengthOf(field);
    if (kind == BARE) {
      const number = readNumber(at, length);
      if (number != NO_NUMBER && number != UNSURE && wholeDigits > whole) whole = wholeDigits;
      if (number == INTEGER) {
        seen |= integer > SAFE || integer < -SAFE ? WHOLE | UNSAFE : WHOLE;
        continue;
      }
      if (number == DECIMAL) {
        seen |= FRACTION;
        if (scale > decimals) decimals = scale;
        continue;
      }
      if (number == LARGE) {
        seen |= HUGE;
        continue;
      }
      if (number == UNSURE) break;
      if (readTruth(at, length) >= 0) {
        seen |= TRUTH;
        continue;
      }
      seen |= readDay(at, length) ? DAY : readTime(at, length) ? TIME : !readMoment(at, length) ? TEXT : isUtc ? INSTANT : LOCAL;
    } else if (kind == JSON_FIELD) {
      seen |= JSON;
      continue;
    } else seen |= TEXT;
    if ((seen & NOT_MOMENT) == 0) {
      if (!readMoment(at, length)) seen |= NOT_MOMENT;
      else {
        seen |= isUtc ? NOT_LOCAL : NOT_UTC;
        if (day > MOST_NANO_DAYS || day < -MOST_NANO_DAYS) seen |= FAR;
        if (digits > fraction) fraction = digits;
      }
    }
    if ((seen & NOT_DAY) == 0 && !readDate(at, length)) seen |= NOT_DAY;
    if ((seen & NOT_TIME) == 0) {
      if (!readTime(at, length)) seen |= NOT_TIME;
      else if (digits > fraction) fraction = digits;
    }
  }
  setResult(0, seen);
  setResult(1, decimals);
  setResult(2, fraction);
  setResult(3, whole);
  return row;
}
