/** What is asked of an input when the next batch is cut off, and the answer. */
import type { Bytes, Split } from "../formats/format.ts";

/** What a splitter says when it has seen enough; no row may end where only some bytes are to be looked at. */
export type CertainSplit = Exclude<Split, { kind: "more" }> | { kind: "none" };

/** How much the next batch may hold. */
export interface BatchLimits {
  bytes: number;
  /** Rows, where their number is fixed. */
  rows: number | undefined;
  /** Rows at most, where that is another number. */
  mostRows?: number | undefined;
  /** It is a cell of a grid, `bytes` being the grid's: see cell-split.ts. */
  isCell?: boolean;
  /** Cells further behind become larger, up to this size; without it all have the same. */
  mostBytes?: number | undefined;
  /** No row is wanted that ends behind this offset of the file. */
  until?: number | undefined;
  /** Of a table whose parts can be read one by one no rows of two parts are wanted. */
  endsWithPart?: boolean;
}

export interface SplitRequest extends BatchLimits {
  maxRows: number;
  maxRowBytes: number;
  /** Asks the splitter about a stretch of the window. */
  split: (stretch: Omit<Bytes, "memory">) => Split;
}
