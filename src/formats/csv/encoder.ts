/** Turns rows into CSV text, on the worker's side. */
import { checkKeys } from "../columns.ts";
import type { Row } from "../format.ts";
import { fieldEncoder, firstFieldEncoder } from "../text/field-encoder.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { rowLineEncoder } from "../text/row-line.ts";

/** Makes the function that turns one row into one line of CSV; it throws for a row that cannot be written. */
export function csvRowEncoder(columns: readonly string[], dialect: OutputDialect): (row: Row) => string {
  const rest = restOf(columns, dialect);
  if (rest !== undefined) return restEncoder(columns, dialect, rest);
  const cell = fieldEncoder(dialect, columns.length === 1);
  const firstCell = firstFieldEncoder(dialect, columns.length === 1, cell);
  return rowLineEncoder(columns, { firstCell, cell, delimiter: dialect.delimiter, newline: dialect.newline });
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
