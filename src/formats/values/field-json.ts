/** A field of a row that is a table's, as JSON. */
import { NestedText } from "./nested-text.ts";

/** @param value A value that has a form in which it can be written, or its text. */
export function fieldJson(value: unknown): string {
  if (value instanceof NestedText) return value.text;
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
