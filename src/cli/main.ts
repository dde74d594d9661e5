/** What the command line does: reads it, carries it out, and turns what went wrong into words and an exit code. */
import { readFileSync } from "node:fs";
import { RowmillError, UsageError } from "../errors.ts";
import { aborted, stillResumable } from "../pipeline/interrupted.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTIONS } from "../options/table.ts";
import { REAL_PARTS, type RunParts } from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import type { RunSummary } from "../pipeline/summary.ts";
import { adoptThread } from "../spawn.ts";
import type { Thread } from "../thread.ts";
import type { CommandsEntry } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { namedFiles } from "./inputs.ts";
import type { CliRunOptions } from "./flags.ts";
import { type Request, readCommandLine } from "./program.ts";
import { type ProgressMode, ProgressLine } from "./progress.ts";
import { describeNote, describeRun, isWorthTelling, sayFailedRows, sayNotices } from "./run-report.ts";
import { STDERR_FD, isTerminal, print, printPage, say, sayWhoWaits } from "./terminal.ts";

/** What the entry of the process has ready. */
interface EntryParts {
  /** A worker's thread that has been started. */
  firstThread: Thread | undefined;
  /** Reads the command line, where that is not Rowmill's own. */
  read?: (argv: readonly string[]) => Promise<Request>;
  /** Loads the commands beside `run` and `eval`. */
  loadCommands: () => Promise<CommandsEntry>;
}

/** Carries out a command line; returns the exit code. */
export async function main(argv: readonly string[], parts: EntryParts): Promise<number> {
  adoptThread(parts.firstThread);
  const interrupt = new Interrupt();
  try {
    const request = parts.read === undefined ? readCommandLine(argv) : await parts.read(argv);
    const code = await carryOut(request, { argv, parts, signal: interrupt.signal });
    return code === EXIT.failed ? (interrupt.exitCode ?? code) : code;
  } catch (error) {
    // The user who interrupted the run needs no message, where its results have come out.
    const isSilent =
      error instanceof RowmillError
        ? error.code === "interrupted" && error.hint === undefined && !error.isResumable
        : interrupt.signal.aborted;
    if (!isSilent) {
      const { reportError } = await import("./report-error.ts");
      await reportError(error, argv);
    }
    return interrupt.exitCode ?? (error instanceof UsageError ? EXIT.usage : EXIT.failed);
  }
}

/** How long an interrupted run may take to end in order; after that the process ends. */
const LAST_MS = 1_800;

/**
 * A second signal within this time counts as the same one: `timeout` and package managers send it to a process and to
 * its whole group.
 */
const SAME_MS = 100;

/** SIGINT, SIGTERM and SIGHUP end the run in order, and soon; a second one ends the process at once. */
class Interrupt {
  readonly #controller = new AbortController();
  #firstMs = 0;
  exitCode: number | undefined;

  constructor() {
    process.on("SIGINT", () => this.#stop(EXIT.interrupted));
    process.on("SIGTERM", () => this.#stop(EXIT.terminated));
    // nohup has it ignored.
    if (!ignoresHangup()) process.on("SIGHUP", () => this.#stop(EXIT.hungUp));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #stop(exitCode: number): void {
    const end = (): never => process.exit(this.exitCode ?? exitCode);
    if (this.exitCode !== undefined) {
      if (performance.now() - this.#firstMs > SAME_MS) end();
      return;
    }
    this.#firstMs = performance.now();
    this.exitCode = exitCode;
    setTimeout(end, LAST_MS).unref();
    this.#controller.abort();
  }
}

function ignoresHangup(): boolean {
  try {
    const [, ignored = "0"] = /^SigIgn:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    return (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    // Another system than Linux.
    return true;
  }
}

async function carryOut(
  request: Request,
  { argv, parts, signal }: { argv: readonly string[]; parts: EntryParts; signal: AbortSignal },
): Promise<number> {
  if (request.kind === "print") {
    await printPage(request.text);
    return EXIT.done;
  }
  if (request.kind === "help" || request.kind === "start") {
    const { helpText, startText } = await import("./help.ts");
    if (request.kind === "help") {
      await printPage(helpText(request.topic));
      return EXIT.done;
    }
    say(startText());
    return EXIT.usage;
  }
  if (request.kind === "command") {
    const { runCommand } = await parts.loadCommands();
    return await runCommand(request.name, request.argv, signal);
  }
  if (request.options.cluster !== undefined) {
    const { runOnCluster } = await parts.loadCommands();
    return await runOnCluster(request.options, argv, signal);
  }
  try {
    return await carryOutRun(request.options, { parts, signal });
  } catch (error) {
    // It may not have come so far that the run itself would say so.
    throw request.options.resume === true ? stillResumable(error) : error;
  }
}

async function carryOutRun(
  asked: CliRunOptions,
  { parts, signal }: { parts: EntryParts; signal: AbortSignal },
): Promise<number> {
  const { dryRun, quiet, progress, errors: _, filesFrom, ...given } = asked;
  const inputs = await Promise.race([namedFiles({ ...given, filesFrom }), aborted(signal)]);
  const options = { ...given, inputs, ...(filesFrom !== undefined && { readsBeside: [filesFrom] }) };
  if (dryRun === true) {
    const { plan } = await import("../pipeline/plan.ts");
    const { describePlan } = await import("./dry-run.ts");
    await print(describePlan(await Promise.race([plan(options), aborted(signal)])));
    return EXIT.done;
  }
  if (quiet !== true) await sayWhoWaits(options.inputs);
  const mode = progress ?? (quiet === true ? "never" : OPTIONS.progress.default);
  const runParts = parts.firstThread === undefined ? await partsOf(options) : REAL_PARTS;
  const summary = await runShowing({ mode, isQuiet: quiet === true, runParts }, { ...options, signal });
  if (quiet !== true && !summary.isCutShort) await sayEnd(summary, mode, options);
  return summary.rowsFailed === 0 || summary.isCutShort ? EXIT.done : EXIT.rowsFailed;
}

/** What a run is made of for which no thread was started: it may do without one. */
async function partsOf(options: RunOptions): Promise<RunParts> {
  const { SHORT_PARTS, isShortRun } = await import("../pipeline/run-thread.ts");
  return isShortRun(options) ? SHORT_PARTS : REAL_PARTS;
}

/** Runs, and shows how far it has come. */
async function runShowing(
  { mode, isQuiet, runParts }: { mode: ProgressMode; isQuiet: boolean; runParts: RunParts },
  options: RunOptions,
): Promise<RunSummary> {
  const { inputs = [], first, limit, output = "-" } = options;
  const line = new ProgressLine(mode, { inputs, first, limit, isScrolling: output === "-" });
  try {
    const shown: RunOptions = {
      ...options,
      onLog: (text) => line.say(`${text}\n`),
      ...(!isQuiet && { onNote: (text) => line.say(describeNote(text)) }),
      onProgress: (progress) => line.update(progress),
    };
    return await runWith(shown, runParts);
  } finally {
    line.end();
  }
}

/** Says what came of a run, as far as there is anything to say. */
async function sayEnd(summary: RunSummary, mode: ProgressMode, options: RunOptions): Promise<void> {
  const isTold = isWorthTelling(summary) || options.summary !== undefined;
  if (isTold && (mode === "always" || (mode === "auto" && (await isTerminal(STDERR_FD))))) say(describeRun(summary));
  sayNotices(summary);
  await sayFailedRows(summary);
}
