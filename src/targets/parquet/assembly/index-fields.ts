// Where rows end, and their fields lie.

import { setResult } from "../../../sources/parquet/assembly/results";
import { BARE, JSON, LENGTH_BITS, MOST_BYTES, NULL, QUOTED } from "./fields";

const QUOTE: u8 = 0x22;
const OPEN_LIST: u8 = 0x5b;
const OPEN_OBJECT: u8 = 0x7b;
const COMMA: u8 = 0x2c;
const LF: u8 = 0x0a;

/**
 * Makes the tables of so many columns, one behind another, of rows that are so many. Doubled quotes become single ones, in
 * their place. False where there are not so many rows, or one has not so many fields.
 */
export function indexFields(at: usize, end: usize, columns: u32, rows: u32, table: usize): bool {
  const step = <usize>rows << 3;
  for (let row: u32 = 0; row < rows; row++) {
    let field = table + (<usize>row << 3);
    for (let column: u32 = 0; column < columns; column++, field += step) {
      const behind: u8 = column + 1 < columns ? COMMA : LF;
      if (at >= end) return false;
      const first = load<u8>(at);
      const isJson = first == OPEN_OBJECT || first == OPEN_LIST;
      if (first == QUOTE || isJson) {
        if (isJson) {
          if (at + 1 >= end || load<u8>(at + 1) != QUOTE) return false;
          // Takes the place of the quote behind it.
          store<u8>(++at, first);
        }
        // The bracket is part of it, and the quote is not.
        const begin = isJson ? at : at + 1;
        const start = at + 1;
        at = quoteFrom(start, end);
        let length = at - begin;
        if (at + 1 < end && load<u8>(at + 1) == QUOTE) {
          // What follows moves up, over the first of two quotes.
          let to = at;
          while (at + 1 < end && load<u8>(at + 1) == QUOTE) {
            store<u8>(to++, QUOTE);
            const from = at + 2;
            at = quoteFrom(from, end);
            memory.copy(to, from, at - from);
            to += at - from;
          }
          length = to - begin;
        }
        at++;
        if (length > MOST_BYTES) return false;
        store<u32>(field, <u32>begin);
        store<u32>(field, <u32>length | ((isJson ? JSON : QUOTED) << LENGTH_BITS), 4);
      } else {
        const start = at;
        at = endFrom(at, end);
        const length = at - start;
        if (length > MOST_BYTES) return false;
        store<u32>(field, <u32>start);
        store<u32>(field, length == 0 ? NULL : <u32>length | (BARE << LENGTH_BITS), 4);
      }
      if (at >= end || load<u8>(at++) != behind) return false;
    }
  }
  return at == end;
}

/** The next quote. */
function quoteFrom(at: usize, end: usize): usize {
  const quotes = i8x16.splat(QUOTE);
  for (; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), quotes));
    if (found != 0) return at + <usize>ctz(found);
  }
  return end;
}

/** The next comma, or line feed. */
function endFrom(at: usize, end: usize): usize {
  const commas = i8x16.splat(COMMA);
  const feeds = i8x16.splat(LF);
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, commas), i8x16.eq(bytes, feeds)));
    if (found != 0) return at + <usize>ctz(found);
  }
  return end;
}

/**
 * Behind the end of so many rows, or of those that end before `end`. The result word is how many these are. A quote is around
 * a field, or doubled in one.
 */
export function cutRows(at: usize, end: usize, most: u32): usize {
  const quotes = i8x16.splat(QUOTE);
  const feeds = i8x16.splat(LF);
  let rows: u32 = 0;
  let behind = at;
  /** All bits are set within quotes. */
  let within: u32 = 0;
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    let inside = <u32>i8x16.bitmask(i8x16.eq(bytes, quotes));
    // Each bit becomes whether the quotes up to it are odd.
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= within;
    let found = <u32>i8x16.bitmask(i8x16.eq(bytes, feeds)) & ~inside;
    if (at + 16 > end) found &= (1 << <u32>(end - at)) - 1;
    const many = <u32>popcnt(found);
    if (rows + many >= most) {
      for (; rows + 1 < most; rows++) found &= found - 1;
      setResult(0, most);
      return at + <usize>ctz(found) + 1;
    }
    rows += many;
    if (many > 0) behind = at + 32 - <usize>clz(found);
    within = (inside & 0x8000) != 0 ? 0xffff : 0;
  }
  setResult(0, rows);
  return behind;
}
