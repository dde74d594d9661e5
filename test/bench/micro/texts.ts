// The data of the micro benchmark, and what a slow reading of it gives: nothing of src/ is in it.
import { readSlowly, SLOW_CSV } from "../../formats/csv/slow-csv.ts";
import { measurementRow, quotedRow, Random, recordRow, type RowWriter, WIDE_HEADER, wideRow } from "../random-rows.ts";
import type { Texts } from "./bench.ts";

const SEED = 20170101;

export const WIDE_COLUMNS: readonly string[] = WIDE_HEADER.trim().split(",");
export const STATION_COLUMNS: readonly string[] = ["station", "temperature"];

/** Rows of all kinds, without headers. */
export function makeTexts(rows: number): Texts {
  const text = (row: RowWriter): string => {
    const random = new Random(SEED);
    return Array.from({ length: rows }, (_, index) => row(random, index)).join("");
  };
  return {
    wide: text(wideRow),
    quoted: text(quotedRow),
    records: text(recordRow),
    stations: text(measurementRow),
    rows,
  };
}

/** The first rows of a text of CSV, as many as fit into so many bytes. */
export function firstRows(text: string, bytes: number): Buffer {
  const start = Buffer.from(text).subarray(0, bytes).toString();
  // The last row may be cut off.
  const whole = readSlowly(start).findLast(({ kind, end }) => kind === "row" && start[end - 1] === "\n");
  return Buffer.from(start.slice(0, whole?.end));
}

/** The first lines of a text, as many as fit into so many bytes. */
export function firstLines(text: string, bytes: number): Buffer {
  const start = Buffer.from(text).subarray(0, bytes);
  return start.subarray(0, start.lastIndexOf("\n") + 1);
}

/** The fields of rows of CSV. */
export function slowFields(text: string, delimiter = ","): string[][] {
  const dialect = { ...SLOW_CSV, delimiter };
  return readSlowly(text, dialect).flatMap((piece) => (piece.kind === "row" ? [piece.fields] : []));
}

/** Rows of CSV as objects of texts. */
export function slowRows(text: string, columns: readonly string[], delimiter = ","): Record<string, string>[] {
  return slowFields(text, delimiter).map((fields) =>
    Object.fromEntries(columns.map((name, index) => [name, fields[index] ?? ""])),
  );
}

/** Rows of JSON lines. */
export function slowRecords(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A line of CSV, quoted where it must be. */
export function slowLine(fields: readonly unknown[]): string {
  return `${fields.map((field) => quotedField(String(field))).join(",")}\n`;
}

function quotedField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
