/** The text of a value by which rows of tables are found. */
import { stringifyJson } from "../formats/values/json.ts";
import type { Spelling } from "../formats/values/spelling-tree.ts";

/** Undefined where there is none. A number is as it was spelled, where that is known. */
export function keyField(value: unknown, spelled: Spelling | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return undefined;
  if (spelled?.kind === "number" && typeof value === "number") return spelled.text;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return stringifyJson(value);
}
