/**
 * How far a run has come, for people: on a terminal one line that is drawn again and gone at the end; in a log file,
 * where it was asked for, a plain line now and then.
 */
import { statSync } from "node:fs";
import { STDIN } from "../io/files.ts";
import type { RunProgress } from "../pipeline/options.ts";
import { count, duration, megabytes } from "./figures.ts";
import { STDERR_FD, isTerminal, say } from "./terminal.ts";

export const PROGRESS_MODES = ["auto", "always", "never"] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

const STDOUT_FD = 1;
/** A run that is done sooner shows nothing: it would only flicker. */
const FIRST_AFTER_MS = 400;
const DRAW_EVERY_MS = 100;
const LOG_EVERY_MS = 10_000;
/** Where a terminal does not say how wide it is. */
const DEFAULT_WIDTH = 80;
const CLEAR_LINE = "\r\u001b[K";

export class ProgressLine {
  readonly #inputs: readonly string[];
  readonly #started = performance.now();
  readonly #writesToStdout: boolean;
  #timer: Timer | undefined;
  #now: RunProgress | undefined;
  /** What this run began with: an earlier one may have done the rest. */
  #first: RunProgress | undefined;
  #terminal: { columns: number | undefined } | undefined;
  #isDrawn = false;

  /** @param options `output` is undefined when the results go to standard output. */
  constructor(mode: ProgressMode, { inputs = [], output }: { inputs?: readonly string[]; output?: string }) {
    this.#inputs = inputs;
    this.#writesToStdout = output === undefined || output === "-";
    if (mode !== "never") this.#timer = setTimeout(() => void this.#begin(mode), FIRST_AFTER_MS);
  }

  /** The run has come so far. */
  update(progress: RunProgress): void {
    this.#first ??= progress;
    this.#now = progress;
  }

  /** Says something else: the line makes room. */
  say(text: string): void {
    this.#clear();
    say(text);
  }

  /** The run is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#clear();
  }

  async #begin(mode: ProgressMode): Promise<void> {
    const isSeen = await isTerminal(STDERR_FD);
    // Results that scroll over the same screen say themselves how far it is.
    const isCovered = this.#writesToStdout && (await isTerminal(STDOUT_FD));
    if (mode === "auto" && (!isSeen || isCovered)) return;
    if (isSeen) {
      const { WriteStream } = await import("node:tty");
      const measure = (): void => {
        this.#terminal = new WriteStream(STDERR_FD);
      };
      measure();
      process.on("SIGWINCH", measure);
    }
    const total = totalBytes(this.#inputs);
    this.#timer = setInterval(() => this.#draw(total), isSeen ? DRAW_EVERY_MS : LOG_EVERY_MS);
  }

  #draw(total: number | undefined): void {
    if (this.#now === undefined || this.#first === undefined) return;
    const seconds = (performance.now() - this.#started) / 1000;
    const parts = describe(this.#now, { first: this.#first, seconds, total });
    if (this.#terminal === undefined) {
      say(`${parts.join("  ")}\n`);
      return;
    }
    say(CLEAR_LINE + fitting(parts, (this.#terminal.columns || DEFAULT_WIDTH) - 1));
    this.#isDrawn = true;
  }

  #clear(): void {
    if (this.#isDrawn) say(CLEAR_LINE);
    this.#isDrawn = false;
  }
}

/** The parts of the line, the most telling first. */
function describe(
  now: RunProgress,
  { first, seconds, total }: { first: RunProgress; seconds: number; total: number | undefined },
): string[] {
  const done = total === undefined || total === 0 ? undefined : Math.min(1, now.bytes / total);
  const bytesPerSecond = (now.bytes - first.bytes) / seconds;
  const left = total === undefined || bytesPerSecond <= 0 ? undefined : (total - now.bytes) / bytesPerSecond;
  return [
    ...(done === undefined ? [] : [`${Math.floor(done * 100)} %`]),
    `${count(now.rowsIn)} rows`,
    `${count(Math.round((now.rowsIn - first.rowsIn) / seconds))} rows/s`,
    ...(left === undefined || left < 0 ? [] : [`${duration(left * 1000)} left`]),
    `${megabytes(bytesPerSecond)}/s`,
    ...(now.rowsFailed === 0 ? [] : [`${count(now.rowsFailed)} failed`]),
  ];
}

/** As many parts as fit: a line that is longer than the window could not be cleared. */
function fitting(parts: readonly string[], width: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}  ${part}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
}

/** Bytes of all inputs; undefined when one is a stream. */
function totalBytes(inputs: readonly string[]): number | undefined {
  let total = 0;
  for (const input of inputs.length === 0 ? [STDIN] : inputs) {
    const stat = input === STDIN ? undefined : statSync(input, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    total += stat.size;
  }
  return total;
}
