/** The text by which two values are told to be the same, or not. */
import { cellText } from "../../formats/values/cell.ts";
import { stringifyJson } from "../../formats/values/json.ts";

/** How values are compared: as what stands in a table for them, or, of JSON, as what they are. */
export type Comparing = "as texts" | "as values";

/**
 * The text of a value; nothing for one that is not there. As a text that is what a field of CSV would be: null is nothing as
 * well, and 1 is "1". As a value, null, 1 and "1" are three things; the order of the keys of an object counts for nothing.
 */
export function comparedText(value: unknown, comparing: Comparing): string {
  if (value === undefined) return "";
  if (comparing === "as texts") return typeof value === "string" ? value : cellText(value, "");
  return typeof value === "string" ? `"${value}` : stringifyJson(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).map(([key, one]: [string, unknown]) => [key, inOrder(one)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
