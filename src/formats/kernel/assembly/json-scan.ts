// The parent's scan of JSON that is no lines: elements of an array, or values one after another.

import { BAD, END, INK, LINES, ROWS } from "./masks";

// What ended a scan, in BAD.
/** A comma has no value before it. */
const EMPTY_ELEMENT: u32 = 1;
/** The closing bracket of the array was met; END is behind it, and ROWS counts the element before it. */
const ARRAY_END: u32 = 2;
/** Among values: the value behind END is an array. */
const ARRAY_START: u32 = 3;
/** Among values: what stands behind END begins no value. */
const NO_VALUE: u32 = 4;

/** White space is four characters; any other control character is text that is no JSON. */
@inline
function isSpace(byte: u8): bool {
  return byte == 0x20 || byte == 10 || byte == 13 || byte == 9;
}

/** From inside a string, where the next quotation mark, backslash or control character stands; `end` where there is none. */
@inline
function textEnd(from: usize, end: usize): usize {
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at);
    const quotes = i8x16.eq(bytes, i8x16.splat(0x22));
    const slashes = i8x16.eq(bytes, i8x16.splat(0x5c));
    const found = i8x16.bitmask(v128.or(v128.or(quotes, slashes), i8x16.lt_u(bytes, i8x16.splat(0x20))));
    if (found != 0) return at + ctz<i32>(found);
  }
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x22 || byte == 0x5c || byte < 0x20) break;
    at++;
  }
  return at;
}

/** Where the blanks end, such as those before a member on a line of its own. */
@inline
function blanksEnd(from: usize, end: usize): usize {
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const others = i8x16.bitmask(i8x16.ne(v128.load(at), i8x16.splat(0x20)));
    if (others != 0) return at + ctz<i32>(others);
  }
  while (at < end && load<u8>(at) == 0x20) at++;
  return at;
}

/**
 * Finds the ends of the elements of a JSON array: `start` lies behind its opening bracket or behind the comma of the
 * element before. Stops behind the comma of the last whole element or of element number `maxRows`. INK is 1 where an
 * element has begun behind END.
 */
export function scanJson(start: usize, end: usize, maxRows: u32): void {
  let depth: i32 = 0;
  let ink = false;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (byte <= 0x20 && isSpace(byte)) {
      if (byte == 10) {
        lines++;
        at = blanksEnd(at + 1, end) - 1;
      }
      continue;
    }
    if (byte == 0x22) {
      ink = true;
      for (at = textEnd(at + 1, end); at < end; at = textEnd(at + 1, end)) {
        const inside = load<u8>(at);
        if (inside == 0x22) break;
        // What a backslash stands before is no end.
        if (inside == 0x5c) at++;
        else if (inside == 10) lines++;
      }
    } else if (byte == 0x7b || byte == 0x5b) {
      depth++;
      ink = true;
    } else if (depth > 0) {
      if (byte == 0x7d || byte == 0x5d) depth--;
    } else if (byte == 0x2c) {
      if (!ink) {
        bad = EMPTY_ELEMENT;
        break;
      }
      ink = false;
      rows++;
      endAt = at + 1;
      endLines = lines;
      if (rows == maxRows) break;
    } else if (byte == 0x5d) {
      // A comma is the last thing in it: the next scan begins there.
      if (!ink && rows > 0) break;
      if (ink) rows++;
      endAt = at + 1;
      endLines = lines;
      bad = ARRAY_END;
      break;
    } else {
      ink = true;
    }
  }
  // Before the first whole element, LINES leads to what is wrong.
  finish(endAt, rows, bad == EMPTY_ELEMENT && rows == 0 ? lines : endLines, bad);
  store<u32>(INK, ink ? 1 : 0);
}

/**
 * Makes lines of the elements of an array, in place: white space becomes blanks, and what stands behind an element a line
 * feed. Stops behind the first element that ends `size` bytes behind the start or later, and behind the last one. BAD is 1
 * where a string holds a control character, which is no JSON, and where an element is missing; LINES counts the line feeds
 * that were there.
 */
export function lineUpJson(start: usize, end: usize, size: usize): void {
  let depth: i32 = 0;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let bad: u32 = 0;
  let hasInk = false;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x22) {
      hasInk = true;
      for (at = textEnd(at + 1, end); at < end; at = textEnd(at + 1, end)) {
        const inside = load<u8>(at);
        if (inside == 0x22) break;
        if (inside == 0x5c) at++;
        else bad = 1;
      }
    } else if (byte < 0x20) {
      store<u8>(at, 0x20);
      if (byte == 10) {
        lines++;
        at = blanksEnd(at + 1, end) - 1;
      } else if (byte != 13 && byte != 9) {
        bad = 1;
      }
    } else if (byte == 0x7b || byte == 0x5b) {
      depth++;
      hasInk = true;
    } else if (depth > 0) {
      if (byte == 0x7d || byte == 0x5d) depth--;
    } else if (byte == 0x2c || byte == 0x5d) {
      store<u8>(at, 10);
      rows++;
      if (!hasInk) bad = 1;
      hasInk = false;
      if (at + 1 - start >= size) {
        at++;
        break;
      }
    } else if (byte != 0x20) {
      hasInk = true;
    }
    at++;
  }
  finish(at, rows, lines, bad);
}

/**
 * Finds the ends of JSON values that stand one after another, with white space or nothing between them, up to number
 * `maxRows` or an array. A number, or a word, ends where another byte follows.
 */
export function scanValues(start: usize, end: usize, maxRows: u32): void {
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  let at = start;
  while (at < end && rows != maxRows) {
    const byte = load<u8>(at);
    if (isSpace(byte)) {
      if (byte == 10) lines++;
      at++;
      continue;
    }
    if (byte == 0x5b) {
      bad = ARRAY_START;
      break;
    }
    let behind: usize = 0;
    if (byte == 0x7b) behind = behindObject(at, end);
    else if (byte == 0x22) behind = behindString(at, end);
    else {
      behind = behindWord(at, end);
      if (behind == at) {
        bad = NO_VALUE;
        break;
      }
      if (behind == end) behind = 0;
    }
    if (behind == 0) break;
    for (; at < behind; at++) if (load<u8>(at) == 10) lines++;
    rows++;
    endAt = at;
    endLines = lines;
  }
  finish(endAt, rows, bad == NO_VALUE && rows == 0 ? lines : endLines, bad);
}

function finish(end: usize, rows: u32, lines: u32, bad: u32): void {
  store<u32>(END, <u32>end);
  store<u32>(ROWS, rows);
  store<u32>(LINES, lines);
  store<u32>(BAD, bad);
}

/** Behind the bracket that closes the object at `at`, whatever its kind; 0 where it is not there. */
function behindObject(at: usize, end: usize): usize {
  let depth: i32 = 0;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x22) {
      at = behindString(at, end);
      if (at == 0) return 0;
      continue;
    }
    at++;
    if (byte == 0x7b || byte == 0x5b) depth++;
    else if ((byte == 0x7d || byte == 0x5d) && --depth == 0) return at;
  }
  return 0;
}

/** Behind the quote that closes the string at `at`; 0 where it is not there. */
function behindString(at: usize, end: usize): usize {
  for (at++; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0x5c) at++;
    else if (byte == 0x22) return at + 1;
  }
  return 0;
}

/** Behind the letters, digits, signs and points of a number or a word. */
function behindWord(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    const isLetter = <u8>((byte | 0x20) - 0x61) < 26;
    if (!isLetter && !(<u8>(byte - 0x30) < 10) && byte != 0x2b && byte != 0x2d && byte != 0x2e) return at;
  }
  return end;
}
