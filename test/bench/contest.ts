// Runs the contenders of a workload in turns (A B C A B C …), checks that their outputs agree, and takes medians.
//
// Before anything is timed, one round warms the page cache and compares the outputs. In the timed rounds each
// contender must give the bytes it gave then. No output outlives its round.
import { closeSync, openSync, rmSync } from "node:fs";
import { fingerprint, firstDifference, hashOf } from "./agreement.ts";
import type { Contender, Places, Workload } from "./workloads.ts";

/** A contender that does not answer in this time counts as failed. */
const MAX_RUN_MS = 20 * 60_000;

/** What came of a workload. */
export interface Outcome {
  workload: Workload;
  runs: number;
  /** The median time of each contender that ran. */
  medianMs: Map<string, number>;
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

/** Lets the contenders compete. `places` gives each the path of its own output. */
export async function contest(
  workload: Workload,
  contenders: readonly Contender[],
  options: { runs: number; places: (contender: Contender) => Places },
): Promise<Outcome> {
  const runs = Math.max(options.runs, workload.atLeastRuns ?? 0);
  const outcome: Outcome = { workload, runs, medianMs: new Map(), faults: [] };
  const lanes = contenders.map((contender) => new Lane(contender, options.places(contender)));
  try {
    for (const lane of lanes) await lane.warmUp();
    outcome.faults.push(...(await disagreements(workload, lanes)));
    for (const lane of lanes) lane.deleteOutput();
    for (let run = 0; run < runs; run++) for (const lane of lanes) await lane.timeOnce();
  } finally {
    for (const lane of lanes) lane.deleteOutput();
  }
  for (const lane of lanes) {
    if (lane.fault === undefined) outcome.medianMs.set(lane.contender.name, median(lane.times));
    else outcome.faults.push(lane.fault);
  }
  return outcome;
}

/** One contender with its output and its times. */
class Lane {
  readonly contender: Contender;
  readonly #places: Places;
  readonly times: number[] = [];
  /** Why it is out of the race. */
  fault: string | undefined;
  #bytesHash = "";

  constructor(contender: Contender, places: Places) {
    this.contender = contender;
    this.#places = places;
  }

  get output(): string {
    return this.#places.out;
  }

  /** An untimed run; its output stays, to be compared. */
  async warmUp(): Promise<void> {
    this.#run();
    if (this.fault === undefined) this.#bytesHash = await hashOf(this.output);
  }

  async timeOnce(): Promise<void> {
    if (this.fault !== undefined) return;
    const ms = this.#run();
    if (this.fault === undefined && (await hashOf(this.output)) !== this.#bytesHash) {
      this.fault = `${this.contender.name} gave other bytes than in its first run`;
    }
    this.times.push(ms);
    this.deleteOutput();
  }

  deleteOutput(): void {
    rmSync(this.output, { force: true });
  }

  /** Runs the whole process and gives its time in milliseconds. */
  #run(): number {
    const { command, name, writes } = this.contender;
    const fd = writes === "stdout" ? openSync(this.output, "w") : undefined;
    try {
      const cmd = command(this.#places);
      const start = Bun.nanoseconds();
      const child = Bun.spawnSync(cmd, {
        stdin: "ignore",
        stdout: fd ?? "ignore",
        stderr: "pipe",
        timeout: MAX_RUN_MS,
      });
      const ms = (Bun.nanoseconds() - start) / 1e6;
      if (child.exitCode !== 0) {
        const how = child.exitCode === null ? `was ended by ${child.signalCode}` : `left with ${child.exitCode}`;
        this.fault = `${name} ${how}: ${child.stderr.toString().trim().slice(-500)}`;
      }
      return ms;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

/** One line for every output that is not like the first one, or not what the workload expects. */
async function disagreements(workload: Workload, lanes: readonly Lane[]): Promise<string[]> {
  const faults: string[] = [];
  const [first, ...others] = lanes.filter((lane) => lane.fault === undefined);
  if (first === undefined) return faults;
  const name = first.contender.name;
  if (workload.expected !== undefined && (await Bun.file(first.output).text()) !== workload.expected) {
    faults.push(`${name} did not give the expected output`);
  }
  for (const other of others) {
    const [a, b] = [first.output, other.output];
    if ((await hashOf(a)) === (await hashOf(b))) continue;
    if (workload.agreement === "csv-rows" && (await fingerprint(a)) === (await fingerprint(b))) continue;
    faults.push(`outputs of ${name} and ${other.contender.name} differ ${await firstDifference(a, b)}`);
  }
  return faults;
}
