/** What a run came to: counts for the caller, and the log that `--summary` writes. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { type ErrorDetails, RowmillError, fromWire, messageOf } from "../errors.ts";
import { fileTarget } from "../io/sink.ts";
import { writeError } from "../io/write-error.ts";
import type { BatchTiming } from "../scheduler/run-batches.ts";
import { type BatchResult, NO_ROWS, type RowCounts, type RowFailure } from "../transform/wire.ts";
import { VERSION } from "../version.ts";
import type { InputHash } from "./input-sums.ts";
import { type RunOptions, jobsOf } from "./options.ts";

/** What came of a run. Rows in = rows mapped + dropped + failed. */
export interface RunSummary extends RowCounts {
  /** The first row that failed, where rows may fail. */
  firstFailure: RowmillError | undefined;
  /** Where failed rows were recorded. */
  rejects: string | undefined;
  /** The reader of standard output went away before the end. */
  isCutShort: boolean;
  /** It went on where an earlier run had stopped; the counts are those of both. */
  isResumed: boolean;
}

/** What the log of a run says beside its counts. */
export interface RunLog {
  options: RunOptions;
  /** SHA-256 of the transform's files, by path. */
  modules: Record<string, string> | undefined;
  inputs: readonly InputHash[];
  failure: { error: unknown } | undefined;
}

/** One worker's share. */
interface WorkerShare {
  batches: number;
  rows: number;
  busyMs: number;
}

/** Counts while a run is under way. */
export class Tally {
  readonly summary: RunSummary = {
    ...NO_ROWS,
    firstFailure: undefined,
    rejects: undefined,
    isCutShort: false,
    isResumed: false,
  };
  readonly #workers = new Map<number, WorkerShare>();
  readonly #started = new Date();
  #retries = 0;
  /** Counts of the earlier run that this one goes on with. */
  #before: RowCounts = NO_ROWS;

  get counts(): RowCounts {
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut } = this.summary;
    return { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut };
  }

  /** Goes on counting from an earlier run. */
  resume(counts: RowCounts): void {
    Object.assign(this.summary, counts, { isResumed: true });
    this.#before = counts;
  }

  /** The first failed row, if there is one. */
  noteFirst(failure: RowFailure | undefined): void {
    const error = failure === undefined ? undefined : fromWire(failure.error);
    if (error instanceof RowmillError) this.summary.firstFailure = error;
  }

  /** A batch came back. */
  arrived({ rowsIn, retries }: BatchResult, { worker, ms }: BatchTiming): void {
    if (worker === undefined) return;
    const share = this.#workers.get(worker) ?? { batches: 0, rows: 0, busyMs: 0 };
    this.#workers.set(worker, {
      batches: share.batches + 1,
      rows: share.rows + rowsIn,
      busyMs: share.busyMs + ms,
    });
    this.#retries += retries;
  }

  /** A batch was written. */
  add(counts: RowCounts): void {
    for (const key of Object.keys(NO_ROWS) as (keyof RowCounts)[]) this.summary[key] += counts[key];
  }

  /**
   * Checks that every row that was cut from the inputs has come to something.
   *
   * @throws {RowmillError} `internal`, if one is missing or counted twice: the output must not be trusted.
   */
  check(rowsCut: number): void {
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed } = this.summary;
    if (rowsIn === rowsCut && rowsIn === rowsMapped + rowsDropped + rowsFailed) return;
    throw new RowmillError(
      "internal",
      `rows were lost: ${rowsCut} in, but ${rowsMapped} mapped, ${rowsDropped} dropped and ${rowsFailed} failed`,
      { hint: "this is a fault of Rowmill: please report it" },
    );
  }

  /** The log of the run. */
  describe({ options, modules, inputs, failure }: RunLog): object {
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut, isCutShort, isResumed, firstFailure } = this.summary;
    const finished = new Date();
    const ms = Math.max(1, finished.getTime() - this.#started.getTime());
    const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0);
    const status = failure !== undefined ? "failed" : isCutShort ? "cut short" : "done";
    return {
      rowmill: VERSION,
      bun: Bun.version,
      platform: `${process.platform}-${process.arch}`,
      status,
      ...(failure !== undefined && { error: describeError(failure.error) }),
      started: this.#started.toISOString(),
      finished: finished.toISOString(),
      ms,
      isResumed,
      transform: options.transform,
      modules,
      expression: options.expression,
      filter: options.filter,
      inputs,
      output: options.output ?? "-",
      rejects: this.summary.rejects,
      rows: { in: rowsIn, mapped: rowsMapped, dropped: rowsDropped, rejected: rowsFailed, out: rowsOut },
      ...(firstFailure !== undefined && { firstFailure: describeError(firstFailure) }),
      rates: {
        rowsPerSecond: Math.round(((rowsIn - this.#before.rowsIn) * 1000) / ms),
        megabytesPerSecond: Math.round(bytes / 1000 / ms),
      },
      retries: this.#retries,
      jobs: jobsOf(options),
      workers: [...this.#workers]
        .toSorted(([a], [b]) => a - b)
        .map(([worker, share]) => ({
          worker,
          batches: share.batches,
          rows: share.rows,
          busyMs: Math.round(share.busyMs),
          busyShare: Math.round((share.busyMs / ms) * 1000) / 1000,
        })),
    };
  }
}

function describeError(error: unknown): object {
  if (!(error instanceof RowmillError)) return { code: "internal", message: messageOf(error) };
  const { code, message, place } = error;
  return { code, message, ...place };
}

/** Writes the log of a run, complete or not at all. */
export function writeSummary(path: string, summary: object): void {
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  try {
    const file = fileTarget(path);
    if (file === undefined) {
      writeFileSync(path, text);
      return;
    }
    rmSync(file.part, { force: true });
    // Whatever stands in its place now was put there meanwhile: it is not followed.
    writeFileSync(file.part, text, { flag: "wx" });
    renameSync(file.part, file.target);
  } catch (error) {
    throw error instanceof RowmillError ? error : writeError(error, path);
  }
}

/** The error of a run that was interrupted after these rows; `hint` says what that means where it cannot go on. */
export function interrupted({ rowsIn }: RowCounts, details: ErrorDetails): RowmillError {
  return new RowmillError("interrupted", `interrupted after ${rowsIn.toLocaleString("en")} rows`, details);
}
