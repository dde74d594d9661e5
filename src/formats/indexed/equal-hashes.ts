/** Which of many hashes of 64 bits come more than once. */
import { INPUT, Kernel } from "../kernel/host.ts";

/** About so many are in a pile: what tells them apart has room in the cache of a processor. */
const PILE = 4096;
const MOST_PILES = 4096;

export interface EqualHashes {
  /** How many there are, but for those that are 0. */
  count: number;
  /** Those that come again, two words each, in no order. */
  again: Uint32Array;
}

/** @param parts Two words for each hash, where 0 stands for none. */
export function equalHashes(parts: readonly Uint32Array[]): EqualHashes {
  // Its memory goes with it.
  const kernel = new Kernel();
  const { loops } = kernel;
  const most = parts.reduce((sum, { length }) => sum + length / 2, 0);
  const longest = parts.reduce((bytes, { byteLength }) => Math.max(bytes, byteLength), 0);
  const piles = Math.min(MOST_PILES, 2 ** Math.ceil(Math.log2(most / PILE + 1)));
  const ends = (INPUT + 15) & ~15;
  const part = (ends + piles * 4 + 15) & ~15;
  kernel.reserve(part + longest - INPUT);
  new Uint32Array(kernel.bytes.buffer, ends, piles).fill(0);
  for (const hashes of parts) {
    new Uint32Array(kernel.bytes.buffer, part, hashes.length).set(hashes);
    loops.countPiles(part, hashes.length / 2, ends, piles);
  }
  const sizes = new Uint32Array(kernel.bytes.buffer, ends, piles).slice();
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const largest = sizes.reduce((size, more) => Math.max(size, more), 0);
  const slots = (part + longest + 15) & ~15;
  const all = (slots + 4 * 4 * (largest + 1) + 15) & ~15;
  const again = all + count * 8;
  // Of what is not touched there is no memory.
  kernel.reserve(again + Math.floor(count / 2) * 8 - INPUT);
  const { buffer } = kernel.bytes;
  let end = 0;
  for (const [pile, size] of sizes.entries()) {
    new Uint32Array(buffer, ends, piles)[pile] = end;
    end += size;
  }
  for (const hashes of parts) {
    new Uint32Array(buffer, part, hashes.length).set(hashes);
    loops.fillPiles(part, hashes.length / 2, ends, piles, all);
  }
  const found = loops.findEqual(all, ends, piles, slots, again);
  return { count, again: new Uint32Array(buffer, again, found * 2).slice() };
}
