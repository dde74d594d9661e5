/** The fields of single rows of an indexed block as texts, where few of its rows are wanted. */
import type { BlockFields } from "../format.ts";
import { type Kernel, POSITION } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";

export class RowFields {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #quote: string;

  constructor(memory: Memory, { columns, quote }: { columns: number; quote: string }) {
    this.#kernel = kernelOf(memory);
    this.#columns = columns;
    this.#quote = quote;
  }

  /** The fields of a row of the block that was indexed last. */
  of({ start }: BlockFields, row: number): string[] {
    const { entries, bytes } = this.#kernel;
    const width = this.#columns;
    let from = row === 0 ? start : start + ((entries[row * width - 1] ?? 0) & POSITION) + 1;
    const texts: string[] = [];
    for (let column = 0; column < width; column++) {
      const entry = entries[row * width + column] ?? 0;
      // A row end that is CR LF.
      const end = start + (entry & POSITION) - ((entry >>> 29) & 1);
      const isQuoted = entry < 0;
      const text = bytes.toString("utf8", isQuoted ? from + 1 : from, isQuoted ? end - 1 : end);
      const quote = this.#quote;
      texts.push(isQuoted && text.includes(quote) ? text.replaceAll(quote + quote, quote) : text);
      from = start + (entry & POSITION) + 1;
    }
    return texts;
  }
}
