/**
 * Turns rows into CSV text, on the worker's side. The code for one row is generated for the output columns; names enter
 * it as JSON string literals only.
 */
import { checkKeys } from "../columns.ts";
import type { Row } from "../format.ts";
import { cellText } from "./cell.ts";

/** How CSV is written. */
export interface OutputDialect {
  delimiter: string;
  newline: "\n" | "\r\n";
  /** Every field is quoted, needed or not. */
  quoteAll: boolean;
  /** What null and undefined are written as. */
  nullText: string;
  /** Fields that a spreadsheet would run as a formula get an apostrophe in front. */
  escapeFormulas: boolean;
}

/** A row of more columns is written by a loop: generated code for it would not be optimised any more. */
const MAX_GENERATED_COLUMNS = 256;

/** Code is generated when so many rows have come: for fewer, making it takes longer than it saves. */
export const WORTH_COMPILING_ROWS = 32;

/** What starts a formula in a spreadsheet (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** What the text of a number may hold: as a delimiter, such a character is quoted in numbers too. */
const NUMBER_CHARACTERS = /[\dNaInfity.e+-]/;

/** Makes the function that turns one row into one line of CSV; it throws for a row that cannot be written. */
export function csvRowEncoder(columns: readonly string[], dialect: OutputDialect): (row: Row) => string {
  const cell = fieldEncoder(dialect, columns.length === 1);
  const known = new Set(columns);
  const { delimiter, newline } = dialect;
  const encodeAny = (row: Row): string => {
    checkKeys(row, known);
    let line = "";
    for (const [index, name] of columns.entries()) {
      if (index > 0) line += delimiter;
      line += cell(Object.hasOwn(row, name) ? row[name] : undefined);
    }
    return line + newline;
  };
  if (columns.length > MAX_GENERATED_COLUMNS) return encodeAny;
  let rows = 0;
  let encode = encodeAny;
  return (row) => {
    if (++rows === WORTH_COMPILING_ROWS) encode = compileRowEncoder(columns, { cell, encodeAny, delimiter, newline });
    return encode(row);
  };
}

/** The header line of the columns. */
export function csvHeader(columns: readonly string[], dialect: OutputDialect): string {
  const cell = fieldEncoder(dialect, columns.length === 1);
  return columns.map(cell).join(dialect.delimiter) + dialect.newline;
}

/** Whether numbers need no quotes beside a delimiter. */
export function canHoldNumbers(delimiter: string): boolean {
  return !NUMBER_CHARACTERS.test(delimiter);
}

/** Makes the function that writes one value as a field. With `isLone` it is the only one of its row. */
export function fieldEncoder(dialect: OutputDialect, isLone: boolean): (value: unknown) => string {
  const { delimiter, nullText, quoteAll, escapeFormulas } = dialect;
  const special = new RegExp(`[${RegExp.escape(delimiter)}"\r\n]`);
  const needsQuotes = (text: string): boolean => special.test(text);
  const areNumbersPlain = canHoldNumbers(delimiter);
  const encodeText = (text: string): string => {
    const safe = escapeFormulas && FORMULA.test(text) ? `'${text}` : text;
    return quoteAll || needsQuotes(safe) || (isLone && safe === "") ? quote(safe) : safe;
  };
  if (quoteAll || escapeFormulas || isLone) {
    return (value) => (typeof value === "string" ? encodeText(value) : encodeText(cellText(value, nullText)));
  }
  return (value) => {
    if (typeof value === "string") return needsQuotes(value) ? quote(value) : value;
    if (typeof value === "number" && areNumbersPlain && Number.isFinite(value)) return String(value);
    const text = cellText(value, nullText);
    return needsQuotes(text) ? quote(text) : text;
  };
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Generated code for the value of a column of the row that goes by `variable`. */
export function columnRead(name: string, variable: string): string {
  const key = JSON.stringify(name);
  const value = `${variable}[${key}]`;
  // A name that every object inherits says nothing about the row unless it is its own.
  return name in Object.prototype ? `(Object.hasOwn(${variable}, ${key}) ? ${value} : undefined)` : value;
}

interface RowEncoderParts {
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
  const line = columns.map((_, index) => `cell(f${index})`).join(" + delimiter + ");
  const source = `return function encodeRow(row) {
    if (Object.getPrototypeOf(row) !== Object.prototype) return encodeAny(row);
    let found = 0, keys = 0;
    for (const key in row) keys++;
    ${reads.join("\n")}
    if (found !== keys) return encodeAny(row);
    return ${columns.length === 0 ? '""' : line} + newline;
  }`;
  const { cell, encodeAny, delimiter, newline } = parts;
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function("cell", "encodeAny", "delimiter", "newline", source)(cell, encodeAny, delimiter, newline) as (
    row: Row,
  ) => string;
}
