/**
 * Carries out a command beside `run` and `eval`. This side of the bundle has its own copy of the error classes: what goes
 * wrong is said here.
 */
import { RowmillError, UsageError } from "../../errors.ts";
import { reach } from "../../io/files.ts";
import { aborted } from "../../pipeline/interrupted.ts";
import { VERSION } from "../../version.ts";
import type { Command, FurtherCommand } from "../command.ts";
import { offeredFlags, withCommonFlags } from "../common-flags.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliRunOptions } from "../flags.ts";
import { commandHelp } from "../help.ts";
import { parseFlags } from "../parse-flags.ts";
import { reportError } from "../report-error.ts";
import { printPage } from "../terminal.ts";

const LOADERS: Record<FurtherCommand, () => Promise<Command>> = {
  add: async () => (await import("./add.ts")).add,
  cache: async () => (await import("./cache.ts")).cache,
  check: async () => (await import("./check.ts")).check,
  compile: async () => (await import("./compile/command.ts")).compile,
  plan: async () => (await import("./cluster/plan.ts")).plan,
  shard: async () => (await import("./cluster/shard.ts")).shard,
  merge: async () => (await import("./cluster/merge.ts")).merge,
  status: async () => (await import("./cluster/status.ts")).status,
  submit: async () => (await import("./cluster/submit.ts")).submit,
  explain: async () => (await import("./explain/command.ts")).explain,
  help: async () => (await import("./help/command.ts")).help((name) => LOADERS[name]()),
  upgrade: async () => (await import("./upgrade/command.ts")).upgrade,
  diff: async () => (await import("./diff.ts")).diff,
  schema: async () => (await import("./schema.ts")).schema,
  info: async () => (await import("./info.ts")).info,
  report: async () => (await import("./report.ts")).report,
  init: async () => (await import("./init.ts")).init,
  types: async () => (await import("./declarations/command.ts")).types,
  completions: async () => (await import("./completions/completions.ts")).completions((name) => LOADERS[name]()),
};

/** Does what the words behind a command say; returns the exit code. */
export async function runCommand(name: FurtherCommand, argv: readonly string[], signal: AbortSignal): Promise<number> {
  let failureCode: number = EXIT.failed;
  return await sayingErrors({ argv: [name, ...argv], signal, failureCode: () => failureCode }, async () => {
    const command = await LOADERS[name]();
    failureCode = command.failureCode ?? failureCode;
    const flags = withCommonFlags(command.flags);
    const { options: said, operands, asksFor } = parseFlags<{ errors?: string }>(flags, argv, {});
    if (asksFor === undefined) {
      // What asks on the main thread for a file then has an answer: an interrupt is heard.
      await Promise.race([reach(operands), aborted(signal)]);
      const { errors: _, ...options } = said;
      return await command.carryOut(options, operands, signal);
    }
    await printPage(
      asksFor === "help" ? commandHelp({ ...command, flags: offeredFlags(command.flags) }) : `rowmill ${VERSION}\n`,
    );
    return EXIT.done;
  });
}

/** Does a run on the nodes of a cluster; returns the exit code. */
export async function runOnCluster(
  options: CliRunOptions,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  return await sayingErrors({ argv, signal, failureCode: () => EXIT.failed }, async () => {
    const { spreadRun } = await import("./cluster/spread-run.ts");
    return await spreadRun(options, signal);
  });
}

/** Does something, and says what went wrong; returns the exit code. */
async function sayingErrors(
  { argv, signal, failureCode }: { argv: readonly string[]; signal: AbortSignal; failureCode: () => number },
  carryOut: () => Promise<number>,
): Promise<number> {
  try {
    return await carryOut();
  } catch (error) {
    if (signal.aborted && !(error instanceof RowmillError)) return EXIT.failed;
    await reportError(error, argv);
    return error instanceof UsageError ? EXIT.usage : signal.aborted ? EXIT.failed : failureCode();
  }
}
