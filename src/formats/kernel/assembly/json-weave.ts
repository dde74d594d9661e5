// Rows woven of an index of JSONL: of values that are copied from its lines, and of values that the function has computed.

import { IN_TEXT, beginAside, beginTexts, endRow, passEmpty, takeAside, takeField, takeLine, writeInteger } from "./beside";
import { copy } from "./csv-fields";
import { HEAD, INTEGER, MISSING, NESTED, NULL, NUMBER, STRING, TEXT_SCALAR } from "./json-index";

// A pattern is a list of threads of four words each: kind; the place of a value among the bytes of a row of the index, or
// the number of a computed one; where the key with its colon lies, and how long it is.
/** A value of the line. */
const CARRIED: u32 = 0;
/** The same, where the code sees it: it could change what is nested. */
const SEEN: u32 = 1;
/** A computed value; in objects one in the text with nothing before its line feed is left out with its key. */
const COMPUTED: u32 = 2;
// Any other kind is an empty field.
const THREAD: usize = 16;
const CHECK: usize = 8;

// What became of a row.
const DROPPED: u8 = 0;
/** It is kept, and written by itself, as a whole: its values cannot all be copied. */
const ASIDE: u8 = 2;

const STATE: usize = 12;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;

/**
 * Puts a byte for each row of the index at `out`: 1 for an odd one, else 0. Returns how many are odd: rows whose state has a
 * bit of `oddStates`; those with a value that is handed on and must be written by JSON.stringify, or in fields (`areFields`)
 * without its escapes; and those with a value of another kind than it must be. `checks` is a list of two words each: the
 * place of a value, and the kinds that it may be of, a bit each.
 */
export function markOddObjects(
  index: usize, rows: u32, stride: u32, start: usize,
  pattern: usize, threads: u32, checks: usize, checkCount: u32, oddStates: u32, areFields: bool, out: usize,
): u32 {
  let count: u32 = 0;
  let row = index;
  for (let at: u32 = 0; at < rows; at++, row += stride) {
    let isOdd = (load<u32>(row, STATE) & oddStates) != 0;
    let thread = pattern;
    for (let left = threads; left > 0; left--, thread += THREAD) {
      const how = load<u32>(thread);
      if (how > SEEN) continue;
      const value = row + <usize>load<u32>(thread, 4);
      const kind = load<u32>(value);
      if (kind == NESTED) {
        if (how == SEEN || load<u32>(value, 4) == 0) isOdd = true;
      } else if (kind == TEXT_SCALAR && load<u8>(start + <usize>load<u32>(value, 16)) == QUOTE) {
        // The other ones are numbers.
        if (areFields || load<u32>(value, 4) == 0) isOdd = true;
      }
    }
    let check = checks;
    for (let left = checkCount; left > 0; left--, check += CHECK) {
      const kind = load<u32>(row + <usize>load<u32>(check));
      if (((load<u32>(check, 4) >> kind) & 1) == 0) isOdd = true;
    }
    store<u8>(out + <usize>at, isOdd ? 1 : 0);
    if (isOdd) count++;
  }
  return count;
}

/**
 * Writes an object at `out` for each row of the index that is kept, and the bytes in [tail, tail + tailBytes), at most 16,
 * behind each. Computed columns and the text beside them are as in `weave`; odd rows lie at `aside`, each of as many bytes
 * as `lengths` says. Returns the address behind what was written.
 */
export function weaveLinesToObjects(
  index: usize, rows: u32, stride: u32, start: usize,
  pattern: usize, threads: u32, kept: usize, computed: usize, text: usize, aside: usize, lengths: usize,
  out: usize, tail: usize, tailBytes: u32,
): usize {
  beginTexts(text);
  beginAside(aside, lengths);
  let to = out;
  let row = index;
  for (let at: u32 = 0; at < rows; at++, row += stride) {
    const what = load<u8>(kept + <usize>at);
    if (what == DROPPED) continue;
    if (what == ASIDE) {
      to = takeAside(to);
      continue;
    }
    store<u8>(to++, 0x7b);
    const open = to;
    let thread = pattern;
    for (let left = threads; left > 0; left--, thread += THREAD) {
      const from = load<u32>(thread, 4);
      if (load<u32>(thread) <= SEEN) {
        const value = row + <usize>from;
        if (load<u32>(value) == MISSING) continue;
        const place = load<u32>(value, 16);
        to = copy(key(to, open, thread), start + <usize>place, <usize>(load<u32>(value, 20) - place));
        continue;
      }
      const value = load<i32>(computed + ((<usize>from * <usize>rows + <usize>at) << 2));
      if (value != IN_TEXT) to = writeInteger(key(to, open, thread), value);
      else if (!passEmpty()) to = takeLine(key(to, open, thread));
    }
    store<u8>(to++, 0x7d);
    to = copy(to, tail, tailBytes);
  }
  return to;
}

