/** What the first record of a rejects file says of all its rows. */
import { RowmillError } from "../../errors.ts";
import type { InputSchema } from "../format.ts";
import type { RowForm } from "../text/dialect.ts";
import { isRow } from "../values/json-row.ts";
import { parseRecord, readReject } from "./record.ts";

/**
 * Columns of the rows of a rejects file, and how they were written, by its first record; no columns: they are JSON.
 *
 * @throws {RowmillError} `input`, when that is no record.
 */
export function recordHeader(line: Uint8Array, given: RowForm, place: { file: string; line: number }): InputSchema {
  const record = parseRecord(Buffer.from(line).toString("utf8"));
  const found = isRow(record) ? readReject(record, given) : undefined;
  if (found !== undefined) {
    const { columns, form } = found;
    return {
      columns,
      form,
      ...(columns === undefined && { traits: { columns: "keys", values: "typed", projects: false } }),
    };
  }
  throw new RowmillError("input", "the line is no record of a rejects file", {
    place,
    hint:
      record === undefined
        ? "--from rejects reads what --on-error reject has written; for a table say --from csv"
        : "--from rejects reads what --on-error reject has written; for lines of JSON say --from jsonl",
  });
}
