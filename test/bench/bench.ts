// `bun run bench`: measures dist/rowmill against the peers that are installed, in the same run, and prints the ratios
// that must hold. Makes its inputs first (7 GB in bench-data/, or in the folder that ROWMILL_BENCH_DATA names). A full run
// leaves its report in test/bench/README.md and the chart beside it.
//
//     bun run bench [--runs N] [--only NAME,…] [--quick] [--scale F] [--write FILE]
//     bun run bench --install-peers FOLDER
//
// Exit codes: 0 every line holds, 1 one does not (or a contender failed, or outputs differ), 2 usage.
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { barsOf, chartSvg } from "./chart.ts";
import { contest, type Outcome } from "./contest.ts";
import { medianPeakBytes, MEMORY_LINES, type MemoryLine, memoryObstacle } from "./memory.ts";
import { installPeers } from "./npm-peers.ts";
import { findPeers, type Peers, versionOf } from "./peers.ts";
import { reportText } from "./report.ts";
import {
  hasAll,
  memoryTable,
  type PeakOutcome,
  sizeTable,
  tableText,
  timeTable,
  type Use,
  useTable,
} from "./tables.ts";
import { LONG_MS, utilisationOf } from "./utilisation.ts";
import type { Contender, Places, Workload } from "./workload.ts";
import { outputExtension, WORKLOADS } from "./workloads.ts";
import { OURS, Workshop } from "./workshop.ts";

const MEMORY = "memory";
const NAMES: readonly string[] = [...WORKLOADS.map((workload) => workload.name), MEMORY];
const DEFAULT_RUNS = 7;
/** What memory is looked up in: peaks differ less than times do. */
const MAX_MEMORY_RUNS = 3;
const QUICK_SCALE = 0.001;

interface Options {
  runs: number;
  only: readonly string[];
  /** What the numbers of rows are multiplied by. */
  scale: number;
  write: string | undefined;
}

/** The folder for packages, or what to measure. */
type Task = { kind: "install"; folder: string } | { kind: "measure"; options: Options };

function readTask(): Task {
  const { values } = parseArgs({
    options: {
      runs: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      scale: { type: "string" },
      write: { type: "string" },
      "install-peers": { type: "string" },
    },
  });
  const folder = values["install-peers"];
  if (folder !== undefined) return { kind: "install", folder: resolve(folder) };
  const scale = Number(values.scale ?? (values.quick ? QUICK_SCALE : 1));
  const runs = Number(values.runs ?? (values.quick ? 1 : DEFAULT_RUNS));
  const only = values.only?.split(",") ?? NAMES;
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs takes a whole number from 1: ${values.runs}`);
  if (!(scale > 0)) throw new RangeError(`--scale takes a number above 0: ${values.scale}`);
  const unknown = only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only: no workload "${unknown}"; there are ${NAMES.join(", ")}`);
  const isFull = scale === 1 && values.only === undefined;
  const write = values.write ?? (isFull ? join(import.meta.dir, "README.md") : undefined);
  return { kind: "measure", options: { runs, only, scale, write } };
}

/** The times of all contenders, and how those of ours that last used their workers. */
interface Timed {
  outcomes: Outcome[];
  uses: Use[];
}

async function timeAll(
  workloads: readonly Workload[],
  workshop: Workshop,
  { peers, runs, scale }: Setting,
): Promise<Timed> {
  const timed: Timed = { outcomes: [], uses: [] };
  for (const workload of workloads) {
    const contenders = workload.contenders.filter((contender) => hasAll(contender, peers));
    console.error(`${workload.name}: ${contenders.map(({ name }) => name).join(", ")}`);
    workshop.make(workload.inputs);
    const places = ({ name }: Contender): Places => {
      const lane = workload.contenders.findIndex((contender) => contender.name === name);
      return workshop.places(`${workload.name}-${lane}${outputExtension(workload)}`);
    };
    const outcome = await contest(workload, contenders, { runs, places });
    for (const fault of outcome.faults) console.error(`${workload.name}: ${fault}`);
    timed.outcomes.push(outcome);
    for (const contender of contenders) {
      const { name, takesOptions } = contender;
      const ms = outcome.results.get(name)?.medianMs ?? 0;
      const isLight = workload.isLight === true;
      if (takesOptions !== true || (ms < (scale === 1 ? LONG_MS : 0) && !isLight)) continue;
      const at = places(contender);
      const utilisation = utilisationOf(contender, at, { ...inputOf(contender, workload, at), ms, isLight });
      if (utilisation !== undefined) timed.uses.push({ workload, ours: name, utilisation });
    }
  }
  return timed;
}

