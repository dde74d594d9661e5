/** `readRows()`: the rows of a whole file, for tables that a transform looks things up in. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { RowmillError, messageOf } from "../errors.ts";
import { CSV } from "../formats/text/dialect.ts";
import { parse, withoutByteOrderMark } from "../csv/parse.ts";
import { parseJson, whyNoJson } from "../formats/values/json.ts";
import type { InputTraits } from "../formats/format.ts";
import { type InputFormat, USUAL_FORMAT, readerOf } from "../formats/registry.ts";
import { readFailure, shownName } from "../io/files.ts";
import { ColumnSample } from "../fields/data-types.ts";
import { DELIMITER_SAMPLE_BYTES, findDelimiter } from "./delimiter.ts";
import { formatByName } from "./told-format.ts";

/** How {@linkcode readRows} reads a file. */
export interface ReadRowsOptions {
  /** Its format. @default by the extension of its name; CSV where that says nothing */
  from?: "csv" | "tsv" | "jsonl" | "json";
  /** Between fields of CSV. @default by the first rows */
  delimiter?: string;
  /**
   * What the fields of CSV and TSV are: numbers and booleans in columns that hold nothing else (`auto`, as the rows of a
   * run are read), or what they are in the file (`text`).
   * @default "auto"
   */
  types?: "auto" | "text";
}

/** One row of a file. */
type FileRow = Record<string, unknown>;

/**
 * Reads all rows of a file: CSV, TSV, JSON or lines of JSON, as they are or compressed by gzip.
 *
 * @example A table to look things up in
 * ```ts
 * import { readRows } from "rowmill";
 *
 * const byId = new Map(readRows(new URL("./cities.csv", import.meta.url)).map((city) => [city.id, city]));
 * export default (row) => ({ ...row, city: byId.get(row.cityId)?.name });
 * ```
 *
 * @param file A path from the current folder, or a URL of a file.
 * @returns The rows, with the names of the header as keys. An empty field of a column of numbers is undefined.
 * @throws {RowmillError} `input`, if the file cannot be read, or is not of its format.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- what is in a file its author knows
export function readRows(file: string | URL, options: ReadRowsOptions = {}): Record<string, any>[] {
  const path = file instanceof URL ? Bun.fileURLToPath(file) : file;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const [reason, hint] = readFailure(error, path);
    throw new RowmillError("input", `cannot read ${shownName(path)}: ${reason}`, { hint, cause: error });
  }
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return rowsOf(isGzip ? gunzipSync(bytes) : bytes, options.from ?? formatByName(path) ?? USUAL_FORMAT, options);
  } catch (error) {
    throw new RowmillError("input", `cannot read the rows of ${shownName(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function rowsOf(bytes: Buffer, format: InputFormat, { delimiter, types = "auto" }: ReadRowsOptions): FileRow[] {
  const text = withoutByteOrderMark(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  const { traits, dialect } = readerOf(format);
  if (traits.columns === "keys") return jsonRows(text, traits);
  if (text.trim() === "") return [];
  const separator = delimiter ?? dialect?.delimiter ?? foundDelimiter(bytes);
  const rows: Record<string, string>[] = parse(text, { separator, skipFirstRow: true });
  return types === "text" ? rows : typed(rows);
}

function jsonRows(text: string, { rows }: InputTraits): FileRow[] {
  if (rows === "values") return [parsed(text, 1) as FileRow | FileRow[]].flat();
  return text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [parsed(line, at + 1) as FileRow]));
}

/** A value of JSON whose text begins in a line of its file. */
function parsed(text: string, firstLine: number): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const { why, at } = whyNoJson(error, text);
    const line = firstLine + text.slice(0, at).split("\n").length - 1;
    throw new Error(`line ${line}: ${why}`, { cause: error });
  }
}

function foundDelimiter(bytes: Buffer): string {
  const dialect = { ...CSV, comments: [], lazyQuotes: false, trim: "none" as const, hasEscapes: false };
  return findDelimiter(bytes.subarray(0, DELIMITER_SAMPLE_BYTES), {
    dialect,
    hasHeader: true,
    isRagged: false,
    takesExtra: false,
    isWhole: bytes.length <= DELIMITER_SAMPLE_BYTES,
  }).delimiter;
}

/** Rows with the fields of columns of numbers and booleans as such: all rows say which these are. */
function typed(rows: readonly Record<string, string>[]): FileRow[] {
  const [first = {}] = rows;
  const types = new Map(Object.keys(first).map((name) => [name, typeOf(rows, name)]));
  return rows.map((row) => {
    const made: FileRow = { ...row };
    for (const [name, type] of types) {
      if (type !== "number" && type !== "boolean") continue;
      const text = row[name] ?? "";
      const value = text === "" ? undefined : type === "number" ? Number(text) : text.toLowerCase() === "true";
      Object.defineProperty(made, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return made;
  });
}

function typeOf(rows: readonly Record<string, string>[], name: string): ColumnSample["type"] {
  const sample = new ColumnSample();
  for (const row of rows) sample.add(row[name] ?? "");
  return sample.type;
}
