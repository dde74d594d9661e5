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
    const all = [...columns, key];
    const list = all.length > LISTED_COLUMNS ? "[…]" : JSON.stringify(all.map(shownColumn));
    throw new RowmillError(
      "row-new-column",
      `the result has a column that the first output row has not: ${shownColumn(key)}`,
      { hint: `declare all columns: export const columns = ${list}` },
    );
  }
}

/** In a message at most so many columns are listed, and so much of a name is shown. */
const LISTED_COLUMNS = 20;
const NAME_CHARS = 80;

/** A column's name for a message: the start of it, if it is long. */
export function shownColumn(name: string): string {
  return name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS)}…` : name;
}

/** Columns for a message: the first of them, if there are many. */
export function shownColumns(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_COLUMNS).map(shownColumn).join(", ");
  return names.length > LISTED_COLUMNS ? `${shown}, … (${names.length} columns)` : shown;
}

/** Whether two lists hold the same names in the same order. */
export function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
