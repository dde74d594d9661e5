/**
 * Inputs that hold tables in a form of their own: a database, a workbook, a file of columns. A thread converts their rows
 * to text, which is read as any other: CSV with a header, in which a field that is empty and stands without quotes is
 * null, as `COPY` of Postgres writes it. Rows come in parts that can be converted beside each other.
 */
import type { HttpHeaders } from "../io/http-headers.ts";

/**
 * What a column holds: texts; numbers, whose text may have any number of digits; `true` and `false`; values of JSON. A
 * column that may hold several of these is text.
 */
export type SourceType = "text" | "number" | "boolean" | "json";

export interface SourceColumn {
  name: string;
  type: SourceType;
  /** What a column of Parquet that holds the same is called: see src/formats/column-type.ts. */
  writtenAs?: string | undefined;
}

/** How a person finds a row. Lines count from 1. */
export interface SourcePlaces {
  /** The line of a row of a part; for what has no lines of its own the number of the row, from 1. */
  unit: "line" | "row";
  /** The line of the first row of the first part. */
  first: number;
  /** What the parts are called, where rows are counted in each: `row group 3`, `sheet Sales`. */
  parts?: readonly string[];
  /** Where the names of the columns stand. */
  header?: { line: number; words: string } | undefined;
}

/** What is known of a table before its rows are read. */
export interface SourceTable {
  columns: readonly SourceColumn[];
  places: SourcePlaces;
  /** How many parts there are. */
  parts: number;
  /** How many rows each of them has, where that is known before they are read. */
  rowsOfParts?: readonly number[];
  /** How large its file is, where that is on a server. */
  fileBytes?: number;
  /** Rows hold the columns only that are asked for: to read one takes long. */
  skips?: boolean;
  /**
   * Set where the same rows come the next time, by the same bytes: a checksum of what says where they are. Whoever was
   * interrupted may go on between two of them.
   */
  digest?: number;
  /** It can be said between which values those of a column are, part by part. */
  hasRanges?: boolean;
  /** What whoever started the run should know of it. */
  notices?: readonly string[];
  /** What further threads must know that open it as well. */
  shared?: unknown;
}

/**
 * What is known of the values of a column in a part. These are what code gets of them, but numbers beyond 2^53, of which
 * nothing is known.
 */
export interface ValueRange {
  /** How code gets them. */
  as: "number" | "text" | "boolean";
  /**
   * No value is less than the one, none more than the other, texts in the order of their code points; undefined where there
   * is no value at all.
   */
  values: { low: number; high: number } | { low: string; high: string } | { low: boolean; high: boolean } | undefined;
  /** Some rows may hold nothing. */
  mayBeNothing: boolean;
  mayBeNaN: boolean;
}

/** A part, and what is known of the columns that were asked for, in their order. */
export interface PartRanges {
  rows: number;
  ranges: readonly (ValueRange | undefined)[];
}

/** What of a name is which: `app.db#people` is the file `app.db`, and `people` in it. */
export interface SourceName {
  /** As the user wrote it. */
  name: string;
  /** A path that does not depend on the current folder, or an address. */
  path: string;
  /** What stands behind `#`, or `?sql=`. */
  member?: string;
  sql?: string;
}

/** What is asked of a source. */
export interface SourceSetup {
  /** Which of the sources it is: its format. */
  kind: string;
  input: SourceName;
  /** Values of the options that are the format's own. */
  settings: Readonly<Record<string, unknown>>;
  /** What servers are told. */
  headers?: HttpHeaders;
  /** What the first thread to open it has said; undefined for that one. */
  shared?: unknown;
}

/** Rows as lines of CSV, each with its line feed. */
export interface SourceRows {
  bytes: Uint8Array<ArrayBuffer>;
  /**
   * How many these are. Undefined where nobody has counted them, and a piece may end within a row: that is possible where
   * places are numbers of rows, through all parts.
   */
  rows: number | undefined;
  /**
   * Where rows do not follow each other: the line of a row, by its number in the part. Between two of them, and behind the
   * last one, each is a line behind the one before.
   */
  lines?: readonly { row: number; line: number }[];
}

/** The columns of rows in their order, by number, -1 for one that is empty; undefined: all that there are. */
export type ComingColumns = readonly number[] | undefined;

/** The next row of a part cannot be given: whoever reads the rows knows which one that is. */
export class NextRowError extends Error {
  override readonly name: string = "NextRowError";
}

/** An open source, in its thread. */
export interface Source {
  readonly table: SourceTable;
  /**
   * The rows of a part, in pieces of some hundred kilobytes.
   *
   * @param columns Which of its columns they hold, where the table `skips`.
   * @throws {NextRowError} Where a row is to blame; those before it must have come.
   */
  rows(part: number, columns?: ComingColumns): AsyncIterable<SourceRows> | Iterable<SourceRows>;
  /** Its parts, where the table has ranges; columns by number. */
  ranges?(columns: readonly number[]): PartRanges[];
  /** What whoever started the run should know, and reading has shown since the last call. */
  found?(): readonly string[];
  close(): void;
}

/** @throws {RowmillError} `input`, when it cannot be read. */
export type OpenSource = (setup: SourceSetup) => Promise<Source> | Source;
