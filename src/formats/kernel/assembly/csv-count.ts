// Counts special bytes in written text: in CSV to prove that no field needed quotes, in JSON that no string needed an escape.

import { ASCII, BAD, END, LINES, ROWS, atLeast, equal, validBits } from "./masks";

/**
 * Counts delimiters (END), line feeds (ROWS), quotes (LINES), carriage returns (BAD) and all control characters (ASCII)
 * in [start, end).
 */
export function countBytes(start: usize, end: usize, delimiter: u8): void {
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(34);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  const space = i8x16.splat(0x20);
  let delimiters: u32 = 0;
  let feeds: u32 = 0;
  let quotes: u32 = 0;
  let returns: u32 = 0;
  let controls: u32 = 0;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    delimiters += <u32>popcnt(equal(at, d) & valid);
    feeds += <u32>popcnt(equal(at, lf) & valid);
    quotes += <u32>popcnt(equal(at, q) & valid);
    returns += <u32>popcnt(equal(at, cr) & valid);
    controls += <u32>popcnt(~atLeast(at, space) & valid);
  }
  store<u32>(END, delimiters);
  store<u32>(ROWS, feeds);
  store<u32>(LINES, quotes);
  store<u32>(BAD, returns);
  store<u32>(ASCII, controls);
}
