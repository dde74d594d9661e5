// Objects of JSON, woven of fields that are copied from an index of CSV and of values that the function has computed.

import { IN_TEXT, PASSED_OVER, beginTexts, passEmpty, takeLine, writeInteger } from "./beside";
import { behindRow, copy, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

// A pattern is a list of threads of four words each: kind; the number of an input column, or of a computed one; where the key
// with its colon lies, and how long it is.
/** A field as a string. */
const TEXT: u32 = 0;
/** A field that is a number as JSON has it, or empty, which is null. */
const NUMBER: u32 = 1;
// Any other kind is a computed value; one in the text with nothing before its line feed is left out with its key.
const THREAD: usize = 16;

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
const COMMA: u8 = 0x2c;

/**
 * Writes an object at `out` for each row of the index that is kept, and the bytes in [tail, tail + tailBytes), at most 16,
 * behind each. What is kept, computed columns, the text beside them, and `ends` are as in `weave`. Returns the address
 * behind what was written.
 */
export function weaveObjects(
  entries: usize, rows: u32, columns: u32, start: usize,
  pattern: usize, threads: u32, kept: usize, computed: usize, text: usize, out: usize,
  tail: usize, tailBytes: u32, ends: usize,
): usize {
  beginTexts(text);
  let to = out;
  let rowStart = start;
  let row = entries;
  for (let at: u32 = 0; at < rows; at++) {
    const what = load<u8>(kept + <usize>at);
    if (what != 0) {
      const objectStart = to;
      store<u8>(to++, 0x7b);
      const open = to;
      let thread = pattern;
      for (let left = threads; left > 0; left--, thread += THREAD) {
        const kind = load<u32>(thread);
        const column = load<u32>(thread, 4);
        if (kind <= NUMBER) {
          to = key(to, open, thread);
          const entry = load<i32>(row + (<usize>column << 2));
          let from = fieldStart(start, row, column, rowStart);
          let end = fieldEnd(start, entry);
          if (isQuoted(entry)) {
            from++;
            end--;
          }
          if (kind == TEXT) to = writeString(to, from, end);
          else if (from == end) {
            store<u32>(to, 0x6c6c756e);
            to += 4;
          } else to = copy(to, from, end - from);
          continue;
        }
        const value = load<i32>(computed + ((<usize>column * <usize>rows + <usize>at) << 2));
        if (value != IN_TEXT) to = writeInteger(key(to, open, thread), value);
        else if (!passEmpty()) to = takeLine(key(to, open, thread));
      }
      store<u8>(to++, 0x7d);
      to = what == PASSED_OVER ? objectStart : copy(to, tail, tailBytes);
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

/** Writes a key, behind a comma where it is not the first of its object. */
@inline
function key(to: usize, open: usize, thread: usize): usize {
  if (to != open) store<u8>(to++, COMMA);
  return copy(to, load<u32>(thread, 8), load<u32>(thread, 12));
}

/** Writes the text of a field as a string: a quote in it stands there twice, as only quoted fields hold one. */
function writeString(to: usize, from: usize, end: usize): usize {
  const quote = i8x16.splat(QUOTE);
  const backslash = i8x16.splat(BACKSLASH);
  const space = i8x16.splat(0x20);
  store<u8>(to++, QUOTE);
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const special = v128.or(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)), i8x16.lt_u(bytes, space));
    const mask = <u32>i8x16.bitmask(special);
    const plain = <usize>(mask == 0 ? 16 : ctz<u32>(mask));
    if (from + plain >= end) {
      to += end - from;
      break;
    }
    to += plain;
    from += plain;
    if (mask == 0) continue;
    const byte = load<u8>(from++);
    store<u8>(to++, BACKSLASH);
    if (byte == QUOTE) {
      store<u8>(to++, QUOTE);
      from++;
    } else if (byte == BACKSLASH) store<u8>(to++, BACKSLASH);
    else to = writeControl(to, byte);
  }
  store<u8>(to++, QUOTE);
  return to;
}

/** What stands behind the backslash for a control character, as JSON.stringify has it. */
function writeControl(to: usize, byte: u8): usize {
  switch (byte) {
    case 8:
      store<u8>(to, 0x62); // b
      return to + 1;
    case 9:
      store<u8>(to, 0x74); // t
      return to + 1;
    case 10:
      store<u8>(to, 0x6e); // n
      return to + 1;
    case 12:
      store<u8>(to, 0x66); // f
      return to + 1;
    case 13:
      store<u8>(to, 0x72); // r
      return to + 1;
    default:
      store<u32>(to, 0x30303075); // u000
      if (byte >= 16) store<u8>(to, 0x31, 3);
      store<u8>(to, hexDigit(byte & 15), 4);
      return to + 5;
  }
}

@inline
function hexDigit(value: u8): u8 {
  return value + (value < 10 ? 0x30 : 0x57);
}
