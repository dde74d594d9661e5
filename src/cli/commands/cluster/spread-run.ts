/**
 * `rowmill run … -o out.csv --cluster slurm`: plans the run, submits it, waits for it and has it merged. The work lies beside
 * the output until that is there: with `--resume` what is done of it is not done again.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { hasSlurm } from "../../../cluster/submit/slurm.ts";
import { kept, makePlan } from "../../../cluster/make-plan.ts";
import { Work } from "../../../cluster/work.ts";
import { RowmillError, UsageError, withDetails } from "../../../errors.ts";
import { STDOUT } from "../../../io/sink.ts";
import type { RunOptions } from "../../../options/run-options.ts";
import { OPTIONS } from "../../../options/table.ts";
import { outputFormatByName } from "../../../pipeline/told-format.ts";
import { NO_ROWS } from "../../../transform/wire.ts";
import { EXIT } from "../../exit-codes.ts";
import { type Flag, longName } from "../../flag.ts";
import type { CliRunOptions } from "../../flags.ts";
import { namedFiles } from "../../inputs.ts";
import { parseFlags } from "../../parse-flags.ts";
import { type ProgressMode, ProgressLine } from "../../progress.ts";
import { plan } from "./plan.ts";
import { type SlurmWords, awaited, slurmOptions, submit } from "./submit.ts";

/** What may be said behind the name of the scheduler. */
interface ClusterWords extends SlurmWords {
  program?: string;
  shards?: number;
  shardBytes?: number;
}

const OF_PLAN: ReadonlySet<string> = new Set(["shards", "shard-bytes"]);
const OF_SUBMIT: ReadonlySet<string> = new Set([
  "group",
  "name",
  "program",
  "cpus",
  "memory",
  "partition",
  "time",
  "sbatch",
]);

/** Names in a folder of work, beside files that are being written. */
const WORK_NAMES: ReadonlySet<string> = new Set([
  "plan.json",
  "plan.json.new",
  "parts",
  "work",
  "code",
  "failed",
  "logs",
]);

/**
 * Does a run on a cluster; returns the exit code.
 *
 * @throws {UsageError} When it cannot be done so.
 * @throws {RowmillError} When the inputs cannot be read, or jobs are not taken; `interrupted`, when they were cancelled.
 */
export async function spreadRun(given: CliRunOptions, signal: AbortSignal): Promise<number> {
  const { cluster = "", output, quiet, progress, dryRun, filesFrom, resume, restart, jobs, ...further } = given;
  const { wait: _, errors: __, ...others } = further;
  const words = clusterWords(cluster);
  if (output === undefined || output === STDOUT)
    throw new UsageError("a run on a cluster needs a file for its rows", "name it, where all nodes see it: -o out.csv");
  if (dryRun === true)
    throw new UsageError(
      "--dry-run says what one machine would do",
      "leave --cluster out, or use rowmill submit slurm",
    );
  if (!hasSlurm())
    throw new RowmillError("output", "there is no sbatch here: jobs of Slurm cannot be submitted", {
      hint: "run it on a machine of the cluster",
    });
  const inputs = await namedFiles({ ...others, filesFrom });
  const to = others.to ?? outputFormatByName(output);
  const options: RunOptions = { ...others, inputs, ...(to !== undefined && { to }) };
  const mode = progress ?? (quiet === true ? "never" : OPTIONS.progress.default);
  const folder = `${resolve(output)}.work`;
  const work =
    leftWork(options, { folder, resume: resume === true, restart: restart === true }) ??
    (await planned(options, { ...words, folder, mode, signal }));
  const job = {
    program: words.program ?? process.execPath,
    folder,
    output: resolve(output),
    group: words.group ?? 1,
    name: words.name ?? `rowmill-${work.plan.id.slice(0, 8)}`,
  };
  try {
    const code = await awaited(
      work,
      await slurmOptions(work, job, { ...(jobs !== undefined && { cpus: jobs }), ...words }),
      { mode, signal },
    );
    if (code === EXIT.failed) throw new RowmillError("output", `${output} is not done`, { isResumable: true });
    rmSync(folder, { recursive: true, force: true });
    return code;
  } catch (error) {
    const goesOn = error instanceof RowmillError && !(error instanceof UsageError);
    throw goesOn ? withDetails(error, { isResumable: true }) : error;
  }
}

async function planned(
  options: RunOptions,
  how: { folder: string; mode: ProgressMode; signal: AbortSignal } & Pick<ClusterWords, "shards" | "shardBytes">,
): Promise<Work> {
  const { folder, mode, signal, shards, shardBytes } = how;
  const { inputs = [], first } = options;
  const line = new ProgressLine(mode, { inputs, first, isScrolling: false });
  const onProgress = (rowsIn: number, bytes: number): void => line.update({ ...NO_ROWS, rowsIn, bytes });
  try {
    return await makePlan({ ...options, signal }, { folder, shards, shardBytes, signal, onProgress });
  } finally {
    line.end();
  }
}

/** What an earlier run has left beside the output, where this one goes on with it. */
function leftWork(
  options: RunOptions,
  { folder, resume, restart }: { folder: string; resume: boolean; restart: boolean },
): Work | undefined {
  if (!existsSync(folder)) return undefined;
  const foreign = readdirSync(folder).find((name) => !WORK_NAMES.has(name));
  if (foreign !== undefined)
    throw new RowmillError("output", `${folder} holds ${foreign}, which is no part of a run`, {
      hint: "the work of a run on a cluster lies there: move it away, or name another output",
    });
  if (restart || !existsSync(join(folder, "plan.json"))) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  if (!resume)
    throw new RowmillError("output", `an earlier run has left its work in ${folder}`, {
      hint: "--resume goes on with it, --restart drops it",
    });
  const work = Work.open(folder);
  const wanted = JSON.parse(JSON.stringify(kept({ ...options, ...pickTo(work) }))) as unknown;
  if (Bun.deepEquals(wanted, work.plan.options)) return work;
  throw new RowmillError("work-changed", `what is left in ${folder} was planned with other options`, {
    hint: "--restart drops it",
  });
}

function pickTo({ plan: { options } }: Work): Pick<RunOptions, "to"> {
  return options.to === undefined ? {} : { to: options.to };
}

/** `slurm --partition main --cpus 16`: what is said of shards and of jobs. */
function clusterWords(text: string): ClusterWords {
  const [scheduler, ...argv] = wordsOf(text);
  if (scheduler !== "slurm")
    throw new UsageError(
      `--cluster names ${JSON.stringify(scheduler ?? "")}, and knows slurm`,
      "for others: rowmill plan, then rowmill submit kubernetes, aws-batch or parallel",
    );
  const flags = [
    ...plan.flags.filter((flag) => OF_PLAN.has(longName(flag))),
    ...submit.flags.filter((flag) => OF_SUBMIT.has(longName(flag))),
  ] as Flag<ClusterWords>[];
  const hint = `it takes ${flags.map((flag) => `--${longName(flag)}`).join(", ")}`;
  try {
    const { options, operands, asksFor } = parseFlags<ClusterWords>(flags, argv, {});
    if (operands.length === 0 && asksFor === undefined) return options;
    throw new UsageError(`--cluster has ${JSON.stringify(operands[0] ?? "--help")}, which is no word for it`, hint);
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.startsWith("--cluster")) throw error;
    throw new UsageError(`--cluster ${scheduler}: ${error.message}`, hint);
  }
}

/** Words of a command line: blanks part them, except between quotes. */
function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
}
