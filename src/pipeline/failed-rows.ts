/**
 * What failed rows mean for a run: under `fail` the first one ends it; otherwise they are counted, in the order in which
 * results are written, until there are too many.
 */
import { RowmillError, fromWire } from "../errors.ts";
import {
  CHECKED_ROWS,
  CUT_PARTS,
  type BatchResult,
  type LateCut,
  type LateTold,
  type MarkedRows,
  type RowCounts,
  type RowFailure,
  type RowMark,
} from "../transform/wire.ts";
import type { RowLimit } from "../options/quantities.ts";

/** A run has to end: behind the rows before this mark (behind the whole batch without one), with this error. */
export interface RunEnd {
  mark: RowMark | undefined;
  error: Error;
}

/** The same where rows may have failed later than their batch. */
export interface LateEnd {
  error: Error;
  /** The row of the input that had come last. */
  after: number;
  /** So many of those that failed late had failed. */
  late: number;
  /** What had come out; undefined for all. */
  cut: LateCut | undefined;
}

export class FailedRows {
  /** The first one ends the run. */
  readonly endsAtFirst: boolean;
  readonly #limit: RowLimit | undefined;
  /** The first one of the run, in short. */
  first: RowFailure | undefined;

  constructor(onError: "fail" | "skip" | "reject", limit: RowLimit | undefined) {
    this.endsAtFirst = onError === "fail";
    this.#limit = limit;
  }

