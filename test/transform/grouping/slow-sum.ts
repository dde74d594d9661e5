/** The sum of doubles by integers without a limit: slow, and obviously right. */

/** The sum, rounded once to the nearest double, to the even one where two are as near. */
export function slowSum(numbers: readonly number[]): number {
  return rounded(numbers.reduce((sum, number) => sum + units(number), 0n));
}

/** A double as a multiple of 2^-1074, of which every double is one. */
function units(number: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & ((1n << 52n) - 1n);
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -size : size;
}

function rounded(sum: bigint): number {
  const size = sum < 0n ? -sum : sum;
  // 64 bits, the last of which tells whether there was anything behind them, are rounded as all of them would be.
  const cut = BigInt(Math.max(0, size.toString(2).length - 64));
  const behind = size & ((1n << cut) - 1n);
  let number = Number((size >> cut) | (behind === 0n ? 0n : 1n));
  // Powers of two change no digit.
  let exponent = Number(cut) - 1074;
  for (; exponent > 0; exponent--) number *= 2;
  for (; exponent < 0; exponent++) number /= 2;
  return sum < 0n ? -number : number;
}
