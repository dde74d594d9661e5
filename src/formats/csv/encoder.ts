/**
 * Turns rows into CSV text, on the worker's side. The code for one row is generated for the output columns; names enter
 * it as JSON string literals only.
 */
import { RowmillError } from "../../errors.ts";
import { checkKeys, quotedText } from "../columns.ts";
import type { Row } from "../format.ts";
import { cellText } from "./cell.ts";
import { escapeField } from "./field-escapes.ts";

/** How CSV is written. */
export interface OutputDialect {
  delimiter: string;
  /** Around fields that need it; the empty string: nothing is quoted, and a field that would need it fails its row. */
  quote: string;
  /** Before a quote within quotes; the same as `quote` means that it is doubled. */
  escape: string;
  /** A row that would begin with one of them has its first field quoted: it would be read as a comment. */
  comments: readonly string[];
  /** White space around a field is quoted, because whoever reads it will drop it otherwise. */
  keepsSpace: boolean;
  /** A row of one empty field is a line with nothing on it: so it is read. Otherwise the field is quoted. */
  hasBlankRows: boolean;
  newline: "\n" | "\r\n";
  /** Every field is quoted, needed or not. */
  quoteAll: boolean;
  /** What null and undefined are written as. */
  nullText: string;
  /** Fields that a spreadsheet would run as a formula get an apostrophe in front. */
  escapeFormulas: boolean;
  /** Fields are written as in `tsv-escaped`: nothing is quoted. */
  hasEscapes: boolean;
  /**
   * The column whose array is written as fields behind all others, and has no name in the header: where that is how rows
   * are read.
   */
  rest: string | undefined;
}

/** A row of more columns is written by a loop: generated code for it would not be optimised any more. */
const MAX_GENERATED_COLUMNS = 256;

/** Code is generated when so many rows have come: for fewer, making it takes longer than it saves. */
export const WORTH_COMPILING_ROWS = 32;

/** CSV as it is written where nothing else is said. */
export const PLAIN_CSV: OutputDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  comments: [],
  keepsSpace: false,
  hasBlankRows: false,
  newline: "\n",
  quoteAll: false,
  nullText: "",
  escapeFormulas: false,
  hasEscapes: false,
  rest: undefined,
};

/** Makes the function that turns one row into one line of CSV; it throws for a row that cannot be written. */
export function csvRowEncoder(columns: readonly string[], dialect: OutputDialect): (row: Row) => string {
  const rest = restOf(columns, dialect);
  if (rest !== undefined) return restEncoder(columns, dialect, rest);
  const cell = fieldEncoder(dialect, columns.length === 1);
  const firstCell = firstFieldEncoder(dialect, columns.length === 1, cell);
  const known = new Set(columns);
  const { delimiter, newline } = dialect;
  const encodeAny = (row: Row): string => {
    checkKeys(row, known);
    let line = "";
    for (const [index, name] of columns.entries()) {
      if (index > 0) line += delimiter;
      line += (index === 0 ? firstCell : cell)(Object.hasOwn(row, name) ? row[name] : undefined);
    }
    return line + newline;
  };
  if (columns.length > MAX_GENERATED_COLUMNS) return encodeAny;
  let rows = 0;
  let encode = encodeAny;
  return (row) => {
    if (++rows === WORTH_COMPILING_ROWS) {
      encode = compileRowEncoder(columns, { firstCell, cell, encodeAny, delimiter, newline });
    }
    return encode(row);
  };
}

/** The column that is written as fields behind all others. Alone it is a column like any other. */
function restOf(columns: readonly string[], { rest }: OutputDialect): string | undefined {
  return rest !== undefined && columns.length > 1 && columns.includes(rest) ? rest : undefined;
}

/** Writes rows with as many fields behind their columns as each has. */
function restEncoder(columns: readonly string[], dialect: OutputDialect, rest: string): (row: Row) => string {
  const known = new Set(columns);
  const named = columns.filter((name) => name !== rest);
  const line = lineEncoder(dialect);
  const loneLine = lineEncoder(dialect, true);
  return (row) => {
    checkKeys(row, known);
    const kept = Object.hasOwn(row, rest) ? row[rest] : undefined;
    const extra: unknown[] = Array.isArray(kept) ? kept : kept === undefined || kept === null ? [] : [kept];
    const values = [...named.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined)), ...extra];
    return (values.length === 1 ? loneLine : line)(values);
  };
}

