/** Submits planned work to Slurm, and waits for it where that is asked. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { placed } from "../../io/start-folder.ts";
import type { RunProgress } from "../../options/run-options.ts";
import { unlessAborted } from "../../pipeline/interrupted.ts";
import { NO_ROWS } from "../../transform/wire.ts";
import { missingShards } from "../merge-shards.ts";
import type { Work } from "../work.ts";
import { workStatus } from "../work-status.ts";
import { type SlurmOptions, lookForJobs, mergeLog, sbatch, scancel, slurmArray, slurmMerge } from "./slurm.ts";

const LOOK_MS = 1_000;
/** What another machine has written may be seen here later. */
const LATE_MS = 5_000;
const LATE_LOOK_MS = 100;

/** Who is told how it goes. */
export interface Watcher {
  signal: AbortSignal;
  say: (text: string) => void;
  onProgress: (progress: RunProgress) => void;
}

/** What a merge has come to. */
export interface MergeOutcome {
  /** What it said. */
  said: string;
  /** Undefined where it has failed, or has not run at all. */
  rowsFailed: number | undefined;
}

/** The jobs that were submitted: shards that are done have none. */
export interface SlurmJobs {
  array: string | undefined;
  merge: string;
}

/** Submits the array, and the merge behind it. Where the second one is not taken, or not wanted any more, the first one is cancelled. */
export async function submitToSlurm(work: Work, options: SlurmOptions, signal: AbortSignal): Promise<SlurmJobs> {
  const tasks = [...new Set(missingShards(work).map((shard) => Math.floor(shard / options.group)))];
  const array = tasks.length === 0 ? undefined : await sbatch(slurmArray(work, { ...options, tasks }));
  try {
    signal.throwIfAborted();
    return { array, merge: await sbatch(slurmMerge(options, array)) };
  } catch (error) {
    if (array !== undefined) await scancel([array]);
    throw error;
  }
}

/** Submits the jobs, and waits until they have ended; when the signal aborts, they are cancelled. */
export async function runOnSlurm(work: Work, options: SlurmOptions, watcher: Watcher): Promise<MergeOutcome> {
  const { signal, say } = watcher;
  const summary = placed(work.plan.options.summary ?? join(work.folder, "logs", "merge.json"));
  const log = mergeLog(options);
  const [before, said] = [stampOf(summary), sizeOf(log)];
  const { array, merge } = await submitToSlurm(work, { ...options, summary }, signal);
  const jobs = array === undefined ? [merge] : [array, merge];
  say(describeJobs({ array, merge }));
  try {
    await untilGone(work, jobs, watcher);
  } catch (error) {
    if (signal.aborted) await scancel(jobs);
    throw error;
  }
  const isWritten = (): boolean => stampOf(summary) !== before;
  for (let waited = 0; !isWritten() && waited < LATE_MS; waited += LATE_LOOK_MS)
    await unlessAborted(Bun.sleep(LATE_LOOK_MS), signal);
  return { said: textBehind(log, said), rowsFailed: isWritten() ? rowsFailedIn(summary) : undefined };
}

export function describeJobs({ array, merge }: SlurmJobs): string {
  return `submitted ${array === undefined ? "" : `array ${array}, `}merge ${merge}`;
}

async function untilGone(work: Work, jobs: readonly string[], { signal, say, onProgress }: Watcher): Promise<void> {
  const { rows, bytes } = work.plan;
  for (let isAway = false; ;) {
    const found = await unlessAborted(lookForJobs(jobs), signal);
    if (found === "gone") return;
    // A controller that is restarted has forgotten nothing.
    if (found === "unknown" && !isAway) say("Slurm does not answer: it is asked again until it does");
    isAway = found === "unknown";
    const { done, failed } = workStatus(work).rows;
    const share = rows === 0 ? 0 : done / rows;
    onProgress({ ...NO_ROWS, rowsIn: done, rowsFailed: failed, bytes: Math.round(bytes * share) });
    await unlessAborted(Bun.sleep(LOOK_MS), signal);
  }
}

/** Tells a file from the one that was there before. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function textBehind(path: string, bytes: number): string {
  try {
    return readFileSync(path).toString("utf8", bytes);
  } catch {
    // The merge has not begun.
    return "";
  }
}

/** Undefined where it says that the merge failed. */
function rowsFailedIn(summary: string): number | undefined {
  const { status, rows } = JSON.parse(readFileSync(summary, "utf8")) as { status: string; rows: { rejected: number } };
  return status === "failed" ? undefined : rows.rejected;
}
