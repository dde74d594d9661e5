/** What a transform is to a worker, wherever it comes from. */
import type { Row } from "../formats/format.ts";
import type { WindowParts } from "../code/window.ts";
import type { RowContext } from "../code/context.ts";
import type { RecordAnswer } from "../fields/record-type/shape.ts";
import type { ReduceFunctions } from "../stages/reduce/reduce-stage.ts";
import type { StandardSchema } from "../fields/standard-schema.ts";

/** A function that takes all rows of a batch at once. */
export type BatchFunction = (rows: Row[], ctx: RowContext) => unknown;

/** A window of a transform. */
export interface LoadedWindow {
  parts: WindowParts;
  /** What its results must be, where it is the default export. */
  output: StandardSchema | undefined;
  /** Their columns, where these are fixed. */
  columns: string[] | undefined;
}

/** A transform, checked. */
export interface LoadedTransform {
  /** Its function. Without one, rows are passed on as they are; of `batch`, that function for a single row. */
  call: (row: Row, ctx: RowContext) => unknown;
  /** There is no function of its own: rows go to `reduce` as they are. */
  isPassedOn: boolean;
  /** Takes many rows at once, in place of `call`. */
  batch: BatchFunction | undefined;
  reduce: ReduceFunctions | undefined;
  schema: StandardSchema | undefined;
  /** What its source says of its rows, where it has no schema. */
  record: RecordAnswer | undefined;
  output: StandardSchema | undefined;
  /** The module of zod that its schemas were made with, where they are of zod. */
  zod: object;
  columns: string[] | undefined;
  /** What it says of rows and those around them. */
  window: LoadedWindow | undefined;
  options: unknown;
  setup: ((ctx: object) => unknown) | undefined;
  teardown: ((state: unknown, ctx: object) => unknown) | undefined;
}