/** Makes the function that writes values as a line. */
function lineEncoder(dialect: OutputDialect, isLone: boolean = false): (values: readonly unknown[]) => string {
  const cell = fieldEncoder(dialect, isLone);
  const firstCell = firstFieldEncoder(dialect, isLone, cell);
  return (values) =>
    values.map((value, at) => (at === 0 ? firstCell : cell)(value)).join(dialect.delimiter) + dialect.newline;
}

/**
 * The header line of the columns.
 *
 * @throws {RowmillError} `row-encode`, when a name cannot be written.
 */
export function csvHeader(columns: readonly string[], dialect: OutputDialect): string {
  const rest = restOf(columns, dialect);
  const named = columns.filter((name) => name !== rest);
  // Above the rows a line with nothing on it is none.
  return lineEncoder({ ...dialect, hasBlankRows: false }, named.length === 1)(named);
}

/** Whether numbers need no quotes beside a delimiter: their texts hold no such character. */
export function canHoldNumbers(delimiter: string): boolean {
  return !/[\dNaInfity.e+-]/.test(delimiter);
}

/** Makes the function that writes one value as a field. With `isLone` it is the only one of its row. */
export function fieldEncoder(dialect: OutputDialect, isLone: boolean): (value: unknown) => string {
  return encoderOf(dialect, isLone, []);
}

/** The same for the first field of a row; `cell` is that of all others. */
function firstFieldEncoder(
  dialect: OutputDialect,
  isLone: boolean,
  cell: (value: unknown) => string,
): (value: unknown) => string {
  return dialect.comments.length === 0 ? cell : encoderOf(dialect, isLone, dialect.comments);
}

/** @param starts A field that begins with one of them is quoted. */
function encoderOf(dialect: OutputDialect, isLone: boolean, starts: readonly string[]): (value: unknown) => string {
  if (dialect.hasEscapes) return escapedFieldEncoder(dialect, starts);
  const { delimiter, quote, nullText, quoteAll, escapeFormulas, hasBlankRows } = dialect;
  const needsQuotes = patternOf(dialect, starts, "");
  // Halves of surrogate pairs are found on the way: texts that are latin1 cannot hold one, and pay nothing for it.
  const isUnusual = patternOf(dialect, starts, String.raw`\ud800-\udfff`);
  const inQuotes = quoter(dialect, starts);
  const unusual = (text: string): string => {
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    return needsQuotes.test(text) ? inQuotes(text) : text;
  };
  const areNumbersPlain = canHoldNumbers(delimiter) && (quote === "" || canHoldNumbers(quote));
  if (quoteAll || escapeFormulas || (isLone && quote !== "" && !hasBlankRows)) {
    return (value) => {
      const text = typeof value === "string" ? value : cellText(value, nullText);
      const isText = typeof value !== "number" && typeof value !== "bigint";
      const safe = escapeFormulas && isText && isFormula(text) ? `'${text}` : text;
      const written = isUnusual.test(safe) ? unusual(safe) : safe;
      const isBare = written === safe && (quoteAll || (isLone && !hasBlankRows && safe === ""));
      return isBare && quote !== "" ? inQuotes(safe) : written;
    };
  }
  return (value) => {
    if (typeof value === "string") return isUnusual.test(value) ? unusual(value) : value;
    if (typeof value === "number" && areNumbersPlain && Number.isFinite(value)) return String(value);
    const text = cellText(value, nullText);
    return isUnusual.test(text) ? unusual(text) : text;
  };
}

/** Why a text with a lone surrogate is not written. */
export const LONE_SURROGATE: string = "a text that holds half of a surrogate pair has no form in UTF-8";

/**
 * Whether a spreadsheet would run it (OWASP, "CSV Injection"; some take full-width signs for the others). What is a
 * number to a spreadsheet as well is not run.
 */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
}

