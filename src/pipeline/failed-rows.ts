/**
 * What failed rows mean for a run: under `fail` the first one ends it; otherwise they are counted, in the order in which
 * results are written, until there are too many.
 */
import { RowmillError, fromWire } from "../errors.ts";
import type { BatchResult, FailureMark, RowCounts, RowFailure } from "../transform/wire.ts";
import type { ErrorLimit } from "./quantities.ts";

/** A percentage is looked at after so many rows, and at the end. */
const PERCENT_EVERY_ROWS = 1000;

/** A run has to end: behind the rows before this mark (behind the whole batch without one), with this error. */
export interface RunEnd {
  mark: FailureMark | undefined;
  error: Error;
}

export class FailedRows {
  readonly #endsAtFirst: boolean;
  readonly #limit: ErrorLimit | undefined;
  /** The first one of the run, in short. */
  first: RowFailure | undefined;

  constructor(onError: "fail" | "skip" | "reject", limit: ErrorLimit | undefined) {
    this.#endsAtFirst = onError === "fail";
    this.#limit = limit;
  }

  /** Whether results must say where the output can be cut. */
  get needsMarks(): boolean {
    return this.#limit !== undefined;
  }

  /** A batch ends behind so many failed rows: the run does not go further in any case. */
  get stopsAt(): number {
    if (this.#endsAtFirst) return 1;
    return this.#limit !== undefined && "rows" in this.#limit ? this.#limit.rows + 1 : Number.POSITIVE_INFINITY;
  }

  /** Takes the failures of the next batch, `before` being the counts without it. */
  take(result: BatchResult, before: RowCounts): RunEnd | undefined {
    const { failure } = result;
    if (failure === undefined) return undefined;
    this.first ??= inShort(failure);
    if (this.#endsAtFirst) return { mark: undefined, error: fromWire(failure.error) };
    if (this.#limit === undefined) return undefined;
    return "rows" in this.#limit
      ? countedOut(result, before, this.#limit.rows)
      : this.#overShare(result, before, this.#limit.percent);
  }

  /** All rows are done. */
  end({ rowsIn, rowsFailed }: RowCounts): RunEnd | undefined {
    if (this.#limit === undefined || "rows" in this.#limit || rowsIn === 0) return undefined;
    return this.#shareEnd(this.#limit.percent, { rows: rowsIn, failed: rowsFailed, mark: undefined });
  }

  #overShare({ marks, rowsIn }: BatchResult, before: RowCounts, percent: number): RunEnd | undefined {
    const end = before.rowsIn + rowsIn;
    let failed = 0;
    for (let rows = nextCheck(before.rowsIn); rows <= end; rows += PERCENT_EVERY_ROWS) {
      while (failed < marks.length && before.rowsIn + (marks[failed]?.counts.rowsIn ?? 0) < rows) failed++;
      const found = { rows, failed: before.rowsFailed + failed, mark: marks[failed - 1] };
      const over = this.#shareEnd(percent, found);
      if (over !== undefined) return over;
    }
    return undefined;
  }

  #shareEnd(
    percent: number,
    { rows, failed, mark }: { rows: number; failed: number; mark: FailureMark | undefined },
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

function nextCheck(rows: number): number {
  return (Math.floor(rows / PERCENT_EVERY_ROWS) + 1) * PERCENT_EVERY_ROWS;
}

/** The end of a run in whose next batch there is one failed row too many. */
function countedOut({ marks }: BatchResult, before: RowCounts, most: number): RunEnd | undefined {
  const mark = marks[most - before.rowsFailed];
  if (mark === undefined) return undefined;
  const { place, row, message, frames } = mark.failure.error;
  const error = new RowmillError("too-many-errors", `${message} (failed row ${most + 1}, --max-errors is ${most})`, {
    hint: "look at the failed rows, or raise --max-errors",
    ...(place !== undefined && { place }),
    ...(row !== undefined && { row }),
    ...(frames !== undefined && { frames }),
  });
  return { mark, error };
}

/** A failure without what only helps to find the fault in a program. */
function inShort({ error, ...failure }: RowFailure): RowFailure {
  return { ...failure, error: { ...error, stack: undefined, frames: undefined, cause: undefined } };
}

/** What came out of a batch before a mark. */
export function cutAt(result: BatchResult, { counts, outputBytes, rejectsBytes }: FailureMark): BatchResult {
  const output = result.output.subarray(0, outputBytes);
  return { ...result, ...counts, output, rejects: result.rejects.subarray(0, rejectsBytes) };
}
