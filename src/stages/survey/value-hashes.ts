/** Hashes of values (XXH64, as two words each), and what is told by them: about how many different ones there are. */
import { REGISTERS, noteWords } from "../grouping/approx/hyperloglog.ts";

/** Registers of HyperLogLog that have noted so many hashes, of which each is two words. */
export function registersOf(hashes: ArrayLike<number>, count: number): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  for (let at = 0; at < count * 2; at += 2) noteWords(registers, hashes[at] ?? 0, hashes[at + 1] ?? 0);
  return registers;
}

/** Two words for each text: its hash. */
export function hashesOf(texts: readonly string[]): Uint32Array {
  const hashes = new BigUint64Array(texts.length);
  for (let at = 0; at < texts.length; at++) hashes[at] = Bun.hash.xxHash64(texts[at] ?? "");
  return new Uint32Array(hashes.buffer);
}
