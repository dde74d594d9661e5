// Numbers in decimal, read from their texts.

// What a text is.
export const NO_NUMBER: u32 = 0;
/** A whole number of 64 bits. */
export const INTEGER: u32 = 1;
/** A whole number of more. */
export const LARGE: u32 = 2;
/** A number whose double is certain: not too many digits, and a small power of ten. */
export const DECIMAL: u32 = 3;
/** Any other number. */
export const UNSURE: u32 = 4;

/** The number that was read last: of an integer, and of a decimal. */
export let integer: i64 = 0;
export let decimal: f64 = 0;
/** Digits before the point, of which a lone zero is none. */
export let wholeDigits: u32 = 0;
/** Digits behind the point; `NO_SCALE` where there is an exponent. */
export let scale: u32 = 0;
export const NO_SCALE: u32 = 1000;

/** So many digits are exact as a double. */
const MOST_DIGITS: u32 = 15;
/** So many are enough for any double. */
const MOST_PRINTED: u32 = 17;
/** Greater powers of ten have more than 64 bits. */
const MOST_DIVISOR: i32 = 19;
/** Powers of ten are exact as doubles up to this one. */
const MOST_POWER: i32 = 22;

/** More digits behind a plus sign are those of a telephone. */
const MOST_PLUS_DIGITS: usize = 6;
const SPACE: u8 = 0x20;
const TAB: u8 = 0x09;

/** Reads a text: digits, perhaps with a sign before them, a point, an exponent, and space around all that. */
export function readNumber(at: usize, length: usize): u32 {
  let end = at + length;
  while (at < end && (load<u8>(at) == SPACE || load<u8>(at) == TAB)) at++;
  while (at < end && (load<u8>(end - 1) == SPACE || load<u8>(end - 1) == TAB)) end--;
  if (at >= end) return NO_NUMBER;
  const sign = load<u8>(at);
  const isNegative = sign == 0x2d;
  if (isNegative || sign == 0x2b) at++;
  if (at >= end) return NO_NUMBER;
  let value: u64 = 0;
  let isLarge = false;
  const first = at;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    if (value > 922337203685477580 || (value == 922337203685477580 && digit > 7 + u32(isNegative))) isLarge = true;
    value = value * 10 + <u64>digit;
  }
  const whole = at - first;
  if (whole == 0 && (at == end || load<u8>(at) != 0x2e)) return sign == 0x2b ? NO_NUMBER : wordOf(first, end, isNegative);
  wholeDigits = whole == 1 && load<u8>(first) == 0x30 ? 0 : <u32>whole;
  // Zeros before other digits are part of a text.
  if (whole > 1 && load<u8>(first) == 0x30) return NO_NUMBER;
  if (sign == 0x2b && whole > MOST_PLUS_DIGITS) return NO_NUMBER;
  if (at == end) {
    if (isNegative && value == 0 && !isLarge) return negativeZero();
    if (isLarge) return LARGE;
    integer = isNegative ? <i64>(0 - value) : <i64>value;
    return INTEGER;
  }
  let digits: u32 = value == 0 ? 0 : <u32>whole;
  scale = 0;
  if (load<u8>(at) == 0x2e) {
    at++;
    for (; at < end; at++) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) break;
      if (digits < 19) value = value * 10 + <u64>digit;
      if (digits > 0 || digit > 0) digits++;
      scale++;
    }
    if (scale == 0) return NO_NUMBER;
  }
  let exponent: i32 = 0;
  const decimals = scale;
  if (at < end) {
    const letter = load<u8>(at++);
    if ((letter | 0x20) != 0x65) return NO_NUMBER;
    const before = at < end ? load<u8>(at) : 0;
    if (before == 0x2d || before == 0x2b) at++;
    if (at >= end) return NO_NUMBER;
    for (; at < end; at++) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) return NO_NUMBER;
      if (exponent < 100000) exponent = exponent * 10 + <i32>digit;
    }
    if (before == 0x2d) exponent = -exponent;
    scale = NO_SCALE;
  }
  const power = exponent - <i32>decimals;
  if (digits > MOST_DIGITS && digits <= MOST_PRINTED && power <= 0 && power >= -MOST_DIVISOR) {
    decimal = quotient(value, -power);
    if (isNegative) decimal = -decimal;
    return DECIMAL;
  }
  if (digits > MOST_DIGITS || isLarge || power > MOST_POWER || power < -MOST_POWER) return UNSURE;
  decimal = <f64>value;
  let tens: f64 = 1;
  for (let left = power < 0 ? -power : power; left > 0; left--) tens *= 10;
  decimal = power < 0 ? decimal / tens : decimal * tens;
  if (isNegative) decimal = -decimal;
  return DECIMAL;
}

/** The double that is nearest to a number, which is not 0, divided by a power of ten. */
function quotient(value: u64, power: i32): f64 {
  let divisor: u64 = 1;
  for (; power > 0; power--) divisor *= 10;
  // Both begin with a bit that is set, so that the quotient is between a half and two.
  const shift = <i64>clz(divisor) - <i64>clz(value);
  divisor <<= clz(divisor);
  let rest = value << clz(value);
  let bits: u64 = 0;
  let exponent: i64 = shift;
  if (rest >= divisor) {
    rest -= divisor;
    bits = 1;
  } else exponent--;
  // 53 bits, and one by which is rounded.
  while (bits < (1 << 53)) {
    const isCarried = rest >> 63 != 0;
    rest <<= 1;
    bits <<= 1;
    if (isCarried || rest >= divisor) {
      rest -= divisor;
      bits |= 1;
    }
  }
  const isUp = (bits & 1) != 0 && (rest != 0 || (bits & 2) != 0);
  const mantissa = (bits >> 1) + u64(isUp);
  // One bit too many makes the exponent larger.
  return reinterpret<f64>((<u64>(exponent + 1023) << 52) + (mantissa - (1 << 52)));
}

function negativeZero(): u32 {
  decimal = -0.0;
  scale = 0;
  return DECIMAL;
}

/** `NaN` and `Infinity`. */
function wordOf(at: usize, end: usize, isNegative: bool): u32 {
  const length = end - at;
  if (length == 3 && !isNegative && load<u16>(at) == 0x614e && load<u8>(at, 2) == 0x4e) {
    decimal = NaN;
    scale = NO_SCALE;
    return DECIMAL;
  }
  if (length == 8 && load<u64>(at) == 0x7974696e69666e49) {
    decimal = isNegative ? -Infinity : Infinity;
    scale = NO_SCALE;
    return DECIMAL;
  }
  return NO_NUMBER;
}

/** `true` and `false`, in small letters, large ones or both: 1 and 0; otherwise -1. */
export function readTruth(at: usize, length: usize): i32 {
  if (length == 4) {
    const word = load<u32>(at);
    return word == 0x65757274 || word == 0x65757254 || word == 0x45555254 ? 1 : -1;
  }
  if (length != 5) return -1;
  const word = load<u32>(at);
  const last = load<u8>(at, 4);
  if ((word == 0x736c6166 || word == 0x736c6146) && last == 0x65) return 0;
  return word == 0x534c4146 && last == 0x45 ? 0 : -1;
}
