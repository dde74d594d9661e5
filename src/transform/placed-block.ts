/** A block of rows on its way through a transform. */
import type { DecodedBlock } from "../formats/format.ts";
import type { RowPlaces } from "./wire.ts";

/** A block, and where it lies: index of its first row in the batch and in the run; the line of any row. */
export interface PlacedBlock {
  block: DecodedBlock;
  rowInBatch: number;
  firstRow: number;
  lineOf: (row: number) => number;
  /** How a line is told that is none of text. */
  places: RowPlaces | undefined;
  /** The block ends behind so many failed rows. */
  stopsAt: number;
  /** Rows before this one are not run: they were handed in. */
  done: number;
  /** Nor are those from this one on. */
  end: number;
}
