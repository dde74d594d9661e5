/**
 * The texts of a column in indexed blocks, told apart by their hashes and looked at where they lie: none of them becomes a
 * string that nobody asks for.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";

/** Words that are noted of a field: two of its hash, where it lies, and its length with marks: bit 30, it is empty and in quotes. */
export const FIELD_WORDS = 4;
/** Quotes are doubled in it: it has no hash. */
export const DOUBLED: number = 1 << 31;
/** What of the length's word is the length. */
export const LENGTH = 0x3fffffff;

/** What is said of a text; see kernel/assembly/survey.ts. */
export const LOOK = {
  high: 1,
  number: 2,
  canonical: 4,
  maybeNumber: 8,
  maybeTime: 16,
  edge: 32,
  control: 64,
  lines: 128,
} as const;

/** What the kernel found in texts, one behind the other. */
export interface TextLooks {
  /** Three to a text; the first is its number, where it is one. */
  numbers: Float64Array;
  /** Six to a text, in the same memory: words 2 and 3 are the hash of its pattern, word 4 is what is said of it. */
  words: Uint32Array;
}

const LOOK_BYTES = 24;
const LOOK_NUMBERS = 3;
const LOOK_WORDS = 6;
export const LOOKS: { readonly numbers: number; readonly words: number } = {
  numbers: LOOK_NUMBERS,
  words: LOOK_WORDS,
};

export class ColumnTexts {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #quote: string;

  /** @param columns How many the file has. */
  constructor(memory: Memory, { columns, quote }: { columns: number; quote: string }) {
    this.#kernel = kernelOf(memory);
    this.#columns = columns;
    this.#quote = quote;
  }

  /** The words of the fields of a column, row by row, as signed numbers; valid until the next call. */
  hash({ start, rows }: BlockFields, column: number): Int32Array {
    const kernel = this.#kernel;
    const words = rows * FIELD_WORDS;
    const at = kernel.scratch(words * 4);
    const { entries, loops } = kernel;
    loops.hashColumn(entries.byteOffset, rows, this.#columns, start, column, quoteByte(this.#quote), at);
    return new Int32Array(kernel.bytes.buffer, at, words);
  }

  /** What texts look like of which `list` has where each lies, and its length; valid until the next call. */
  look(list: Uint32Array): TextLooks {
    const kernel = this.#kernel;
    const count = list.length / 2;
    const behind = (list.byteLength + 15) & ~15;
    const at = kernel.scratch(behind + count * LOOK_BYTES);
    new Uint32Array(kernel.bytes.buffer, at, list.length).set(list);
    kernel.loops.lookAtTexts(at, count, at + behind);
    const { buffer } = kernel.bytes;
    return {
      numbers: new Float64Array(buffer, at + behind, count * LOOK_NUMBERS),
      words: new Uint32Array(buffer, at + behind, count * LOOK_WORDS),
    };
  }

  /** The text that lies there, as long as the batch is in memory. @param isAscii So much is known. */
  text(from: number, length: number, isAscii: boolean): string {
    const { bytes } = this.#kernel;
    return bytes.toString(isAscii ? "latin1" : "utf8", from, from + length);
  }

  /** The same where quotes in it are doubled. */
  undoubled(from: number, length: number): string {
    const quote = this.#quote;
    return this.text(from, length, false).replaceAll(quote + quote, quote);
  }
}
