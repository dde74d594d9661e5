/** A whole block of rows as text, in the hope that it needs nothing unusual, and one count over its bytes that proves it. */
import type { ByteCounts } from "./kernel/exports.ts";

/** Code is generated when so many rows have come: for fewer, making it takes longer than it saves. */
export const WORTH_COMPILING_ROWS = 32;

/** Text of a block in which no field is quoted. */
export interface PlainBlock {
  text: string;
  rows: number;
}

export interface BlockEncoder {
  /** False for a few values, and for a while after blocks that needed quotes: data of that kind is better written row by row at once. */
  isPromising(count: number): boolean;
  /**
   * The text of a block's rows, undefined values left out. Undefined when one of them has to be looked at more closely:
   * it is no plain object, or has other keys than the columns, or cannot be written.
   */
  encode(values: readonly unknown[]): PlainBlock | undefined;
  /** Whether the bytes of the text hold no more special characters than those that were put between fields and rows. */
  isPlain(counts: ByteCounts, rows: number): boolean;
}

/** At most 2 to the power of this many blocks are passed over. */
const MAX_FAILURES_COUNTED = 6;

/** After each failure in a row twice as many blocks are passed over before the next attempt. */
export class Attempts {
  #failures = 0;
  #passOver = 0;

  isDue(): boolean {
    if (this.#passOver === 0) return true;
    this.#passOver--;
    return false;
  }

  note(isGood: boolean): boolean {
    this.#failures = isGood ? 0 : Math.min(this.#failures + 1, MAX_FAILURES_COUNTED);
    if (!isGood) this.#passOver = 2 ** this.#failures;
    return isGood;
  }
}
