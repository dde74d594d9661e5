// Strings, numbers and literals of JSON: each function takes the address of the first byte of one and gives the address
// behind it, or 0 where it is not JSON, or JSON of a kind that is better left to JSON.parse.
//
// What a function finds beside that address stands in the variables below, so that nothing is put together to be taken
// apart again. None of them means anything outside of one call of the kernel.

import { below } from "./masks";

/** UTF-16 units less bytes of what was read: a difference of two of its values is that of what lies between. */
export let shift: i32 = 0;
/** A byte above 0x7f was met. */
let hasHigh: bool = false;
/** As that, for strings that nobody wants: some bit is set. */
let unreadHighs: u32 = 0;
/**
 * But for numbers, keys of digits and white space, the line so far is what JSON.stringify would write; false where that is not
 * certain.
 */
export let isCanonical: bool = true;
/** White space stands between what the line so far is made of. */
export let isSpaced: bool = false;
/** What is to be said of the line so far, bit by bit. */
export let marks: u32 = 0;
/** A number was met that JSON.stringify would write otherwise, or a key that it might put elsewhere. */
export const SPELLED: u32 = 4;
/** A number was met that may be too large for a double. */
export const LARGE: u32 = 8;
/** The string read last holds a backslash. */
export let hasEscape: bool = false;
/** The number read last, where `isExact`. */
export let value: f64 = 0;
/** How many decimals it has. */
export let decimals: u32 = 0;
/** Whether the number read last is an integer, or a decimal, of so few digits that `value` is certain. */
export let isExact: bool = false;

/** No byte above 0x7f was met so far. */
export function clearHigh(): void {
  hasHigh = false;
  unreadHighs = 0;
}

export function isAscii(): bool {
  return !hasHigh && unreadHighs == 0;
}

export function setCanonical(to: bool): void {
  isCanonical = to;
}

export function setSpaced(to: bool): void {
  isSpaced = to;
}

export function setMarks(to: u32): void {
  marks = to;
}

/** Digits that a double holds whatever they are. */
const EXACT_DIGITS: u32 = 15;
/** A number this long might be too large for a double: JSON.parse says so where its value is wanted. */
const MAX_NUMBER_BYTES: usize = 200;

/** Notes the bytes above 0x7f among the first `length` ones of 16. */
@inline
export function noteHigh(bytes: v128, length: u32): void {
  const mask = <u32>below(length);
  if ((<u32>i8x16.bitmask(bytes) & mask) == 0) return;
  const tails = i8x16.eq(v128.and(bytes, i8x16.splat(<i8>0xc0)), i8x16.splat(<i8>0x80));
  const pairs = i8x16.ge_u(bytes, i8x16.splat(<i8>0xf0));
  shift += <i32>popcnt<u32>(<u32>i8x16.bitmask(pairs) & mask) - <i32>popcnt<u32>(<u32>i8x16.bitmask(tails) & mask);
  hasHigh = true;
}

/** The address of the quote that ends a string; `at` lies behind the one that opens it. A control character ends all. */
export function stringEnd(at: usize): usize {
  hasEscape = false;
  while (true) {
    const bytes = v128.load(at);
    const mask = specials(bytes);
    if (mask == 0) {
      noteHigh(bytes, 16);
      at += 16;
      continue;
    }
    const bit = ctz<u32>(mask);
    noteHigh(bytes, bit);
    at += bit;
    const byte = load<u8>(at);
    if (byte == 0x22) return at;
    if (byte != 0x5c) return 0;
    at = escapeEnd(at);
    if (at == 0) return 0;
    hasEscape = true;
  }
}

/** As `stringEnd`, for a string of which only the bytes count: UTF-16 units are not. */
@inline
export function unreadEnd(at: usize): usize {
  const bytes = v128.load(at);
  const mask = specials(bytes);
  if (mask == 0) return stringEnd(at);
  const bit = ctz<u32>(mask);
  if (load<u8>(at + bit) != 0x22) return stringEnd(at);
  // Text that is not ASCII comes and goes from row to row: to branch on it costs more than to note it.
  unreadHighs |= <u32>i8x16.bitmask(bytes) & <u32>below(bit);
  return at + bit;
}

/** Which of 16 bytes may not stand in a string as they are: quotes, backslashes and control characters. */
@inline
export function specials(bytes: v128): u32 {
  const marked = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
  return <u32>i8x16.bitmask(v128.or(marked, i8x16.eq(i8x16.min_u(bytes, i8x16.splat(0x1f)), bytes)));
}

