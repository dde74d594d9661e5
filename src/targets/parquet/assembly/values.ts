// Values of a column, of its fields. All that do this give the row that has none of the kind, or how many rows there are.

import { setResult } from "../../../sources/parquet/assembly/results";
import { isNull, lengthOf, startOf } from "./fields";
import { DECIMAL, INTEGER, NO_SCALE, UNSURE, decimal, integer, readNumber, readTruth, scale } from "./numbers";
import { MOST_NANO_DAYS, day, digits, isUtc, nanoseconds, readDate, readMoment, readTime } from "./times";

/** Marks the rows that are not null, a byte each at `levels`; gives how many these are. */
export function presentFields(table: usize, rows: u32, asText: bool, levels: usize): u32 {
  let present: u32 = 0;
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    const isThere = u32(!isNull(table, asText));
    store<u8>(levels + <usize>row, <u8>isThere);
    present += isThere;
  }
  return present;
}

/** Whole numbers, as 64 bits each. */
export function integerValues(table: usize, rows: u32, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    if (readNumber(startOf(table), lengthOf(table)) != INTEGER) return row;
    store<i64>(out, integer);
    out += 8;
  }
  return rows;
}

/**
 * Doubles, from one row on. Of a number whose double is not certain the caller finds it: it stops there. The result words are
 * where the next one goes, and whether it stopped for that.
 */
export function doubleValues(table: usize, from: u32, rows: u32, out: usize): u32 {
  setResult(1, 0);
  let row = from;
  for (; row < rows; row++) {
    const field = table + (<usize>row << 3);
    if (isNull(field, false)) continue;
    const number = readNumber(startOf(field), lengthOf(field));
    if (number == DECIMAL) store<f64>(out, decimal);
    else if (number == INTEGER && <i64><f64>integer == integer && integer >= -9007199254740992 && integer <= 9007199254740992)
      store<f64>(out, <f64>integer);
    else {
      setResult(1, usize(number != 0));
      break;
    }
    out += 8;
  }
  setResult(0, out);
  return row;
}

/** Numbers with so many decimals, as whole numbers of 64 bits: `limit` is above the greatest. */
export function decimalValues(table: usize, rows: u32, decimals: u32, limit: i64, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    const at = startOf(table);
    const length = lengthOf(table);
    const number = readNumber(at, length);
    if (number != INTEGER && number != DECIMAL && number != UNSURE) return row;
    const given = number == INTEGER ? 0 : scale;
    if (given == NO_SCALE) return row;
    const value = digitsOf(at, length, decimals);
    if (value == i64.MIN_VALUE || value >= limit || value <= -limit) return row;
    store<i64>(out, value);
    out += 8;
  }
  return rows;
}

/** The digits of a number without its point, and zeros for decimals that it has not; `MIN_VALUE` where it has others that are no zeros, or too many. */
function digitsOf(at: usize, length: usize, decimals: u32): i64 {
  let value: i64 = 0;
  let isNegative = false;
  let behind: i32 = -1;
  for (const end = at + length; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0x2d) isNegative = true;
    else if (byte == 0x2e) behind = 0;
    else if (byte >= 0x30 && byte <= 0x39) {
      if (behind >= <i32>decimals) {
        if (byte != 0x30) return i64.MIN_VALUE;
        continue;
      }
      if (value > 99999999999999999) return i64.MIN_VALUE;
      value = value * 10 + <i64>(byte - 0x30);
      if (behind >= 0) behind++;
    }
  }
  for (let left = <i32>decimals - (behind < 0 ? 0 : behind); left > 0; left--) {
    if (value > 99999999999999999) return i64.MIN_VALUE;
    value *= 10;
  }
  return isNegative ? -value : value;
}

/** 1 and 0, a byte each. */
export function truthValues(table: usize, rows: u32, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    const truth = readTruth(startOf(table), lengthOf(table));
    if (truth < 0) return row;
    store<u8>(out++, <u8>truth);
  }
  return rows;
}

/** Days, as 32 bits each: moments at which one begins in UTC are such as well. */
export function dayValues(table: usize, rows: u32, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    if (!readDate(startOf(table), lengthOf(table))) return row;
    store<i32>(out, <i32>day);
    out += 4;
  }
  return rows;
}

/** Times of the day, in parts of a second: `perPart` nanoseconds each, with so many digits. */
export function timeValues(table: usize, rows: u32, perPart: i64, most: u32, out: usize): u32 {
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    if (!readTime(startOf(table), lengthOf(table)) || digits > most) return row;
    store<i64>(out, nanoseconds / perPart);
    out += 8;
  }
  return rows;
}

/** Moments, in the same parts, from 1970 on: all of them in UTC, or none. */
export function momentValues(table: usize, rows: u32, perPart: i64, most: u32, utc: bool, out: usize): u32 {
  const perDay = 86400000000000 / perPart;
  for (let row: u32 = 0; row < rows; row++, table += 8) {
    if (isNull(table, false)) continue;
    if (!readMoment(startOf(table), lengthOf(table)) || digits > most || isUtc != utc) return row;
    if (perPart == 1 && (day > MOST_NANO_DAYS || day < -MOST_NANO_DAYS)) return row;
    store<i64>(out, day * perDay + nanoseconds / perPart);
    out += 8;
  }
  return rows;
}
