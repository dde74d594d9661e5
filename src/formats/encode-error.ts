/** The error of a result that an encoder cannot write. */
import { RowmillError, describeThrown } from "../errors.ts";
import { shownColumn } from "./columns.ts";
import { NotFiniteError } from "./values/json.ts";

/** What a row fails with whose result could not be written. */
export function encodeError(thrown: unknown, result: unknown): unknown {
  if (thrown instanceof RowmillError) return thrown;
  const message = thrown instanceof NotFiniteError ? thrown.message : describeThrown(thrown);
  const column = thrown instanceof NotFiniteError ? columnNotFinite(result) : undefined;
  const field = column === undefined ? "" : `column ${shownColumn(column)}: `;
  return new RowmillError("row-encode", `the result cannot be written: ${field}${message}`, {
    cause: thrown,
    ...(thrown instanceof NotFiniteError && { hint: "null leaves a field empty: Number.isFinite(x) ? x : null" }),
    ...(column !== undefined && { place: { file: "", line: 0, column } }),
  });
}

/** Deeper values are not looked into. */
const MAX_DEPTH = 100;

/** The column of a result that holds NaN or an infinity. */
function columnNotFinite(result: unknown): string | undefined {
  const holds = (value: unknown, depth: number): boolean => {
    if (typeof value === "number") return !Number.isFinite(value);
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return false;
    return Object.values(value).some((part) => holds(part, depth + 1));
  };
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined;
  return Object.keys(result).find((name) => holds(Reflect.get(result, name), 0));
}
