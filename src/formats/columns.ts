/** The rules of design for output columns: where they come from, and which rows fit them. */
import { RowmillError } from "../errors.ts";
import type { Row } from "./format.ts";

/**
 * The output columns that a first output row stands for: its keys; where it holds every input column, those first in
 * input order (JavaScript would put integer-like names before all others).
 */
export function columnsOfFirstRow(row: Row, inputColumns: readonly string[] | undefined): string[] {
  const keys = Object.keys(row);
  if (inputColumns === undefined || !inputColumns.every((name) => Object.hasOwn(row, name))) return keys;
  const known = new Set(inputColumns);
  return [...inputColumns, ...keys.filter((key) => !known.has(key))];
}

/**
 * Checks that a row has no key beyond the columns.
 *
 * @throws {RowmillError} `row-new-column`, naming the key.
 */
export function checkKeys(row: Row, columns: ReadonlySet<string>): void {
  for (const key of Object.keys(row)) {
    if (row[key] === undefined || columns.has(key)) continue;
    throw new RowmillError("row-new-column", `the result has a column that the first output row has not: ${key}`, {
      hint: `declare all columns: export const columns = ${JSON.stringify([...columns, key])}`,
    });
  }
}

/** Whether two lists hold the same names in the same order. */
export function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
