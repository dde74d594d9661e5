/**
 * Planned work as jobs of Slurm: an array of shards, which is put back into the queue when a node fails or is taken away,
 * and a merge behind it, however its tasks have ended, for it looks itself whether all are there.
 */
import { join } from "node:path";
import { RowmillError, messageOf } from "../../errors.ts";
import { numbersOf } from "../number-list.ts";
import { SHARD_EXIT, TIME_UP_SIGNAL } from "../shard-exit.ts";
import type { Work } from "../work.ts";
import { type JobOptions, commandLine, mergeWords, shardWords, taskCount } from "./jobs.ts";

export interface SlurmOptions extends JobOptions {
  partition: string | undefined;
  /** Cores of a task. */
  cpus: number | undefined;
  time: string | undefined;
  memory: string | undefined;
  /** Further words for sbatch. */
  further: readonly string[];
  /** Array tasks that are to run; all where none are said. */
  tasks?: readonly number[];
  /** Where the merge writes its log. */
  summary?: string;
}

/** A job, as sbatch takes it: its words, and the script that it reads. */
interface Job {
  words: string[];
  script: string;
}

/** An array may have no more tasks, unless the cluster says otherwise. */
const USUAL_MAX_ARRAY = 1001;

/** A controller that is away lets its commands wait for minutes. */
const ANSWER_MS = 10_000;

/** A process has so long to note how far it has come, before its time is up and it is killed. */
const NOTICE_SECONDS = 30;

/**
 * What a task does. The shell stays, since it is what Slurm tells that the time will be up, by a signal that nobody else
 * sends: a task that was cancelled must not come back. One that has come further is put back into the queue. It is named by
 * its array and its index: the number of the job may be that of the whole array. SIGTERM, when a task is taken away, comes to all
 * of its processes: the shell waits for the one that notes how far it is.
 */
function arrayScript(words: readonly string[]): string {
  return `#!/bin/sh
${commandLine(words)} &
shard=$!
trap 'kill -${TIME_UP_SIGNAL.slice("SIG".length)} $shard' ${TIME_UP_SIGNAL.slice("SIG".length)}
trap : TERM
while wait $shard; code=$?; kill -0 $shard 2>/dev/null; do :; done
[ $code -eq ${SHARD_EXIT.timeUp} ] || exit $code
echo "the time is up: back into the queue"
exec scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
`;
}

export function slurmArray(work: Work, options: SlurmOptions): Job {
  const last = taskCount(work, options.group) - 1;
  const { tasks = Array.from({ length: last + 1 }, (_, at) => at) } = options;
  return {
    words: [
      "sbatch",
      "--parsable",
      `--job-name=${options.name}`,
      `--array=${numbersOf(tasks)}`,
      "--requeue",
      "--open-mode=append",
      // Without B: the script itself would not be told.
      `--signal=B:${TIME_UP_SIGNAL.slice("SIG".length)}@${NOTICE_SECONDS}`,
      `--output=${join(options.folder, "logs", "%A_%a.log")}`,
      ...resources(options),
    ],
    script: arrayScript(shardWords(options)),
  };
}

/** @param array The job that it comes behind, where there is one. */
export function slurmMerge(options: SlurmOptions, array: string | undefined): Job {
  const summary = options.summary === undefined ? [] : ["--summary", options.summary];
  return {
    words: [
      "sbatch",
      "--parsable",
      `--job-name=${options.name}-merge`,
      ...(array === undefined ? [] : [`--dependency=afterany:${array}`]),
      "--kill-on-invalid-dep=yes",
      "--requeue",
      "--open-mode=append",
      `--output=${mergeLog(options)}`,
      ...resources(options),
    ],
    script: `#!/bin/sh\nexec ${commandLine(mergeWords(options, ["--as-task", ...summary]))}\n`,
  };
}

/** What the merge says. */
export function mergeLog({ folder }: SlurmOptions): string {
  return join(folder, "logs", "merge.log");
}

