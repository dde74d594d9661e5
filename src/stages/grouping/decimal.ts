/** Decimal numbers without a limit of digits: what a text or a double stands for, and the double nearest to one. */

/** `digits` × 10^-`scale`. */
export interface Decimal {
  digits: bigint;
  /** Below 0 where the number ends with so many zeros. */
  scale: number;
}

const DECIMAL = /^[+-]?(?<whole>\d*)\.?(?<fraction>\d*)(?:[eE](?<exponent>[+-]?\d+))?$/;
/** Digits further behind the point than any that decide how a sum of doubles is rounded. */
const MAX_SCALE = 5000;

/** The number that a text of decimal digits is, to its last digit. The text is one that `Number()` reads as finite. */
export function decimalOf(text: string): Decimal {
  const { whole = "", fraction = "", exponent = "0" } = DECIMAL.exec(text)?.groups ?? {};
  const scale = fraction.length - Number(exponent);
  const size = BigInt(whole + fraction);
  if (size === 0n || scale > MAX_SCALE) return { digits: 0n, scale: 0 };
  return { digits: text.startsWith("-") ? -size : size, scale };
}

/** The sum of two. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) return a;
  const scale = Math.max(a.scale, b.scale);
  return { digits: digitsAt(a, scale) + digitsAt(b, scale), scale };
}

function digitsAt({ digits, scale }: Decimal, wanted: number): bigint {
  return scale === wanted ? digits : digits * powerOfTen(wanted - scale);
}

/** The whole number that it is; undefined where it is none. */
export function wholeOf({ digits, scale }: Decimal): bigint | undefined {
  if (scale <= 0) return digits * powerOfTen(-scale);
  const unit = powerOfTen(scale);
  return digits % unit === 0n ? digits / unit : undefined;
}

/** The double nearest to it. */
export function nearestDouble({ digits, scale }: Decimal): number {
  return Number(`${digits}e${-scale}`);
}

/** The square of one. */
export function squareOf({ digits, scale }: Decimal): Decimal {
  return { digits: digits * digits, scale: scale * 2 };
}

/** One taken from another. */
export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { digits: -b.digits, scale: b.scale });
}

/** One times a whole number. */
export function multipleOf({ digits, scale }: Decimal, times: bigint): Decimal {
  return { digits: digits * times, scale };
}

/** A decimal divided by a count, rounded once to the nearest double: the even one where two are as near. */
export function nearestQuotient(dividend: Decimal, count: number | bigint): number {
  const [top, bottom] = ratioOf(dividend, count);
  return top < 0n ? -nearestRatio(-top, bottom) : nearestRatio(top, bottom);
}

/** The same without what stands behind the point: for quotients that are too large for a double. */
export function wholeQuotient(dividend: Decimal, count: number | bigint): bigint {
  const [top, bottom] = ratioOf(dividend, count);
  return top / bottom;
}

/** The square root of a decimal that is not negative, divided by a count: rounded once. */
export function nearestRoot(dividend: Decimal, count: number | bigint): number {
  const [top, bottom] = ratioOf(dividend, count);
  if (top === 0n) return 0;
  // Even, so that its half can be taken out of the root again.
  const shift = BigInt(2 * Math.max(0, Math.ceil((ROOT_BITS * 2 - bitsOf(top) + bitsOf(bottom)) / 2)));
  const square = (top << shift) / bottom;
  const root = wholeRoot(square);
  // Behind more bits than a double has, one says whether there was anything left.
  const isExact = root * root === square && square * bottom === top << shift;
  return nearestRatio(root * 2n + (isExact ? 0n : 1n), 2n << (shift / 2n));
}

/** More bits of a root than a double has. */
const ROOT_BITS = 58;

/** The root of a whole number, without what stands behind its point: by Newton's steps, from above. */
export function wholeRoot(square: bigint): bigint {
  if (square === 0n) return 0n;
  let root = 1n << BigInt(Math.ceil(bitsOf(square) / 2));
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

function ratioOf({ digits, scale }: Decimal, count: number | bigint): [bigint, bigint] {
  return [digits * powerOfTen(Math.max(0, -scale)), BigInt(count) * powerOfTen(Math.max(0, scale))];
}

const MANTISSA_BITS = 53;
/** Every double is a multiple of 2 to the power of this. */
const LEAST_EXPONENT = -1074;

function nearestRatio(dividend: bigint, divisor: bigint): number {
  if (dividend === 0n) return 0;
  // The quotient has as many bits as a double, or one more.
  let exponent = Math.max(LEAST_EXPONENT, bitsOf(dividend) - bitsOf(divisor) - MANTISSA_BITS);
  let [top, bottom] = scaled(dividend, divisor, exponent);
  if (top / bottom >= 1n << BigInt(MANTISSA_BITS)) [top, bottom] = scaled(dividend, divisor, ++exponent);
  const below = top / bottom;
  const twice = (top % bottom) * 2n;
  const isUp = twice > bottom || (twice === bottom && below % 2n === 1n);
  // Powers of two change no digit; the least of them is reached in two steps.
  const half = Math.trunc(exponent / 2);
  return Number(isUp ? below + 1n : below) * 2 ** half * 2 ** (exponent - half);
}

/** Both sides of a ratio that is `exponent` powers of two smaller. */
function scaled(dividend: bigint, divisor: bigint, exponent: number): [bigint, bigint] {
  return exponent < 0 ? [dividend << BigInt(-exponent), divisor] : [dividend, divisor << BigInt(exponent)];
}

function bitsOf(size: bigint): number {
  return size.toString(2).length;
}

function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
