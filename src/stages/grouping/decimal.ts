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

/** A decimal divided by a count, rounded once to the nearest double: the even one where two are as near. */
export function nearestQuotient({ digits, scale }: Decimal, count: number): number {
  const size = digits < 0n ? -digits : digits;
  const quotient = nearestRatio(size * powerOfTen(Math.max(0, -scale)), BigInt(count) * powerOfTen(Math.max(0, scale)));
  return digits < 0n ? -quotient : quotient;
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
