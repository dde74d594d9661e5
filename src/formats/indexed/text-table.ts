/**
 * Strings of short texts, made once: texts with the same bytes are the same string, in all blocks of a run. A map finds such
 * a string without reading it again. The table itself is the kernel's: see kernel/assembly/csv-intern.ts.
 */
import { decodeUtf8 } from "../utf8.ts";
import { type Kernel, MAX_TEXTS, TEXTS, TEXT_BYTES, TEXT_LENGTHS } from "../kernel/host.ts";

export { MAX_TEXTS };

export class TextTable {
  readonly #kernel: Kernel;
  /** The strings by number. */
  readonly strings: string[] = [];

  /** Forgets all texts that the kernel has known so far: there is one table at a time. */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.loops.clearTexts();
  }

  get isFull(): boolean {
    return this.strings.length === MAX_TEXTS;
  }

  /** Makes strings of the texts that are new, where so many are known. */
  grow(count: number): void {
    for (let text = this.strings.length; text < count; text++) this.strings.push(this.#text(text));
  }

  #text(number: number): string {
    const { bytes } = this.#kernel;
    const at = TEXTS + number * TEXT_BYTES;
    return decodeUtf8(bytes.subarray(at, at + (bytes[TEXT_LENGTHS + number] ?? 0))) ?? "";
  }
}
