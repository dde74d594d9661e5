// Arrays and objects within the values of a row: certified, and passed over.

import { below } from "./masks";
import { SPELLED, hasEscape, isCanonical, isDigit, literalEnd, marks, numberEnd, setCanonical, setMarks, setSpaced, stringEnd } from "./json-scalars";

/** What is nested deeper is left to JSON.parse. */
const MAX_DEPTH: u32 = 64;
/** Of so many keys of an object it is found out whether one stands there twice. */
const MAX_COMPARED_KEYS: u32 = 32;
/** Bytes of an entry in the list of an object's keys: address and length. */
const KEY: usize = 8;
/** Room for the keys of all objects that are open at once. */
export const NESTED_KEYS_BYTES: usize = <usize>MAX_DEPTH * <usize>MAX_COMPARED_KEYS * KEY;

/** The first byte at or behind `at` that is no white space; a line feed is none here. */
@inline
export function behindSpace(at: usize): usize {
  const byte = load<u8>(at);
  return byte > 0x20 ? at : behindSpaces(at);
}

function behindSpaces(at: usize): usize {
  while (true) {
    const byte = load<u8>(at);
    if (byte != 0x20 && byte != 0x09 && byte != 0x0d) return at;
    setSpaced(true);
    at++;
  }
}

/** Behind any JSON value at `at`; 0 as in json-scalars. `keys` is room for the keys of the objects in it. */
export function valueEnd(at: usize, depth: u32, keys: usize): usize {
  const byte = load<u8>(at);
  if (byte == 0x22) {
    const end = stringEnd(at + 1);
    return end == 0 ? 0 : end + 1;
  }
  if (byte == 0x2d || isDigit(byte)) return numberEnd(at);
  if (byte == 0x7b) return objectEnd(at, depth, keys);
  if (byte == 0x5b) return arrayEnd(at, depth, keys);
  return literalEnd(at);
}

function arrayEnd(open: usize, depth: u32, keys: usize): usize {
  if (depth == MAX_DEPTH) return 0;
  let at = behindSpace(open + 1);
  if (load<u8>(at) == 0x5d) return at + 1;
  while (true) {
    at = valueEnd(at, depth + 1, keys);
    if (at == 0) return 0;
    at = behindSpace(at);
    const byte = load<u8>(at);
    if (byte == 0x5d) return at + 1;
    if (byte != 0x2c) return 0;
    at = behindSpace(at + 1);
  }
}

function objectEnd(open: usize, depth: u32, keys: usize): usize {
  if (depth == MAX_DEPTH) return 0;
  let at = behindSpace(open + 1);
  if (load<u8>(at) == 0x7d) return at + 1;
  let count: u32 = 0;
  while (true) {
    if (load<u8>(at) != 0x22) return 0;
    const end = stringEnd(at + 1);
    if (end == 0) return 0;
    // One with an escape may be all digits.
    if (hasEscape || isIndex(at + 1, end)) setMarks(marks | SPELLED);
    if (isCanonical) {
      // What JSON.stringify would write for a key are these bytes and no others: the same keys are the same bytes.
      if (!isNewKey(at + 1, end, keys, count)) setCanonical(false);
      count++;
    }
    at = behindSpace(end + 1);
    if (load<u8>(at) != 0x3a) return 0;
    at = valueEnd(behindSpace(at + 1), depth + 1, keys + <usize>count * KEY);
    if (at == 0) return 0;
    at = behindSpace(at);
    const byte = load<u8>(at);
    if (byte == 0x7d) return at + 1;
    if (byte != 0x2c) return 0;
    at = behindSpace(at + 1);
  }
}

/** Adds a key to those of its object. False where it is one of them already, or they are too many to tell. */
function isNewKey(at: usize, end: usize, keys: usize, count: u32): bool {
  if (count == MAX_COMPARED_KEYS) return false;
  const length = <u32>(end - at);
  for (let key = keys; key < keys + <usize>count * KEY; key += KEY) {
    if (load<u32>(key, 4) == length && isSame(load<u32>(key), at, length)) return false;
  }
  store<u32>(keys + <usize>count * KEY, <u32>at);
  store<u32>(keys + <usize>count * KEY, length, 4);
  return true;
}

/** Whether a key is all digits: JavaScript puts such a one before the others. */
export function isIndex(at: usize, end: usize): bool {
  if (at == end) return false;
  for (; at < end; at++) if (!isDigit(load<u8>(at))) return false;
  return true;
}

/** Whether so many bytes are the same at two places; behind each of them 16 more exist. */
@inline
export function isSame(a: usize, b: usize, length: u32): bool {
  for (; length > 16; length -= 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) != 0xffff) return false;
    a += 16;
    b += 16;
  }
  const differing = ~(<u32>i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))));
  return (differing & <u32>below(length)) == 0;
}