/** What is read back only in quotes; `more` are characters of a class beside it. */
function patternOf(
  { delimiter, quote, escape, keepsSpace }: OutputDialect,
  starts: readonly string[],
  more: string,
): RegExp {
  const special = [
    `[${RegExp.escape(delimiter + quote)}\r\n${more}]`,
    ...starts.map((start) => `^${RegExp.escape(start)}`),
  ];
  // To many readers it would escape the delimiter, outside of quotes too.
  if (quote !== "" && escape !== quote && escape !== "") special.push(`${RegExp.escape(escape)}$`);
  if (keepsSpace) special.push(String.raw`^\s|\s$`);
  return new RegExp(special.join("|"));
}

/** Makes the function that puts a text in quotes. */
function quoter(dialect: OutputDialect, starts: readonly string[]): (text: string) => string {
  const { quote, escape } = dialect;
  if (quote === "") return (text) => notQuoted(text, dialect, starts);
  // A dollar sign means something in a replacement. A function in its place takes longer.
  const escaped = (one: string): string => (escape + one).replaceAll("$", "$$$$");
  const [escapedQuote, escapedEscape] = [escaped(quote), escaped(escape)];
  if (escape === quote) return (text) => quote + text.replaceAll(quote, escapedQuote) + quote;
  return (text) => quote + text.replaceAll(escape, escapedEscape).replaceAll(quote, escapedQuote) + quote;
}

/** So much of a field is shown. */
const SHOWN_CHARS = 40;

function notQuoted(text: string, { delimiter }: OutputDialect, starts: readonly string[]): never {
  const what = text.includes(delimiter)
    ? "holds the delimiter"
    : /[\r\n]/.test(text)
      ? "holds a line end"
      : `begins as a comment does, with ${starts.find((start) => text.startsWith(start))}`;
  const shown = quotedText(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
  throw new RowmillError("row-encode", `the result cannot be written: ${shown} ${what}, and fields are not quoted`, {
    hint: `--out-quote '"' quotes such fields${delimiter === "\t" ? String.raw`; --to tsv-escaped writes \t and \n` : ""}`,
  });
}

/** Writes fields of `tsv-escaped`: what stands for null is told from a text by its backslash. */
function escapedFieldEncoder(
  { nullText, escapeFormulas }: OutputDialect,
  starts: readonly string[],
): (value: unknown) => string {
  return (value) => {
    const text = cellText(value, nullText);
    if (typeof value !== "string" && text === nullText) return text;
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    const isText = typeof value !== "number" && typeof value !== "bigint";
    const written = escapeField(escapeFormulas && isText && isFormula(text) ? `'${text}` : text);
    const start = starts.find((mark) => written.startsWith(mark));
    if (start === undefined) return written;
    throw new RowmillError("row-encode", `the result cannot be written: it begins as a comment does, with ${start}`, {
      hint: "--to csv quotes such fields",
    });
  };
}

/** Generated code for the value of a column of the row that goes by `variable`. */
export function columnRead(name: string, variable: string): string {
  const key = JSON.stringify(name);
  const value = `${variable}[${key}]`;
  // A name that every object inherits says nothing about the row unless it is its own.
  return name in Object.prototype ? `(Object.hasOwn(${variable}, ${key}) ? ${value} : undefined)` : value;
}

interface RowEncoderParts {
  firstCell: (value: unknown) => string;
  cell: (value: unknown) => string;
  encodeAny: (row: Row) => string;
  delimiter: string;
  newline: string;
}

/**
 * The generated code reads the columns and counts both the keys of the row and the columns found; when the two numbers
 * agree, the row has no key beyond the columns. Any other row takes the way of `encodeAny`, which looks closer.
 */
function compileRowEncoder(columns: readonly string[], parts: RowEncoderParts): (row: Row) => string {
  const reads = columns.map(
    (name, index) => `const f${index} = ${columnRead(name, "row")}; if (f${index} !== undefined) found++;`,
  );
  const line = columns.map((_, index) => `${index === 0 ? "firstCell" : "cell"}(f${index})`).join(" + delimiter + ");
  const source = `return function encodeRow(row) {
    if (Object.getPrototypeOf(row) !== Object.prototype) return encodeAny(row);
    let found = 0, keys = 0;
    for (const key in row) keys++;
    ${reads.join("\n")}
    if (found !== keys) return encodeAny(row);
    return ${columns.length === 0 ? '""' : line} + newline;
  }`;
  const names = Object.keys(parts);
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function(...names, source)(...Object.values(parts)) as (row: Row) => string;
}
