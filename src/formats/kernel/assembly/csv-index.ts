// The worker's index of a block of CSV.

import { QUOTED, ROW_END } from "./csv-fields";
import { mayStandBefore } from "./csv-scan";
import {
  ASCII,
  BAD,
  BLANKS,
  END,
  LINES,
  NO_QUOTE,
  RETURNS,
  ROWS,
  atLeast,
  below,
  continuation,
  equal,
  highBits,
  holdsEither,
  prefixXor,
  validBits,
} from "./masks";

/**
 * Index of CSV in [start, end): for every field an i32 at `out` with the position of the delimiter or line feed behind it,
 * counted from `start`, and flags. Positions are bytes or, with `inUnits`, UTF-16 code units of the decoded text: the same
 * where all is ASCII. Ends with the last whole row. Returns the number of entries. With `keepsBlank` a line with nothing on
 * it is a row of one empty field. BAD is 0 behind it where the quoting is right, by the rules of `scanCsv`; else the index
 * says nothing.
 */
export function indexCsv(
  start: usize,
  end: usize,
  out: usize,
  delimiter: u8,
  quote: u8,
  keepsBlank: bool,
  inUnits: bool,
): u32 {
  const mayBeBlank: u64 = keepsBlank ? 0 : ~(<u64>0);
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(quote);
  const quoting: u64 = quote == NO_QUOTE ? 0 : ~(<u64>0);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  const four = i8x16.splat(<i8>0xf0);
  let inside: u64 = 0;
  let opens: u64 = 1; // as in scanCsv, and the next two
  let closed: u64 = 0;
  let closedCr: u64 = 0;
  let violations: u64 = 0;
  let blanks: u32 = 0;
  let quote1: u64 = 0; // bit 0: the byte before the block is a quote
  let quote2: u64 = 0; // bits 0 and 1: the bytes two and one before
  let return1: u64 = 0;
  let lineEnd: u64 = 1;
  let lineEndCr: u64 = 0;
  let shift: i32 = 0; // UTF-16 units less bytes, up to this block
  let to = out;
  let rowEndTo = out;
  let endAt = start;
  let rows: u32 = 0;
  let high: u64 = 0;
  let highAtEnd: u64 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  let bare: u32 = 0;
  let bareAtEnd: u32 = 0;
  let isMixed: bool = false; // the block before held quotes or CR: so will this one
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    let feeds: u64;
    let rowEnds: u64;
    let bits: u64;
    let blank: u64;
    let quoted: u64 = 0;
    let afterReturn: u64 = 0;
    let bareReturns: u64 = 0;
    // Most blocks are of fields without quotes, in lines that end with a mere line feed.
    if (isMixed || (inside | quote1 | quote2 | return1) != 0 || holdsEither(at, q, cr)) {
      const quotes = equal(at, q) & valid & quoting;
      feeds = equal(at, lf) & valid;
      const returns = equal(at, cr) & valid;
      if (!isMixed && at != start) opens = mayStandBefore(load<u8>(at - 1), delimiter, quote) ? 1 : 0;
      isMixed = (quotes | returns) != 0;
      const within = prefixXor(quotes) ^ inside;
      inside = <u64>((<i64>within) >> 63);
      rowEnds = feeds & ~within;
      const delimiters = equal(at, d) & valid;
      bits = rowEnds | (delimiters & ~within);
      const closing = quotes & ~within;
      const mayOpen = ((delimiters | feeds | quotes) << 1) | opens;
      const afterClosing = (closing << 1) | closed;
      const crAfterClosing = afterClosing & returns;
      const afterCr = (crAfterClosing << 1) | closedCr;
      violations |=
        (quotes & within & ~mayOpen) |
        (afterClosing & ~(delimiters | feeds | returns | quotes) & valid) |
        (afterCr & ~feeds & valid);
      closed = closing >> 63;
      closedCr = crAfterClosing >> 63;
      opens = (delimiters | feeds | quotes) >> 63;
      afterReturn = (returns << 1) | return1;
      quoted = (quotes << 1) | quote1 | (((quotes << 2) | quote2) & afterReturn & feeds);
      const afterLine = (rowEnds << 1) | lineEnd;
      const crAfterLine = afterLine & returns;
      blank = rowEnds & (afterLine | (crAfterLine << 1) | lineEndCr) & mayBeBlank;
      quote1 = quotes >> 63;
      quote2 = quotes >> 62;
      return1 = returns >> 63;
      lineEndCr = crAfterLine >> 63;
      bareReturns = returns & ~within;
    } else {
      feeds = equal(at, lf) & valid;
      rowEnds = feeds;
      bits = feeds | (equal(at, d) & valid);
      blank = rowEnds & ((rowEnds << 1) | lineEnd) & mayBeBlank;
    }
    const bytesHigh = highBits(at) & valid;
    lineEnd = rowEnds >> 63;
    rows += <u32>popcnt(rowEnds & ~blank);
    blanks += <u32>popcnt(blank);
    if (rowEnds != 0) {
      const last: u64 = 63 - clz(rowEnds);
      endAt = at + <usize>last + 1;
      endLines = lines + <u32>popcnt(feeds & (below(last) | ((<u64>1) << last)));
      highAtEnd = high | (bytesHigh & below(last));
      bareAtEnd = bare + <u32>popcnt(bareReturns & below(last)) - <u32>popcnt(rowEnds & afterReturn);
    }
    lines += <u32>popcnt(feeds);
    // Those before a line end are taken off again, in the next block where this one ends between the two.
    bare += <u32>popcnt(bareReturns) - <u32>popcnt(rowEnds & afterReturn);
    const base = <i32>(at - start) + shift;
    high |= bytesHigh;
    if (bytesHigh == 0 || !inUnits) {
      const count = popcnt(bits);
      let next = to;
      // Four at a time: what is too much is overwritten by the next ones.
      for (let rest = bits; rest != 0; next += 16) {
        store<i32>(next, base + <i32>ctz(rest));
        rest &= rest - 1;
        store<i32>(next, base + <i32>ctz(rest), 4);
        rest &= rest - 1;
        store<i32>(next, base + <i32>ctz(rest), 8);
        rest &= rest - 1;
        store<i32>(next, base + <i32>ctz(rest), 12);
        rest &= rest - 1;
      }
      for (let rest = quoted & bits; rest != 0; rest &= rest - 1) {
        const entry = to + ((<usize>popcnt(bits & below(ctz(rest)))) << 2);
        store<i32>(entry, load<i32>(entry) | QUOTED);
      }
      for (let rest = rowEnds; rest != 0; rest &= rest - 1) {
        const bit = ctz(rest);
        const entry = to + ((<usize>popcnt(bits & below(bit))) << 2);
        const flags = ROW_END | ((<i32>((afterReturn >> bit) & 1)) << 29) | ((<i32>((blank >> bit) & 1)) << 28);
        store<i32>(entry, load<i32>(entry) | flags);
        rowEndTo = entry + 4;
      }
      to += (<usize>count) << 2;
    } else {
      const tails = continuation(at) & valid;
      const pairs = atLeast(at, four) & valid;
      while (bits != 0) {
        const bit = ctz(bits);
        const before = below(bit);
        const position = base + <i32>bit - <i32>popcnt(tails & before) + <i32>popcnt(pairs & before);
        let entry = position | ((<i32>((quoted >> bit) & 1)) << 31);
        if ((rowEnds >> bit) & 1) {
          entry |= ROW_END | ((<i32>((afterReturn >> bit) & 1)) << 29) | ((<i32>((blank >> bit) & 1)) << 28);
          rowEndTo = to + 4;
        }
        store<i32>(to, entry);
        to += 4;
        bits &= bits - 1;
      }
      shift += <i32>popcnt(pairs) - <i32>popcnt(tails);
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, endLines);
  store<u32>(BAD, violations == 0 ? 0 : 1);
  store<u32>(BLANKS, blanks);
  store<u32>(ASCII, highAtEnd == 0 ? 1 : 0);
  store<u32>(RETURNS, bareAtEnd);
  return <u32>((rowEndTo - out) >> 2);
}
