/** A failed row as a line of the rejects file. */
import { decodeUtf8 } from "../formats/utf8.ts";
import type { RowFailure } from "./wire.ts";

/** How the rows of an input with a header are read, so that a record can be read again. */
export interface RecordColumns {
  columns: readonly string[];
  delimiter: string;
}

/** The delimiter that a record need not name. */
const DEFAULT_DELIMITER = ",";

/**
 * The record of a failed row, with its line feed.
 *
 * @param raw The row as it stands in the input, its line end included or not.
 */
export function rejectRecord(failure: RowFailure, raw: string | Uint8Array, header: RecordColumns | undefined): string {
  const { row, line, error } = failure;
  const { place, code, message, frames } = error;
  const record = {
    file: place?.file ?? "",
    line,
    row,
    ...(place?.column !== undefined && { column: place.column }),
    code,
    message,
    ...rawInput(raw),
    ...(frames !== undefined && { stack: frames.replaceAll(/^ +/gm, "") }),
    ...(header !== undefined && {
      columns: header.columns,
      ...(header.delimiter !== DEFAULT_DELIMITER && { delimiter: header.delimiter }),
    }),
  };
  return `${JSON.stringify(record)}\n`;
}

function rawInput(raw: string | Uint8Array): { input: string } | { inputBase64: string } {
  if (typeof raw === "string") return { input: withoutLineEnd(raw) };
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const text = decodeUtf8(bytes);
  if (text !== undefined) return { input: withoutLineEnd(text) };
  return { inputBase64: Buffer.from(withoutLineEnd(bytes.toString("latin1")), "latin1").toString("base64") };
}

/** Blank lines behind the row go as well. */
function withoutLineEnd(text: string): string {
  return text.replace(/(\r?\n)+$/, "");
}
