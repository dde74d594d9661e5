/** What a run came to: counts for the caller, and the log that `--summary` writes. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { RowmillError, fromWire, messageOf, withoutSecrets } from "../errors.ts";
import type { Journal } from "../io/journal.ts";
import { PartFile } from "../io/part-file.ts";
import { fileTarget, streamSink } from "../io/sink.ts";
import { placed } from "../io/start-folder.ts";
import { errorCode } from "../io/write-error.ts";
import type { BatchTiming } from "../scheduler/run-batches.ts";
import { type BlocksByWay, addBlocks, blocksByName, noBlocks } from "../transform/plan/ways.ts";
import { NO_TIMES, type StageTimes } from "../transform/stage-clock.ts";
import { type BatchResult, type CacheCounts, NO_ROWS, type RowCounts, type RowFailure } from "../transform/wire.ts";
import { VERSION } from "../version.ts";
import type { RunTimeline } from "./run-timeline.ts";
import type { InputHash } from "./input-sums.ts";
import type { RunOptions } from "../options/run-options.ts";
import { jobsOf } from "./options.ts";

/** What came of a run. Rows in = rows mapped + dropped + failed. */
export interface RunSummary extends RowCounts {
  /** The first row that failed, where rows may fail. */
  firstFailure: RowmillError | undefined;
  /** Where failed rows were recorded. */
  rejects: string | undefined;
  /** Lines of the inputs with nothing on them, which are no rows; of this run alone. */
  blankLines: number;
  /** The reader of standard output went away before the end. */
  isCutShort: boolean;
  /** It went on where an earlier run had stopped; the counts are those of both. */
  isResumed: boolean;
  /** What whoever looks at the output should know of it: columns that did not fit, and the like. */
  notices: readonly string[];
  /** How long it took, in milliseconds. */
  ms: number;
  /** Rows and bytes of input a second, of this run alone. */
  rowsPerSecond: number;
  bytesPerSecond: number;
  /** Where the time went, in milliseconds: of all workers together, and writing in the parent and in workers. */
  times: RunTimes;
  /** CPU time of the calling thread, which cuts batches, merges and writes (and hashes the inputs for a log). */
  parentMs: number;
  workers: WorkerShare[];
  stretches: StretchCounts;
  /** What was looked up in a cache, where there is one; of this run alone. */
  cache?: Omit<CacheCounts, "trouble"> | undefined;
}

/**
 * How many stretches of the input had their rows found by a worker, how many were read again because those were others,
 * and of how many the worker was to write what came of them.
 */
export interface StretchCounts {
  joined: number;
  again: number;
  placed: number;
}

export interface RunTimes extends StageTimes {
  write: number;
}

/** What the log of a run says beside its counts. */
export interface RunLog {
  options: RunOptions;
  /** SHA-256 of the transform's files, by path. */
  modules: Record<string, string> | undefined;
  inputs: readonly InputHash[];
  failure: { error: unknown } | undefined;
}

/** What is known of a run at its end. */
export interface MeasuredRun {
  summary: RunSummary;
  started: Date;
  /** Bytes of input, and calls that were tried again; of this run alone. */
  bytes: number;
  retries: number;
  timeline: RunTimeline | undefined;
  /** Blocks by the way that they took. */
  blocks: Readonly<Record<string, number>>;
  /** Rows that were emitted, by output. */
  emitted: Readonly<Record<string, number>> | undefined;
  /** Files that rows were split into. */
  files: number;
}

/** One worker's share. */
export interface WorkerShare {
  /** Its number, from 0. */
  worker: number;
  batches: number;
  rows: number;
  busyMs: number;
  /** Share of the run's time in which it had work. */
  busyShare: number;
}

/** Counts while a run is under way. */
export class Tally {
  readonly #counts: RowCounts = { ...NO_ROWS };
  readonly #workers = new Map<number, Omit<WorkerShare, "worker" | "busyShare">>();
  readonly #started = new Date();
  readonly #cpuAtStart = process.threadCpuUsage();
  readonly #blocks: BlocksByWay = noBlocks();
  readonly times: RunTimes = { ...NO_TIMES, write: 0 };
  #retries = 0;
  #cache: RunSummary["cache"];
  #firstFailure: RowmillError | undefined;
  /** What an earlier run had done that this one goes on with. */
  #before: RunStart | undefined;
  /** Bytes of input done. */
  bytes = 0;
  /** Where failed rows are recorded. */
  rejects: string | undefined;
  notices: readonly string[] = [];
  blankLines = 0;
  /** Files that rows were split into. */
  files = 0;
  /** Rows that were emitted, by output; of this run alone. */
  emitted: Record<string, number> | undefined;
  stretches: StretchCounts = { joined: 0, again: 0, placed: 0 };
  /** Row groups of inputs that were not read, of those of which that could be told. */
  rowGroups: { skipped: number; all: number } | undefined;
  /** The reader of standard output has gone. */
  isCutShort = false;
  /** Notes what a page of the run tells, where one is asked for. */
  timeline: RunTimeline | undefined;

