/** A slice of the inputs of a run: what one of many processes does. */

import type { RunIdentity } from "./run-identity.ts";
import type { ResultsSum } from "./stored-results.ts";

/** A place in a table that threads make text of, which they can do from the start of any of its parts on. */
export interface TablePlace {
  part: number;
  /** Bytes of the text of that part before it. */
  bytes: number;
  /** Rows of the table before that part, where they are counted as they are made; 0 where they are not. */
  row: number;
}

/** Where such a place is in the text of the whole table. */
export interface TextPlace extends TablePlace {
  offset: number;
}

/** A place before a row. */
export interface SlicePlace {
  /** Index of the input. */
  file: number;
  /** Where in it, in bytes; undefined for its start, which is all that there is in what cannot be read by position. */
  offset?: number;
  /** Physical line that begins there, from 1. */
  line: number;
  /** Rows before it, over all inputs. */
  rows: number;
  /** What a splitter knows there (`Splitter.state`). */
  splitter: string;
  /** Where in a table; `offset` is then one of its text, and `line` the number of the row in it. */
  table?: TablePlace;
  /** CRC-32 of the rows before it that may be other ones the next time: those of databases. 0 where there were none. */
  fleeting?: number;
}

export interface Slice {
  from: SlicePlace;
  /** Where the next slice begins; undefined for the end of all. */
  to: SlicePlace | undefined;
}

/** Where a slice that ends with the inputs ends, as far as that is known. */
export type SliceEnd = Pick<SlicePlace, "fleeting">;

/** A slice as a run is to do it. */
export interface SliceRun {
  slice: Slice;
  /** What of it makes it a part of the same work. */
  of: string;
  /** That of all who do slices of it, for digests of rows. */
  secret?: Uint8Array;
  /** Version, code, inputs and tables as they are to be; undefined where nobody asks. */
  identity?: RunIdentity;
  /** The columns of its results, where they have any, and nobody knows them before the first row. */
  columns: string[] | undefined;
  /** Where results are kept, in place of the output: a file, or nothing. */
  file: string | undefined;
  /** What stands in that file behind the results, when all are there, and the slice has ended so. */
  seal?: (sum: ResultsSum, end: SliceEnd) => Uint8Array;
  /** Is told of the columns of results. */
  onColumns?: (columns: string[] | undefined) => void;
}
