// The parent's scan of CSV: certifies rows, counts them, finds where the quoting is broken.

import { BAD, BLANKS, END, LINES, NO_QUOTE, ROWS, below, equal, holdsEither, nthBit, prefixXor, validBits } from "./masks";

/**
 * Certifies rows of CSV in [start, end): `start` is the start of a row, outside quotes. Stops behind the last whole row,
 * behind row number `maxRows`, or before the first row that breaks the quoting rules (BAD is then 1). A line with nothing
 * on it is no row, unless `keepsBlank` says that it is one, of an empty field.
 */
export function scanCsv(
  start: usize, end: usize, maxRows: u32, delimiter: u8, quote: u8, keepsBlank: bool,
): void {
  const mayBeBlank: u64 = keepsBlank ? 0 : ~(<u64>0);
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(quote);
  const quoting: u64 = quote == NO_QUOTE ? 0 : ~(<u64>0);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  let inside: u64 = 0; // all ones while a quoted field goes on from the block before
  let opens: u64 = 1; // bit 0: a quote may open at the first byte of the block
  let closed: u64 = 0; // bit 0: the byte before the block was a closing quote
  let closedCr: u64 = 0; // bit 0: the two bytes before were a closing quote and CR
  let lineEnd: u64 = 1; // bit 0: the byte before the block ended a line outside quotes
  let lineEndCr: u64 = 0; // bit 0: the two bytes before were such a line end and CR
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endRows: u32 = 0;
  let endLines: u32 = 0;
  let blanks: u32 = 0;
  let endBlanks: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  let isMixed: bool = false; // the block before held quotes or CR: so will this one
  for (let at = start; at < end; at += 64) {
    let feeds: u64;
    let rowEnds: u64;
    let blank: u64;
    let violation: u64 = 0;
    // Most blocks are of fields without quotes, in lines that end with a mere line feed.
    if (isMixed || end - at < 64 || (inside | closed | closedCr) != 0 || holdsEither(at, q, cr)) {
      const valid = validBits(end - at);
      const quotes = equal(at, q) & valid & quoting;
      feeds = equal(at, lf) & valid;
      const returns = equal(at, cr) & valid;
      const within = prefixXor(quotes) ^ inside;
      const delimiters = equal(at, d) & valid;
      if (!isMixed && at != start) opens = mayStandBefore(load<u8>(at - 1), delimiter, quote) ? 1 : 0;
      const opening = quotes & within;
      const closing = quotes & ~within;
      const mayOpen = ((delimiters | feeds | quotes) << 1) | opens;
      const afterClosing = (closing << 1) | closed;
      const crAfterClosing = afterClosing & returns;
      const afterCr = (crAfterClosing << 1) | closedCr;
      violation =
        (opening & ~mayOpen) |
        (afterClosing & ~(delimiters | feeds | returns | quotes) & valid) |
        (afterCr & ~feeds & valid);
      closed = closing >> 63;
      closedCr = crAfterClosing >> 63;
      opens = (delimiters | feeds | quotes) >> 63;
      inside = <u64>((<i64>within) >> 63);
      rowEnds = feeds & ~within;
      if (violation != 0) rowEnds &= below(ctz(violation));
      const afterLine = (rowEnds << 1) | lineEnd;
      const crAfterLine = afterLine & returns;
      blank = rowEnds & (afterLine | (crAfterLine << 1) | lineEndCr) & mayBeBlank;
      lineEndCr = crAfterLine >> 63;
      isMixed = (quotes | returns) != 0;
    } else {
      feeds = equal(at, lf);
      rowEnds = feeds;
      blank = rowEnds & ((rowEnds << 1) | lineEnd | lineEndCr) & mayBeBlank;
      lineEndCr = 0;
    }
    lineEnd = rowEnds >> 63;
    const full = rowEnds & ~blank;
    const count = <u32>popcnt(full);
    if (rows + count >= maxRows && maxRows > rows) {
      const bit = nthBit(full, maxRows - rows);
      endAt = at + <usize>bit + 1;
      endRows = maxRows;
      endLines = lines + <u32>popcnt(feeds & (below(bit) | ((<u64>1) << bit)));
      endBlanks = blanks + <u32>popcnt(blank & below(bit));
      break;
    }
    rows += count;
    if (rowEnds != 0) {
      const last: u64 = 63 - clz(rowEnds);
      endAt = at + <usize>last + 1;
      endRows = rows;
      endLines = lines + <u32>popcnt(feeds & (below(last) | ((<u64>1) << last)));
      blanks += <u32>popcnt(blank);
      endBlanks = blanks;
    }
    lines += <u32>popcnt(feeds);
    if (violation != 0) {
      bad = 1;
      break;
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, endRows);
  store<u32>(LINES, endLines);
  store<u32>(BAD, bad);
  store<u32>(BLANKS, endBlanks);
}

/** Whether a quote may open behind this byte. */
@inline
export function mayStandBefore(byte: u8, delimiter: u8, quote: u8): bool {
  return byte == delimiter || byte == 10 || byte == quote;
}
