/**
 * Planned work as jobs of Slurm: an array of shards, which is put back into the queue when a node fails or is taken away,
 * and a merge behind it, however its tasks have ended, for it looks itself whether all are there.
 */
import { join } from "node:path";
import { RowmillError, messageOf } from "../../errors.ts";
import { numbersOf } from "../number-list.ts";
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
}

/** A job, as sbatch takes it: its words, and the script that it reads. */
interface Job {
  words: string[];
  script: string;
}

/** An array may have no more tasks, unless the cluster says otherwise. */
const USUAL_MAX_ARRAY = 1001;

/** A process has so long to note how far it has come, before it is killed. */
const NOTICE_SECONDS = 30;

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
      `--signal=B:TERM@${NOTICE_SECONDS}`,
      `--output=${join(options.folder, "logs", "%A_%a.log")}`,
      ...resources(options),
    ],
    script: `#!/bin/sh\nexec ${commandLine(shardWords(options))}\n`,
  };
}

/** @param array The job that it comes behind, where there is one. */
export function slurmMerge(options: SlurmOptions, array: string | undefined): Job {
  return {
    words: [
      "sbatch",
      "--parsable",
      `--job-name=${options.name}-merge`,
      ...(array === undefined ? [] : [`--dependency=afterany:${array}`]),
      "--requeue",
      "--open-mode=append",
      `--output=${join(options.folder, "logs", "merge.log")}`,
      ...resources(options),
    ],
    script: `#!/bin/sh\nexec ${commandLine(mergeWords(options))}\n`,
  };
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

/** Hands a job to Slurm; returns its number. @throws {RowmillError} When Slurm does not take it. */
export async function sbatch({ words, script }: Job): Promise<string> {
  const [said, code, complaint] = await ran(words, script);
  const [number = ""] = said.trim().split(";");
  if (code === 0 && /^\d+$/.test(number)) return number;
  throw new RowmillError("output", `Slurm did not take the job: ${(complaint || said).trim()}`, {
    hint: "without --run the commands are printed, to be changed and run by hand",
  });
}

/** Cancels jobs, whatever has become of them. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  await ran(["scancel", ...jobs], "").catch(() => {});
}

/** Whether any of some jobs is in the queue still. */
export async function isQueued(jobs: readonly string[]): Promise<boolean> {
  const [said, code] = await ran(["squeue", "-h", "-j", jobs.join(","), "-o", "%i"], "");
  return code === 0 && said.trim() !== "";
}

/** The most tasks that an array of the cluster may have. */
export async function maxArray(): Promise<number> {
  try {
    const [said] = await ran(["scontrol", "show", "config"], "");
    const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(said) ?? [];
    return size === undefined ? USUAL_MAX_ARRAY : Number(size);
  } catch {
    // There is no Slurm here: the jobs are printed for another machine.
    return USUAL_MAX_ARRAY;
  }
}

async function ran(words: readonly string[], input: string): Promise<[said: string, code: number, complaint: string]> {
  try {
    const child = Bun.spawn([...words], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
    const [said, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return [said, await child.exited, complaint];
  } catch (error) {
    throw new RowmillError("output", `cannot run ${words[0]}: ${messageOf(error)}`, {
      hint: "run it where Slurm's commands are; without --run they are printed",
      cause: error,
    });
  }
}
