/** A table that is found by the bytes of keys, in arrays of numbers: see src/tables/key-index.ts, which builds them. */

/** The arrays. Keys have numbers, in the order in which they come first. */
export interface KeyArrays {
  /** Pairs of a hash, and the number of a key with it and 1, or 0: a power of two of them. */
  slots: Uint32Array;
  bytes: Uint8Array;
  /** Behind each key. */
  ends: Uint32Array;
  /** The first row of each key, and behind each row the next one of its key and 1, or 0. Where no key is there twice both are empty: a key has the number of its row. */
  first: Uint32Array;
  next: Uint32Array;
}

/** Words of a slot. */
export const SLOT_WORDS = 2;

// FNV-1a, and a finish that spreads what differs in the last bytes.
const BASIS = 0x81_1c_9d_c5;
const PRIME = 0x01_00_01_93;

export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = BASIS;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c_1b_3c_6d);
  hash ^= hash >>> 12;
  hash = Math.imul(hash, 0x29_7a_2d_39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** No key, no row. */
export const NONE = -1;

/** The number of the key with these bytes, or NONE. */
export function findKey(
  { slots, bytes, ends }: Pick<KeyArrays, "slots" | "bytes" | "ends">,
  key: { bytes: Uint8Array; from: number; to: number },
  hash: number,
): number {
  const mask = slots.length / SLOT_WORDS - 1;
  const length = key.to - key.from;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const number = (slots[slot * SLOT_WORDS + 1] ?? 0) - 1;
    if (number < 0) return NONE;
    if (slots[slot * SLOT_WORDS] !== hash) continue;
    const start = number === 0 ? 0 : (ends[number - 1] ?? 0);
    if ((ends[number] ?? 0) - start !== length) continue;
    let at = 0;
    while (at < length && bytes[start + at] === key.bytes[key.from + at]) at++;
    if (at === length) return number;
  }
}
