/** Submits planned work to Slurm, and waits for it where that is asked. */
import { unlessAborted } from "../../pipeline/interrupted.ts";
import { NO_ROWS } from "../../transform/wire.ts";
import type { RunProgress } from "../../options/run-options.ts";
import { numbersOf } from "../number-list.ts";
import { missingShards } from "../merge-shards.ts";
import { workStatus } from "../work-status.ts";
import type { Work } from "../work.ts";
import { type SlurmOptions, isQueued, sbatch, scancel, slurmArray, slurmMerge } from "./slurm.ts";

const LOOK_MS = 1_000;

/**
 * Submits the array and the merge behind it. Shards that are done are left out.
 *
 * @returns Whether all is done, where it is waited for.
 */
export async function runOnSlurm(
  work: Work,
  options: SlurmOptions,
  {
    isAwaited,
    signal,
    say,
    onProgress,
  }: {
    isAwaited: boolean;
    signal: AbortSignal;
    say: (text: string) => void;
    onProgress: (progress: RunProgress) => void;
  },
): Promise<boolean> {
  const tasks = [...new Set(missingShards(work).map((shard) => Math.floor(shard / options.group)))];
  const array = tasks.length === 0 ? undefined : await sbatch(slurmArray(work, { ...options, tasks }));
  const merge = await sbatch(slurmMerge(options, array));
  const jobs = array === undefined ? [merge] : [array, merge];
  say(`submitted ${array === undefined ? "" : `array ${array}, `}merge ${merge}`);
  if (!isAwaited) return true;
  try {
    while (await unlessAborted(isQueued(jobs), signal)) {
      const { rows } = workStatus(work);
      onProgress({ ...NO_ROWS, rowsIn: rows.done, rowsFailed: rows.failed, bytes: 0 });
      await unlessAborted(Bun.sleep(LOOK_MS), signal);
    }
  } catch (error) {
    if (signal.aborted) {
      await scancel(jobs);
      say("the jobs are cancelled; what is done stays: the same command goes on");
    }
    throw error;
  }
  const missing = missingShards(work);
  if (missing.length > 0) say(`missing: ${numbersOf(missing)}; see ${work.folder}/logs`);
  return missing.length === 0 && (options.output === undefined || (await Bun.file(options.output).exists()));
}
