// Doubles and floats as JavaScript writes numbers: the shortest digits that read back as the same number, of those the
// nearest (Giulietti, "The Schubfach way to render doubles", 2020).

import { writeSigned, writeUnsigned } from "./digits";
import { setResult } from "./results";

/** The least power of ten of the table, which the host makes: see ../powers.ts. */
const LEAST_POWER: i32 = -324;
const POWERS = memory.data(617 * 16, 8);

/** Where the host puts the table: of each power, its upper and its lower 63 bits. */
export function powersOfTen(): usize {
  return POWERS;
}

/** The digits that were found for a number, and the power of ten of the last one. */
let digits: u64 = 0;
let exponent: i32 = 0;

// Logarithms of powers, rounded down: right for all exponents that there are.
@inline
function log10OfPowerOfTwo(e: i32): i32 {
  return <i32>((<i64>e * 661971961083) >> 41);
}

/** Of three quarters of the power. */
@inline
function log10OfThreeQuarters(e: i32): i32 {
  return <i32>((<i64>e * 661971961083 - 274743187321) >> 41);
}

@inline
function log2OfPowerOfTen(e: i32): i32 {
  return <i32>((<i64>e * 913124641741) >> 38);
}

/** The upper 64 bits of a product. */
@inline
function upperProduct(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (other >> 32);
}

/** The product with a power of ten, divided by 2^127, whose lowest bit says whether anything is behind it. */
@inline
function scaled(high: u64, low: u64, number: u64): u64 {
  const rest = upperProduct(low, number);
  const middle = high * number;
  const upper = upperProduct(high, number);
  const sum = (middle >> 1) + rest;
  const whole = upper + (sum >> 63);
  return whole | (((sum & 0x7fffffffffffffff) + 0x7fffffffffffffff) >> 63);
}

/**
 * Finds the digits of c · 2^q. `isLeast`: numbers below it are half as far away as those above it.
 */
function findDigits(c: u64, q: i32, isLeast: bool): void {
  const odd = c & 1;
  const middle = c << 2;
  const upper = middle + 2;
  const lower = isLeast ? middle - 1 : middle - 2;
  const k = isLeast ? log10OfThreeQuarters(q) : log10OfPowerOfTwo(q);
  const shift = <u64>(q + log2OfPowerOfTen(-k) + 2);
  const power = POWERS + (<usize>(k - LEAST_POWER) << 4);
  const high = load<u64>(power);
  const low = load<u64>(power, 8);
  const value = scaled(high, low, middle << shift);
  const from = scaled(high, low, lower << shift) + odd;
  const to = scaled(high, low, upper << shift) - odd;
  exponent = k;
  const below = value >> 2;
  // One digit less is enough where one of the two neighbours with a zero at the end is near enough.
  const tens = (below / 10) * 10;
  const isTensIn = from <= tens << 2;
  const isNextTensIn = (tens + 10) << 2 <= to;
  if (isTensIn != isNextTensIn) {
    digits = isTensIn ? tens : tens + 10;
    return;
  }
  const isBelowIn = from <= below << 2;
  const isAboveIn = (below + 1) << 2 <= to;
  if (isBelowIn != isAboveIn) {
    digits = isBelowIn ? below : below + 1;
    return;
  }
  const distance = <i64>(value - ((below + below + 1) << 1));
  digits = distance < 0 || (distance == 0 && (below & 1) == 0) ? below : below + 1;
}

const ZERO: u8 = 0x30;
const POINT: u8 = 0x2e;

/** Writes the digits that were found. */
function writeDigits(to: usize): usize {
  while (digits >= 100000000 && digits % 100000000 == 0) {
    digits /= 100000000;
    exponent += 8;
  }
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  const start = to;
  const end = writeUnsigned(to, digits);
  const count = <i32>(end - start);
  // Where the point stands, counted from the first digit.
  const point = count + exponent;
  if (count <= point && point <= 21) {
    memory.fill(end, ZERO, <usize>(point - count));
    return start + <usize>point;
  }
  if (0 < point && point <= 21) {
    memory.copy(start + <usize>point + 1, start + <usize>point, <usize>(count - point));
    store<u8>(start + <usize>point, POINT);
    return end + 1;
  }
  if (-6 < point && point <= 0) {
    const zeros = <usize>(2 - point);
    memory.copy(start + zeros, start, <usize>count);
    memory.fill(start, ZERO, zeros);
    store<u8>(start + 1, POINT);
    return end + zeros;
  }
  to = end;
  if (count > 1) {
    memory.copy(start + 2, start + 1, <usize>(count - 1));
    store<u8>(start + 1, POINT);
    to++;
  }
  store<u8>(to++, 0x65);
  store<u8>(to++, point > 0 ? 0x2b : 0x2d);
  return writeUnsigned(to, <u64>(point > 0 ? point - 1 : 1 - point));
}

