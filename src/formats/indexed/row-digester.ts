/**
 * Digests of rows, by which rows are told to be the same: 128 bits that hang on the texts of a row's fields and the names of
 * their columns. A field without text counts for nothing, as if it were not there. Whether fields are read out of an
 * indexed block or given as texts, their digest is the same; without the key nobody can make two rows that share one.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";

/** Bytes of a key. */
export const KEY_BYTES = 16;
/** Words of 32 bits of a digest. */
export const DIGEST_WORDS = 4;

const DIGEST_BYTES = DIGEST_WORDS * 4;
/** Bytes that the kernel is told of a field: two words, and two of 64 bits that stand for the name of its column. */
const FIELD_BYTES = 24;
const NAME_WORDS = 4;
/** What is read in whole vectors may lie behind the end. */
const SLACK = 64;

/** Digests rows whose fields are given as texts. */
export class TextDigester {
  readonly #kernel: Kernel;
  readonly #key: Uint8Array;
  /** What stands for the names of columns. */
  readonly #names = new Map<string, Uint32Array>();
  /** Bytes of texts that there is room for. */
  #room = 1024;

  /** @param memory Of its own: what is written there is taken for nothing else. */
  constructor(memory: Memory, key: Uint8Array) {
    this.#kernel = kernelOf(memory);
    this.#key = key;
  }

  /** The words of the digest, valid until the next call. */
  digest(columns: readonly string[], texts: readonly string[]): Uint32Array {
    const names = columns.map((name) => this.#nameOf(name));
    return this.#digest(names, texts);
  }

  /** The same of names and texts in turns. */
  digestPairs(pairs: readonly string[]): Uint32Array {
    const names: Uint32Array[] = [];
    const texts: string[] = [];
    for (let at = 0; at < pairs.length; at += 2) {
      names.push(this.#nameOf(pairs[at] ?? ""));
      texts.push(pairs[at + 1] ?? "");
    }
    return this.#digest(names, texts);
  }

  #nameOf(name: string): Uint32Array {
    let words = this.#names.get(name);
    if (words === undefined) {
      words = this.nameWords(name);
      this.#names.set(name, words);
    }
    return words;
  }

  /** The words that stand for the name of a column: its digest. */
  nameWords(name: string): Uint32Array {
    return this.#digest([NO_NAME], [name]).slice();
  }

  #digest(names: readonly Uint32Array[], given: readonly string[]): Uint32Array {
    const texts = given.map(wellFormed);
    const kernel = this.#kernel;
    const table = DIGEST_BYTES + KEY_BYTES;
    const from = table + names.length * FIELD_BYTES;
    // A character of UTF-16 takes three bytes of UTF-8 at most.
    const most = texts.reduce((sum, { length }) => sum + length * 3, 0) + SLACK;
    this.#room = Math.max(this.#room, from + most);
    const at = kernel.scratch(this.#room);
    const { bytes } = kernel;
    const words = new Uint32Array(bytes.buffer, at, from / 4);
    bytes.set(this.#key, at + DIGEST_BYTES);
    let end = at + from;
    for (const [index, text] of texts.entries()) {
      const length = text === "" ? 0 : bytes.write(text, end);
      const told = (table + index * FIELD_BYTES) / 4;
      words[told] = end;
      words[told + 1] = length;
      words.set(names[index] ?? NO_NAME, told + 2);
      end += length;
    }
    kernel.loops.digestTexts(at + table, texts.length, at + DIGEST_BYTES, at);
    return words.subarray(0, DIGEST_WORDS);
  }
}

const NO_NAME = new Uint32Array(NAME_WORDS);

/** Half of a surrogate pair has no form in UTF-8: what stands for it there would stand for any other as well. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : `\u0000${JSON.stringify(text)}`;
}

/** A column of a file, and the name under which it counts. One that the file does not have counts for nothing. */
export interface PickedColumn {
  name: string;
  column: string;
}

/** Columns that count under their own names. */
export function asNamed(columns: readonly string[]): PickedColumn[] {
  return columns.map((name) => ({ name, column: name }));
}

/** Digests the rows of indexed blocks of a file, by some of its columns. */
export class FieldDigester {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #quote: number;
  readonly #picks: Uint32Array;
  readonly #key: Uint8Array;

  /** @param picked Columns, in the order in which their texts are given to a {@linkcode TextDigester}. */
  constructor(
    memory: Memory,
    { file, quote }: { file: readonly string[]; quote: string },
    { picked, key, texts }: { picked: readonly PickedColumn[]; key: Uint8Array; texts: TextDigester },
  ) {
    this.#kernel = kernelOf(memory);
    this.#columns = file.length;
    this.#quote = quoteByte(quote);
    this.#key = key;
    const numberOf = new Map(file.map((name, index) => [name, index]));
    const picks = picked.flatMap(({ name, column }) => {
      const number = numberOf.get(column);
      return number === undefined ? [] : [number, 0, ...texts.nameWords(name)];
    });
    this.#picks = Uint32Array.from(picks);
  }

  /** The words of the digests of all rows of a block, one behind the other; valid until the next call. */
  digest({ start, rows }: BlockFields): Uint32Array {
    const kernel = this.#kernel;
    const picks = KEY_BYTES;
    const out = (picks + this.#picks.byteLength + 15) & ~15;
    const at = kernel.scratch(out + rows * DIGEST_BYTES);
    const { bytes, entries, loops } = kernel;
    bytes.set(this.#key, at);
    new Uint32Array(bytes.buffer, at + picks, this.#picks.length).set(this.#picks);
    loops.digestFields(
      entries.byteOffset,
      rows,
      this.#columns,
      start,
      at + picks,
      this.#picks.byteLength / FIELD_BYTES,
      at,
      at + out,
      this.#quote,
    );
    return new Uint32Array(bytes.buffer, at + out, rows * DIGEST_WORDS);
  }
}
