// Numbers of a column, read from the bytes of an indexed block.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";
import { DECIMALS } from "./masks";

/** So many digits are an integer below 2^53, exact as a double. */
const MAX_DIGITS: usize = 15;

// What a field may be, as the host calls it.
/** Digits, with a sign before them or not. */
const WHOLE: u32 = 0;
// 1: a point and digits may follow.
/** As ECMAScript's Number() reads a text: an empty one is 0, one that begins with a letter is NaN. */
const AS_NUMBER: u32 = 2;
/** As 1, and an empty one is NaN. */
const OR_MISSING: u32 = 3;
/** As 0, and an empty one is NaN. */
const WHOLE_OR_MISSING: u32 = 4;
/** As 3, without leading zeros: what begins with one is an id. */
const NO_LEADING_ZERO: u32 = 5;
/** No number: `true`, `false` or nothing, of which no value is given. */
const TRUTH: u32 = 6;

/**
 * Reads the fields of a column as doubles at `out`. Digits are 15 at most: then the double is the one nearest to the
 * number, as both parts of the one division are exact. Returns how many rows from the first on are such numbers.
 */
export function gatherNumbers(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, out: usize, kind: u32,
): u32 {
  let rowStart = start;
  let row = entries;
  for (let done: u32 = 0; done < rows; done++) {
    const entry = load<i32>(row + (<usize>column << 2));
    let at = fieldStart(start, row, column, rowStart);
    let end = fieldEnd(start, entry);
    if (isQuoted(entry)) {
      at++;
      end--;
    }
    let number: f64 = 0;
    if (kind == TRUTH) {
      if (at < end && !isTruth(at, end - at)) return done;
    } else if (at < end) {
      const isNegative = load<u8>(at) == 0x2d;
      if (isNegative) at++;
      const length = end - at;
      // The point is one of them.
      if (length == 0 || length > MAX_DIGITS + 1) return done;
      let value: i64 = 0;
      let point: usize = 0;
      const first = at;
      for (; at < end; at++) {
        const digit = <u32>load<u8>(at) - 0x30;
        if (digit <= 9) value = value * 10 + <i64>digit;
        else if (kind != WHOLE && kind != WHOLE_OR_MISSING && digit == <u32>(-2) && point == 0 && at > first && at + 1 < end) point = at;
        else break;
      }
      if (at < end) {
        if (kind != AS_NUMBER || isNegative || at > first || !isLetter(load<u8>(at))) return done;
        number = NaN;
      } else {
        if (point == 0 && length > MAX_DIGITS) return done;
        if (kind == NO_LEADING_ZERO && load<u8>(first) == 0x30 && length > 1 && point != first + 1) return done;
        // Powers of ten are exact as doubles up to 10^22.
        let power: f64 = 1;
        if (point != 0) for (let digits = end - point - 1; digits > 0; digits--) power *= 10;
        number = <f64>value / power;
        if (isNegative) number = -number;
      }
    } else if (kind >= OR_MISSING) number = NaN;
    else if (kind != AS_NUMBER) return done;
    store<f64>(out, number);
    out += 8;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return rows;
}

/**
 * Reads the fields of a column as decimals: their digits without the point, as a whole number, at `out`, NaN for an empty
 * field; how many of them are decimals, a byte each, at `scales`. Digits are 15 at most. DECIMALS is the most decimals.
 * Returns how many rows from the first on are such numbers.
 */
export function gatherDecimals(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, out: usize, scales: usize,
): u32 {
  let rowStart = start;
  let row = entries;
  let most: usize = 0;
  for (let done: u32 = 0; done < rows; done++) {
    const entry = load<i32>(row + (<usize>column << 2));
    let at = fieldStart(start, row, column, rowStart);
    let end = fieldEnd(start, entry);
    if (isQuoted(entry)) {
      at++;
      end--;
    }
    let digits: f64 = NaN;
    let decimals: usize = 0;
    if (at < end) {
      const isNegative = load<u8>(at) == 0x2d;
      if (isNegative) at++;
      const length = end - at;
      // The point is one of them.
      if (length == 0 || length > MAX_DIGITS + 1) return done;
      let value: i64 = 0;
      let point: usize = 0;
      const first = at;
      for (; at < end; at++) {
        const digit = <u32>load<u8>(at) - 0x30;
        if (digit <= 9) value = value * 10 + <i64>digit;
        else if (digit == <u32>(-2) && point == 0 && at > first && at + 1 < end) point = at;
        else return done;
      }
      if (point == 0 && length > MAX_DIGITS) return done;
      if (point != 0) {
        decimals = end - point - 1;
        if (decimals > most) most = decimals;
      }
      digits = <f64>(isNegative ? -value : value);
    }
    store<f64>(out, digits);
    store<u8>(scales++, <u8>decimals);
    out += 8;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  store<u32>(DECIMALS, <u32>most);
  return rows;
}

@inline
function isTruth(at: usize, length: usize): bool {
  const word = load<u32>(at);
  // "true", or "fals" and an "e".
  return length == 4 ? word == 0x65757274 : length == 5 && word == 0x736c6166 && load<u8>(at, 4) == 0x65;
}

/** A letter that no text begins with which Number() reads: that is "Infinity". */
@inline
function isLetter(byte: u8): bool {
  return <u8>((byte | 0x20) - 0x61) < 26 && byte != 0x49;
}
