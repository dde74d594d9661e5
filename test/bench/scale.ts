// `bun run bench:scale`: how much faster a run gets with more workers than this machine has cores. The parent is real, with
// all that it does: handing out stretches, joining them, writing; the workers are simulated (scale/simulated-workers.ts).
// Of each line it says how much a second 1 to 64 workers come through, and what the parent's CPU time is for a megabyte.
//
//     bun run bench:scale [--only NAME,…] [--workers N,…] [--seconds S] [--write]
//
// `--write` puts table and chart into docs/figures.md; a full run does that too.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./contest.ts";
import { type InputName, makeInput } from "./generate.ts";
import { scaleChart } from "./scale/chart.ts";
import { figuresSection, type ScaledLine, scaleTable } from "./scale/figures.ts";
import { makeHollow, repeatedInput, type ScaledRun, SimulatedWorkers, sampleOf } from "./scale/simulated-run.ts";

const REPOSITORY = resolve(import.meta.dir, "../..");
const FIGURES = join(REPOSITORY, "docs", "figures.md");
const CHART = join(REPOSITORY, "docs", "scale.svg");
const WORKERS = [1, 2, 4, 8, 16, 32, 64];
/** Each number of workers is tried so often, and the median is taken. */
const RUNS = 3;
/** No run is of more: what comes of it lies in memory. */
const MOST_BYTES = 16e9;
/** Outputs are written where no disk is in the way, if there is such a place. */
const MEMORY_FOLDER = "/dev/shm";

interface Line {
  name: string;
  title: string;
  input: InputName;
  hasHeader: boolean;
  extension: string;
  run: ScaledRun;
}

const AGES = join(import.meta.dir, "transforms", "ages.ts");

const LINES: readonly Line[] = [
  {
    name: "wide",
    title: "two of ten columns and a subtraction",
    input: "wide",
    hasHeader: true,
    extension: ".csv",
    run: { transform: AGES },
  },
  {
    name: "filter",
    title: "filter that keeps 10 %",
    input: "wide",
    hasHeader: true,
    extension: ".csv",
    run: { filter: "born >= 1980" },
  },
  {
    name: "jsonl",
    title: "JSONL map",
    input: "records",
    hasHeader: false,
    extension: ".jsonl",
    run: { transform: AGES },
  },
  {
    name: "group-by",
    title: "--group-by of 400 stations",
    input: "measurements",
    hasHeader: true,
    extension: ".csv",
    run: {
      delimiter: ";",
      groupBy: ["station"],
      figures: [
        { kind: "min", column: "temperature" },
        { kind: "mean", column: "temperature" },
        { kind: "max", column: "temperature" },
      ],
    },
  },
];

interface Options {
  lines: readonly Line[];
  workers: readonly number[];
  seconds: number;
  writes: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      workers: { type: "string" },
      seconds: { type: "string", default: "1" },
      write: { type: "boolean", default: false },
    },
  });
  const names = values.only?.split(",") ?? LINES.map(({ name }) => name);
  const unknown = names.find((name) => !LINES.some((line) => line.name === name));
  if (unknown !== undefined) throw new RangeError(`--only: no line "${unknown}"`);
  const workers = values.workers?.split(",").map(Number) ?? WORKERS;
  if (workers.some((jobs) => !Number.isInteger(jobs) || jobs < 1))
    throw new RangeError("--workers takes numbers from 1");
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new RangeError("--seconds takes a number above 0");
  const isFull = values.only === undefined && values.workers === undefined && seconds >= 1;
  return { lines: LINES.filter(({ name }) => names.includes(name)), workers, seconds, writes: values.write || isFull };
}

async function measure({ lines, workers, seconds }: Options, folder: string): Promise<ScaledLine[]> {
  const data = resolve(process.env["ROWMILL_BENCH_DATA"] ?? join(REPOSITORY, "bench-data"));
  const threads = new SimulatedWorkers();
  const measured: ScaledLine[] = [];
  try {
    for (const { name, title, input, hasHeader, extension, run } of lines) {
      const path = makeInput(data, input, 1);
      const output = join(folder, `out${extension}`);
      const sample = await sampleOf(run, path, output);
      const rate = sample.bytes / sample.ms;
      const repeated = repeatedInput(path, hasHeader);
      console.error(
        `${name}: a worker does ${(rate / 1000).toFixed(0)} MB/s, a stretch of ${sample.bytes} bytes in ${sample.ms.toFixed(1)} ms`,
      );
      const points: ScaledLine["points"] = [];
      for (const jobs of workers) {
        const hollow = join(folder, `in${extension}`);
        makeHollow(repeated, hollow, Math.min(rate * 1000 * seconds * jobs, MOST_BYTES));
        const simulation = { sample, rows: repeated.rows };
        const runs: { mbPerSecond: number; parentMsPerMb: number; parentShare: number }[] = [];
        for (let index = 0; index < RUNS; index++) {
          const { bytes, ms, parentMs } = await threads.run(run, simulation, { jobs, input: hollow, output });
          runs.push({
            mbPerSecond: bytes / 1000 / ms,
            parentMsPerMb: parentMs / (bytes / 1e6),
            parentShare: parentMs / ms,
          });
        }
        const of = (key: keyof (typeof runs)[number]): number => median(runs.map((one) => one[key]));
        const point = {
          jobs,
          mbPerSecond: of("mbPerSecond"),
          parentMsPerMb: of("parentMsPerMb"),
          parentShare: of("parentShare"),
        };
        points.push(point);
        console.error(
          `  ${jobs}: ${point.mbPerSecond.toFixed(0)} MB/s, parent ${point.parentMsPerMb.toFixed(4)} ms/MB, ${(point.parentShare * 100).toFixed(1)} %`,
        );
      }
      measured.push({ name, title, workerMsPerMb: (sample.ms * 1e6) / sample.bytes, points });
    }
  } finally {
    threads.close();
  }
  return measured;
}

/** What is measured. */
function commit(): string {
  const { stdout } = Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { cwd: REPOSITORY });
  return stdout.toString().trim();
}

async function main(): Promise<void> {
  const options = readOptions();
  const folder = mkdtempSync(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), "rowmill-scale-"));
  try {
    const lines = await measure(options, folder);
    console.log(scaleTable(lines));
    if (!options.writes) return;
    await Bun.write(CHART, await scaleChart(lines));
    await Bun.write(FIGURES, figuresSection(readFileSync(FIGURES, "utf8"), lines, commit()));
    console.error(`written: ${FIGURES}, ${CHART}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
