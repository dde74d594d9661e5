/**
 * Strings of short fields, made once: fields with the same bytes are the same string, in all blocks of a run. A map finds
 * such a string without reading it again.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, TEXTS, TEXT_BYTES, TEXT_LENGTHS, quoteByte } from "../kernel/host.ts";
import { decodeUtf8 } from "../utf8.ts";

/** The number of a field that has none: it is long, or the table is full. */
export const NO_TEXT = -1;

export class Interner {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #picks: Int32Array;
  readonly #quote: number;
  /** The strings by number. */
  readonly strings: string[] = [];

  /** @param columns How many columns the input has; `picks`: the numbers of those whose fields are wanted. */
  constructor(kernel: Kernel, columns: number, picks: readonly number[], quote: string) {
    this.#kernel = kernel;
    this.#columns = columns;
    this.#picks = Int32Array.from(picks);
    this.#quote = quoteByte(quote);
    kernel.loops.clearTexts();
  }

  /** Bytes of scratch memory that a block of so many rows takes. */
  bytesFor(rows: number): number {
    return this.#picks.length * 4 * (rows + 1);
  }

  /** The numbers of the wanted fields, row by row, written at an address of the scratch memory. */
  intern({ start, rows }: BlockFields, at: number): Int32Array {
    const { bytes, loops, entries } = this.#kernel;
    const picks = this.#picks.length;
    const out = at + picks * 4;
    new Int32Array(bytes.buffer, at, picks).set(this.#picks);
    const known = this.strings.length;
    const count = loops.internFields(
      entries.byteOffset,
      rows,
      this.#columns,
      start,
      at,
      picks,
      out,
      known,
      this.#quote,
    );
    for (let text = known; text < count; text++) this.strings.push(this.#text(text));
    return new Int32Array(bytes.buffer, out, rows * picks);
  }

  #text(number: number): string {
    const { bytes } = this.#kernel;
    const at = TEXTS + number * TEXT_BYTES;
    return decodeUtf8(bytes.subarray(at, at + (bytes[TEXT_LENGTHS + number] ?? 0))) ?? "";
  }
}
