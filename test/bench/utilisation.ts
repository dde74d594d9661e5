// How much of their time our workers had work, and what the parent took for itself: by what a run says at its end.
//
// Not by the log of `--summary`, which has the parent hash all inputs and would be a measure of that. The CPU time of
// the whole process comes from the kernel.
import { rmSync } from "node:fs";
import { median } from "./contest.ts";
import type { Contender, Places } from "./workload.ts";

/** How many runs the medians are of. */
const RUNS = 3;
const MB = 1e6;
/** Our runs that last so long must keep their workers busy. */
export const LONG_MS = 1000;
/** What is done sooner is run over its input so often that it takes this long. */
const REPEATED_MS = 2 * LONG_MS;

/** Our workers may be without work for less than so much of a run that lasts over a second. */
export const MAX_IDLE_SHARE = 0.05;

/** What a run says of itself. */
export interface RunShares {
  /** Share of the run's time in which the workers had no work, on average. */
  idleShare: number;
  /** The parent's CPU time as a share of the run's time. */
  parentShare: number;
}

/** How well a contender of ours used its workers. */
export interface Utilisation extends RunShares {
  /** CPU time of the parent for a megabyte of input; undefined when there is less than that. */
  parentMsPerMb: number | undefined;
  /** So many workers need as much of the parent as there is: CPU time of everything else, by that of the parent. */
  workersAtLimit: number;
  /** It is of runs over the input several times in a row. */
  isRepeated: boolean;
}

/** Reads the words at the end of a run (src/cli/run-report.ts); undefined when there are none. */
export function readShares(text: string): RunShares | undefined {
  const found = /workers busy: ([\d %]+?) {3}parent: ([\d.]+) %/.exec(text);
  const [, busy = "", parent = ""] = found ?? [];
  const shares = [...busy.matchAll(/(\d+) %/g)].map(([, percent]) => Number(percent) / 100);
  if (shares.length === 0) return undefined;
  const sum = shares.reduce((total, share) => total + share, 0);
  return { idleShare: 1 - sum / shares.length, parentShare: Number(parent) / 100 };
}

/** What a contender reads, and how long it took. */
interface Known {
  input: string;
  bytes: number;
  ms: number;
  /** It is looked at however short it is. */
  isLight: boolean;
}

/**
 * Runs a contender some more times and takes medians. One that is light and short runs over its input several times in a row.
 * Undefined when a run says nothing.
 */
export function utilisationOf(
  contender: Contender,
  places: Places,
  { input, bytes, ms: usualMs, isLight }: Known,
): Utilisation | undefined {
  const times = isLight && usualMs < LONG_MS ? Math.ceil(REPEATED_MS / usualMs) : 1;
  const command = contender
    .command(places)
    .flatMap((word) => (word === input ? Array<string>(times).fill(word) : [word]));
  const inputBytes = bytes * times;
  const runs: (RunShares & { parentMs: number; workersAtLimit: number })[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { stderr, ms, cpuMs } = runOnce(contender.name, command, places);
    const shares = readShares(stderr);
    if (shares === undefined) return undefined;
    const parentMs = shares.parentShare * ms;
    runs.push({ ...shares, parentMs, workersAtLimit: (cpuMs - parentMs) / parentMs });
  }
  const parentMs = median(runs.map((run) => run.parentMs));
  return {
    isRepeated: times > 1,
    idleShare: median(runs.map((run) => run.idleShare)),
    parentShare: median(runs.map((run) => run.parentShare)),
    parentMsPerMb: inputBytes < MB ? undefined : parentMs / (inputBytes / MB),
    workersAtLimit: median(runs.map((run) => run.workersAtLimit)),
  };
}

function runOnce(
  name: string,
  command: readonly string[],
  places: Places,
): { stderr: string; ms: number; cpuMs: number } {
  const start = Bun.nanoseconds();
  const child = Bun.spawnSync([...command, "--progress", "always"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const ms = (Bun.nanoseconds() - start) / 1e6;
  rmSync(places.out, { force: true, recursive: true });
  const stderr = child.stderr.toString();
  if (child.exitCode !== 0) throw new Error(`${name} left with ${child.exitCode}: ${stderr}`);
  return { stderr, ms, cpuMs: Number(child.resourceUsage.cpuTime.total) / 1000 };
}
