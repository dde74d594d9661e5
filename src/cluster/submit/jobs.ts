/** What is said of jobs, whichever scheduler runs them. */
import { shellWord } from "../../formats/command-words.ts";
import type { Work } from "../work.ts";

export interface JobOptions {
  /** The program, as the machines that run jobs find it. */
  program: string;
  /** The folder of the work, as they see it. */
  folder: string;
  /** Where the result goes, as `merge` is told it. */
  output: string | undefined;
  /** Shards of an array task. */
  group: number;
  /** What jobs are called. */
  name: string;
}

/** How many array tasks there are. */
export function taskCount({ plan }: Work, group: number): number {
  return Math.ceil(plan.shards.length / group);
}

/** The words of the command of an array task; the scheduler says in its environment which one it is. */
export function shardWords({ program, folder, group }: JobOptions): string[] {
  return [program, "shard", folder, ...(group > 1 ? ["--group", String(group)] : [])];
}

export function mergeWords({ program, folder, output }: JobOptions, further: readonly string[] = []): string[] {
  return [program, "merge", folder, ...(output === undefined ? [] : ["-o", output]), ...further];
}

export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
