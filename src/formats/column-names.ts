/** Names of columns, as far as the header of an output must be able to hold them. */
import { RowmillError } from "../errors.ts";
import { quotedColumn } from "./columns.ts";
import { LONE_SURROGATE } from "./utf8.ts";

/** @throws {RowmillError} `output`, when a column has a name that no text in UTF-8 can hold. */
export function checkNames(columns: readonly string[]): void {
  const name = columns.find((column) => !column.isWellFormed());
  if (name === undefined) return;
  throw new RowmillError("output", `the column ${quotedColumn(name)} cannot be written: ${LONE_SURROGATE}`, {
    hint: "give it another name",
  });
}
