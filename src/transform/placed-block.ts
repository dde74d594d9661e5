/** A block of rows on its way through a transform. */
import type { DecodedBlock } from "../formats/format.ts";

/** A block, and where it lies: index of its first row in the batch and in the run; the line of any row. */
export interface PlacedBlock {
  block: DecodedBlock;
  rowInBatch: number;
  firstRow: number;
  lineOf: (row: number) => number;
  /** The block ends behind so many failed rows. */
  stopsAt: number;
  /** Rows before this one are not run: they were handed in. */
  done: number;
  /** Nor are those from this one on. */
  end: number;
}
