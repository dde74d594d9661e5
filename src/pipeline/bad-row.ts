/** Rows that the splitter finds to be bad: their failures, and results that no worker needs to see. */
import { RowmillError, toWire } from "../errors.ts";
import type { RowReading } from "../formats/text/dialect.ts";
import type { Split } from "../formats/format.ts";
import { shownRow } from "../transform/failure.ts";
import { rejectRecord } from "../transform/reject-record.ts";
import { NO_TIMES } from "../transform/stage-clock.ts";
import { type BatchResult, NO_ROWS, type RowFailure } from "../transform/wire.ts";

export type BadSplit = Extract<Split, { kind: "bad" }>;

/** Where a bad row starts. */
export interface BadRowPlace {
  file: string;
  line: number;
  /** Index over all inputs, from 0. */
  row: number;
  /** How it can be read again, once it is put right, where its input has a header. */
  reading?: RowReading | undefined;
}

/** A message shows less than this. */
const SHOWN_BYTES = 4096;

/** The failure of a bad row; `raw` is the start of its bytes. */
function badRowFailure({ fault, faultLine }: BadSplit, raw: Buffer, { file, line, row }: BadRowPlace): RowFailure {
  const { code, message, hint } = fault;
  const details = {
    place: { file, line: line + faultLine },
    row: shownRow(raw.toString("utf8", 0, SHOWN_BYTES)),
    ...(hint !== undefined && { hint }),
  };
  return { row, line, error: toWire(new RowmillError(code, message, details)) };
}

/** The error of a header that cannot be read. */
export function badHeader(split: BadSplit, raw: Buffer, where: BadRowPlace): RowmillError {
  const { message, hint, row, place } = badRowFailure(split, raw, where).error;
  return new RowmillError("input", `cannot read the header: ${message}`, {
    ...(place !== undefined && { place }),
    ...(row !== undefined && { row }),
    ...(hint !== undefined && { hint }),
  });
}

/** The result of a batch that is one bad row. */
export function badRowResult(split: BadSplit, raw: Buffer, where: BadRowPlace): BatchResult {
  const failure = badRowFailure(split, raw, where);
  const rejects = new TextEncoder().encode(rejectRecord(failure, raw, where.reading));
  const mark = { row: where.row, failure, counts: NO_ROWS, outputBytes: 0, rejectsBytes: 0 };
  return { ...EMPTY_RESULT, firstRow: where.row, rowsIn: 1, rowsFailed: 1, failure, rejects, marks: [mark] };
}

/** The result of rows that were done by an earlier run. */
export function doneResult(firstRow: number): BatchResult {
  return { ...EMPTY_RESULT, firstRow };
}

/** The result that ends a run: what follows of the input cannot be read. */
export function endResult(error: RowmillError, firstRow: number): BatchResult {
  return { ...EMPTY_RESULT, firstRow, end: toWire(error) };
}

/** The result of rows that are dropped without being read: no filter lets them pass. */
export function skippedResult(firstRow: number, rows: number): BatchResult {
  return { ...EMPTY_RESULT, firstRow, rowsIn: rows, rowsDropped: rows };
}

/** The result of a batch that is no rows, but lines that are kept. */
export function linesResult(lines: Buffer, firstRow: number): BatchResult {
  return { ...EMPTY_RESULT, firstRow, output: new Uint8Array(lines) };
}

const EMPTY_RESULT: Omit<BatchResult, "firstRow"> = {
  ...NO_ROWS,
  output: new Uint8Array(0),
  failure: undefined,
  rejects: new Uint8Array(0),
  marks: [],
  end: undefined,
  columns: undefined,
  concurrency: 1,
  retries: 0,
  times: NO_TIMES,
  blocks: [],
  isProvisional: false,
};
