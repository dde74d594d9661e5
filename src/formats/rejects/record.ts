/** What a line of a rejects file says of the row that it holds. */
import type { Row } from "../format.ts";
import { MAX_BLOCK_BYTES } from "../kernel/host.ts";

/** Longest record: the row in it may be as long as rows may be. */
export const MAX_RECORD_BYTES: number = MAX_BLOCK_BYTES / 2;

/** The raw text of a row, or its bytes where they are not UTF-8. */
export type RejectInput = string | Uint8Array;

export interface Reject {
  input: RejectInput;
  /** Names of the row's fields, where its input had a header. */
  columns: string[] | undefined;
  /** Between the fields. */
  delimiter: string | undefined;
}

/** Reads a parsed line; undefined when it is no record. */
export function readReject({ input, inputBase64, columns, delimiter }: Row): Reject | undefined {
  const raw = typeof inputBase64 === "string" ? Buffer.from(inputBase64, "base64") : input;
  if (typeof raw !== "string" && !(raw instanceof Uint8Array)) return undefined;
  return {
    input: raw,
    columns: isNames(columns) ? columns : undefined,
    delimiter: typeof delimiter === "string" ? delimiter : undefined,
  };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
