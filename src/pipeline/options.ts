/**
 * The options of a run: what a caller may say, what holds when nothing is said, and what a transform module may set as
 * its own defaults.
 */
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import type { OutputDialect } from "../formats/csv/encoder.ts";
import { CSV, type Dialect } from "../formats/csv/dialect.ts";
import type { InputFormat, OutputFormat } from "../formats/format.ts";
import { MAX_BLOCK_BYTES } from "../formats/kernel/host.ts";
import { STDIN } from "../io/files.ts";
import { ENCODING_ERRORS, type EncodingErrors, encodingOf } from "./encoding.ts";
import type { FieldType } from "../transform/typed-fields.ts";

/** How rows are read and written, and how the work is spread: what a transform module may set defaults for. */
export interface TuningOptions {
  /** Input format; by the first input's extension otherwise. */
  from?: InputFormat;
  /** Output format; by the output's extension, then the input format, otherwise. */
  to?: OutputFormat;
  /** Between input fields; `auto` (the default for CSV) decides by the first 64 KB, when they leave no doubt. */
  delimiter?: string;
  /** Around input fields; the empty string: nothing is quoted. @default `"` */
  quote?: string;
  /** Before a quote that belongs to a quoted field. @default the quote itself */
  escape?: string;
  /** Lines that start with it are left out. */
  comment?: string;
  /** Physical lines left out at the start of each input. @default 0 */
  skipLines?: number;
  /** The inputs have no header; columns are called c1, c2, … */
  noHeaders?: boolean;
  /** Names of the input columns, in place of the header's. */
  columns?: string[];
  lazyQuotes?: boolean;
  /** Rows with too few fields are taken. */
  ragged?: boolean;
  /** White space at the start of fields is dropped. */
  trim?: boolean;
  /** The text that stands for null, in input and output. */
  null?: string;
  /**
   * The encoding of the inputs, by a label that `TextDecoder` knows; `auto`: UTF-8, or UTF-16 where a byte order mark
   * says so. A byte order mark wins over any label. @default "auto"
   */
  encoding?: string;
  /** Bytes that are no text in the encoding fail their row, or become U+FFFD. @default "error" */
  encodingErrors?: EncodingErrors;
  /** Longest row, in bytes. @default 16 MiB */
  maxRowBytes?: number;
  /** Typed fields, by column. */
  types?: Record<string, FieldType>;
  /** A field becomes a number where writing it back gives the same text. */
  infer?: boolean;
  outDelimiter?: string;
  noHeaderOut?: boolean;
  quoteAll?: boolean;
  crlf?: boolean;
  bom?: boolean;
  escapeFormulas?: boolean;
  /** Workers. @default the cores that this process may use */
  jobs?: number;
  /** Rows in a batch. @default adaptive */
  batch?: number;
  /** Rows under way at once in a worker, for functions that return promises. @default 16 */
  concurrency?: number;
}

/** What the command line's main job needs. */
export interface RunOptions extends TuningOptions {
  /** Path of a transform module. */
  transform?: string;
  /** An expression instead of a module. */
  expression?: string;
  /** Rows for which this expression is not true are dropped first. */
  filter?: string;
  /** Inputs, read one after another; `-` is standard input. @default standard input */
  inputs?: string[];
  /** Output file; `-` or none is standard output. */
  output?: string;
  /** Results are written as batches finish, in any order. */
  unordered?: boolean;
  /** Only the first rows of the input. */
  limit?: number;
  /** `ctx.args` of the transform. */
  args?: Record<string, string>;
  /** Gets what `ctx.log` says, a line at a time. @default standard error */
  onLog?: (text: string) => void;
  /** Ends the run early: what was written to an output file is dropped. */
  signal?: AbortSignal;
}

/** Longest row unless said otherwise. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;
/** Rows under way at once for asynchronous functions: hides latency without flooding a service. */
const CONCURRENCY = 16;

const EXTENSIONS: Record<string, InputFormat> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".tab": "tsv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
};

/** How the inputs are to be read, as far as the options tell. */
export interface InputPlan {
  format: InputFormat;
  dialect: Dialect;
  /** The delimiter is to be found out from the first bytes. */
  detectsDelimiter: boolean;
  /** As `TextDecoder` calls it, or `auto`. */
  encoding: string;
  encodingErrors: EncodingErrors;
  skipLines: number;
  hasHeader: boolean;
  columns: string[] | undefined;
  maxRowBytes: number;
}

