/** A table of digests: each is known by a number, in the order in which they were added. 32 to 48 bytes for each. */
import { DIGEST_WORDS } from "../../formats/indexed/row-digester.ts";
import { GrowingWords } from "../growing.ts";

const FIRST_SLOTS = 1024;
/** Words of a slot: the number of a digest and one more, 0 where it is free; and a word of that digest. */
const SLOT_WORDS = 2;

export class DigestTable {
  readonly #digests = new GrowingWords();
  /** At most half of them are taken. */
  #slots = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);

  /** How many there are. */
  get count(): number {
    return this.#digests.length / DIGEST_WORDS;
  }

  /** Whether a digest, which stands at `at` of `words`, is the one with a number. */
  is(number: number, words: Uint32Array, at: number): boolean {
    return sameDigest(this.#digests.words, number * DIGEST_WORDS, { words, at });
  }

  /** The number of a digest; undefined where it is none of the table. */
  find(words: Uint32Array, at: number): number | undefined {
    const taken = this.#slots[this.#slotOf(words, at)] ?? 0;
    return taken === 0 ? undefined : taken - 1;
  }

  /** The number of a digest that is there already; undefined for one that has been added. */
  add(words: Uint32Array, at: number): number | undefined {
    const slot = this.#slotOf(words, at);
    const taken = this.#slots[slot] ?? 0;
    if (taken > 0) return taken - 1;
    this.#digests.add(words, at, DIGEST_WORDS);
    this.#slots[slot] = this.count;
    this.#slots[slot + 1] = words[at + 1] ?? 0;
    if (this.count * SLOT_WORDS * 2 > this.#slots.length) this.#grow();
    return undefined;
  }

  /** Where the slot of a digest is, or the free one that it would get. Its bits are as good as drawn by lot. */
  #slotOf(words: Uint32Array, at: number): number {
    const slots = this.#slots;
    const mask = slots.length - SLOT_WORDS;
    const told = words[at + 1] ?? 0;
    for (let slot = ((words[at] ?? 0) * SLOT_WORDS) & mask; ; slot = (slot + SLOT_WORDS) & mask) {
      const taken = slots[slot] ?? 0;
      if (taken === 0 || (slots[slot + 1] === told && this.is(taken - 1, words, at))) return slot;
    }
  }

  #grow(): void {
    const { words } = this.#digests;
    const { count } = this;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 0; number < count; number++) {
      const slot = this.#slotOf(words, number * DIGEST_WORDS);
      this.#slots[slot] = number + 1;
      this.#slots[slot + 1] = words[number * DIGEST_WORDS + 1] ?? 0;
    }
  }
}

/** Whether two digests are the same. */
export function sameDigest(words: Uint32Array, at: number, other: { words: Uint32Array; at: number }): boolean {
  for (let word = 0; word < DIGEST_WORDS; word++) if (words[at + word] !== other.words[other.at + word]) return false;
  return true;
}
