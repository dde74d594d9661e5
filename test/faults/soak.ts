/**
 * Runs again and again while the garbage collector never rests: the same bytes each time, and memory that does not grow
 * from one run to the next.
 *
 *     bun test/faults/soak.ts [--minutes 30] [--rounds 0] [--rows 100000] [--binary PATH] [--seed N]
 *
 * A round runs every workload once. Of each workload the median peak memory (RSS) of the last ten rounds must lie within
 * 10 % of that of the first ten. --rounds ends it after so many rounds, whatever the minutes.
 */
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import type { Folder } from "../cli/binary.ts";
import { type Settings, runCommand } from "./harness.ts";
import { type Workload, workloads } from "./kill-inputs.ts";

const COLLECTING = { BUN_JSC_collectContinuously: "1" };
/** Rounds that are compared, at the start and at the end. */
const COMPARED = 10;
const MOST_GROWTH = 0.1;
const MB = 2 ** 20;

/** Workers die now and then, and rows hang: new workers must cost nothing that stays. */
const FAULTY = `
export const columns = ["id", "name"];
export default async ({ id, name }) => {
  if (Number(id) % 9973 === 4) process.exit(1);
  if (Number(id) % 997 === 5) await null;
  if (Number(id) % 997 === 6) throw new Error("no " + id);
  return { id, name };
};
`;

/** What one run came to. */
interface Sample {
  hash: string;
  maxRssBytes: number;
}

async function soak(settings: Settings): Promise<void> {
  const { binary, seed, number } = settings;
  const all = workloads(seed, number("rows")).filter(({ isInPlace }) => !isInPlace);
  const [csv] = all;
  if (csv !== undefined) all.push({ ...csv, name: "workers that die", args: ["faulty.ts"] });
  const folders = all.map((one) => binary.folder({ ...one.files, "faulty.ts": FAULTY }));
  const samples = all.map((): Sample[] => []);
  const end = Date.now() + number("minutes") * 60_000;
  const rounds = number("rounds") === 0 ? Infinity : number("rounds");
  let round = 0;
  for (; round < rounds && (round < 2 * COMPARED || Date.now() < end); round++) {
    for (const [at, workload] of all.entries()) {
      const folder = folders[at];
      const list = samples[at];
      if (folder === undefined || list === undefined) continue;
      const sample = await runOnce(folder, workload);
      const [first = sample] = list;
      if (sample.hash !== first.hash)
        throw new Error(`${workload.name}, round ${round}: other bytes, in ${folder.path}`);
      list.push(sample);
    }
  }
  console.log(`${round} rounds of ${all.length} workloads, the same bytes each time`);
  for (const [at, { name }] of all.entries()) compareMemory(name, samples[at] ?? []);
}

async function runOnce(folder: Folder, { args, inputs, output }: Workload): Promise<Sample> {
  const command = [...args, ...inputs, "-o", output, "--on-error", "reject", "-j", "2"];
  const child = folder.start(command, COLLECTING);
  const [stderr] = await Promise.all([child.stderr.text(), child.exited, child.stdin.end()]);
  if (child.exitCode !== 3) throw new Error(`rowmill ${command.join(" ")}: exit code ${child.exitCode}\n${stderr}`);
  const hash = createHash("sha256");
  for (const name of [output, `${output}.rejects.jsonl`]) {
    hash.update(readFileSync(folder.at(name)));
    rmSync(folder.at(name));
  }
  return { hash: hash.digest("hex"), maxRssBytes: child.resourceUsage()?.maxRSS ?? 0 };
}

function compareMemory(name: string, samples: readonly Sample[]): void {
  const compared = Math.min(COMPARED, Math.floor(samples.length / 2));
  const first = median(samples.slice(0, compared));
  const last = median(samples.slice(-compared));
  console.log(`${name}: ${(first / MB).toFixed(0)} MB in the first rounds, ${(last / MB).toFixed(0)} MB in the last`);
  if (Math.abs(last - first) > first * MOST_GROWTH) throw new Error(`${name}: memory changed by more than 10 %`);
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ maxRssBytes }) => maxRssBytes).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

await runCommand({ minutes: "30", rounds: "0", rows: "100000" }, soak);
