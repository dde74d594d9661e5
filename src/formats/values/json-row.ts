/** Which values of JSON are rows. */
import type { Row, RowFault } from "../format.ts";
import { spellingOf } from "./spelling.ts";
import type { ObjectSpelling } from "./spelling-tree.ts";

/** Notes how a row is spelled, where JSON.stringify would spell it otherwise. */
export function noteSpelling(
  spellings: Map<number, ObjectSpelling>,
  row: number,
  text: string,
  reads?: ReadonlySet<string>,
): void {
  const spelling = spellingOf(text, reads);
  if (spelling !== undefined) spellings.set(row, spelling);
}

/** Whether a JSON value is an object: a row. */
export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fault of a JSON value that is no row. */
export function notAnObject(value: unknown): RowFault {
  const what = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return { code: "row-json", message: `the row is ${what}, not an object`, hint: "a row is an object: {…}" };
}
