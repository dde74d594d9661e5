/** A table of digests: each is known by a number, in the order in which they were added. 20 to 32 bytes for each. */
import { DIGEST_WORDS } from "../../formats/indexed/row-digester.ts";
import { GrowingWords } from "./growing.ts";

const FIRST_SLOTS = 1024;

export class DigestTable {
  readonly #digests = new GrowingWords();
  /** For each slot the number of a digest and one more; 0 where it is free. At most half of them are taken. */
  #slots = new Uint32Array(FIRST_SLOTS);

  /** How many there are. */
  get count(): number {
    return this.#digests.length / DIGEST_WORDS;
  }

  /** The number of a digest, which stands at `at` of `words`; undefined where it is none of the table. */
  find(words: Uint32Array, at: number): number | undefined {
    const taken = this.#slots[this.#slotOf(words, at)] ?? 0;
    return taken === 0 ? undefined : taken - 1;
  }

  /** The number of a digest that is there already; undefined for one that has been added. */
  add(words: Uint32Array, at: number): number | undefined {
    const slot = this.#slotOf(words, at);
    const taken = this.#slots[slot] ?? 0;
    if (taken > 0) return taken - 1;
    this.#digests.add(words.subarray(at, at + DIGEST_WORDS));
    this.#slots[slot] = this.count;
    if (this.count * 2 > this.#slots.length) this.#grow();
    return undefined;
  }

  /** The slot of a digest, or the free one that it would get. Its bits are as good as drawn by lot. */
  #slotOf(words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    const { words: digests } = this.#digests;
    for (let slot = (words[at] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const taken = this.#slots[slot] ?? 0;
      if (taken === 0 || sameDigest(digests, (taken - 1) * DIGEST_WORDS, { words, at })) return slot;
    }
  }

  #grow(): void {
    const { words } = this.#digests;
    const { count } = this;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 0; number < count; number++) {
      this.#slots[this.#slotOf(words, number * DIGEST_WORDS)] = number + 1;
    }
  }
}

/** Whether two digests are the same. */
export function sameDigest(words: Uint32Array, at: number, other: { words: Uint32Array; at: number }): boolean {
  for (let word = 0; word < DIGEST_WORDS; word++) if (words[at + word] !== other.words[other.at + word]) return false;
  return true;
}
