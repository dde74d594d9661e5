/** What a thread that converts a source hears and says. */
import type { ErrorWire } from "../errors.ts";
import type { ComingColumns, PartRanges, SourceRows, SourceSetup, SourceTable } from "./source.ts";

/** To the thread, in place of a message that opens a worker. */
export interface OpenSourceMessage {
  type: "open-source";
  setup: SourceSetup;
}

export type ToSource =
  /** Convert this part. */
  | { type: "part"; part: number; columns?: ComingColumns }
  /** Say between which values those of these columns are. */
  | { type: "ranges"; columns: readonly number[] }
  /** So many more pieces are wanted. */
  | { type: "more"; pieces: number };

export type FromSource =
  | { type: "opened"; table: SourceTable }
  | { type: "ranges"; parts: readonly PartRanges[] }
  | { type: "rows"; rows: SourceRows }
  /** The part that was asked for has no more rows. */
  | { type: "ended"; notices: readonly string[] }
  /** `isOfRow`: the next row is to blame. */
  | { type: "failed"; error: ErrorWire; isOfRow: boolean };
