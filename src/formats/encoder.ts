/**
 * The encoder of an output format, on the worker's side: a function from one result to its text. What stands around the
 * rows (header, brackets, the table's frame) is written by the parent: see framing.ts.
 */
import { RowmillError, messageOf } from "../errors.ts";
import { checkKeys, quotedText } from "./columns.ts";
import type { BlockEncoder } from "./block-encoder.ts";
import { csvBlockEncoder } from "./csv/block-encoder.ts";
import { LONE_SURROGATE } from "./text/field-encoder.ts";
import type { OutputDialect } from "./text/output-dialect.ts";
import { csvRowEncoder } from "./csv/encoder.ts";
import { cellText } from "./values/cell.ts";
import { type OutputFormat, type Row, isDelimited } from "./format.ts";
import { JSON_ESCAPE, jsonBlockEncoder } from "./json/block-encoder.ts";
import { formOf, kindOf } from "./values/form.ts";
import { stringifyJson } from "./values/json.ts";
import { type TextEncoding, textEncoding } from "./text-encoding.ts";

/** What a run writes. */
export interface OutputSetup {
  format: OutputFormat;
  dialect: OutputDialect;
  /** Its encoding, as `TextDecoder` calls it, where that is not UTF-8: the parent makes the bytes. */
  encoding?: string | undefined;
}

/** Formats whose rows share columns. */
export function hasColumns(format: OutputFormat): boolean {
  return format !== "jsonl" && format !== "json";
}

/** Between the texts of two rows of a JSON array. */
export const JSON_SEPARATOR = ",\n";

/** Turns results into text: one by one, or a block at once where that can be proven to be right. */
export interface Encoder {
  /** The text of one result; throws when it cannot be written. */
  encode(value: unknown): string;
  block: BlockEncoder | undefined;
  /** The character that is counted for `block`, beside quotes and control characters. */
  delimiter: string;
  /** What stands behind the bytes of a row that is copied. */
  copyEnd: string;
}

/** The encoder of an output. `columns` counts for formats that have them. */
export function resultEncoder(output: OutputSetup, columns: readonly string[]): Encoder {
  const { format, dialect } = output;
  const encoding = output.encoding === undefined ? undefined : textEncoding(output.encoding);
  const encode = encoding === undefined ? rowEncoder(output, columns) : checked(rowEncoder(output, columns), encoding);
  if (format === "jsonl" || format === "json") {
    const copyEnd = format === "jsonl" ? dialect.newline : JSON_SEPARATOR;
    const canCount = encoding === undefined && !copyEnd.includes("\r");
    return { encode, block: canCount ? jsonBlockEncoder(copyEnd) : undefined, delimiter: JSON_ESCAPE, copyEnd };
  }
  const canCount = encoding === undefined && isDelimited(format);
  const block = canCount ? csvBlockEncoder(columns, dialect) : undefined;
  return { encode, block, delimiter: dialect.delimiter, copyEnd: dialect.newline };
}

/** An encoder that fails rows with characters for which there are no bytes. */
function checked(encode: (value: unknown) => string, encoding: TextEncoding): (value: unknown) => string {
  return (value) => {
    const text = encode(value);
    const missing = encoding.missing(text);
    if (missing === undefined) return text;
    throw new RowmillError(
      "row-encode",
      `the result cannot be written: the file's encoding has no ${quotedText(missing)}`,
      {
        hint: "what is written to another file, with -o, is in UTF-8",
      },
    );
  };
}

/** Makes the function that turns one result into text. `columns` counts for formats that have them. */
function rowEncoder(output: OutputSetup, columns: readonly string[]): (value: unknown) => string {
  switch (output.format) {
    case "csv":
    case "tsv":
    case "tsv-escaped":
      return needRow(csvRowEncoder(columns, output.dialect));
    case "table":
    case "md":
      return needRow(tableRowEncoder(columns, output.dialect.nullText));
    case "jsonl":
      return (value) => jsonText(value) + output.dialect.newline;
    case "json":
      return (value) => jsonText(value) + JSON_SEPARATOR;
  }
}

/** The JSON of a value that was written when it came: its parts may be others by now. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function jsonText(value: unknown): string {
  return value instanceof JsonText ? value.text : stringifyJson(value);
}

function needRow(encode: (row: Row) => string): (value: unknown) => string {
  return (value) => {
    if (isRowLike(value)) return encode(value);
    throw noRow(
      value,
      "return an object, an array of objects, or null to drop the row; for one value write { value: … }",
    );
  };
}

function noRow(value: unknown, hint: string): RowmillError {
  return new RowmillError("row-result", `the result is ${describeResult(value)}, not an object`, { hint });
}

/**
 * Whether a result may be a row: an object whose own fields are what is to be written.
 *
 * @throws {RowmillError} `row-result`, for an object that has no form.
 */
function isRowLike(value: unknown): value is Row {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  try {
    return formOf(value) === "fields";
  } catch (error) {
    throw noRow(value, messageOf(error));
  }
}

function describeResult(value: unknown): string {
  if (Array.isArray(value)) return "an array within an array";
  if (typeof value === "object" && value !== null) return kindOf(value);
  return typeof value === "string"
    ? `the string ${JSON.stringify(value.slice(0, 40))}`
    : `the ${typeof value} ${String(value)}`;
}

/** A table is drawn by the parent: its rows travel as JSON arrays of numbers and texts. */
function tableRowEncoder(columns: readonly string[], nullText: string): (row: Row) => string {
  const known = new Set(columns);
  return (row) => {
    checkKeys(row, known);
    const cells = columns.map((name) => {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      if (typeof value === "number" && Number.isFinite(value)) return value;
      const text = cellText(value, nullText);
      if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
      return text;
    });
    return `${JSON.stringify(cells)}\n`;
  };
}
