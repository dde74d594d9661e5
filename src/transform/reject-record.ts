/** A failed row as a line of the rejects file. */
import { REST_COLUMN, type RowReading } from "../formats/text/dialect.ts";
import { recordedForm } from "../formats/text/recorded-form.ts";
import { decodeUtf8 } from "../formats/utf8.ts";
import type { RowFailure } from "./wire.ts";

/**
 * The record of a failed row, with its line feed.
 *
 * @param raw The row as it stands in the input, its line end included or not.
 * @param reading How it can be read again, where its input has a header.
 */
export function rejectRecord(failure: RowFailure, raw: string | Uint8Array, reading: RowReading | undefined): string {
  const { row, line, error } = failure;
  const { place, code, message, frames } = error;
  const record = {
    file: place?.file ?? "",
    line,
    ...(place?.words !== undefined && { where: place.words }),
    row,
    ...(place?.column !== undefined && { column: place.column }),
    code,
    message,
    ...rawInput(raw),
    ...(frames !== undefined && { stack: frames.replaceAll(/^ +/gm, "") }),
    ...(reading !== undefined && { columns: namedColumns(reading), ...recordedForm(reading) }),
  };
  return `${JSON.stringify(record)}\n`;
}

/** The names that stand in the header. */
function namedColumns({ columns, extraFields }: RowReading): readonly string[] {
  return extraFields === "keep" ? columns.filter((name) => name !== REST_COLUMN) : columns;
}

function rawInput(raw: string | Uint8Array): { input: string } | { inputBase64: string } {
  if (typeof raw === "string") return { input: withoutLineEnd(raw) };
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const text = decodeUtf8(bytes);
  if (text !== undefined) return { input: withoutLineEnd(text) };
  return { inputBase64: Buffer.from(withoutLineEnd(bytes.toString("latin1")), "latin1").toString("base64") };
}

/** Blank lines behind the row go as well. It is looked at from its end: a row may have many lines. */
function withoutLineEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= text[end - 2] === "\r" ? 2 : 1;
  return text.slice(0, end);
}
