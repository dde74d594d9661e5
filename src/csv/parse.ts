/** The library's `parse()`: CSV text to rows or records, with the options and answers of `@std/csv` 1.0.6. */

import { type ParsedRow, type ParseOptions, RowMapper, RowReader } from "./row-reader.ts";

export type { ParsedRow, ParseOptions } from "./row-reader.ts";

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Parses CSV text.
 *
 * Rows end with LF or CRLF, the last one also with nothing. A field is quoted with `"`, and a quote in it is doubled
 * (RFC 4180). Blank lines and a byte-order mark are left out; nothing else is: white space and line ends inside quotes
 * stay as they are.
 *
 * The options and answers, error messages included, are those of `@std/csv` 1.0.6, but for this: line numbers count
 * physical lines; an unclosed quote is reported where it was opened; CRLF inside quotes is kept; a header or `columns`
 * with a name twice is an error; `__proto__` is a column like any other; with `fieldsPerRecord: 0` a comment or blank
 * first line does not set the number of fields.
 *
 * @example Rows
 * ```ts
 * import assert from "node:assert/strict";
 * import { parse } from "rowmill";
 *
 * assert.deepEqual(parse('name,born\n"Lovelace, Ada",1815\n'), [["name", "born"], ["Lovelace, Ada", "1815"]]);
 * ```
 *
 * @example Records
 * ```ts
 * import assert from "node:assert/strict";
 * import { parse } from "rowmill";
 *
 * const text = "name;born\nAda;1815\n";
 * assert.deepEqual(parse(text, { separator: ";", skipFirstRow: true }), [{ name: "Ada", born: "1815" }]);
 * ```
 *
 * @param input The whole text.
 * @param options How to read it, and whether rows become records.
 * @returns An array of fields for each row; with `skipFirstRow` or `columns` a record for each row.
 * @throws {SyntaxError} If a quote stands where none may or is never closed, if a row has not the number of fields that
 * `fieldsPerRecord` asks for, or if the header has a name twice.
 * @throws {Error} If a row has more or fewer fields than there are columns, or if `separator` or `comment` cannot be
 * told from quotes, line ends or each other.
 * @throws {TypeError} If `skipFirstRow` is set and there is no row, or if `columns` has a name twice.
 */
export function parse(input: string): string[][];
export function parse<const O extends ParseOptions>(input: string, options: O | undefined): ParsedRow<O>[];
export function parse(input: string, options: ParseOptions = {}): (string[] | Record<string, string>)[] {
  const text = withoutByteOrderMark(input);
  const reader = new RowReader(options);
  const mapper = new RowMapper(options);
  const rows: { fields: string[]; line: number }[] = [];
  while (reader.read(text, reader.end, true)) rows.push({ fields: reader.fields, line: reader.line });
  // Only now: as in @std/csv, a syntax error anywhere comes before an error of the header.
  const result = rows.map(({ fields, line }) => mapper.map(fields, line)).filter((row) => row !== undefined);
  mapper.finish();
  return result;
}

/** The text without the byte-order mark at its start, if it has one. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}
