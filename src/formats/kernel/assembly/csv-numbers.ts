// Numbers of a column, read from the bytes of an indexed block.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

/** So many digits are an integer below 2^53, exact as a double. */
const MAX_DIGITS: usize = 15;

/**
 * Reads the fields of a column as doubles at `out`. A field is a sign or none, digits and, with `fractions`, a point and
 * digits, of 15 digits at most: then the double is the one nearest to the number, as both parts of the one division are
 * exact. Returns how many rows from the first on are such numbers.
 */
export function gatherNumbers(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, out: usize, fractions: bool,
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
    let isNegative = false;
    if (at < end && load<u8>(at) == 0x2d) {
      isNegative = true;
      at++;
    }
    const length = end - at;
    // The point is one of them.
    if (length == 0 || length > MAX_DIGITS + 1) return done;
    let value: i64 = 0;
    let point: usize = 0;
    const first = at;
    for (; at < end; at++) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit <= 9) value = value * 10 + <i64>digit;
      else if (fractions && digit == <u32>(-2) && point == 0 && at > first && at + 1 < end) point = at;
      else return done;
    }
    if (point == 0 && length > MAX_DIGITS) return done;
    let number = <f64>value;
    // Powers of ten are exact as doubles up to 10^22.
    let power: f64 = 1;
    if (point != 0) for (let digits = end - point - 1; digits > 0; digits--) power *= 10;
    number /= power;
    store<f64>(out, isNegative ? -number : number);
    out += 8;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return rows;
}
