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
  const shard = group === 1 ? "{}" : undefined;
  const task = commandLine([program, "shard", folder, "--quiet"]);
  const line =
    shard === undefined
      ? `seq 0 ${last} | ${commandLine(words)} "SLURM_ARRAY_TASK_ID={} ${task} --group ${group}"`
      : `seq 0 ${last} | ${commandLine(words)} ${task} {}`;
  return `${line}\n${commandLine(mergeWords(options))}\n`;
}
