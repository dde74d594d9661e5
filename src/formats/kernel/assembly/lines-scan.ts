// The parent's scan of JSONL.

import { BAD, END, LINES, ROWS, atLeast, below, equal, validBits } from "./masks";

/**
 * Counts lines in [start, end) that hold more than white space: the rows of JSONL. Stops behind the last line feed or
 * behind row number `maxRows`.
 */
export function scanLines(start: usize, end: usize, maxRows: u32): void {
  const lf = i8x16.splat(10);
  const printing = i8x16.splat(0x21);
  let ink: bool = false;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endAt = start;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    let feeds = equal(at, lf) & valid;
    const dark = atLeast(at, printing) & valid;
    let from: u64 = 0; // first bit of the line under way
    while (feeds != 0) {
      const bit = ctz(feeds);
      if (ink || (dark & below(bit)) >> from != 0) rows++;
      ink = false;
      from = bit + 1;
      lines++;
      endAt = at + <usize>bit + 1;
      feeds &= feeds - 1;
      if (rows == maxRows) break;
    }
    if (rows == maxRows) break;
    if (from < 64 && dark >> from != 0) ink = true;
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, lines);
  store<u32>(BAD, 0);
}
