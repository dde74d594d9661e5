/**
 * Where the rows of a table with a key are: a hash table with open addressing over the bytes of the keys, in arrays of
 * numbers that threads can share. Keys have numbers, in the order in which they come first; the rows of one are a chain.
 */
import { type KeyArrays, NONE, SLOT_WORDS, findKey, hashBytes } from "../formats/indexed/key-arrays.ts";
import { GrowingWords, MOST_BYTES, TooLargeError, sharedBytes, sharedCopy } from "./shared-memory.ts";

/** The bytes of one key, made of a text, and their hash. */
export class KeyBytes {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;
  hash = 0;

  set(text: string): void {
    const { length } = text;
    if (length * 3 > this.bytes.length) this.bytes = new Uint8Array(length * 6);
    const { bytes } = this;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) {
        this.length = new TextEncoder().encodeInto(text, bytes).written;
        this.hash = hashBytes(bytes, 0, this.length);
        return;
      }
      bytes[at] = unit;
    }
    this.length = length;
    this.hash = hashBytes(bytes, 0, length);
  }
}

/**
 * One text for the fields of a key, or undefined where one of them is empty: such a key is equal to none, as NULL of SQL is.
 */
export function keyText(fields: readonly (string | undefined)[]): string | undefined {
  const [first] = fields;
  if (fields.length === 1) return first === "" ? undefined : first;
  let text = "";
  for (const field of fields) {
    if (field === undefined || field === "") return undefined;
    text += `${field.length}:${field}`;
  }
  return text;
}

/** Builds the arrays. */
export class KeyIndexBuilder {
  readonly #key = new KeyBytes();
  #slots = new Uint32Array(SLOT_WORDS * 1024);
  readonly #hashes = new GrowingWords();
  #bytes = new Uint8Array(4096);
  readonly #ends = new GrowingWords();
  readonly #first = new GrowingWords();
  readonly #last = new GrowingWords();
  readonly #next = new GrowingWords();
  #hasTwice = false;

  /** Notes that the next row has this key. Returns the first row that has it, where that is another one. */
  add(key: string): number | undefined {
    const row = this.#next.length;
    this.#next.push(0);
    this.#key.set(key);
    const { bytes, length, hash } = this.#key;
    const known = findKey(this.#arrays, { bytes, from: 0, to: length }, hash);
    if (known === NONE) {
      this.#put(hash);
      this.#first.push(row);
      this.#last.push(row);
      return undefined;
    }
    this.#hasTwice = true;
    this.#next.words[this.#last.words[known] ?? 0] = row + 1;
    this.#last.words[known] = row;
    return this.#first.words[known];
  }

  get #arrays(): Pick<KeyArrays, "slots" | "bytes" | "ends"> {
    return { slots: this.#slots, bytes: this.#bytes, ends: this.#ends.words };
  }

  #put(hash: number): void {
    const start = this.#ends.length === 0 ? 0 : (this.#ends.words[this.#ends.length - 1] ?? 0);
    const { bytes, length } = this.#key;
    const end = start + length;
    if (end > MOST_BYTES) throw new TooLargeError();
    if (end > this.#bytes.length) {
      this.#bytes = new Uint8Array(
        this.#bytes.buffer.transfer(Math.min(MOST_BYTES, Math.max(end, this.#bytes.length * 2))),
      );
    }
    this.#bytes.set(bytes.subarray(0, length), start);
    this.#ends.push(end);
    this.#hashes.push(hash);
    if (this.#ends.length * 2 * SLOT_WORDS > this.#slots.length) this.#grow();
    else place(this.#slots, hash, this.#ends.length);
  }

  #grow(): void {
    const length = this.#slots.length * 2;
    this.#slots.buffer.transfer(0);
    this.#slots = new Uint32Array(length);
    for (let at = 0; at < this.#ends.length; at++) place(this.#slots, this.#hashes.words[at] ?? 0, at + 1);
  }

  #sharedSlots(): Uint32Array {
    const slots = sharedCopy(this.#slots);
    this.#slots.buffer.transfer(0);
    return slots;
  }

  /** The arrays in shared memory; they are here no longer. */
  take(): KeyArrays {
    const bytes = sharedBytes(this.#ends.length === 0 ? 0 : (this.#ends.words[this.#ends.length - 1] ?? 0));
    bytes.set(this.#bytes.subarray(0, bytes.length));
    this.#bytes.buffer.transfer(0);
    return {
      slots: this.#sharedSlots(),
      bytes,
      ends: this.#ends.take(),
      first: this.#hasTwice ? this.#first.take() : sharedCopy(NO_WORDS),
      next: this.#hasTwice ? this.#next.take() : sharedCopy(NO_WORDS),
    };
  }
}

const NO_WORDS = new Uint32Array(0);

function place(slots: Uint32Array, hash: number, entry: number): void {
  const mask = slots.length / SLOT_WORDS - 1;
  let slot = hash & mask;
  while (slots[slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * SLOT_WORDS] = hash;
  slots[slot * SLOT_WORDS + 1] = entry;
}
