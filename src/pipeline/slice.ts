/** A slice of the inputs of a run: what one of many processes does. */

import type { RunIdentity } from "./run-identity.ts";
import type { ResultsSum } from "./stored-results.ts";

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
}

export interface Slice {
  from: SlicePlace;
  /** Where the next slice begins; undefined for the end of all. */
  to: SlicePlace | undefined;
}

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
  /** What stands in that file behind the results, when all are there. */
  seal?: (sum: ResultsSum) => Uint8Array;
  /** Is told of the columns of results. */
  onColumns?: (columns: string[] | undefined) => void;
}
