/**
 * What an editor must know of a transform: this text is what `rowmill types` declares as the module `rowmill`. It stands
 * on its own, without imports; a test compares it with the types that the program itself uses.
 */

/** A table that was given with `--lookup name=file:key`, to look things up in. */
export interface Lookup {
  /** The first row with this key, or undefined; of several columns, their values one after another. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in a file its author knows
  get(...key: readonly unknown[]): Record<string, any> | undefined;
  /** Whether there is one. */
  has(...key: readonly unknown[]): boolean;
  /** All rows with this key, in the order of the table. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in a file its author knows
  all(...key: readonly unknown[]): Record<string, any>[];
}

/** The second parameter of a transform's function. `State` is what its `setup` returns. */
export interface RowContext<State = unknown> {
  /** What `--arg name=value` said. */
  readonly args: Record<string, string>;
  /** What `setup` returned. */
  readonly state: State;
  /** Number of the worker, from 0. */
  readonly worker: number;
  /** Name of the input that the row comes from; `-` is standard input. */
  readonly file: string;
  /** Row number over all inputs, from 0. */
  readonly index: number;
  /** Physical line of its file on which the row starts, from 1. */
  readonly line: number;
  /** Aborted when the row takes longer than `--timeout`. */
  readonly signal: AbortSignal;
  /** Writes a line to standard error. */
  readonly log: (...values: unknown[]) => void;
  /** The table of `--lookup` with this name. */
  readonly lookup: (name: string) => Lookup;
  /**
   * Writes a row to the output of this name, beside what the function returns: `--emit orphans=orphans.csv` says where that
   * is. The rows stand there in the order of the input, and those of a row that fails are left out.
   */
  emit(name: string, row: object): void;
}

/** The parameter of `setup`, and the second one of `teardown`. */
export interface WorkerContext<State = unknown> {
  args: Record<string, string>;
  /** What `setup` returned. */
  state: State;
  /** Number of the worker, from 0. */
  worker: number;
  /** Aborted when no further row comes. */
  signal: AbortSignal;
  log: (...values: unknown[]) => void;
  /** The table of `--lookup` with this name. */
  lookup: (name: string) => Lookup;
}

/** What a function may return: a row, many rows, or none. */
export type Result = object | null | undefined;

/** The default export: what becomes of a row. */
export type Transform<Row = Record<string, string>, State = unknown> = (
  row: Row,
  ctx: RowContext<State>,
) => Result | Promise<Result>;

/** The export `batch`, in place of the default one: takes many rows at once, and returns one result a row, in order. */
export type BatchTransform<Row = Record<string, string>, State = unknown> = (
  rows: Row[],
  ctx: RowContext<State>,
) => Result[] | Promise<Result[]>;

/**
 * The export `reduce`. Rows are folded into accumulators, one for each piece of the input, and these are joined from left
 * to right. An accumulator is data: plain objects, arrays, Map, Set, typed arrays, Date. What `step` and `merge` return
 * is the accumulator from then on; when they return nothing, it is the one that they were given.
 */
export interface Reduce<Accumulator, Row = Record<string, string>, State = unknown> {
  /** An accumulator of no rows. */
  init(): Accumulator;
  /** Folds a row in: one of the input, or an output of the default function where there is one. */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- that it returns nothing is one of its forms
  step(accumulator: Accumulator, row: Row, ctx: RowContext<State>): Accumulator | void;
  /** Joins the accumulator of the rows behind to that of those before. */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- that it returns nothing is one of its forms
  merge(before: Accumulator, behind: Accumulator): Accumulator | void;
  /** The output rows. */
  finish(accumulator: Accumulator): Result | Iterable<Result> | Promise<Result | Iterable<Result>>;
}

/** Which rows a window function gets. */
export interface WindowOptions<Row> {
  /**
   * Rows with the same value here are a table of their own: a column, several, or what a function says of a row.
   * @default all rows are one
   */
  partition?: string | readonly string[] | ((row: Row) => unknown);
  /**
   * How many rows: `7` are those up to and with the row that the function is called for, `{ before: 3, after: 3 }` those around
   * it. `Infinity` is as many as there are.
   */
  size: number | { before?: number; after?: number };
  /** Rows are put in this order first, as `sortBy` says it: `"day"`, `["-score:num", "name"]`. @default that in which they come */
  orderBy?: string | readonly string[];
}

/** The third parameter of a window function. */
export interface WindowContext extends RowContext {
  /** Where the row stands among the rows that the function gets, from 0. */
  readonly at: number;
}

/** A window, as {@link window} makes it: the default export, or `window` among the `options`. */
export interface RowWindow {
  /** It is one. */
  readonly isWindow: true;
}

/**
 * Makes a window: its function is called for each row with the rows around it, in their order. What it returns is what becomes
 * of that row. Rows are handed to several calls, and cannot be changed: give a new one, `{ ...row, … }`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- what is in a row its author knows
export declare function window<Row = Record<string, any>>(
  options: WindowOptions<Row>,
  each: (rows: Row[], row: Row, ctx: WindowContext) => Result,
): RowWindow;

/** What a field is read as, by `types`. */
export type FieldType = "string" | "int" | "number" | "boolean" | "date" | "bigint" | "json";

/** A table whose columns come to the rows. */
export interface JoinOption {
  /** In any format that is read. */
  file: string;
  /** The columns that must be equal: by their name in the input, what they are called in the table; or one name for both. */
  on: string | Record<string, string>;
  /**
   * `inner`: rows whose key the table has; `left`: all rows; `semi`: those of `inner`, each once and as it is; `anti`: those
   * whose key the table has not. @default "inner"
   */
  kind?: "inner" | "left" | "semi" | "anti";
  /** Stands before the names of the columns that come from the table. */
  prefix?: string;
  /** A key that the table has twice is an error. */
  unique?: boolean;
}

/** A table that code looks things up in. */
export interface LookupOption {
  /** In any format that is read. */
  file: string;
  /** The column, or the columns, by which its rows are found. */
  key: string | string[];
}

/** The export `options`: defaults for the flags of a run, and what a compiled transform says of itself. */
export interface TransformOptions {
  /** The name of the program that `rowmill compile` makes. */
  name?: string;
  /** What it does, in one or a few sentences. */
  description?: string;
  /** Its version. */
  version?: string;
  // The table of options comes in here: each that a module may set, with its docstring and its type.
}

/** A Standard Schema (standardschema.dev), as zod, valibot and ArkType make them. */
export interface Schema {
  "~standard": { version: 1; vendor: string; validate: (value: unknown) => unknown };
}

/** All that a transform module may export. */
export interface TransformModule {
  /** Called for every row; or a window. */
  default?: ((...args: never[]) => unknown) | RowWindow;
  /** Called for many rows at once, in place of the default export. */
  batch?: (...args: never[]) => unknown;
  /** Folds all rows, or the results of the function. */
  reduce?: {
    init: () => unknown;
    step: (...args: never[]) => unknown;
    merge: (...args: never[]) => unknown;
    finish: (...args: never[]) => unknown;
  };
  /** What a row must be; its function gets the schema's output. */
  schema?: Schema;
  /** The same for results; it fixes the output columns. */
  output?: Schema;
  /** Output columns and their order, without a schema. */
  columns?: readonly string[];
  /** Called once a worker. */
  setup?: (ctx: WorkerContext) => unknown;
  /** Called once a worker, at the end. */
  teardown?: (...args: never[]) => unknown;
  options?: TransformOptions;
}

/** How {@link parse} reads CSV: the options of `@std/csv`. */
export interface ParseOptions {
  /** Between fields. @default "," */
  separator?: string;
  /** Lines that start with it are left out. */
  comment?: string;
  /** White space before fields is dropped. */
  trimLeadingSpace?: boolean;
  /** Quotes are taken as they come in fields that are not quoted. */
  lazyQuotes?: boolean;
  /** Fields a row must have; 0: as many as the first one. */
  fieldsPerRecord?: number;
}

/** Parses CSV text: an array of fields for each row. */
export declare function parse(input: string, options?: ParseOptions): string[][];
/** Parses CSV text: an object for each row, by its header (`skipFirstRow`), or by names (`columns`). */
export declare function parse(
  input: string,
  options: ParseOptions & ({ skipFirstRow: true } | { columns: readonly string[] }),
): Record<string, string>[];

/** How {@link stringify} writes CSV: the options of `@std/csv`. */
export interface StringifyOptions {
  /** What stands in the columns: keys of the rows, or paths into them. */
  columns?: readonly (string | { prop: string | readonly (string | number)[]; header?: string })[];
  /** Whether a header is written. @default true */
  headers?: boolean;
  /** Between fields. @default "," */
  separator?: string;
  /** Start with a byte order mark. */
  bom?: boolean;
  /** Use CR LF. */
  crlf?: boolean;
}

/** CSV text of rows. */
export declare function stringify(data: readonly unknown[], options?: StringifyOptions): string;

/** How {@link readRows} reads a file. */
export interface ReadRowsOptions {
  /** Its format. @default by the extension of its name; CSV where that says nothing */
  from?: "csv" | "tsv" | "jsonl" | "json";
  /** Between fields of CSV. @default by the first rows */
  delimiter?: string;
  /** Numbers and booleans in columns that hold nothing else, or texts as they are in the file. @default "auto" */
  types?: "auto" | "text";
}

/** All rows of a file: CSV, TSV, JSON or lines of JSON, for tables to look things up in. */
// oxlint-disable-next-line typescript/no-explicit-any -- what is in a file its author knows
export declare function readRows(file: string | URL, options?: ReadRowsOptions): Record<string, any>[];
