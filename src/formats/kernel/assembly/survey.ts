// What a survey of rows asks of the fields of a column: a hash by which each is known, and what a text looks like.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

// XXH64, as its specification has it (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): that of the same text in TypeScript
// is the same.
const PRIME1: u64 = 0x9e3779b185ebca87;
const PRIME2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME3: u64 = 0x165667b19e3779f9;
const PRIME4: u64 = 0x85ebca77c2b2ae63;
const PRIME5: u64 = 0x27d4eb2f165667c5;

/** Set in the length of a field in which quotes are doubled: it has no hash here. */
const DOUBLED: u32 = 1 << 31;
/** Set in that of one that stands in quotes, and is empty. */
const EMPTY_IN_QUOTES: u32 = 1 << 30;

/** Notes of each field of a column its hash (two words), where it lies, quotes aside, and its length: four words at `out`. */
export function hashColumn(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, quote: u8, out: usize,
): void {
  let rowStart = start;
  let row = entries;
  for (; rows > 0; rows--) {
    const entry = load<i32>(row + (<usize>column << 2));
    let from = fieldStart(start, row, column, rowStart);
    let end = fieldEnd(start, entry);
    let marks: u32 = 0;
    if (isQuoted(entry)) {
      from++;
      end--;
      if (from == end) marks = EMPTY_IN_QUOTES;
      for (let at = from; at < end; at++) {
        if (load<u8>(at) != quote) continue;
        marks = DOUBLED;
        break;
      }
    }
    store<u64>(out, hash(from, end));
    store<u32>(out, <u32>from, 8);
    store<u32>(out, <u32>(end - from) | marks, 12);
    out += 16;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
}

@inline
function mixed(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * PRIME2, 31) * PRIME1;
}

@inline
function merged(all: u64, lane: u64): u64 {
  return (all ^ mixed(0, lane)) * PRIME1 + PRIME4;
}

/** The hash of a text, with a seed of 0. */
function hash(from: usize, end: usize): u64 {
  const length = <u64>(end - from);
  let at = from;
  let all: u64 = PRIME5;
  if (length >= 32) {
    let a: u64 = PRIME1 + PRIME2;
    let b: u64 = PRIME2;
    let c: u64 = 0;
    let d: u64 = 0 - PRIME1;
    for (; at + 32 <= end; at += 32) {
      a = mixed(a, load<u64>(at));
      b = mixed(b, load<u64>(at, 8));
      c = mixed(c, load<u64>(at, 16));
      d = mixed(d, load<u64>(at, 24));
    }
    all = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
    all = merged(merged(merged(merged(all, a), b), c), d);
  }
  all += length;
  for (; at + 8 <= end; at += 8) all = rotl<u64>(all ^ mixed(0, load<u64>(at)), 27) * PRIME1 + PRIME4;
  if (at + 4 <= end) {
    all = rotl<u64>(all ^ (<u64>load<u32>(at) * PRIME1), 23) * PRIME2 + PRIME3;
    at += 4;
  }
  for (; at < end; at++) all = rotl<u64>(all ^ (<u64>load<u8>(at) * PRIME5), 11) * PRIME1;
  all = (all ^ (all >>> 33)) * PRIME2;
  all = (all ^ (all >>> 29)) * PRIME3;
  return all ^ (all >>> 32);
}

// What is said of a text, as the host calls it.
/** It is not ASCII: nothing else is said of it. */
const HIGH: u32 = 1;
/** It is a plain decimal number of 15 digits at most. */
const NUMBER: u32 = 2;
/** Which JavaScript would write so. */
const CANONICAL: u32 = 4;
/** It may be a number, written in another way. */
const MAYBE_NUMBER: u32 = 8;
/** It may be a date or a time. */
const MAYBE_TIME: u32 = 16;
/** It begins or ends with white space. */
const EDGE: u32 = 32;
/** There is a control character in it, beside tabs and line ends. */
const CONTROL: u32 = 64;
/** There is a line end in it. */
const LINES: u32 = 128;

const MAX_DIGITS: usize = 15;
/** Powers of ten are exact as doubles up to 10^22. */
const LEAST_PLAIN: f64 = 0.000001;
/** Signs of a pattern. */
const MAX_SIGNS: u32 = 40;
const FNV_BASIS: u64 = 0xcbf29ce484222325;
const FNV_PRIME: u64 = 0x100000001b3;