/** What a contender reads: the one of the inputs that its command names. */
function inputOf({ command }: Contender, { inputs }: Workload, at: Places): { input: string; bytes: number } {
  const words = command(at);
  const input = inputs.map(at.input).find((path) => words.includes(path)) ?? "";
  return { input, bytes: input === "" ? 0 : statSync(input).size };
}

/** What all measurements share. */
interface Setting {
  peers: Peers;
  runs: number;
  scale: number;
}

async function measureMemory(workshop: Workshop, { peers, runs }: Setting): Promise<Map<MemoryLine, PeakOutcome>> {
  const peaks = new Map<MemoryLine, PeakOutcome>();
  const obstacle = memoryObstacle();
  if (obstacle !== undefined) {
    console.error(`memory: skipped, ${obstacle}`);
    return peaks;
  }
  for (const line of MEMORY_LINES) {
    if (line.writes === "slow-pipe" && !peers.found.has("pv")) {
      peaks.set(line, { kind: "skipped", reason: "pv is not installed" });
      continue;
    }
    console.error(`memory: ${line.title}`);
    workshop.make([line.input]);
    try {
      const at = workshop.places(`memory-${line.name}.csv`);
      const peakBytes = await medianPeakBytes(line, at, Math.min(runs, MAX_MEMORY_RUNS));
      peaks.set(line, { kind: "measured", peakBytes });
    } catch (error) {
      peaks.set(line, { kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return peaks;
}

async function measure({ runs, only, scale, write }: Options): Promise<number> {
  if (!existsSync(OURS)) {
    console.error(`${OURS} is not there: run \`bun run build\` first`);
    return 1;
  }
  const peers = findPeers(process.env["ROWMILL_BENCH_PEERS"]);
  for (const { title, install } of peers.missing.values())
    console.error(`skipped: ${title}, not installed (${install})`);
  const workshop = new Workshop(scale, peers);
  try {
    const setting = { peers, runs, scale };
    const rules = { peers, isJudged: scale === 1 };
    const workloads = WORKLOADS.filter((workload) => only.includes(workload.name));
    const { outcomes, uses } = await timeAll(workloads, workshop, setting);
    const peaks = only.includes(MEMORY) ? await measureMemory(workshop, setting) : new Map<MemoryLine, PeakOutcome>();
    const tables = {
      time: timeTable(outcomes, rules),
      sizes: sizeTable(outcomes, rules),
      uses: useTable(uses, rules),
      memory: memoryTable(peaks, rules),
    };
    const all = Object.values(tables);
    for (const table of all) if (table.lines.length > 0) console.log(`\n${tableText(table)}`);
    const faults = outcomes.flatMap(({ workload, faults: found }) =>
      found.map((fault) => `${workload.name}: ${fault}`),
    );
    for (const fault of faults) console.log(`\nFault in ${fault}`);
    if (write !== undefined) {
      const chart = await writeChart(outcomes, dirname(resolve(write)));
      const oursVersion = versionOf(OURS, ["-V"]);
      await Bun.write(write, reportText({ ...tables, faults, peers, oursVersion, runs, scale, chart }));
      console.error(`written: ${write}`);
    }
    const isBroken = all.some((table) => table.lines.some((line) => line.verdict === "DOES NOT HOLD"));
    return isBroken || faults.length > 0 ? 1 : 0;
  } finally {
    workshop.close();
  }
}

/** Leaves the chart in a folder and gives the name of its file; undefined when there is nothing to draw. */
async function writeChart(outcomes: readonly Outcome[], folder: string): Promise<string | undefined> {
  const bars = barsOf(outcomes);
  if (bars.length === 0) return undefined;
  const path = join(folder, "chart.svg");
  await Bun.write(path, await chartSvg(bars));
  return basename(path);
}

async function main(): Promise<number> {
  let task: Task;
  try {
    task = readTask();
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  if (task.kind === "measure") return await measure(task.options);
  installPeers(task.folder);
  return 0;
}

if (import.meta.main) process.exitCode = await main();