const NAN = memory.data<u8>([0x4e, 0x61, 0x4e, 0]);
/** `Infinity`, of which eight bytes are one number. */
const INFINITY: u64 = 0x7974696e69666e49;

function writeNotFinite(to: usize, isNegative: bool, isNumber: bool): usize {
  if (!isNumber) {
    store<u32>(to, load<u32>(NAN));
    return to + 3;
  }
  if (isNegative) store<u8>(to++, 0x2d);
  store<u64>(to, INFINITY);
  return to + 8;
}

function writeDouble(to: usize, value: f64): usize {
  const bits = reinterpret<u64>(value);
  const fraction = bits & 0xfffffffffffff;
  const power = <i32>((bits >> 52) & 0x7ff);
  const isNegative = bits >> 63 != 0;
  if (power == 0x7ff) return writeNotFinite(to, isNegative, fraction == 0);
  // Most numbers are whole, or have few digits.
  if (Math.abs(value) < 9007199254740992.0 && Math.trunc(value) == value && value != 0) return writeSigned(to, <i64>value);
  if (isNegative) store<u8>(to++, 0x2d);
  if (value == 0) {
    store<u8>(to, ZERO);
    return to + 1;
  }
  if (power == 0) findDigits(fraction, -1074, false);
  else findDigits(fraction | 0x10000000000000, power - 1075, fraction == 0 && power > 1);
  return writeDigits(to);
}

function writeFloat(to: usize, value: f32): usize {
  const bits = reinterpret<u32>(value);
  const fraction = bits & 0x7fffff;
  const power = <i32>((bits >> 23) & 0xff);
  const isNegative = bits >> 31 != 0;
  if (power == 0xff) return writeNotFinite(to, isNegative, fraction == 0);
  if (Mathf.abs(value) < 16777216.0 && Mathf.trunc(value) == value && value != 0) return writeSigned(to, <i64>value);
  if (isNegative) store<u8>(to++, 0x2d);
  if (value == 0) {
    store<u8>(to, ZERO);
    return to + 1;
  }
  if (power == 0) findDigits(<u64>fraction, -149, false);
  else findDigits(<u64>(fraction | 0x800000), power - 150, fraction == 0 && power > 1);
  return writeDigits(to);
}

/**
 * Makes fields of doubles at `at`, at `heap`, where 48 bytes a row are free. Where there are levels, a byte each, only
 * those that are `level` have a number. The result words are where the next number is, and the end of what was written.
 */
export function doubleFields(at: usize, count: u32, levels: usize, level: u32, heap: usize, out: usize): void {
  for (let row: u32 = 0; row < count; row++, out += 8) {
    if (levels != 0 && <u32>load<u8>(levels + <usize>row) != level) {
      store<u64>(out, 0);
      continue;
    }
    store<u32>(out, <u32>heap);
    heap = writeDouble(heap, load<f64>(at));
    store<u32>(out, <u32>heap, 4);
    at += 8;
  }
  setResult(0, at);
  setResult(1, heap);
}

/** The same of floats. */
export function floatFields(at: usize, count: u32, levels: usize, level: u32, heap: usize, out: usize): void {
  for (let row: u32 = 0; row < count; row++, out += 8) {
    if (levels != 0 && <u32>load<u8>(levels + <usize>row) != level) {
      store<u64>(out, 0);
      continue;
    }
    store<u32>(out, <u32>heap);
    heap = writeFloat(heap, load<f32>(at));
    store<u32>(out, <u32>heap, 4);
    at += 4;
  }
  setResult(0, at);
  setResult(1, heap);
}
