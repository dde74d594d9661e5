/** The powers of ten by which doubles are scaled when their digits are looked for: see assembly/doubles.ts. */

/** From 10^-324 to 10^292, each divided by that power of two that gives it 126 bits, the last one rounded up. */
const [LEAST, MOST] = [-324, 292];
const BITS = 126n;
const HALF = 63n;

/** Of each, for its negative exponent, the upper and the lower 63 bits. */
export function powersOfTen(): BigUint64Array {
  const words = new BigUint64Array((MOST - LEAST + 1) * 2);
  for (let exponent = LEAST; exponent <= MOST; exponent++) {
    const power = rounded(-exponent);
    const at = (exponent - LEAST) * 2;
    words[at] = power >> HALF;
    words[at + 1] = power & ((1n << HALF) - 1n);
  }
  return words;
}

/** The 126 bits of a power of ten, and one more in the last place. */
function rounded(exponent: number): bigint {
  const power = 10n ** BigInt(Math.abs(exponent));
  const bits = BigInt(power.toString(2).length);
  if (exponent >= 0) return (bits > BITS ? power >> (bits - BITS) : power << (BITS - bits)) + 1n;
  // A power of ten is no power of two: its inverse has so many bits behind the point before the first one.
  return (1n << (BITS + bits - 1n)) / power + 1n;
}
