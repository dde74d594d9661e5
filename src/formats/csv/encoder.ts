/**
 * Turns rows into CSV text, on the worker's side. The code for one row is generated for the output columns; names enter
 * it as JSON string literals only.
 */
import { generate, ownMemberOf } from "../../generated-code.ts";
import { WORTH_COMPILING_ROWS } from "../block-encoder.ts";
import { checkKeys } from "../columns.ts";
import type { Row } from "../format.ts";
import { fieldEncoder, firstFieldEncoder } from "../text/field-encoder.ts";
import type { OutputDialect } from "../text/output-dialect.ts";

/** A row of more columns is written by a loop: generated code for it would not be optimised any more. */
const MAX_GENERATED_COLUMNS = 256;

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
    (name, index) => `const f${index} = ${ownMemberOf("row", name)}; if (f${index} !== undefined) found++;`,
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
  return generate("encodeRow", source, { ...parts }) as (row: Row) => string;
}
