/** What a line of a rejects file says of the row that it holds. */
import { REST_COLUMN, type RowForm } from "../text/dialect.ts";
import type { Row } from "../format.ts";
import { MAX_BLOCK_BYTES } from "../kernel/host.ts";
import { formOfRecord, isTexts } from "../text/recorded-form.ts";

/** Longest record: the row in it may be as long as rows may be. */
export const MAX_RECORD_BYTES: number = MAX_BLOCK_BYTES / 2;

/** The raw text of a row, or its bytes where they are not UTF-8. */
export type RejectInput = string | Uint8Array;

export interface Reject {
  input: RejectInput;
  /** Names of the row's fields, where its input had a header; `_rest` behind them where extra fields are kept. */
  columns: string[] | undefined;
  form: RowForm;
  /** Its format, where it is read neither as fields between delimiters nor as JSON. */
  from: string | undefined;
}

/** Undefined for what is no JSON: whoever reads the line says so, with its place. */
export function parseRecord(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Reads a parsed line; undefined when it is no record. `given` is what is said of how rows are read. */
export function readReject(record: Row, given: RowForm): Reject | undefined {
  const { input, inputBase64, columns, from } = record;
  const raw = typeof inputBase64 === "string" ? Buffer.from(inputBase64, "base64") : input;
  if (typeof raw !== "string" && !(raw instanceof Uint8Array)) return undefined;
  const form = formOfRecord(record, given);
  const rest = form.extraFields === "keep" ? [REST_COLUMN] : [];
  return {
    input: raw,
    columns: isTexts(columns) ? [...columns, ...rest] : undefined,
    form,
    from: typeof from === "string" ? from : undefined,
  };
}