function resources({ partition, cpus, time, memory, further }: SlurmOptions): string[] {
  return [
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(cpus === undefined ? [] : [`--cpus-per-task=${cpus}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...(memory === undefined ? [] : [`--mem=${memory}`]),
    ...further,
  ];
}

/** The two jobs as a script for a shell. */
export function slurmScript(work: Work, options: SlurmOptions): string {
  const array = slurmArray(work, options);
  const merge = slurmMerge(options, undefined);
  const [program, ...words] = merge.words;
  return `#!/bin/sh
# ${work.plan.shards.length} shards in ${taskCount(work, options.group)} array tasks, and a merge when they have ended.
set -e
mkdir -p ${commandLine([join(options.folder, "logs")])}
array=$(${commandLine(array.words)} <<'END'
${array.script}END
)
${program} --dependency="afterany:$array" ${commandLine(words)} <<'END'
${merge.script}END
`;
}

/** Whether jobs can be submitted from here. */
export function hasSlurm(): boolean {
  return Bun.which("sbatch") !== null;
}

/** Hands a job to Slurm; returns its number. @throws {RowmillError} When Slurm does not take it. */
export async function sbatch({ words, script }: Job): Promise<string> {
  const [said, code, complaint] = await ran(words, script);
  const [number = ""] = said.trim().split(";");
  if (code === 0 && /^\d+$/.test(number)) return number;
  throw new RowmillError("output", `Slurm did not take the job: ${(complaint || said).trim().replaceAll("\n", "; ")}`, {
    hint: "rowmill submit slurm prints the commands, to be changed and run by hand",
  });
}

/** Cancels jobs, whatever has become of them. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  await ran(["scancel", ...jobs], "").catch(() => {});
}

/** What the queue says of jobs; `unknown` where it does not answer. */
export async function lookForJobs(jobs: readonly string[]): Promise<"queued" | "gone" | "unknown"> {
  const [said, code, complaint] = await ran(["squeue", "-h", "-j", jobs.join(","), "-o", "%i"], "", ANSWER_MS);
  if (code === 0) return said.trim() === "" ? "gone" : "queued";
  // Of one job alone, when it has been forgotten.
  return complaint.includes("Invalid job id") ? "gone" : "unknown";
}

/** The most tasks that an array of the cluster may have. */
export async function maxArray(): Promise<number> {
  try {
    const [said] = await ran(["scontrol", "show", "config"], "", ANSWER_MS);
    const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(said) ?? [];
    return size === undefined ? USUAL_MAX_ARRAY : Number(size);
  } catch {
    // There is no Slurm here: the jobs are printed for another machine.
    return USUAL_MAX_ARRAY;
  }
}

/** Ended by hand, an answer that does not come has no exit code of its own. */
async function ran(
  words: readonly string[],
  input: string,
  mostMs?: number,
): Promise<[said: string, code: number, complaint: string]> {
  try {
    const child = Bun.spawn([...words], {
      stdin: Buffer.from(input),
      stdout: "pipe",
      stderr: "pipe",
      env: submittersEnvironment(),
      // A Ctrl-C is not for them: what is submitted is known then, and can be cancelled.
      detached: true,
      ...(mostMs !== undefined && { timeout: mostMs }),
    });
    const [said, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return [said, await child.exited, complaint];
  } catch (error) {
    throw new RowmillError("output", `cannot run ${words[0]}: ${messageOf(error)}`, {
      hint: "run it where Slurm's commands are; without --run they are printed",
      cause: error,
    });
  }
}

/** Where jobs are submitted from within a job, theirs are not its array task, its cores and its memory. */
function submittersEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SLURM_") || SETTINGS.has(name));
  return Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Variables by which Slurm's commands find it. */
const SETTINGS: ReadonlySet<string> = new Set(["SLURM_CONF", "SLURM_CLUSTERS", "SLURM_JWT"]);
