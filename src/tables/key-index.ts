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

/** The fields of a key by its text. */
export function keyFields(text: string, count: number): string[] {
  if (count === 1) return [text];
  const fields: string[] = [];
  for (let at = 0; fields.length < count;) {
    const from = text.indexOf(":", at) + 1;
    at = from + Number(text.slice(at, from - 1));
    fields.push(text.slice(from, at));
  }
  return fields;
}

/** Some bytes that are a key. */
export interface KeySlice {
  bytes: Uint8Array;
  from: number;
  to: number;
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

  /** Bytes that it takes, about. */
  get size(): number {
    const { length } = this.#ends;
    const keys = length === 0 ? 0 : (this.#ends.words[length - 1] ?? 0);
    return this.#slots.byteLength + keys + (this.#next.length + KEY_LISTS * length) * WORD_BYTES;
  }

  /** Notes that the next row has this key. Returns the first row that has it, where that is another one. */
  add(text: string): number | undefined {
    this.#key.set(text);
    const { bytes, length, hash } = this.#key;
    return this.addBytes({ bytes, from: 0, to: length }, hash);
  }

  /** The same of a key as bytes. */
  addBytes(key: KeySlice, hash: number = hashBytes(key.bytes, key.from, key.to)): number | undefined {
    const row = this.#next.length;
    this.#next.push(0);
    const known = findKey(this.#arrays, key, hash);
    if (known === NONE) {
      this.#put(key, hash);
      this.#first.push(row);
      this.#last.push(row);
      return undefined;
    }
    this.#hasTwice = true;
    this.#next.words[this.#last.words[known] ?? 0] = row + 1;
    this.#last.words[known] = row;
    return this.#first.words[known];
  }

  /** How many keys there are. */
  get count(): number {
    return this.#ends.length;
  }

  /** The number of a key, or NONE. */
  find(key: KeySlice, hash: number = hashBytes(key.bytes, key.from, key.to)): number {
    return findKey(this.#arrays, key, hash);
  }

  /** The first row with the key of this number. */
  firstOf(number: number): number {
    return this.#first.words[number] ?? NONE;
  }

  /** The next row with the key of this one, or NONE. */
  nextOf(row: number): number {
    return (this.#next.words[row] ?? 0) - 1;
  }

  get #arrays(): Pick<KeyArrays, "slots" | "bytes" | "ends"> {
    return { slots: this.#slots, bytes: this.#bytes, ends: this.#ends.words };
  }

  #put({ bytes, from, to }: KeySlice, hash: number): void {
    const start = this.#ends.length === 0 ? 0 : (this.#ends.words[this.#ends.length - 1] ?? 0);
    const end = start + to - from;
    if (end > MOST_BYTES) throw new TooLargeError();
    if (end > this.#bytes.length) {
      this.#bytes = new Uint8Array(
        this.#bytes.buffer.transfer(Math.min(MOST_BYTES, Math.max(end, this.#bytes.length * 2))),
      );
    }
    // Most are short: a view of them takes longer.
    for (let at = from, next = start; at < to; at++, next++) this.#bytes[next] = bytes[at] ?? 0;
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

  /** Gives all memory back; nothing is here any longer. */
  release(): void {
    for (const { buffer } of [this.#slots, this.#bytes]) buffer.transfer(0);
    for (const { words } of [this.#hashes, this.#ends, this.#first, this.#last, this.#next]) words.buffer.transfer(0);
  }

  /** The arrays in memory that no other thread has; they may be larger than what they hold. */
  own(): KeyArrays {
    return {
      slots: this.#slots,
      bytes: this.#bytes,
      ends: this.#ends.words,
      first: this.#hasTwice ? this.#first.words : NO_WORDS,
      next: this.#hasTwice ? this.#next.words : NO_WORDS,
    };
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

const WORD_BYTES = 4;
/** For each key its end, its hash, its first row and its last one. */
const KEY_LISTS = 4;

const NO_WORDS = new Uint32Array(0);

function place(slots: Uint32Array, hash: number, entry: number): void {
  const mask = slots.length / SLOT_WORDS - 1;
  let slot = hash & mask;
  while (slots[slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * SLOT_WORDS] = hash;
  slots[slot * SLOT_WORDS + 1] = entry;
}
