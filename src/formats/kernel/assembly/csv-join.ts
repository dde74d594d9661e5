// Keys of rows by which a table beside them is searched, and the rows that come of it.

import { endRow } from "./beside";
import { behindRow, copy, fieldEnd, fieldStart, isQuoted } from "./csv-fields";
import { carry } from "./csv-weave";

// FNV-1a, and a finish: as src/formats/indexed/key-arrays.ts has them.
const BASIS: u32 = 0x811c9dc5;
const PRIME: u32 = 0x01000193;

/** Set in the length of a field in which quotes are doubled. */
const DOUBLED: u32 = 1 << 31;

/** Notes of each row where the field of a column lies, quotes aside, how long it is, and its hash: three words at `out`. */
export function hashFields(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, quote: u8, out: usize,
): void {
  let rowStart = start;
  let row = entries;
  for (; rows > 0; rows--) {
    const entry = load<i32>(row + (<usize>column << 2));
    let from = fieldStart(start, row, column, rowStart);
    let end = fieldEnd(start, entry);
    let doubled: u32 = 0;
    let hash = BASIS;
    if (isQuoted(entry)) {
      from++;
      end--;
      for (let at = from; at < end; at++) {
        const byte = load<u8>(at);
        if (byte == quote) doubled = DOUBLED;
        hash = (hash ^ byte) * PRIME;
      }
    } else {
      for (let at = from; at < end; at++) hash = (hash ^ load<u8>(at)) * PRIME;
    }
    hash ^= hash >>> 15;
    hash *= 0x2c1b3c6d;
    hash ^= hash >>> 12;
    hash *= 0x297a2d39;
    hash ^= hash >>> 15;
    store<u32>(out, <u32>from);
    store<u32>(out, <u32>(end - from) | doubled, 4);
    store<u32>(out, hash, 8);
    out += 12;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
}

/**
 * Writes a row at `out` for each of `count` entries of three words: the number of a row of the index, ascending, and where
 * what stands behind its fields lies, and its length. Without `adds` nothing stands there. Returns the address behind.
 */
export function weaveJoined(
  entries: usize, columns: u32, start: usize, joined: usize, count: u32, out: usize,
  delimiter: u8, quote: u8, crlf: bool, isLone: bool, adds: bool,
): usize {
  let to = out;
  let rowStart = start;
  let row = entries;
  let at: u32 = 0;
  const last = <usize>(columns - 1) << 2;
  for (; count > 0; count--) {
    for (const wanted = load<u32>(joined); at < wanted; at++) {
      rowStart = behindRow(start, load<i32>(row + last));
      row += last + 4;
    }
    const lineStart = to;
    to = carry(to, start, row, rowStart, 0, columns - 1, delimiter, quote);
    store<u8>(to++, delimiter);
    if (adds) {
      to = copy(to, <usize>load<u32>(joined, 4), <usize>load<u32>(joined, 8));
      store<u8>(to++, delimiter);
    }
    to = endRow(to, lineStart, quote, crlf, isLone);
    joined += 12;
  }
  return to;
}
