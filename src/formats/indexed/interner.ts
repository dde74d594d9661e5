/** The strings of fields in which few different texts are expected: see text-table.ts. */
import type { BlockFields } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { TextTable } from "./text-table.ts";

/** The number of a field that has none: it is long, or the table is full. */
export const NO_TEXT = -1;

export class Interner {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #picks: Int32Array;
  readonly #quote: number;
  readonly #table: TextTable;

  /** @param columns How many columns the input has; `picks`: the numbers of those whose fields are wanted. */
  constructor(kernel: Kernel, columns: number, picks: readonly number[], quote: string) {
    this.#kernel = kernel;
    this.#columns = columns;
    this.#picks = Int32Array.from(picks);
    this.#quote = quoteByte(quote);
    this.#table = new TextTable(kernel);
  }

  /** The strings by number. */
  get strings(): readonly string[] {
    return this.#table.strings;
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
    this.#table.grow(count);
    return new Int32Array(bytes.buffer, out, rows * picks);
  }
}
