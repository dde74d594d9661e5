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

/** Bytes of what is noted of a field: its hash, where it lies, its length with marks. */
const FIELD_BYTES: usize = 16;
const LENGTH: u32 = 0x3fffffff;

/**
 * Notes of each field of a column its hash (two words), where it lies, quotes aside, and its length: four words at `out`.
 * Returns the bytes of those in which quotes are doubled.
 */
export function hashColumn(
  entries: usize, rows: u32, columns: u32, start: usize, column: u32, quote: u8, out: usize,
): u32 {
  let doubled: u32 = 0;
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
        doubled += <u32>(end - from);
        break;
      }
    }
    store<u64>(out, hash(from, end));
    store<u32>(out, <u32>from, 8);
    store<u32>(out, <u32>(end - from) | marks, 12);
    out += FIELD_BYTES;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return doubled;
}

/** Writes fields in which quotes are doubled to `to`, one behind the other, with each of these once: there they lie then. */
export function undoubleFields(words: usize, rows: u32, quote: u8, to: usize): void {
  for (; rows > 0; rows--, words += FIELD_BYTES) {
    const length = load<u32>(words, 12);
    if ((length & DOUBLED) == 0) continue;
    let at = <usize>load<u32>(words, 8);
    const end = at + <usize>(length & LENGTH);
    const from = to;
    for (; at < end; at++) {
      const byte = load<u8>(at);
      store<u8>(to++, byte);
      if (byte == quote && at + 1 < end && load<u8>(at, 1) == quote) at++;
    }
    store<u64>(words, hash(from, to));
    store<u32>(words, <u32>from, 8);
    store<u32>(words, <u32>(to - from), 12);
  }
}

/**
 * Tells the different values of fields apart, of which `words` has what `hashColumn` notes. Of each row the place of its value
 * comes to `placeOf`, -1 where it is empty; of each value its hash, how often it comes, and the first row that has it. `state` has
 * the next row, how many values there are, and how many rows are empty, with quotes and without: where the table of `slots` is half
 * full, it ends at that row, for `enterAll` to fill a larger one.
 */
export function tellApart(
  words: usize, rows: u32, placeOf: usize, hashes: usize, counts: usize, firsts: usize, slots: usize, slotCount: u32,
  state: usize,
): void {
  let row = load<u32>(state);
  let size = load<u32>(state, 4);
  const mask = slotCount - 1;
  const most = slotCount >> 1;
  for (; row < rows; row++) {
    const field = words + <usize>row * FIELD_BYTES;
    const length = load<u32>(field, 12);
    const to = placeOf + (<usize>row << 2);
    if ((length & LENGTH) == 0) {
      store<i32>(to, -1);
      const kind = length == 0 ? state + 12 : state + 8;
      store<u32>(kind, load<u32>(kind) + 1);
      continue;
    }
    const hash = load<u64>(field);
    let slot = <u32>hash & mask;
    let place = load<u32>(slots + (<usize>slot << 2));
    while (place != 0 && load<u64>(hashes + (<usize>(place - 1) << 3)) != hash) {
      slot = (slot + 1) & mask;
      place = load<u32>(slots + (<usize>slot << 2));
    }
    if (place == 0) {
      if (size == most) break;
      const at = <usize>size << 2;
      place = ++size;
      store<u32>(slots + (<usize>slot << 2), place);
      store<u64>(hashes + (at << 1), hash);
      store<u32>(counts + at, 1);
      store<u32>(firsts + at, row);
    } else {
      const at = counts + (<usize>(place - 1) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    store<u32>(to, place - 1);
  }
  store<u32>(state, row);
  store<u32>(state, size, 4);
}

/** Enters values that were told apart into an empty table. */
export function enterAll(hashes: usize, size: u32, slots: usize, slotCount: u32): void {
  memory.fill(slots, 0, <usize>slotCount << 2);
  const mask = slotCount - 1;
  for (let place: u32 = 0; place < size; place++) {
    let slot = load<u32>(hashes + (<usize>place << 3)) & mask;
    while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
    store<u32>(slots + (<usize>slot << 2), place + 1);
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
export const NUMBER: u32 = 2;
/** Which JavaScript would write so. */
export const CANONICAL: u32 = 4;
/** It may be a number, written in another way. */
const MAYBE_NUMBER: u32 = 8;
/** It may be a date or a time. */
const MAYBE_TIME: u32 = 16;
/** It begins or ends with white space. */
const EDGE: u32 = 32;
/** There is a control character in it, beside tabs and line ends. */
const CONTROL: u32 = 64;
/** There is a line end in it. */
export const LINES: u32 = 128;

const MAX_DIGITS: usize = 15;
/** Powers of ten are exact as doubles up to 10^22. */
const LEAST_PLAIN: f64 = 0.000001;
/** Signs of a pattern. */
const MAX_SIGNS: u32 = 40;
const FNV_BASIS: u64 = 0xcbf29ce484222325;
const FNV_PRIME: u64 = 0x100000001b3;

/**
 * Looks at values, none of them empty: `words` has where rows have theirs, `firsts` a row of each. Of each value come the number that
 * it is, a time that it is not, what is said of it, its length in bytes, and for `tellApart` the hash of its pattern, with a length
 * of 0 where there is none. Returns all that is said of any.
 */
export function lookAtValues(
  words: usize, firsts: usize, count: u32, numbers: usize, times: usize, marksOf: usize, lengths: usize, patterns: usize,
): u32 {
  let all: u32 = 0;
  for (; count > 0; count--) {
    const field = words + <usize>load<u32>(firsts) * FIELD_BYTES;
    const from = <usize>load<u32>(field, 8);
    const length = <usize>load<u32>(field, 12);
    store<f64>(numbers, NaN);
    store<f64>(times, NaN);
    let marks = numberAt(from, from + length, numbers);
    let hasPattern: u32 = 0;
    if ((marks & NUMBER) == 0) {
      marks |= textAt(from, length, patterns);
      if ((marks & HIGH) == 0) hasPattern = 1;
    }
    all |= marks;
    store<u32>(marksOf, marks);
    store<u32>(lengths, <u32>length);
    store<u32>(patterns, hasPattern, 12);
    firsts += 4;
    numbers += 8;
    times += 8;
    marksOf += 4;
    lengths += 4;
    patterns += FIELD_BYTES;
  }
  return all;
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