/**
 * Looks at texts, none of them empty, of which `list` has where they lie and their lengths. At `out` are, of each: the number
 * that it is (a double), a hash of its pattern where it is none (two words), and what is said of it.
 */
export function lookAtTexts(list: usize, count: u32, out: usize): void {
  for (; count > 0; count--) {
    const from = <usize>load<u32>(list);
    const length = <usize>load<u32>(list, 4);
    let marks = numberAt(from, from + length, out);
    if ((marks & NUMBER) == 0) marks |= textAt(from, length, out + 8);
    store<u32>(out, marks, 16);
    list += 8;
    out += 24;
  }
}

@inline
function isSpace(byte: u8): bool {
  return byte == 32 || <u8>(byte - 9) < 5;
}

/** Reads a text as a number. */
@inline
function numberAt(from: usize, end: usize, out: usize): u32 {
  let at = from;
  const isNegative = load<u8>(at) == 0x2d;
  if (isNegative) at++;
  const first = at;
  let value: i64 = 0;
  let point: usize = 0;
  const until = end - at > MAX_DIGITS + 1 ? at + MAX_DIGITS + 1 : end;
  for (; at < until; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit <= 9) value = value * 10 + <i64>digit;
    else if (digit == <u32>(-2) && point == 0 && at > first && at + 1 < end) point = at;
    else break;
  }
  const digits = at - first - (point == 0 ? 0 : 1);
  const hasZero = load<u8>(first) == 0x30 && at - first > 1 && point != first + 1;
  if (at < end || digits == 0 || digits > MAX_DIGITS || hasZero) return mayBeNumber(from, end) ? MAYBE_NUMBER : 0;
  let power: f64 = 1;
  if (point != 0) for (let left = end - point - 1; left > 0; left--) power *= 10;
  const size = <f64>value / power;
  store<f64>(out, isNegative && size != 0 ? -size : size);
  const isOdd =
    (isNegative && size == 0) ||
    (point != 0 && (load<u8>(end - 1) == 0x30 || (size < LEAST_PLAIN && size != 0)));
  return isOdd ? NUMBER : NUMBER | CANONICAL;
}

/** Whether there is nothing in a text but what a number may be written with. */
function mayBeNumber(from: usize, end: usize): bool {
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    if (byte - 0x30 < 10 || byte == 0x2e || byte == 0x2b || isSpace(byte)) continue;
    if ((byte | 0x20) == 0x65 && at > from) continue;
    if (byte == 0x2d && (at == from || isSpace(load<u8>(at - 1)) || (load<u8>(at - 1) | 0x20) == 0x65)) continue;
    return false;
  }
  return true;
}

/** Notes the pattern of a text, and says what is in it. */
@inline
function textAt(from: usize, length: usize, out: usize): u32 {
  const end = from + length;
  let marks: u32 = 0;
  let pattern: u64 = FNV_BASIS;
  let signs: u32 = 0;
  let last: u8 = 0;
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    let sign = byte;
    let isClass = false;
    if (<u8>((byte | 0x20) - 0x61) < 26) {
      sign = byte & 0x20 ? 0x61 : 0x41;
      isClass = true;
    } else if (<u8>(byte - 0x30) < 10) {
      sign = 0x39;
      isClass = true;
    } else if (byte == 32) isClass = true;
    else if (byte >= 0x80) return HIGH;
    else if (byte < 32) marks |= byte == 10 || byte == 13 ? LINES : byte == 9 ? 0 : CONTROL;
    else if (byte == 0x7f) marks |= CONTROL;
    if (isClass && sign == last) continue;
    last = sign;
    if (++signs <= MAX_SIGNS) pattern = (pattern ^ sign) * FNV_PRIME;
  }
  if (signs >= MAX_SIGNS) pattern ^= 1;
  store<u64>(out, pattern);
  if (isSpace(load<u8>(from)) || isSpace(load<u8>(end - 1))) marks |= EDGE;
  if (length >= 10 && load<u8>(from, 4) == 0x2d && load<u8>(from, 7) == 0x2d) marks |= MAYBE_TIME;
  return marks;
}