/** The input side of the options, defaults filled in. */
export function inputPlan(options: RunOptions): InputPlan {
  const [first = STDIN] = options.inputs ?? [];
  const format = options.from ?? EXTENSIONS[extname(first).toLowerCase()] ?? "csv";
  const isTsv = format === "tsv";
  const quote = options.quote ?? CSV.quote;
  const given = options.delimiter === "auto" ? undefined : options.delimiter;
  return {
    format,
    dialect: {
      delimiter: given ?? (isTsv ? "\t" : CSV.delimiter),
      quote,
      escape: options.escape ?? quote,
      comment: options.comment,
      lazyQuotes: options.lazyQuotes ?? false,
      trimLeadingSpace: options.trim ?? false,
    },
    detectsDelimiter: format === "csv" && given === undefined,
    encoding: encodingOf(options.encoding ?? "auto"),
    encodingErrors: options.encodingErrors ?? "error",
    skipLines: options.skipLines ?? 0,
    hasHeader: options.noHeaders !== true,
    columns: options.columns,
    maxRowBytes: options.maxRowBytes ?? MAX_ROW_BYTES,
  };
}

/** How results are to be written. */
export interface OutputPlan {
  format: OutputFormat;
  dialect: OutputDialect;
  hasHeader: boolean;
  hasBom: boolean;
}

/** The output side of the options, defaults filled in. */
export function outputPlan(options: RunOptions, input: InputPlan): OutputPlan {
  const byName = options.output === undefined ? undefined : EXTENSIONS[extname(options.output).toLowerCase()];
  const format = options.to ?? byName ?? input.format;
  return {
    format,
    dialect: {
      delimiter: options.outDelimiter ?? (format === "tsv" ? "\t" : ","),
      newline: options.crlf === true ? "\r\n" : "\n",
      quoteAll: options.quoteAll ?? false,
      nullText: options.null ?? "",
      escapeFormulas: options.escapeFormulas ?? false,
    },
    // Without a header in, there is none out, unless names were given.
    hasHeader:
      options.noHeaderOut !== true &&
      (options.noHeaders !== true || options.columns !== undefined || format !== input.format),
    hasBom: options.bom ?? false,
  };
}

/** The workers to use: what was said, else the cores that this process may use. */
export function jobsOf(options: RunOptions): number {
  return options.jobs ?? Math.max(1, availableParallelism());
}

export function concurrencyOf(options: RunOptions): number {
  return options.concurrency ?? CONCURRENCY;
}

/** Whether a value counts something of which there is at least one. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/**
 * Checks what the types cannot say, for callers of the library and of the command line alike.
 *
 * @throws {UsageError} Naming the option and what is wanted.
 */
export function checkOptions(options: RunOptions): void {
  if (options.transform !== undefined && options.expression !== undefined) {
    throw new UsageError("there is a transform and an expression", "give one of them");
  }
  for (const name of ["jobs", "batch", "concurrency", "maxRowBytes"] as const) {
    const value = options[name];
    if (value !== undefined && !isCount(value)) {
      throw new UsageError(`${name} is ${value}, wanted a whole number from 1`);
    }
  }
  for (const name of ["limit", "skipLines"] as const) {
    const value = options[name];
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
      throw new UsageError(`${name} is ${value}, wanted a whole number from 0`);
    }
  }
  if ((options.maxRowBytes ?? 0) > MAX_BLOCK_BYTES / 2) {
    throw new UsageError(`maxRowBytes is ${options.maxRowBytes}, wanted at most ${MAX_BLOCK_BYTES / 2}`);
  }
  encodingOf(options.encoding ?? "auto");
  const { encodingErrors } = options;
  if (encodingErrors !== undefined && !ENCODING_ERRORS.includes(encodingErrors)) {
    throw new UsageError(`encodingErrors is ${encodingErrors}, wanted ${ENCODING_ERRORS.join(" or ")}`);
  }
  checkDialect(options);
}

function checkDialect({ delimiter, quote, escape, comment, outDelimiter, columns }: RunOptions): void {
  for (const [name, value] of Object.entries({ delimiter, "out-delimiter": outDelimiter, escape, comment })) {
    if (value === undefined) continue;
    if (value === "" || /[\r\n]/.test(value))
      throw new UsageError(`the ${name} is empty or a line end`, "give one character");
  }
  if (outDelimiter !== undefined && (outDelimiter.length !== 1 || outDelimiter === '"')) {
    throw new UsageError("the out-delimiter is not one character", 'such as ";" or "|"');
  }
  const between = delimiter === undefined || delimiter === "auto" ? "," : delimiter;
  const around = quote ?? '"';
  if (/[\r\n]/.test(around) || around.length > 1) throw new UsageError("the quote is not one character");
  if (around !== "" && between.includes(around)) throw new UsageError("delimiter and quote are the same");
  if (columns !== undefined && new Set(columns).size !== columns.length) {
    throw new UsageError("the columns have a name twice", "give each column a name of its own");
  }
}
