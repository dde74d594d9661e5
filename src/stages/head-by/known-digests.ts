/** Digests that have come, as numbers in memory: 24 to 40 bytes for each. */
import { DIGEST_WORDS } from "../../formats/indexed/row-digester.ts";

const FIRST_SLOTS = 1 << 4;

export class KnownDigests {
  /** The digests, one behind the other. */
  #words = new Uint32Array(FIRST_SLOTS * DIGEST_WORDS);
  #count = 0;
  /** At the place that a digest has by its first word, or behind that, its number from 1; 0 for none. A power of two. */
  #slots = new Uint32Array(FIRST_SLOTS);

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** All of them, one behind the other, as they came. */
  get all(): Uint32Array<ArrayBuffer> {
    return this.#words.slice(0, this.#count * DIGEST_WORDS);
  }

  /** Bytes that they take. */
  get size(): number {
    return this.#words.byteLength + this.#slots.byteLength;
  }

  /** Whether the digest at this place of others has come. */
  has(words: Uint32Array, at: number): boolean {
    return this.#slots[this.#slotOf(words, at)] !== 0;
  }

  /** Takes the digest at this place of others; false where it has come before. */
  add(words: Uint32Array, at: number): boolean {
    const slot = this.#slotOf(words, at);
    if (this.#slots[slot] !== 0) return false;
    const to = this.#count++ * DIGEST_WORDS;
    this.#slots[slot] = this.#count;
    for (let word = 0; word < DIGEST_WORDS; word++) this.#words[to + word] = words[at + word] ?? 0;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** Where the number of a digest is, or is to be. */
  #slotOf(words: Uint32Array, at: number): number {
    const a = words[at] ?? 0;
    const b = words[at + 1] ?? 0;
    const c = words[at + 2] ?? 0;
    const d = words[at + 3] ?? 0;
    const own = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = a & mask;
    for (let number = slots[slot] ?? 0; number !== 0; number = slots[slot] ?? 0) {
      const known = (number - 1) * DIGEST_WORDS;
      if (own[known] === a && own[known + 1] === b && own[known + 2] === c && own[known + 3] === d) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 1; number <= this.#count; number++) {
      let slot = (words[(number - 1) * DIGEST_WORDS] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }
}