  get counts(): RowCounts {
    return { ...this.#counts };
  }

  /** All that is known of it, for files beside its log. */
  get measured(): MeasuredRun {
    return {
      summary: this.summary,
      started: this.#started,
      bytes: this.bytes,
      retries: this.#retries,
      timeline: this.timeline,
      blocks: blocksByName(this.#blocks),
      emitted: this.emitted,
      files: this.files,
    };
  }

  /** What was looked up in a cache, where there is one. */
  get cache(): RunSummary["cache"] {
    return this.#cache;
  }

  get summary(): RunSummary {
    const ms = Math.max(1, performance.timeOrigin + performance.now() - this.#started.getTime());
    const cpu = process.threadCpuUsage(this.#cpuAtStart);
    return {
      ...this.#counts,
      firstFailure: this.#firstFailure,
      rejects: this.rejects,
      blankLines: this.blankLines,
      isCutShort: this.isCutShort,
      isResumed: this.#before !== undefined,
      notices: this.notices,
      ms,
      rowsPerSecond: ((this.#counts.rowsIn - (this.#before?.rows ?? 0)) * 1000) / ms,
      bytesPerSecond: ((this.bytes - (this.#before?.bytes ?? 0)) * 1000) / ms,
      times: this.times,
      parentMs: (cpu.user + cpu.system) / 1000,
      stretches: this.stretches,
      cache: this.#cache,
      workers: [...this.#workers]
        .toSorted(([a], [b]) => a - b)
        .map(([worker, share]) => Object.assign(share, { worker, busyShare: share.busyMs / ms })),
    };
  }

  /** Goes on counting from an earlier run, which had done so many bytes of the inputs. */
  resume(counts: RowCounts, bytes: number): void {
    Object.assign(this.#counts, counts);
    this.#before = { rows: counts.rowsIn, bytes };
    this.bytes = bytes;
  }

  /** The first failed row, if there is one. */
  noteFirst(failure: RowFailure | undefined): void {
    const error = failure === undefined ? undefined : fromWire(failure.error);
    if (error instanceof RowmillError) this.#firstFailure = error;
  }

  /** A batch came back. */
  arrived(result: BatchResult, timing: BatchTiming): void {
    const { rowsIn, retries, cache, times, blocks } = result;
    const { worker, ms, place } = timing;
    if (worker === undefined) return;
    this.timeline?.arrived(result, timing);
    const share = this.#workers.get(worker) ?? { batches: 0, rows: 0, busyMs: 0 };
    this.#workers.set(worker, {
      batches: share.batches + (place === "last" ? 1 : 0),
      rows: share.rows + rowsIn,
      // That of the last part is the time of all.
      busyMs: share.busyMs + (place === "last" ? ms : 0),
    });
    this.#retries += retries;
    if (cache !== undefined) this.#cache = sumOf(cache, this.#cache);
    addBlocks(this.#blocks, blocks);
    for (const stage of Object.keys(times) as (keyof StageTimes)[]) this.times[stage] += times[stage];
  }

  /** A worker has written by itself for so long. */
  wroteInWorker(worker: number, ms: number): void {
    this.times.write += ms;
    const share = this.#workers.get(worker);
    if (share !== undefined) share.busyMs += ms;
  }

  /** A batch was written. */
  add(counts: RowCounts): void {
    for (const key of Object.keys(NO_ROWS) as (keyof RowCounts)[]) this.#counts[key] += counts[key];
  }

  /**
   * Checks that every row that was cut from the inputs has come to something.
   *
   * @throws {RowmillError} `internal`, if one is missing or counted twice: the output must not be trusted.
   */
  check(rowsCut: number): void {
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed } = this.#counts;
    if (rowsIn === rowsCut && rowsIn === rowsMapped + rowsDropped + rowsFailed) return;
    throw new RowmillError(
      "internal",
      `rows were lost: ${rowsCut} in, but ${rowsMapped} mapped, ${rowsDropped} dropped and ${rowsFailed} failed`,
      { hint: "this is a fault of Rowmill: please report it" },
    );
  }

  /** The log of the run. */
  describe({ options, modules, inputs, failure }: RunLog): object {
    const summary = this.summary;
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut, firstFailure } = summary;
    const status = failure !== undefined ? "failed" : summary.isCutShort ? "cut short" : "done";
    return {
      rowmill: VERSION,
      bun: Bun.version,
      platform: `${process.platform}-${process.arch}`,
      status,
      ...(failure !== undefined && { error: describeError(failure.error) }),
      started: this.#started.toISOString(),
      finished: new Date().toISOString(),
      ms: Math.round(summary.ms),
      isResumed: summary.isResumed,
      transform: options.transform,
      modules,
      expression: options.expression,
      filter: options.filter,
      inputs,
      output: withoutSecrets(options.output ?? "-"),
      ...(options.splitBy !== undefined && { splitBy: options.splitBy, files: this.files }),
      rejects: summary.rejects,
      rows: { in: rowsIn, mapped: rowsMapped, dropped: rowsDropped, rejected: rowsFailed, out: rowsOut },
      ...(this.emitted !== undefined && { emitted: this.emitted }),
      blankLines: summary.blankLines,
      ...(this.rowGroups !== undefined && {
        rowGroups: { read: this.rowGroups.all - this.rowGroups.skipped, skipped: this.rowGroups.skipped },
      }),
      ...(firstFailure !== undefined && { firstFailure: describeError(firstFailure) }),
      rates: {
        rowsPerSecond: Math.round(summary.rowsPerSecond),
        megabytesPerSecond: Math.round(summary.bytesPerSecond / 10_000) / 100,
      },
      times: Object.fromEntries(Object.entries(summary.times).map(([stage, ms]) => [stage, Math.round(ms)])),
      retries: this.#retries,
      ...(summary.cache !== undefined && { cache: summary.cache }),
      blocks: blocksByName(this.#blocks),
      parentMs: Math.round(summary.parentMs),
      jobs: jobsOf(options),
      workers: summary.workers.map(({ worker, batches, rows, busyMs, busyShare }) => ({
        worker,
        batches,
        rows,
        busyMs: Math.round(busyMs),
        busyShare: Math.round(busyShare * 1000) / 1000,
      })),
    };
  }
}

function sumOf(some: CacheCounts, before: RunSummary["cache"]): RunSummary["cache"] {
  const { hits = 0, misses = 0, unkept = 0 } = before ?? {};
  return { hits: hits + some.hits, misses: misses + some.misses, unkept: unkept + some.unkept };
}

/** What was done before a run began. */
interface RunStart {
  rows: number;
  bytes: number;
}

function describeError(error: unknown): object {
  if (!(error instanceof RowmillError)) return { code: "internal", message: messageOf(error) };
  const { code, message, place } = error;
  return { code, message, ...place };
}

/** How a log begins. */
export const LOG_START = '{\n  "rowmill": ';

/** Whether a path is free, or leads to an earlier log. What is no file is not read: nobody may ever write there. */
export function isLogOrFree(path: string, start: string): boolean {
  try {
    return statSync(placed(path)).isFile() && readFileSync(placed(path), "utf8").startsWith(start);
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}

/** An interrupted run gives whoever reads its log so much time to be there. */
const LAST_MS = 300;

/** The text of a log. */
export function summaryText(summary: object): string {
  return `${JSON.stringify(summary, undefined, 2)}\n`;
}

/** Writes what is to be known of a run, complete or not at all. */
export async function writeLog(
  path: string,
  text: string,
  { lock, signal }: { lock: Journal | undefined; signal: AbortSignal | undefined },
): Promise<void> {
  const bytes = Buffer.from(text);
  const file = fileTarget(path);
  if (file === undefined) {
    const sink = await streamSink(path, signal?.aborted === true ? AbortSignal.timeout(LAST_MS) : signal);
    await sink.write(bytes);
    await sink.commit();
    return;
  }
  rmSync(file.part, { force: true });
  // Whatever stands in its place now was put there meanwhile: it is not followed.
  const part = await PartFile.create(file);
  try {
    part.write(bytes);
    lock?.assertOwn();
    part.commit();
  } catch (error) {
    part.abandon();
    throw error;
  }
}
