/** Checksums of what is read or written piece by piece, by several threads. */

/** CRC-32 has this polynomial, its bits in reversed order. */
const POLYNOMIAL = 0xedb88320;

/** `x` to the power of 2 to the power of `n`, modulo the polynomial: found once each. */
const POWERS: number[] = [0x40000000];

/**
 * The CRC-32 of bytes of which that of the first part is known, and that of the `length` bytes behind it.
 *
 * A CRC is a remainder of polynomials over two elements: zeros behind the first part multiply its remainder by `x` for each
 * bit, and the second part is added to that.
 */
export function joinedCrc32(first: number, second: number, length: number): number {
  return (product(first, powerOfX(length)) ^ second) >>> 0;
}

/** `x` to the power of the bits of so many bytes. */
function powerOfX(bytes: number): number {
  let power = 0x80000000;
  let rest = bytes;
  for (let exponent = 3; rest > 0; exponent++) {
    if (rest % 2 === 1) power = product(power, squared(exponent));
    rest = Math.floor(rest / 2);
  }
  return power;
}

function squared(exponent: number): number {
  for (let known = POWERS.length; known <= exponent; known++) {
    const before = POWERS[known - 1] ?? 0;
    POWERS.push(product(before, before));
  }
  return POWERS[exponent] ?? 0;
}

/** The product of two remainders. The highest bit is that of `x` to the power of 0. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) % 2 === 1) sum ^= shifted;
    shifted = (shifted & 1) === 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return sum >>> 0;
}
