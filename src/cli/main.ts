/** What the command line does: reads it, carries it out, and turns what went wrong into words and an exit code. */
import { fstatSync, writeSync } from "node:fs";
import { RowmillError, UsageError } from "../errors.ts";
import { run } from "../pipeline/run.ts";
import { stdoutSink } from "../io/sink.ts";
import { ClosedPipeError } from "../io/write-error.ts";
import { adoptThread } from "../spawn.ts";
import { EXIT } from "./exit-codes.ts";
import { type Request, readCommandLine } from "./program.ts";

const STDIN_FD = 0;
const STDERR_FD = 2;

/** Carries out a command line; returns the exit code. `firstThread` is a worker's thread that has been started. */
export async function main(argv: readonly string[], firstThread: Worker | undefined): Promise<number> {
  adoptThread(firstThread);
  const interrupt = new Interrupt();
  try {
    return await carryOut(readCommandLine(argv), interrupt.signal);
  } catch (error) {
    // Whoever interrupts a run whose results have come out knows all there is to know.
    const isSilent =
      error instanceof RowmillError && error.code === "interrupted" && error.hint === undefined && !error.isResumable;
    if (!isSilent) await sayError(error, argv);
    return interrupt.exitCode ?? (error instanceof UsageError ? EXIT.usage : EXIT.failed);
  }
}

async function sayError(error: unknown, argv: readonly string[]): Promise<void> {
  const hasColor = (await isTerminal(STDERR_FD)) && !process.env["NO_COLOR"];
  const { renderError } = await import("./render-error.ts");
  const { resumeCommand } = await import("./resume-command.ts");
  const isDebug = Boolean(process.env["ROWMILL_DEBUG"]);
  say(renderError(error, { hasColor, isDebug, resumeCommand: resumeCommand(argv) }));
}

/** SIGINT and SIGTERM end the run in order; a second one ends the process. */
class Interrupt {
  readonly #controller = new AbortController();
  exitCode: number | undefined;

  constructor() {
    process.on("SIGINT", () => this.#stop(EXIT.interrupted));
    process.on("SIGTERM", () => this.#stop(EXIT.terminated));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #stop(exitCode: number): void {
    if (this.exitCode !== undefined) process.exit(this.exitCode);
    this.exitCode = exitCode;
    this.#controller.abort();
  }
}

async function carryOut(request: Request, signal: AbortSignal): Promise<number> {
  if (request.kind === "print") {
    return await print(request.text);
  }
  const { dryRun, quiet, ...options } = request.options;
  if (dryRun === true) {
    const { plan } = await import("../pipeline/plan.ts");
    const { describePlan } = await import("./dry-run.ts");
    return await print(describePlan(await plan(options)));
  }
  const readsStdin = (options.inputs ?? []).length === 0 || options.inputs?.includes("-") === true;
  if (readsStdin && quiet !== true && (await isTerminal(STDIN_FD))) {
    say("rowmill: reading rows from this terminal; end with Ctrl-D, or name a file\n");
  }
  const summary = await run({ ...options, signal, onLog: (text) => say(`${text}\n`) });
  if (summary.rowsFailed === 0 || summary.isCutShort) return EXIT.done;
  const { describeFailedRows } = await import("./failed-rows.ts");
  if (quiet !== true) say(describeFailedRows(summary));
  return EXIT.rowsFailed;
}

/** `node:tty` takes 4 ms to load: only where a device is open is it asked. */
async function isTerminal(fd: number): Promise<boolean> {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    // The shell closed it (`2>&-`).
    return false;
  }
  const { isatty } = await import("node:tty");
  return isatty(fd);
}

/** Text that was asked for: all of it, or an error. */
async function print(text: string): Promise<number> {
  const sink = stdoutSink();
  try {
    await sink.write(Buffer.from(text));
    await sink.commit();
  } catch (error) {
    if (!(error instanceof ClosedPipeError)) throw error;
  }
  return EXIT.done;
}

/** Short texts for people. */
function say(text: string): void {
  try {
    writeSync(STDERR_FD, text);
  } catch {
    // Where nobody can read them any more, there is nobody to tell.
  }
}
