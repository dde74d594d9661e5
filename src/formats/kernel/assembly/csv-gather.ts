// The fields of some columns of an indexed block, brought together as one text, so that only they become strings.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

/** The text so far: `units` is how many UTF-16 units it will have, once it is decoded. */
let units: i32 = 0;

/**
 * Gathers the fields of `picks` (column numbers, ascending) of all rows at `out`, row by row, quotes taken off, and
 * writes at `ends` where each ends, in UTF-16 units of the decoded text. With `latin1` the text is transcoded, one byte a
 * unit; otherwise it stays UTF-8. The bytes are UTF-8. Returns the address behind the text, or 0 when a character is not
 * of Latin-1.
 */
export function gatherText(
  entries: usize, rows: u32, columns: u32, start: usize,
  picks: usize, pickCount: u32, out: usize, ends: usize, latin1: bool, quote: u8,
): usize {
  let to = out;
  let rowStart = start;
  let row = entries;
  units = 0;
  for (let left = rows; left > 0; left--) {
    for (let pick: u32 = 0; pick < pickCount; pick++) {
      const column = load<u32>(picks + (<usize>pick << 2));
      const entry = load<i32>(row + (<usize>column << 2));
      let from = fieldStart(start, row, column, rowStart);
      let end = fieldEnd(start, entry);
      if (isQuoted(entry)) {
        from++;
        end--;
        to = gatherQuoted(to, from, end, latin1, quote);
      } else {
        to = gatherPlain(to, from, end, latin1);
      }
      if (to == 0) return 0;
      store<i32>(ends, units);
      ends += 4;
    }
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return to;
}

@inline
function gatherPlain(to: usize, from: usize, end: usize, latin1: bool): usize {
  const length = end - from;
  let done: usize = 0;
  // Whole vectors are written: what is behind the field is overwritten by the next one.
  while (done + 16 <= length) {
    const bytes = v128.load(from + done);
    if (i8x16.bitmask(bytes) != 0) return gatherBytes(to, from, end, latin1);
    v128.store(to + done, bytes);
    done += 16;
  }
  const bytes = v128.load(from + done);
  if ((i8x16.bitmask(bytes) & ((1 << <i32>(length - done)) - 1)) != 0) return gatherBytes(to, from, end, latin1);
  v128.store(to + done, bytes);
  units += <i32>length;
  return to + length;
}

function gatherBytes(to: usize, from: usize, end: usize, latin1: bool): usize {
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    if (byte < 0x80) {
      store<u8>(to++, byte);
      units++;
    } else if (latin1) {
      // Two bytes that begin with C2 or C3 are U+0080 to U+00FF.
      if (byte > 0xc3) return 0;
      at++;
      store<u8>(to++, <u8>((byte << 6) | (load<u8>(at) & 0x3f)));
      units++;
    } else {
      store<u8>(to++, byte);
      // The first byte of a character counts, one of four bytes twice: it becomes a surrogate pair.
      if (byte >= 0xc0) units += byte >= 0xf0 ? 2 : 1;
    }
  }
  return to;
}

/** What stands between the quotes, doubled quotes made single. */
function gatherQuoted(to: usize, from: usize, end: usize, latin1: bool, quote: u8): usize {
  let piece = from;
  for (let at = from; at < end; at++) {
    if (load<u8>(at) != quote) continue;
    to = gatherPlain(to, piece, at + 1, latin1);
    if (to == 0) return 0;
    piece = ++at + 1;
  }
  return piece < end ? gatherPlain(to, piece, end, latin1) : to;
}
