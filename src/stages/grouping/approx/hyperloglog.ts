/**
 * How many different values there are, of which each is known by a hash: HyperLogLog, with the estimate of O. Ertl (New
 * cardinality estimation algorithms for HyperLogLog sketches, 2017), which needs no table of corrections. What it comes to does
 * not depend on the order of the values, nor on how they were cut into parts.
 */

/** A hash is a whole number of so many bits, which a double holds. */
export const HASH_BITS = 53;
const INDEX_BITS = 14;
export const REGISTERS: number = 2 ** INDEX_BITS;
/** Bits of a hash beside those that say which register: the first of them that is set counts. */
const RANK_BITS = HASH_BITS - INDEX_BITS;
const WORD = 2 ** 32;

/** Notes a value. */
export function note(registers: Uint8Array, hash: number): void {
  const rest = Math.floor(hash / REGISTERS);
  const index = hash - rest * REGISTERS;
  const bits = rest >= WORD ? 64 - Math.clz32(rest / WORD) : 32 - Math.clz32(rest);
  const rank = RANK_BITS - bits + 1;
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/** Bits of the lower word of a hash beside those that say which register. */
const LOW_RANK_BITS = 32 - INDEX_BITS;
const HIGH_MASK = 2 ** (HASH_BITS - 32) - 1;

/** The same by the lower bits of a hash of two words, of 32 bits each. */
export function noteWords(registers: Uint8Array, low: number, high: number): void {
  const index = low & (REGISTERS - 1);
  const upper = high & HIGH_MASK;
  const bits = upper === 0 ? 32 - Math.clz32(low >>> INDEX_BITS) : LOW_RANK_BITS + 32 - Math.clz32(upper);
  const rank = RANK_BITS - bits + 1;
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/** Notes all values that others have noted. */
export function noteAll(registers: Uint8Array, others: Uint8Array): void {
  for (let at = 0; at < REGISTERS; at++) if ((others[at] ?? 0) > (registers[at] ?? 0)) registers[at] = others[at] ?? 0;
}

/** About how many different values were noted: the standard error is 1.04 by the root of the number of registers, 0.8 %. */
export function estimate(registers: Uint8Array): number {
  const counts = new Uint32Array(RANK_BITS + 2);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  let sum = REGISTERS * tau(1 - (counts[RANK_BITS + 1] ?? 0) / REGISTERS);
  for (let rank = RANK_BITS; rank > 0; rank--) sum = (sum + (counts[rank] ?? 0)) / 2;
  sum += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
  return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * sum));
}

/** x + x² + 2x⁴ + 4x⁸ + …, as far as a double has it. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [power, factor, sum] = [share, 1, share];
  for (let before = -1; before !== sum; factor *= 2) {
    power *= power;
    before = sum;
    sum += power * factor;
  }
  return sum;
}

/** A third of 1 - x - (1 - √x)² / 2 - (1 - ⁴√x)² / 4 - … */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, factor, sum] = [share, 1, 1 - share];
  for (let before = -1; before !== sum;) {
    root = Math.sqrt(root);
    factor /= 2;
    before = sum;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
