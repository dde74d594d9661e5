/**
 * The library: a pool of workers for functions, the command line's main job as a function, and the CSV codec with the
 * option names of `@std/csv`.
 *
 * @module
 */
export { Pool } from "./pool/pool.ts";
export { ItemError } from "./pool/item-error.ts";
export type { Settled } from "./pool/item-error.ts";
export type { ApplyOptions, CallOptions, PoolOptions, SettleOptions } from "./pool/options.ts";
export type { PoolContext, PoolWorkerContext as WorkerContext } from "./pool/context.ts";
export type { Items } from "./pool/item-source.ts";
export { run } from "./pipeline/library-run.ts";
export type { RunSummary } from "./pipeline/summary.ts";
export type { ErrorPolicy, RunOptions, RunProgress, TuningOptions } from "./options/run-options.ts";
export type { RowCounts } from "./transform/wire.ts";
export type { Lookup, RowContext } from "./code/context.ts";
export type { JoinKind, JoinOption, LookupOption } from "./tables/asked.ts";
export type { FieldType } from "./fields/typed-fields.ts";
export type { InputFormat, OutputFormat } from "./formats/registry.ts";
export { parse } from "./csv/parse.ts";
export type { ParseOptions, ParsedRow } from "./csv/parse.ts";
export { readRows } from "./pipeline/read-rows.ts";
export type { ReadRowsOptions } from "./pipeline/read-rows.ts";
export { window } from "./code/window.ts";
export type { RowWindow, WindowOptions } from "./code/window.ts";
export { stringify } from "./csv/stringify.ts";
export type { Column, ColumnDetails, DataItem, PropertyAccessor, StringifyOptions } from "./csv/stringify.ts";
export { CsvParseStream, CsvStringifyStream } from "./csv/stream.ts";
export { RowmillError, UsageError } from "./errors.ts";
export type { ErrorCode, ErrorDetails, Place } from "./errors.ts";
