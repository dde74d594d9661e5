/** Which results are rows, for formats whose rows share columns. */
import { RowmillError, messageOf } from "../errors.ts";
import type { Row } from "./format.ts";
import { formOf, kindOf } from "./values/form.ts";

/** Makes an encoder of rows one of results: it throws `row-result` for what is no row. */
export function needRow(encode: (row: Row) => string): (value: unknown) => string {
  return (value) => {
    if (isRowLike(value)) return encode(value);
    throw noRow(
      value,
      "return an object, an array of objects, or null to drop the row; for one value write { value: … }",
    );
  };
}

function noRow(value: unknown, hint: string): RowmillError {
  return new RowmillError("row-result", `the result is ${describeResult(value)}, not an object`, { hint });
}

/**
 * Whether a result may be a row: an object whose own fields are what is to be written.
 *
 * @throws {RowmillError} `row-result`, for an object that has no form.
 */
function isRowLike(value: unknown): value is Row {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  try {
    return formOf(value) === "fields";
  } catch (error) {
    throw noRow(value, messageOf(error));
  }
}

function describeResult(value: unknown): string {
  if (Array.isArray(value)) return "an array within an array";
  if (typeof value === "object" && value !== null) return kindOf(value);
  return typeof value === "string"
    ? `the string ${JSON.stringify(value.slice(0, 40))}`
    : `the ${typeof value} ${String(value)}`;
}