  /** Where results must say how the output can be cut. */
  get marks(): MarkedRows {
    if (this.#limit === undefined) return "none";
    return "rows" in this.#limit ? "failed" : "thousandth";
  }

  /** A batch ends behind so many failed rows: the run does not go further in any case. */
  get stopsAt(): number {
    if (this.endsAtFirst) return 1;
    return this.#limit !== undefined && "rows" in this.#limit ? this.#limit.rows + 1 : Number.POSITIVE_INFINITY;
  }

  /** Takes the failures of the next batch, `before` being the counts without it. */
  take(result: BatchResult, before: RowCounts): RunEnd | undefined {
    const { failure } = result;
    if (failure !== undefined) {
      this.first ??= inShort(failure);
      if (this.endsAtFirst) return { mark: undefined, error: fromWire(failure.error) };
    }
    if (this.#limit === undefined) return undefined;
    return "rows" in this.#limit
      ? countedOut(result, before, this.#limit.rows)
      : this.#overShare(result, before, this.#limit.percent);
  }

  /** Why a run has to end in a slice of it, whatever is before: counts are those of the slice. */
  isOver({ failure, marks }: BatchResult, { rowsFailed }: RowCounts): Error | undefined {
    if (failure === undefined) return undefined;
    this.first ??= inShort(failure);
    if (this.endsAtFirst) return fromWire(failure.error);
    if (this.#limit === undefined || !("rows" in this.#limit)) return undefined;
    const mark = marks[this.#limit.rows - rowsFailed];
    return mark?.failure === undefined ? undefined : countedError(mark.failure, this.#limit.rows);
  }

  /**
   * Takes the failures of the next batch, and of rows that failed in a window in code while its rows were taken, in the order of
   * the rows that had come. @param result Undefined where all batches are done.
   */
  takeWithLate(result: BatchResult | undefined, late: LateTold, before: RowCounts): LateEnd | undefined {
    const [firstLate] = late.failures;
    const ofBatch = result?.failure;
    const isLate = firstLate !== undefined && (ofBatch === undefined || firstLate.after < ofBatch.row);
    const first = isLate ? firstLate.failure : ofBatch;
    if (first !== undefined) this.first ??= inShort(first);
    if (first !== undefined && this.endsAtFirst) {
      const error = fromWire(first.error);
      return isLate
        ? { error, after: firstLate.after, late: 1, cut: firstLate }
        : { error, after: first.row, late: 0, cut: undefined };
    }
    if (this.#limit === undefined) return undefined;
    const marks = result?.marks ?? [];
    if ("rows" in this.#limit) {
      const ofMarks = marks.map(({ row, failure }, at) => ({ after: row, failure, cut: late.cuts[at], late: 0 }));
      const ofLate = late.failures.map(({ after, failure, ...cut }) => ({ after, failure, cut, late: 1 }));
      const all = [...ofMarks, ...ofLate].toSorted((a, b) => a.after - b.after);
      const most = this.#limit.rows - before.rowsFailed;
      const { failure, after = 0, cut } = all[most] ?? {};
      if (failure === undefined) return undefined;
      const failedLate = all.slice(0, most + 1).reduce((sum, one) => sum + one.late, 0);
      return { error: countedError(failure, this.#limit.rows), after, late: failedLate, cut };
    }
    for (const [at, { row, counts }] of marks.entries()) {
      const rows = before.rowsIn + counts.rowsIn;
      const failedLate = late.failures.filter(({ after }) => after < row).length;
      const failed = before.rowsFailed + counts.rowsFailed + failedLate;
      const over = this.#shareEnd(this.#limit.percent, { rows, failed, mark: undefined });
      if (over !== undefined) return { error: over.error, after: row - 1, late: failedLate, cut: late.cuts[at] };
    }
    return undefined;
  }

  /** All rows are done. */
  end({ rowsIn, rowsFailed }: RowCounts): RunEnd | undefined {
    if (this.#limit === undefined || "rows" in this.#limit || rowsIn === 0) return undefined;
    return this.#shareEnd(this.#limit.percent, { rows: rowsIn, failed: rowsFailed, mark: undefined });
  }

  #overShare({ marks }: BatchResult, before: RowCounts, percent: number): RunEnd | undefined {
    for (const mark of marks) {
      // A bad row comes with a mark wherever it stands.
      if (mark.row % CHECKED_ROWS !== 0) continue;
      const rows = before.rowsIn + mark.counts.rowsIn;
      const over = this.#shareEnd(percent, { rows, failed: before.rowsFailed + mark.counts.rowsFailed, mark });
      if (over !== undefined) return over;
    }
    return undefined;
  }

  #shareEnd(
    percent: number,
    { rows, failed, mark }: { rows: number; failed: number; mark: RowMark | undefined },
  ): RunEnd | undefined {
    if (failed * 100 <= percent * rows) return undefined;
    const first = this.first === undefined ? undefined : fromWire(this.first.error);
    const error = new RowmillError(
      "too-many-errors",
      `${failed} of the first ${rows} rows failed, more than ${percent} %`,
      { hint: "look at the first of them, or raise --max-errors", cause: first },
    );
    return { mark, error };
  }
}

/** The end of a run in whose next batch there is one failed row too many. */
function countedOut({ marks }: BatchResult, before: RowCounts, most: number): RunEnd | undefined {
  const mark = marks[most - before.rowsFailed];
  if (mark?.failure === undefined) return undefined;
  return { mark, error: countedError(mark.failure, most) };
}

function countedError({ error: { place, row, message, frames } }: RowFailure, most: number): RowmillError {
  return new RowmillError("too-many-errors", `${message} (failed row ${most + 1}, --max-errors is ${most})`, {
    hint: "look at the failed rows, or raise --max-errors",
    ...(place !== undefined && { place }),
    ...(row !== undefined && { row }),
    ...(frames !== undefined && { frames }),
  });
}

/** A failure without what only helps to find the fault in a program. */
function inShort({ error, ...failure }: RowFailure): RowFailure {
  return { ...failure, error: { ...error, stack: undefined, frames: undefined, cause: undefined } };
}

const NO_CUTS = new Uint32Array(0);

/** What came out of a batch up to this row of its output, from 1. */
export function cutBehind(result: BatchResult, rowsOut: number): BatchResult {
  const { cuts = NO_CUTS, firstRow, failure, marks, output, rejects } = result;
  if (rowsOut > result.rowsOut) return result;
  const from = (rowsOut - 1) * CUT_PARTS.length;
  const part = (name: (typeof CUT_PARTS)[number]): number => cuts[from + CUT_PARTS.indexOf(name)] ?? 0;
  if (cuts.length < from + CUT_PARTS.length) throw new Error("a batch cannot be cut");
  const rowsIn = part("rowsIn");
  const isBefore = ({ row }: { row: number }): boolean => row < firstRow + rowsIn;
  return {
    ...result,
    rowsIn,
    rowsMapped: part("rowsMapped"),
    rowsDropped: part("rowsDropped"),
    rowsFailed: part("rowsFailed"),
    rowsOut,
    output: output.subarray(0, part("outputBytes")),
    emits: emittedBefore(result.emits, rowsIn),
    rejects: rejects.subarray(0, part("rejectsBytes")),
    marks: marks.filter(isBefore),
    failure: failure !== undefined && isBefore(failure) ? failure : undefined,
    end: undefined,
  };
}

/** What came out of a batch before a mark. */
export function cutAt(result: BatchResult, { counts, outputBytes, rejectsBytes }: RowMark): BatchResult {
  const output = result.output.subarray(0, outputBytes);
  return {
    ...result,
    ...counts,
    output,
    emits: emittedBefore(result.emits, counts.rowsIn),
    rejects: result.rejects.subarray(0, rejectsBytes),
  };
}

/** What the first rows of a result have emitted. */
function emittedBefore(emits: BatchResult["emits"], rows: number): BatchResult["emits"] {
  if (emits === undefined) return undefined;
  const stretches = emits.stretches.flatMap((stretch) => {
    const after = stretch.rows.findIndex((row) => row >= rows);
    if (after < 0) return [stretch];
    const [kept, ends] = [stretch.rows.slice(0, after), stretch.ends.slice(0, after)];
    return kept.length === 0 ? [] : [{ ...stretch, rows: kept, ends }];
  });
  return { ...emits, stretches };
}
