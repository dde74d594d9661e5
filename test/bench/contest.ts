// Runs the contenders of a workload in turns (A B C A B C …), checks that their outputs agree, and takes medians.
//
// Before anything is timed, one round warms the page cache and compares the outputs. In the timed rounds each contender
// must give the output it gave then. No output outlives its round.
import { fingerprint, firstDifference, isSame, rowSet } from "./agreement.ts";
import { Lane } from "./lane.ts";
import type { Contender, Places, Workload } from "./workload.ts";

/** What the timed runs of one contender may take together, so that a slow one gets fewer of them, … */
const BUDGET_MS = 25_000;
/** … but so many at least, … */
const FEWEST_RUNS = 3;
/** … unless one takes so long that the first one, in which the outputs are compared, must do. */
const LONE_RUN_MS = 20_000;

/** What came of a contender. */
export interface Result {
  medianMs: number;
  /** How many runs the median is of. */
  runs: number;
  outputBytes: number;
}

/** What came of a workload. */
export interface Outcome {
  workload: Workload;
  /** By the names of the contenders that ran. */
  results: Map<string, Result>;
  /** What went wrong: a contender that failed, or outputs that differ. Empty when all is well. */
  faults: string[];
}

/** The middle one of the numbers, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** How many timed runs a contender gets when one takes so long; 0 when its first one must do. */
export function timedRuns(wanted: number, oneMs: number): number {
  if (oneMs > LONE_RUN_MS) return 0;
  return Math.min(wanted, Math.max(FEWEST_RUNS, Math.floor(BUDGET_MS / oneMs)));
}

/** Whether one of `runs` runs, spread evenly over `rounds` rounds, falls into this round. */
export function runsIn(round: number, runs: number, rounds: number): boolean {
  return Math.floor(((round + 1) * runs) / rounds) > Math.floor((round * runs) / rounds);
}

/** Lets the contenders compete. `places` gives each the path of its own output. */
export async function contest(
  workload: Workload,
  contenders: readonly Contender[],
  options: { runs: number; places: (contender: Contender) => Places },
): Promise<Outcome> {
  const rounds = Math.max(options.runs, workload.atLeastRuns ?? 0);
  const outcome: Outcome = { workload, results: new Map(), faults: [] };
  const lanes = contenders.map((contender) => new Lane(contender, options.places(contender), workload.agreement));
  try {
    for (const lane of lanes) await lane.warmUp();
    outcome.faults.push(...(await disagreements(workload, lanes)));
    for (const lane of lanes) lane.deleteOutput();
    for (let round = 0; round < rounds; round++) {
      for (const lane of lanes) {
        if (runsIn(round, timedRuns(rounds, lane.warmUpMs), rounds)) await lane.timeOnce();
      }
    }
  } finally {
    for (const lane of lanes) lane.deleteOutput();
  }
  for (const lane of lanes) {
    if (lane.fault === undefined) outcome.results.set(lane.contender.name, resultOf(lane));
    else outcome.faults.push(lane.fault);
  }
  return outcome;
}

function resultOf({ times, warmUpMs, outputBytes }: Lane): Result {
  const counted = times.length === 0 ? [warmUpMs] : times;
  return { medianMs: median(counted), runs: counted.length, outputBytes };
}

/** What is held against each other where outputs are not the same as they are. */
const ROWS_OF: Partial<Record<Workload["agreement"], (path: string) => Promise<string>>> = {
  "csv-rows": fingerprint,
  "csv-set": rowSet,
};

/** One line for every output that is not like the first one, or not what the workload expects. */
async function disagreements(workload: Workload, lanes: readonly Lane[]): Promise<string[]> {
  const faults: string[] = [];
  const [first, ...others] = lanes.filter(({ fault, contender }) => fault === undefined && contender.isFloor !== true);
  if (first === undefined || workload.agreement === "none") return faults;
  const name = first.contender.name;
  if (workload.expected !== undefined && (await Bun.file(first.output).text()) !== workload.expected) {
    faults.push(`${name} did not give the expected output`);
  }
  let rows: string | undefined;
  for (const other of others) {
    if (isSame(first.print, other.print)) continue;
    const rowsOf = ROWS_OF[workload.agreement];
    if (rowsOf !== undefined) {
      rows ??= await rowsOf(first.output);
      if (rows === (await rowsOf(other.output))) continue;
    }
    const hasLines = workload.agreement !== "unpacked-bytes" && workload.agreement !== "csv-set";
    const where = hasLines ? ` ${await firstDifference(first.output, other.output)}` : "";
    faults.push(`outputs of ${name} and ${other.contender.name} differ${where}`);
  }
  return faults;
}
