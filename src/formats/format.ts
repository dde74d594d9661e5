/**
 * What a format is to the pipeline: a splitter on the parent's side, a decoder and an encoder on the worker's.
 *
 * The parent never decodes rows: it finds where they end. A worker never looks for boundaries: it is given whole rows.
 */
import type { ErrorCode } from "../errors.ts";
import type { RowReading } from "./text/dialect.ts";
import type { ObjectSpelling } from "./values/spelling-tree.ts";
import type { Kernel } from "./kernel/host.ts";

/** A plain row: own enumerable properties only. */
export type Row = Record<string, unknown>;

/** Formats that can be read. */
export const INPUT_FORMATS = ["csv", "tsv", "tsv-escaped", "jsonl", "json", "rejects"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];
/** Formats that can be written. */
export const OUTPUT_FORMATS = ["csv", "tsv", "tsv-escaped", "jsonl", "json", "table", "md"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Other names that people use for a format. */
export const FORMAT_ALIASES: Readonly<Record<string, InputFormat | OutputFormat>> = {
  ndjson: "jsonl",
  jsonlines: "jsonl",
  markdown: "md",
};

/** Whether rows of a format are lines of fields, whose columns a header names. */
export function isDelimited(format: InputFormat | OutputFormat): boolean {
  return format === "csv" || format === "tsv" || format === "tsv-escaped";
}

/** Why one row failed, before it is known where it stands. */
export interface RowFault {
  code: ErrorCode;
  message: string;
  /** The input column to blame, where there is one. */
  column?: string;
  hint?: string;
}

/** What a splitter found at the start of the bytes it was given. */
export type Split =
  /**
   * Whole rows up to `end`: `rows` of them (0: only blank lines, comments), spanning `lines` line feeds. With
   * `isBeforeBad` the row behind them is bad: more bytes bring no more rows. `blanks` are lines with nothing on them.
   */
  | { kind: "rows"; end: number; rows: number; lines: number; blanks?: number; isBeforeBad?: boolean }
  /** One bad row up to `end`, the end of its first physical line. `faultLine`: lines from its start to the fault. */
  | { kind: "bad"; end: number; lines: number; fault: RowFault; faultLine: number }
  /** No whole row yet: more bytes are needed. */
  | { kind: "more" }
  /** Nothing of the input counts from here on. */
  | { kind: "end" };

/** The bytes that a splitter may look at, in the kernel's memory. */
export interface Bytes {
  kernel: Kernel;
  start: number;
  end: number;
  /** No byte follows `end`. The last line feed may be missing: the caller has put one behind `end` where it is. */
  isFinal: boolean;
  maxRows: number;
}

/** What a splitter knows beside the bytes it is given: where it is in an array, or in a line that it passes over. */
export type SplitterState = string;

/** The state of a splitter that has nothing to remember. */
export const PLAIN_STATE: SplitterState = "";
/** A line that was too long is being passed over: nothing counts up to its line feed. */
export const PASSING_STATE: SplitterState = "passing";

/** The first line of a bad row is kept for the rejects file up to so many bytes, or to those of the longest row. */
export const KEPT_LINE_BYTES: number = 1024 * 1024;

/** Whether more bytes are waited for, because the end of a bad row's line is not among these. */
export function mayBringLine({ start, end, isFinal }: Bytes): boolean {
  return !isFinal && end - start < KEPT_LINE_BYTES;
}

/** Finds the ends of rows. One a file; keeps no bytes. */
export interface Splitter {
  /** Between two calls; may be set to what it was in an earlier run. */
  state: SplitterState;
  /** Looks at the bytes; may be asked again with more of them from the same start. */
  split(bytes: Bytes): Split;
  /** What the last call found was taken: the next bytes begin behind it. */
  accept?(): void;
}

/** Where the fields of a block lie in the kernel's memory: its index counts bytes. */
export interface BlockFields {
  /** Address of the block. */
  start: number;
  /** Each row has all columns; there are no blank lines between them. */
  rows: number;
  /** Bytes of the block. */
  bytes: number;
  /** Makes the index anew, where rows have been made of the block since. */
  reindex(): void;
}

/** Where the objects of a block of JSONL lie in the kernel's memory, all of which may be copied. */
export interface BlockObjects {
  /** Address of the block. */
  start: number;
  rows: number;
  /** Bytes of the block. */
  bytes: number;
  /** What the values of wanted keys are cut from. */
  text: string;
}

/** Rows of one block, valid until the next block is asked for. */
export interface DecodedBlock {
  /**
   * Fields that can be copied as they are, quotes aside: UTF-8, and no line end in a field that is not quoted. Undefined
   * where there are none, or nobody asked for them.
   */
  fields?: BlockFields | undefined;
  /** Undefined where rows are not passed on as they are, or one of the block must be encoded or has failed. */
  objects?: BlockObjects | undefined;
  /** Undefined where `faults` says why. */
  rows: (Row | undefined)[];
  count: number;
  faults: Map<number, RowFault>;
  /** How a row is read again, where each has its own way; undefined where its fields have no names. */
  reading?(row: number): RowReading | undefined;
  /** Line feeds in the block. */
  lines: number;
  /** The block's text, or its bytes as latin1: whatever line feeds can be counted in. */
  source: string;
  /** Where a row starts in `source`. */
  offset(row: number): number;
  /** The raw text of a row. */
  text(row: number): string;
  /** Its raw bytes, in a block that holds bytes that are not UTF-8. */
  bytes?(row: number): Uint8Array;
  /** How rows were spelled that JSON.stringify would spell otherwise, by number; where somebody asked for it. */
  spellings?: ReadonlyMap<number, ObjectSpelling> | undefined;
  /** Comments that stand before a row, or behind the last one (by the count); where they are kept. */
  comments?: ReadonlyMap<number, Uint8Array> | undefined;
  /** Rows whose bytes are what their format's encoder would write; in a run that passes rows on as they are. */
  copies?: RowCopies | undefined;
  /** From here on `source`, `offset` and `text` stay valid when the next block is asked for. */
  keep(): void;
}

/** Where rows stand that may be copied. */
export interface RowCopies {
  bytes: Uint8Array;
  /** Address in `bytes` of a row's first byte; -1 when it must be encoded. */
  from(row: number): number;
  /** Behind its last byte; line end or comma are no part of it. */
  to(row: number): number;
}

/** Turns bytes of whole rows in the kernel's memory into rows. */
export interface Decoder {
  blocks(start: number, end: number, load: LoadBytes): Iterable<DecodedBlock>;
  /**
   * Calls `load` before it looks at bytes, with the address behind them: what is read piece by piece is still in the cache
   * then. Of any other decoder the caller loads all bytes beforehand.
   */
  loadsByPieces?: boolean;
}

/** Brings bytes into the kernel's memory, up to an address. */
export type LoadBytes = (to: number) => void;

/** How many line feeds a text holds. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
