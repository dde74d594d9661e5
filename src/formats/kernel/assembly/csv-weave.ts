// Output rows of CSV, woven of fields that are copied from the input and of values that the function has computed.

import { CR, IN_TEXT, LF, PASSED_OVER, beginTexts, endRow, takeField, writeInteger } from "./beside";
import { behindRow, copy, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

// A pattern is a list of threads of three words each: kind, and two numbers.
/** The fields of the input columns from the one number to the other, in their order. */
const CARRIED: u32 = 0;
/** The values of a computed column, by its number. */
const COMPUTED: u32 = 1;
/** Fields in the same way, which are texts: each in quotes. */
const TEXTS: u32 = 3;
/** The same, but nothing is null, and no text. */
const TEXTS_OR_NULL: u32 = 4;
// Any other kind is an empty field.

/**
 * Writes a row at `out` for each row of the index whose byte at `kept` is 1. Where it is 2, the texts of the row are passed
 * over.
 *
 * Computed columns lie at `computed`, one behind the other, an i32 a row; where that is `IN_TEXT`, the field is the next of
 * those at `text`: written fields, each with a line feed behind it. With `isLone` an empty field is quoted. Where each row
 * ends, counted from `out`, is put at `ends`, unless that is 0. Returns the address behind what was written.
 */
export function weave(
  entries: usize, rows: u32, columns: u32, start: usize,
  pattern: usize, threads: u32, kept: usize, computed: usize, text: usize, out: usize,
  delimiter: u8, quote: u8, crlf: bool, isLone: bool, ends: usize,
): usize {
  beginTexts(text);
  let to = out;
  let rowStart = start;
  let row = entries;
  for (let at: u32 = 0; at < rows; at++) {
    const what = load<u8>(kept + <usize>at);
    if (what != 0) {
      let thread = pattern;
      const lineStart = to;
      for (let left = threads; left > 0; left--) {
        const kind = load<u32>(thread);
        const first = load<u32>(thread, 4);
        if (kind == CARRIED) {
          to = carry(to, start, row, rowStart, first, load<u32>(thread, 8), delimiter, quote);
        } else if (kind == TEXTS || kind == TEXTS_OR_NULL) {
          to = carryTexts(to, start, row, rowStart, first, load<u32>(thread, 8), delimiter, quote, kind == TEXTS);
        } else if (kind == COMPUTED) {
          const value = load<i32>(computed + ((<usize>first * <usize>rows + <usize>at) << 2));
          to = value == IN_TEXT ? takeField(to, quote) : writeInteger(to, value);
        }
        store<u8>(to++, delimiter);
        thread += 12;
      }
      to = what == PASSED_OVER ? lineStart : endRow(to, lineStart, quote, crlf, isLone);
      if (ends != 0 && what != PASSED_OVER) {
        store<u32>(ends, <u32>(to - out));
        ends += 4;
      }
    }
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return to;
}

@inline
export function carry(
  to: usize, start: usize, row: usize, rowStart: usize, first: u32, last: u32, delimiter: u8, quote: u8,
): usize {
  let flags: i32 = 0;
  for (let column = first; column <= last; column++) flags |= load<i32>(row + (<usize>column << 2));
  const from = fieldStart(start, row, first, rowStart);
  if (flags >= 0) return copy(to, from, fieldEnd(start, load<i32>(row + (<usize>last << 2))) - from);
  for (let column = first; column <= last; column++) {
    const entry = load<i32>(row + (<usize>column << 2));
    const at = fieldStart(start, row, column, rowStart);
    const end = fieldEnd(start, entry);
    if (isQuoted(entry) && !needsQuotes(at + 1, end - 1, delimiter, quote)) to = copy(to, at + 1, end - at - 2);
    else to = copy(to, at, end - at);
    if (column < last) store<u8>(to++, delimiter);
  }
  return to;
}

function carryTexts(
  to: usize, start: usize, row: usize, rowStart: usize, first: u32, last: u32, delimiter: u8, quote: u8, isAlways: bool,
): usize {
  for (let column = first; column <= last; column++) {
    const entry = load<i32>(row + (<usize>column << 2));
    let at = fieldStart(start, row, column, rowStart);
    let end = fieldEnd(start, entry);
    if (end > at || isAlways) {
      if (isQuoted(entry)) {
        at++;
        end--;
      }
      store<u8>(to++, quote);
      to = copy(to, at, end - at);
      store<u8>(to++, quote);
    }
    if (column < last) store<u8>(to++, delimiter);
  }
  return to;
}

function needsQuotes(at: usize, end: usize, delimiter: u8, quote: u8): bool {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == delimiter || byte == quote || byte == LF || byte == CR) return true;
  }
  return false;
}
