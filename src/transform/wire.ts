/** What the pipeline and its workers say to each other, beside the scheduler's envelopes. */
import type { ErrorWire } from "../errors.ts";
import type { DecoderSetup } from "../formats/decoder.ts";
import type { OutputSetup } from "../formats/encoder.ts";
import type { FieldType } from "./typed-fields.ts";

/** Where the function comes from. */
export type TransformSource =
  | { kind: "module"; path: string }
  /** Without an expression every row is passed on as it is. */
  | { kind: "expression"; expression: string | undefined };

/** How rows are read, and their fields. */
export interface InputSetup extends DecoderSetup {
  /** Typed fields, by column. */
  types: Record<string, FieldType>;
  /** A string becomes a number where writing it back gives the same text. */
  infersNumbers: boolean;
  /** The text that stands for null, where there is one. */
  nullText: string | undefined;
}

/** All that a worker must know of a run. */
export interface RunSetup {
  source: TransformSource;
  /** Rows for which this expression is not true are dropped before the function is called. */
  filter: string | undefined;
  input: InputSetup;
  output: OutputSetup;
  args: Record<string, string>;
  /** Names of the inputs, as messages and `ctx.file` show them. */
  files: string[];
  /** Rows under way at once in a worker, for functions that return promises. */
  concurrency: number;
}

/** Parent to worker, beside tasks. */
export type ToWorker =
  | { type: "load"; source: TransformSource }
  | { type: "setup"; setup: RunSetup; columns: string[] | undefined }
  /** The output columns are known from now on. */
  | { type: "columns"; columns: string[] }
  /** No more tasks will come: run teardown. */
  | { type: "finish" };

/** Worker to parent, beside answers to tasks. */
export type FromWorker =
  | { type: "loaded"; exports: TransformExports }
  /** Set up; `reads` are the input columns that will be decoded, undefined for all. */
  | { type: "planned"; reads: string[] | undefined }
  | { type: "log"; text: string }
  /** A result kept for its columns, encoded again. */
  | { type: "reencoded"; batch: number; result: BatchResult }
  | { type: "finished"; error?: ErrorWire };

/** What a transform module exports, as far as the parent must know. */
export interface TransformExports {
  /** Output columns that the module fixes. */
  columns: string[] | undefined;
  hasSchema: boolean;
  hasTeardown: boolean;
  /** Defaults for options; checked by the command line. */
  options: unknown;
}

/** Rows that go to a worker together: a stretch of a file, or bytes where the input cannot be read twice. */
export interface RowTask {
  /** Number of the batch in the run. */
  batch: number;
  bytes: { kind: "range"; fd: number; start: number; end: number } | { kind: "copy"; data: Uint8Array };
  /** Index into `RunSetup.files`. */
  file: number;
  /** Column names of this file, where their order is not that of the first. */
  columns?: string[];
  /** Index of the first row over all inputs, from 0. */
  firstRow: number;
  /** Physical line on which the bytes begin, from 1. */
  firstLine: number;
  /** How many rows the bytes hold. */
  rows: number;
}

/** One row that failed. */
export interface RowFailure {
  /** Index over all inputs, from 0. */
  row: number;
  error: ErrorWire;
}

/** What became of a batch. Under `fail` it ends before its first failing row. */
export interface BatchResult {
  /** Rows taken from the input. */
  rowsIn: number;
  rowsOut: number;
  /** Rows for which there is no output, and no failure either. */
  rowsDropped: number;
  output: Uint8Array<ArrayBuffer>;
  failures: RowFailure[];
  /** The columns that the output was encoded with, where it has columns and rows. */
  columns: string[] | undefined;
  /** Rows that were under way at once: 1 for functions that answer at once. */
  concurrency: number;
  /** The columns were guessed from this batch alone: the worker keeps the results until it knows better. */
  isProvisional: boolean;
}
