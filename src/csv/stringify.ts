/** The library's `stringify()`: rows or records to CSV text, with the options of `@std/csv`. */

import { CSV } from "../formats/text/dialect.ts";
import { quoteField } from "./quote-field.ts";

/** The key of a record, or the index of an array. */
export type PropertyAccessor = number | string;

/** Where the values of a column are found, and what it is called. */
export interface ColumnDetails {
  /** The name in the header; without it, the last accessor of `prop`. */
  readonly header?: string;
  /** The property that holds the value, or the path to it. */
  readonly prop: PropertyAccessor | readonly PropertyAccessor[];
}

/** A column: a property, the path to one, or either with a name for the header. */
export type Column = ColumnDetails | PropertyAccessor | readonly PropertyAccessor[];

/** One row: a record, or an array of values. Anything else is a row of one value. */
export type DataItem = unknown;

/** Options of `stringify()` and `CsvStringifyStream`; their names and meaning are those of `@std/csv`. */
export interface StringifyOptions {
  /** The columns, in order. Needed for records; without it an array gives all its values. */
  readonly columns?: readonly Column[];
  /**
   * Whether the first line names the columns. Without `columns` there is no such line.
   *
   * @default {true}
   */
  readonly headers?: boolean;
  /**
   * What stands between two fields; any text without a quotation mark or CR LF. With an empty one all fields are quoted.
   *
   * @default {","}
   */
  readonly separator?: string;
  /**
   * Whether lines end with CRLF, as RFC 4180 has it, or with LF.
   *
   * @default {true}
   */
  readonly crlf?: boolean;
  /**
   * Whether a byte-order mark comes first, which some spreadsheets need to see that the text is UTF-8.
   *
   * @default {false}
   */
  readonly bom?: boolean;
}

/**
 * Writes CSV text.
 *
 * A field is quoted when it holds the separator, a quotation mark, CR or LF. An empty field that is alone in its row is
 * an empty line, which `parse()` leaves out. `null` and `undefined` are empty, a `Date` is written as ISO 8601, another
 * object or array as JSON, everything else as `String()` has it. What is not there on a path is empty; a path that goes on
 * behind a value that is no object gives that value.
 *
 * These are the answers of `@std/csv` 1.0.6, but for these: it does not quote a lone CR, nor a field that ends as a longer
 * separator begins; it writes a `Date` as JSON, in quotes, and an invalid one as `null`; it finds what every object has
 * (`toString`).
 *
 * @example Records
 * ```ts
 * import assert from "node:assert/strict";
 * import { stringify } from "rowmill";
 *
 * const data = [{ name: { first: "Ada", last: "Lovelace" }, born: 1815 }];
 * const columns = [["name", "first"], { prop: "born", header: "year of birth" }];
 * assert.equal(stringify(data, { columns }), "first,year of birth\r\nAda,1815\r\n");
 * ```
 *
 * @example Arrays
 * ```ts
 * import assert from "node:assert/strict";
 * import { stringify } from "rowmill";
 *
 * assert.equal(stringify([["a", "b,c"], [1, null]], { crlf: false }), 'a,"b,c"\n1,\n');
 * ```
 *
 * @param data The rows, in an array or anything else that can be iterated.
 * @param options Which columns there are, and how they are written.
 * @returns The text; every line ends with a line end, the last one too.
 * @throws {TypeError} If `separator` holds a quotation mark or CR LF, if a row is a record and there are no `columns`, if
 * an array is asked for a property that is no number, or if a value cannot be JSON.
 * @throws {RangeError} If a date is invalid.
 */
export function stringify(data: Iterable<DataItem>, options: StringifyOptions = {}): string {
  const writer = new RowWriter(options);
  let text = writer.head();
  for (const item of data) text += writer.row(item);
  return text;
}

/** Writes one row after the other; what stringify() and CsvStringifyStream share. */
export class RowWriter {
  readonly #separator: string;
  readonly #lineEnd: string;
  readonly #columns: readonly { header: string; path: readonly PropertyAccessor[] }[];
  readonly #hasHeader: boolean;
  readonly #hasByteOrderMark: boolean;

  /** @throws {TypeError} If the separator holds a quotation mark or CR LF. */
  constructor(options: StringifyOptions) {
    const { columns = [], headers = true, separator = CSV.delimiter, crlf = true, bom = false } = options;
    if (separator.includes(CSV.quote) || separator.includes("\r\n")) {
      throw new TypeError(
        [
          "Separator cannot include the following strings:",
          '  - U+0022: Quotation mark (")',
          String.raw`  - U+000D U+000A: Carriage Return + Line Feed (\r\n)`,
        ].join("\n"),
      );
    }
    this.#separator = separator;
    this.#lineEnd = crlf ? "\r\n" : "\n";
    this.#columns = columns.map((column) => ({ header: headerOf(column), path: pathOf(column) }));
    this.#hasHeader = headers && columns.length > 0;
    this.#hasByteOrderMark = bom;
  }

  /** What stands before the first row: byte-order mark and header, as far as asked for. */
  head(): string {
    const mark = this.#hasByteOrderMark ? "\ufeff" : "";
    return this.#hasHeader ? mark + this.#line(this.#columns.map(({ header }) => header)) : mark;
  }

  /** One row, line end included. */
  row(item: DataItem): string {
    return this.#line(this.#valuesOf(item));
  }

  #line(values: readonly unknown[]): string {
    return values.map((value) => this.#field(value)).join(this.#separator) + this.#lineEnd;
  }

  #field(value: unknown): string {
    return value === undefined || value === null ? "" : quoteField(textOf(value), this.#separator, CSV.quote);
  }

  #valuesOf(item: DataItem): readonly unknown[] {
    if (this.#columns.length > 0) return this.#columns.map(({ path }) => valueAt(item, path));
    if (Array.isArray(item)) return Array.from<unknown>(item);
    if (typeof item === "object") throw new TypeError("No property accessor function was provided for object");
    return [item];
  }
}

function pathOf(column: Column): readonly PropertyAccessor[] {
  const prop = isDetails(column) ? column.prop : column;
  return typeof prop === "object" ? prop : [prop];
}

function headerOf(column: Column): string {
  const header = isDetails(column) ? column.header : undefined;
  return header ?? String(pathOf(column).at(-1) ?? "");
}

function isDetails(column: Column): column is ColumnDetails {
  return typeof column === "object" && "prop" in column;
}

function valueAt(item: DataItem, path: readonly PropertyAccessor[]): unknown {
  let value: unknown = item;
  for (const accessor of path) {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value) && typeof accessor !== "number") {
      throw new TypeError('Property accessor is not of type "number"');
    }
    value = hasValue(value, accessor) ? Reflect.get(value, accessor) : undefined;
  }
  return value;
}

/** Whether reading the property gives data, and not what every object has (`toString`, `__proto__`). */
function hasValue(value: object, accessor: PropertyAccessor): boolean {
  return Object.hasOwn(value, accessor) || !(accessor in Object.prototype);
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  // JSON.stringify() gives undefined for an object whose toJSON() does.
  if (typeof value === "object") return JSON.stringify(value) ?? "";
  // oxlint-disable-next-line typescript/no-base-to-string -- objects are written above
  return String(value);
}