/** Behind the escape whose backslash is at `at`. */
function escapeEnd(at: usize): usize {
  switch (load<u8>(at, 1)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x2f: // JSON.stringify writes a slash as it is
      isCanonical = false;
      return at + 2;
    case 0x75: // u: seldom what JSON.stringify would write
      isCanonical = false;
      for (let digit: usize = 2; digit < 6; digit++) if (!isHex(load<u8>(at + digit))) return 0;
      return at + 6;
    default:
      return 0;
  }
}

@inline
function isHex(byte: u8): bool {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

@inline
export function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) < 10;
}

/** Behind the number at `at`. */
export function numberEnd(at: usize): usize {
  const start = at;
  const isNegative = load<u8>(at) == 0x2d;
  if (isNegative) at++;
  const first = at;
  let digits: u64 = 0;
  const eight = load<u64>(at) ^ ZEROS;
  const others = noDigits(eight);
  if (others != 0) {
    // Where there are none, what is shifted by 64 means nothing.
    const bits = ctz<u64>(others) - 7;
    at += <usize>(bits >> 3);
    digits = ofEight(eight << (64 - bits));
  } else {
    for (; isDigit(load<u8>(at)); at++) digits = digits * 10 + (load<u8>(at) - 0x30);
  }
  if (at == first || (load<u8>(first) == 0x30 && at > first + 1)) return 0;
  let count = <u32>(at - first);
  decimals = 0;
  if (load<u8>(at) == 0x2e) {
    const point = at++;
    for (; isDigit(load<u8>(at)); at++) digits = digits * 10 + (load<u8>(at) - 0x30);
    decimals = <u32>(at - point - 1);
    if (decimals == 0) return 0;
    count += decimals;
    // Below a millionth, or with zeros at its end, JSON.stringify writes it otherwise.
    if (count > EXACT_DIGITS || load<u8>(at - 1) == 0x30 || (load<u8>(first) == 0x30 && isTiny(point + 1, decimals))) {
      marks |= SPELLED;
    }
  } else if (isNegative && load<u8>(first) == 0x30) {
    marks |= SPELLED;
  }
  isExact = count <= EXACT_DIGITS;
  if ((load<u8>(at) | 0x20) == 0x65) {
    at = exponentEnd(at + 1);
    if (at == 0) return 0;
    isExact = false;
    marks |= SPELLED;
  }
  if (at - start > MAX_NUMBER_BYTES) marks |= LARGE;
  if (isExact) {
    // Both are exact, so that the quotient is the double nearest to the decimal (Clinger, 1990).
    value = decimals == 0 ? <f64><i64>digits : <f64><i64>digits / powerOfTen(decimals);
    if (isNegative) value = -value;
  }
  return at;
}

/** Eight digits of zero, as bytes. */
const ZEROS: u64 = 0x3030303030303030;

/** The top bit of each of eight bytes that is no digit; they are those of a text, less the zero. */
@inline
function noDigits(bytes: u64): u64 {
  return (bytes | ((bytes & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676)) & 0x8080808080808080;
}

/** The number of eight digits, of which the first is in the lowest byte: by pairs, by fours, all (Lemire, 2018). */
@inline
function ofEight(digits: u64): u64 {
  const pairs = (digits * 2561) >> 8;
  const fours = ((pairs & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return ((fours & 0x0000ffff0000ffff) * 42949672960001) >> 32;
}

/** Whether the decimals of a number below one begin with six zeros. */
@inline
function isTiny(at: usize, decimals: u32): bool {
  if (decimals < 6) return false;
  for (let digit: usize = 0; digit < 6; digit++) if (load<u8>(at + digit) != 0x30) return false;
  return true;
}

/** Behind the exponent whose sign or digits are at `at`. Three digits may be too many for a double. */
function exponentEnd(at: usize): usize {
  const sign = load<u8>(at);
  if (sign == 0x2b || sign == 0x2d) at++;
  const first = at;
  while (isDigit(load<u8>(at))) at++;
  if (at > first + 2) marks |= LARGE;
  return at == first ? 0 : at;
}

@inline
function powerOfTen(exponent: u32): f64 {
  let power: u64 = 1;
  for (let at: u32 = 0; at < exponent; at++) power *= 10;
  return <f64><i64>power;
}

/** Behind `true`, `false` or `null` at `at`. */
export function literalEnd(at: usize): usize {
  const word = load<u32>(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  return word == 0x736c6166 && load<u8>(at, 4) == 0x65 ? at + 5 : 0;
}
