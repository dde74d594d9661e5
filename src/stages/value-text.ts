/** What values of rows are told apart by. */
import { FieldText } from "../formats/values/field-text.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { noGroup } from "./grouping/row-fields.ts";

/** Values that are written alike as JSON have the same text; a missing one has that of null. */
export function valueText(value: unknown, column: string): string {
  if (typeof value === "string") return `"${value}`;
  if (value === undefined || value === null) return "";
  // An empty field of a column of numbers is missing.
  if (value instanceof FieldText) return value.value === undefined ? "" : `"${value.text}`;
  if (typeof value === "function" || typeof value === "symbol") throw noGroup(value, column);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return stringifyJson(value);
}
