// The parent's scan of a JSON array.

import { BAD, END, INK, LINES, ROWS } from "./masks";

/**
 * Finds the ends of the elements of a JSON array: `start` lies behind its opening bracket or behind the comma of the
 * element before. Stops behind the comma of the last whole element or of element number `maxRows`. BAD is 1 where an
 * element is empty (two commas), 2 where the closing bracket of the array was met (END is then behind it, and ROWS
 * counts the element before it).
 */
export function scanJson(start: usize, end: usize, maxRows: u32): void {
  let depth: i32 = 0;
  let inString = false;
  let escaped = false;
  let ink = false;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (inString) {
      if (escaped) escaped = false;
      else if (byte == 0x5c) escaped = true;
      else if (byte == 0x22) inString = false;
      else if (byte == 10) lines++;
      continue;
    }
    if (byte <= 0x20) {
      if (byte == 10) lines++;
      continue;
    }
    if (byte == 0x22) {
      inString = true;
      ink = true;
    } else if (byte == 0x7b || byte == 0x5b) {
      depth++;
      ink = true;
    } else if (depth > 0) {
      if (byte == 0x7d || byte == 0x5d) depth--;
    } else if (byte == 0x2c) {
      if (!ink) {
        bad = 1;
        break;
      }
      ink = false;
      rows++;
      endAt = at + 1;
      endLines = lines;
      if (rows == maxRows) break;
    } else if (byte == 0x5d) {
      if (ink) rows++;
      endAt = at + 1;
      endLines = lines;
      bad = 2;
      break;
    } else {
      ink = true;
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, endLines);
  store<u32>(BAD, bad);
  store<u32>(INK, ink ? 1 : 0);
}