/** Writes a key, behind a comma where it is not the first of its object. */
@inline
function key(to: usize, open: usize, thread: usize): usize {
  if (to != open) store<u8>(to++, COMMA);
  return copy(to, load<u32>(thread, 8), load<u32>(thread, 12));
}

/**
 * Writes a row of fields at `out` for each row of the index that is kept; all else as in `weaveLinesToObjects`. With
 * `isLone` an empty field is quoted. Without quotes no field may need any.
 */
export function weaveLinesToFields(
  index: usize, rows: u32, stride: u32, start: usize,
  pattern: usize, threads: u32, kept: usize, computed: usize, text: usize, aside: usize, lengths: usize,
  out: usize, delimiter: u8, quote: u8, crlf: bool, isLone: bool,
): usize {
  beginTexts(text);
  beginAside(aside, lengths);
  let to = out;
  let row = index;
  for (let at: u32 = 0; at < rows; at++, row += stride) {
    const what = load<u8>(kept + <usize>at);
    if (what == DROPPED) continue;
    if (what == ASIDE) {
      to = takeAside(to);
      continue;
    }
    const lineStart = to;
    let thread = pattern;
    for (let left = threads; left > 0; left--, thread += THREAD) {
      const how = load<u32>(thread);
      const from = load<u32>(thread, 4);
      if (how <= SEEN) to = carry(to, start, row + <usize>from, delimiter, quote);
      else if (how == COMPUTED) {
        const value = load<i32>(computed + ((<usize>from * <usize>rows + <usize>at) << 2));
        to = value == IN_TEXT ? takeField(to, quote) : writeInteger(to, value);
      }
      store<u8>(to++, delimiter);
    }
    to = endRow(to, lineStart, quote, crlf, isLone);
  }
  return to;
}

/** Writes a value as a field: a string without its quotes, what is missing or null as nothing. */
@inline
function carry(to: usize, start: usize, value: usize, delimiter: u8, quote: u8): usize {
  const kind = load<u32>(value);
  if (kind == MISSING || kind == NULL) return to;
  const from = start + <usize>load<u32>(value, 16);
  const end = start + <usize>load<u32>(value, 20);
  if (kind == NUMBER || kind == INTEGER) return copy(to, from, end - from);
  return kind == STRING ? writeField(to, from + 1, end - 1, delimiter, quote) : writeField(to, from, end, delimiter, quote);
}

/** Copies a field, in quotes where it holds the delimiter or a quote. */
function writeField(to: usize, from: usize, end: usize, delimiter: u8, quote: u8): usize {
  const between = i8x16.splat(delimiter);
  const around = i8x16.splat(quote);
  let out = to;
  for (let at = from; at < end; at += 16, out += 16) {
    const bytes = v128.load(at);
    v128.store(out, bytes);
    const mask = <u32>i8x16.bitmask(v128.or(i8x16.eq(bytes, between), i8x16.eq(bytes, around)));
    if (mask != 0 && at + <usize>ctz<u32>(mask) < end) return writeQuoted(to, from, end, quote);
  }
  return to + (end - from);
}

function writeQuoted(to: usize, from: usize, end: usize, quote: u8): usize {
  store<u8>(to++, quote);
  for (; from < end; from++) {
    const byte = load<u8>(from);
    if (byte == quote) store<u8>(to++, quote);
    store<u8>(to++, byte);
  }
  store<u8>(to++, quote);
  return to;
}
