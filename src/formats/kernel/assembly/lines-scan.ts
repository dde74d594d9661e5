// The parent's scan of JSONL.

import { BAD, END, LINES, ROWS, equal, validBits } from "./masks";

/**
 * Counts lines in [start, end) that hold more than white space: the rows of JSONL. Stops behind the last line feed or
 * behind row number `maxRows`.
 */
export function scanLines(start: usize, end: usize, maxRows: u32): void {
  const lf = i8x16.splat(10);
  let line = start;
  let rows: u32 = 0;
  let lines: u32 = 0;
  for (let at = start; at < end && rows != maxRows; at += 64) {
    for (let feeds = equal(at, lf) & validBits(end - at); feeds != 0 && rows != maxRows; feeds &= feeds - 1) {
      const feed = at + <usize>ctz(feeds);
      if (holdsInk(line, feed)) rows++;
      lines++;
      line = feed + 1;
    }
  }
  store<u32>(END, <u32>line);
  store<u32>(ROWS, rows);
  store<u32>(LINES, lines);
  store<u32>(BAD, 0);
}

/** Whether one of the bytes is no white space of JSON: nearly always the first is above a space. */
@inline
function holdsInk(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte > 0x20 || (byte != 0x20 && byte != 0x09 && byte != 0x0d)) return true;
  }
  return false;
}
