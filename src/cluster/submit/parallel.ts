/** Planned work as a line for GNU parallel, which runs shards here or on other machines. */
import type { Work } from "../work.ts";
import { type JobOptions, commandLine, mergeWords, taskCount } from "./jobs.ts";

export interface ParallelOptions extends JobOptions {
  /** As `--sshlogin` takes them: `4/node1,node2`. */
  hosts: string | undefined;
}

/** A failed task is tried again so often. */
const RETRIES = 3;

export function parallelScript(work: Work, options: ParallelOptions): string {
  const { program, folder, group, hosts } = options;
  const last = taskCount(work, group) - 1;
  // A shard takes all cores.
  const where = hosts === undefined ? ["-j1"] : ["-j1", "--sshlogin", hosts];
  const words = [
    "parallel",
    ...where,
    "--retries",
    String(RETRIES),
    "--joblog",
    `${folder}/parallel.log`,
    "--line-buffer",
  ];
  const task = commandLine([program, "shard", folder, "--quiet"]);
  // One word: a shell reads it again.
  const whole = group === 1 ? `${task} {}` : `SLURM_ARRAY_TASK_ID={} ${task} --group ${group}`;
  const line = `seq 0 ${last} | ${commandLine([...words, whole])}`;
  return `${line}\n${commandLine(mergeWords(options))}\n`;
}
