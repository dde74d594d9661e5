/**
 * What parse() and CsvParseStream share: options, rows with their line numbers, records, and the errors of `@std/csv`.
 *
 * Rows come from the tokenizer; nothing here looks at quotes. A line number is that of the physical line, from 1.
 */

import { CSV } from "../formats/text/dialect.ts";
import { type QuoteFault, Tokenizer } from "../formats/text/tokenizer.ts";

/** Options of `parse()` and `CsvParseStream`; their names and meaning are those of `@std/csv`. */
export interface ParseOptions {
  /**
   * What stands between two fields; any text without a quotation mark, CR or LF.
   *
   * @default {","}
   */
  readonly separator?: string;
  /** A line that starts with it is left out. By default there are no comments. */
  readonly comment?: string;
  /**
   * Whether white space at the start of a field is dropped, even where it is the separator.
   *
   * @default {false}
   */
  readonly trimLeadingSpace?: boolean;
  /**
   * Whether a quote may stand in a field that is not quoted, and a single one in a quoted field.
   *
   * @default {false}
   */
  readonly lazyQuotes?: boolean;
  /**
   * How many fields a row must have: a positive number is that number, 0 is as many as the first row has. By default,
   * and with a negative number, rows may differ.
   */
  readonly fieldsPerRecord?: number;
  /**
   * Whether the first row is left out. Without `columns` it names the columns, and rows become records.
   *
   * @default {false}
   */
  readonly skipFirstRow?: boolean;
  /** Names of the columns: rows become records. */
  readonly columns?: readonly string[];
}

/** What a row becomes under the options `O`: an array of fields, or a record with a value for each column. */
export type ParsedRow<O extends ParseOptions> = O extends { readonly columns: readonly (infer Name extends string)[] }
  ? Record<Name, string>
  : O extends { readonly skipFirstRow: true }
    ? Record<string, string>
    : O extends Omit<ParseOptions, "columns" | "skipFirstRow"> & { columns?: undefined; skipFirstRow?: false }
      ? string[]
      : string[] | Record<string, string>;

const FAULT_TEXT: Record<QuoteFault["kind"], string> = {
  "bare-quote": 'bare " in non-quoted-field',
  quote: 'extraneous or missing " in quoted-field',
};

/** Reads rows from a text that may grow, and checks their quotes and their number of fields. */
export class RowReader {
  /** The row last read, and the line where it starts. */
  fields: string[] = [];
  line = 1;
  /** Offset in the text behind what was read. */
  end = 0;

  readonly #tokenizer: Tokenizer;
  #fieldsPerRow: number;
  #nextLine = 1;

  /** @throws {Error} If separator or comment cannot be told from quotes, line ends or each other. */
  constructor(options: ParseOptions) {
    const { separator = CSV.delimiter, comment, lazyQuotes = false, trimLeadingSpace = false } = options;
    if (!isMark(separator) || (comment !== undefined && !isMark(comment)) || separator === comment) {
      throw new Error("Cannot parse input: invalid delimiter");
    }
    const comments = comment === undefined ? [] : [comment];
    const trim = trimLeadingSpace ? "std" : "none";
    this.#tokenizer = new Tokenizer({ ...CSV, delimiter: separator, comments, lazyQuotes, trim });
    this.#fieldsPerRow = options.fieldsPerRecord ?? -1;
  }

  /**
   * Reads the next row that stands at `start` or behind it; blank and comment lines are passed over.
   *
   * @returns Whether there was one; if not, `end` tells how far the text was used up.
   * @throws {SyntaxError} If the row's quotes or its number of fields are wrong.
   */
  read(text: string, start: number, final: boolean): boolean {
    const tokenizer = this.#tokenizer;
    this.end = start;
    for (;;) {
      const token = tokenizer.read(text, this.end, final);
      if (token === "more" || token === "end") return false;
      this.line = this.#nextLine;
      if (tokenizer.fault !== undefined) throw faultError(tokenizer.fault, this.line);
      this.#nextLine += tokenizer.lines;
      this.end = tokenizer.end;
      if (token === "row") break;
    }
    this.fields = tokenizer.fields;
    this.#checkFieldCount();
    return true;
  }

  #checkFieldCount(): void {
    const found = this.fields.length;
    if (this.#fieldsPerRow === 0) this.#fieldsPerRow = found;
    if (this.#fieldsPerRow > 0 && found !== this.#fieldsPerRow) {
      throw new SyntaxError(
        `Syntax error on line ${this.line}: expected ${this.#fieldsPerRow} fields but got ${found}`,
      );
    }
  }
}

/** Whether a text can mark a separator or a comment. */
function isMark(text: string): boolean {
  return text !== "" && !/["\r\n]/.test(text);
}

function faultError(fault: QuoteFault, line: number): SyntaxError {
  const where = `parse error on line ${line + fault.line}, column ${fault.column}`;
  return new SyntaxError(`Syntax error on line ${line}; ${where}: ${FAULT_TEXT[fault.kind]}`);
}

/** Turns rows into what the options ask for. The first row may be the header, so rows must come in order. */
export class RowMapper {
  readonly #skipsFirst: boolean;
  #names: readonly string[] | undefined;
  #hasFirst = false;

  /** @throws {TypeError} If `columns` names a column twice. */
  constructor(options: ParseOptions) {
    this.#skipsFirst = options.skipFirstRow === true;
    this.#names = options.columns;
    const twice = options.columns && firstDuplicate(options.columns);
    if (twice !== undefined) {
      throw new TypeError(`Cannot parse input: the option "columns" has the name ${JSON.stringify(twice)} twice`);
    }
  }

  /**
   * The row or record to give out; undefined for a first row that is left out.
   *
   * @throws {SyntaxError} If the header has a name twice.
   * @throws {Error} If the row has more or fewer fields than there are columns.
   */
  map(fields: string[], line: number): string[] | Record<string, string> | undefined {
    if (this.#skipsFirst && !this.#hasFirst) {
      this.#hasFirst = true;
      this.#names ??= checkedHeader(fields, line);
      return undefined;
    }
    if (this.#names === undefined) return fields;
    return toRecord(this.#names, fields, line);
  }

  /**
   * To be called behind the last row.
   *
   * @throws {TypeError} If a first row was to be left out, and there was none.
   */
  finish(): void {
    if (this.#skipsFirst && !this.#hasFirst) throw new TypeError("Cannot parse input: headers must be defined");
  }
}

function checkedHeader(names: string[], line: number): string[] {
  const twice = firstDuplicate(names);
  if (twice === undefined) return names;
  throw new SyntaxError(
    `Syntax error on line ${line}: the header has the column ${JSON.stringify(twice)} twice; ` +
      `name the columns with the option "columns"`,
  );
}

function firstDuplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function toRecord(names: readonly string[], fields: string[], line: number): Record<string, string> {
  if (fields.length !== names.length) {
    throw new Error(
      `Syntax error on line ${line}: The record has ${fields.length} fields, but the header has ${names.length} fields`,
    );
  }
  // `Object.fromEntries` defines properties and never assigns them, so `__proto__` is a column like any other.
  return Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""]));
}
