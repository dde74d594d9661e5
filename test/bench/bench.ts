// `bun run bench`: measures dist/rowmill against the peers that are installed, in the same run, and prints the ratios
// that must hold. Makes its inputs first (5 GB in bench-data/, or in the folder that ROWMILL_BENCH_DATA names).
//
//     bun run bench [--runs N] [--only NAME,…] [--quick] [--scale F] [--write FILE]
//
// Exit codes: 0 every line holds, 1 one does not (or a contender failed, or outputs differ), 2 usage.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { contest, type Outcome } from "./contest.ts";
import { type InputName, makeInput } from "./generate.ts";
import { medianPeakBytes, MEMORY_LINES, type MemoryLine, memoryObstacle } from "./memory.ts";
import { findPeers, type Peers, versionOf } from "./peers.ts";
import { memoryTable, type PeakOutcome, reportText, tableText, timeTable } from "./report.ts";
import { type Contender, outputExtension, type Places, type Workload, WORKLOADS } from "./workloads.ts";

const REPOSITORY: string = resolve(import.meta.dir, "../..");
const OURS: string = join(REPOSITORY, "dist", "rowmill");
const MEMORY = "memory";
const NAMES: readonly string[] = [...WORKLOADS.map((workload) => workload.name), MEMORY];
const DEFAULT_RUNS = 5;
const QUICK_SCALE = 0.001;

interface Options {
  runs: number;
  only: readonly string[];
  /** What the numbers of rows are multiplied by. */
  scale: number;
  write: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      runs: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      scale: { type: "string" },
      write: { type: "string" },
    },
  });
  const scale = Number(values.scale ?? (values.quick ? QUICK_SCALE : 1));
  const runs = Number(values.runs ?? (values.quick ? 1 : DEFAULT_RUNS));
  const only = values.only?.split(",") ?? NAMES;
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs takes a whole number from 1: ${values.runs}`);
  if (!(scale > 0)) throw new RangeError(`--scale takes a number above 0: ${values.scale}`);
  const unknown = only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only: no workload "${unknown}"; there are ${NAMES.join(", ")}`);
  return { runs, only, scale, write: values.write };
}

/** The folders of a run: inputs and outputs stand apart from the transforms. */
class Workshop {
  readonly #inputs: string;
  readonly #outputs: string;
  /** Away from the repository, so that a transform's zod is the one in the binary and not that of node_modules. */
  readonly #transforms: string;
  readonly #scale: number;
  readonly #peers: Peers;

  constructor(scale: number, peers: Peers) {
    const data = resolve(process.env["ROWMILL_BENCH_DATA"] ?? join(REPOSITORY, "bench-data"));
    this.#inputs = scale === 1 ? data : join(data, `scale-${scale}`);
    this.#outputs = join(data, "out");
    this.#transforms = mkdtempSync(join(tmpdir(), "rowmill-bench-"));
    this.#scale = scale;
    this.#peers = peers;
    rmSync(this.#outputs, { recursive: true, force: true });
    mkdirSync(this.#outputs, { recursive: true });
    cpSync(join(import.meta.dir, "transforms"), this.#transforms, { recursive: true });
  }

  /** Makes the inputs that are not there. */
  make(names: Iterable<InputName>): void {
    for (const name of new Set(names)) makeInput(this.#inputs, name, this.#scale);
  }

  places(output: string): Places {
    return {
      ours: [OURS],
      peer: (name) => this.#peers.found.get(name)?.command ?? [name],
      input: (name) => makeInput(this.#inputs, name, this.#scale),
      transform: (file) => join(this.#transforms, file),
      script: (file) => join(import.meta.dir, "peers", file),
      out: join(this.#outputs, output),
    };
  }

  close(): void {
    rmSync(this.#outputs, { recursive: true, force: true });
    rmSync(this.#transforms, { recursive: true, force: true });
  }
}

/** Whether everything that a contender needs is there. */
function canRun({ by, needs = [] }: Contender, peers: Peers): boolean {
  return [by, ...needs].every((peer) => (peer === "rowmill" ? existsSync(OURS) : peers.found.has(peer)));
}

async function timeAll(
  workloads: readonly Workload[],
  workshop: Workshop,
  peers: Peers,
  runs: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const workload of workloads) {
    const contenders = workload.contenders.filter((contender) => canRun(contender, peers));
    console.error(`${workload.name}: ${contenders.map(({ name }) => name).join(", ")}`);
    workshop.make(workload.inputs);
    const places = ({ name }: Contender): Places => {
      const lane = workload.contenders.findIndex((contender) => contender.name === name);
      return workshop.places(`${workload.name}-${lane}${outputExtension(workload)}`);
    };
    const outcome = await contest(workload, contenders, { runs, places });
    for (const fault of outcome.faults) console.error(`${workload.name}: ${fault}`);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function measureMemory(workshop: Workshop, peers: Peers, runs: number): Promise<Map<MemoryLine, PeakOutcome>> {
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
      const peakBytes = await medianPeakBytes(line, workshop.places(`memory-${line.name}.csv`), runs);
      peaks.set(line, { kind: "measured", peakBytes });
    } catch (error) {
      peaks.set(line, { kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return peaks;
}

async function run({ runs, only, scale, write }: Options): Promise<number> {
  const hasOurs = existsSync(OURS);
  if (!hasOurs) console.error(`${OURS} is not there: run \`bun run build\` first`);
  // Without our side a real run would only spend minutes on the peers; a tiny one still tries them.
  if (!hasOurs && scale === 1) return 1;
  const peers = findPeers(REPOSITORY);
  for (const { title, install } of peers.missing.values())
    console.error(`skipped: ${title}, not installed (${install})`);
  const workshop = new Workshop(scale, peers);
  try {
    const rules = { peers, isJudged: scale === 1 };
    const workloads = WORKLOADS.filter((workload) => only.includes(workload.name));
    const outcomes = await timeAll(workloads, workshop, peers, runs);
    const hasMemory = only.includes(MEMORY) && hasOurs;
    const peaks = hasMemory ? await measureMemory(workshop, peers, runs) : new Map<MemoryLine, PeakOutcome>();
    const tables = [timeTable(outcomes, rules), memoryTable(peaks, rules)];
    for (const table of tables) if (table.lines.length > 0) console.log(`\n${tableText(table)}`);
    const faults = outcomes.flatMap(({ workload, faults: found }) =>
      found.map((fault) => `${workload.name}: ${fault}`),
    );
    for (const fault of faults) console.log(`\nFault in ${fault}`);
    const oursVersion = hasOurs ? versionOf(OURS, "-V") : "was not built";
    if (write !== undefined) {
      await Bun.write(write, reportText({ tables, faults, peers, oursVersion, runs, scale }));
      console.error(`written: ${write}`);
    }
    const isBroken = tables.some((table) => table.lines.some((line) => line.verdict === "DOES NOT HOLD"));
    return isBroken || faults.length > 0 || !hasOurs ? 1 : 0;
  } finally {
    workshop.close();
  }
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  return await run(options);
}

if (import.meta.main) process.exitCode = await main();
