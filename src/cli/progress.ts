/**
 * How far a run has come, for people: on a terminal one line that is drawn again and gone at the end; in a log file,
 * where it was asked for, a plain line now and then.
 */
import { STDIN, fileOf } from "../io/files.ts";
import type { RunOptions, RunProgress, ValueOf } from "../options/run-options.ts";
import { inputsOf } from "../pipeline/options.ts";
import { count, duration, shownBytes } from "../pages/figures.ts";
import { type LivePlace, LiveLine, isLiveTerminal } from "./live-line.ts";
import { STDOUT_FD, type Said, isForPrograms, isTerminal, say } from "./terminal.ts";

export type ProgressMode = ValueOf<"progress">;

/** What the progress of is shown. */
interface ProgressOf {
  inputs: readonly string[];
  /** Rows of input and of output, where not all are wanted. */
  first?: number | undefined;
  limit?: number | undefined;
  /** Results go to standard output as they come. */
  isScrolling: boolean;
}

export class ProgressLine {
  readonly #started = performance.now();
  readonly #line: LiveLine | undefined;
  #now: RunProgress | undefined;
  /** What this run began with: an earlier one may have done the rest. */
  #first: RunProgress | undefined;

  constructor(mode: ProgressMode, of: ProgressOf) {
    if (mode === "never") return;
    let whole: Whole = {};
    const begin = async (): Promise<LivePlace> => {
      const place = await placeOf(mode, of.isScrolling);
      whole = { bytes: place && (await totalBytes(of.inputs)), rows: of.first, rowsOut: of.limit };
      return place;
    };
    this.#line = new LiveLine(begin, () => this.#describe(whole));
  }

  /** The run has come so far. */
  update(progress: RunProgress): void {
    this.#first ??= progress;
    this.#now = progress;
  }

  /** Says something else: the line makes room. */
  say(said: string | Said): void {
    if (this.#line === undefined) say(said);
    else this.#line.say(said);
  }

  /** The run is over. */
  end(): void {
    this.#line?.end();
  }

  #describe(whole: Whole): string[] {
    // Something is shown before the first row is done, however long that takes.
    if (this.#now === undefined || this.#first === undefined) return [...(isKnown(whole) ? ["0 %"] : []), "0 rows"];
    const seconds = (performance.now() - this.#started) / 1000;
    return describe(this.#now, { first: this.#first, seconds, whole });
  }
}

/** Shows progress for work whose only result comes at the end. */
export async function whileReading<Options extends RunOptions, Result>(
  options: Options,
  read: (options: Options) => Promise<Result>,
): Promise<Result> {
  const line = new ProgressLine("auto", { inputs: inputsOf(options), first: options.first, isScrolling: false });
  try {
    return await read({ ...options, onProgress: (progress) => line.update(progress) });
  } finally {
    line.end();
  }
}

async function placeOf(mode: ProgressMode, isScrolling: boolean): Promise<LivePlace> {
  if (isForPrograms()) return undefined;
  const isLive = await isLiveTerminal();
  // Results that scroll over the same screen say themselves how far it is.
  const isCovered = isScrolling && (await isTerminal(STDOUT_FD));
  if (mode === "auto" && (!isLive || isCovered)) return undefined;
  return isLive ? "terminal" : "log";
}

/** What a run ends with, whichever comes first. */
interface Whole {
  bytes?: number | undefined;
  rows?: number | undefined;
  rowsOut?: number | undefined;
}

/** The parts of the line, the most telling first. */
function describe(
  now: RunProgress,
  { first, seconds, whole }: { first: RunProgress; seconds: number; whole: Whole },
): string[] {
  const done = shareOf(now, whole);
  const before = shareOf(first, whole) ?? 0;
  const left = done === undefined || done <= before ? undefined : ((1 - done) / (done - before)) * seconds;
  return [
    ...(done === undefined ? [] : [`${Math.floor(done * 100)} %`]),
    `${count(now.rowsIn)} rows`,
    `${count(Math.round((now.rowsIn - first.rowsIn) / seconds))} rows/s`,
    ...(left === undefined ? [] : [`${duration(left * 1000)} left`]),
    `${shownBytes((now.bytes - first.bytes) / seconds)}/s`,
    ...(now.rowsFailed === 0 ? [] : [`${count(now.rowsFailed)} failed`]),
  ];
}

function isKnown({ bytes, rows, rowsOut }: Whole): boolean {
  return (bytes ?? rows ?? rowsOut) !== undefined;
}

/** How much of the whole is done, from 0 to 1; undefined when that is not known. */
function shareOf({ bytes, rowsIn, rowsOut }: RunProgress, whole: Whole): number | undefined {
  const shares = [
    ...(whole.bytes === undefined || whole.bytes === 0 ? [] : [bytes / whole.bytes]),
    ...(whole.rows === undefined || whole.rows === 0 ? [] : [rowsIn / whole.rows]),
    ...(whole.rowsOut === undefined || whole.rowsOut === 0 ? [] : [rowsOut / whole.rowsOut]),
  ];
  return shares.length === 0 ? undefined : Math.min(1, Math.max(...shares));
}

/** Bytes of all inputs; undefined when one is a stream. */
async function totalBytes(inputs: readonly string[]): Promise<number | undefined> {
  const sizes = await Promise.all((inputs.length === 0 ? [STDIN] : inputs).map(fileBytes));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/** Bytes of a file; undefined for what is none, or cannot be read: that is said when it is opened. */
export async function fileBytes(name: string): Promise<number | undefined> {
  // What is unpacked counts, and how much that is, nobody knows.
  if (fileOf(name) !== name) return undefined;
  try {
    const { stat } = await import("node:fs/promises");
    const found = await stat(name);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
