// `bun run bench:micro`: times the kernel's functions, each decoder, each encoder and each way of rows alone, in this
// process and over data in memory. Where `bun run bench` says that a line has become slower, this says which part.
//
//     bun run bench:micro [--only NAME,…] [--rows N] [--rounds N] [--against CHECKOUT] [--json]
//
// `--only` takes parts of names: `--only kernel,jsonl`. `--against` runs the same lines in another checkout of this
// repository, in turns, and prints our time divided by that of the other. Exit codes: 0, 1 where a result is wrong, 2
// usage.
import { parseArgs } from "node:util";
import { markdownTable } from "markdown-table";
import { median } from "../contest.ts";
import { type Bench, type Measured, measure, type Timing, USUAL_TIMING } from "./bench.ts";
import { FORMAT_BENCHES } from "./formats.ts";
import { KERNEL_BENCHES } from "./kernel.ts";
import { makeTexts } from "./texts.ts";
import { WAY_BENCHES } from "./ways.ts";

/** All lines, in the order in which rows go through them. */
export const BENCHES: readonly Bench[] = [...KERNEL_BENCHES, ...FORMAT_BENCHES, ...WAY_BENCHES];

/** A batch holds about as many; a block of it some 600. */
const USUAL_ROWS = 8000;
/** How often two checkouts take turns. */
const TURNS = 3;

/** Measures some of the benches; `tell` hears of each when it is done. */
export async function measureAll(
  benches: readonly Bench[],
  { rows, timing }: { rows: number; timing: Timing },
  tell: (measured: Measured) => void = () => {},
): Promise<Measured[]> {
  const texts = makeTexts(rows);
  const all: Measured[] = [];
  for (const bench of benches) {
    const measured = await measure(bench, texts, timing);
    tell(measured);
    all.push(measured);
  }
  return all;
}

/** The benches whose names hold one of these texts. */
export function benchesNamed(only: string | undefined): readonly Bench[] {
  const texts = only?.split(",");
  return texts === undefined ? BENCHES : BENCHES.filter(({ name }) => texts.some((text) => name.includes(text)));
}

const HEAD = ["what", "MB/s", "ns a row", "± %"];

/** A line of the table: the time is the median over the rounds, and the middle half of them lies so far around it. */
export function cellsOf({ name, medianMs, spread, bytes, rows }: Measured): string[] {
  const perRow = (medianMs * 1e6) / rows;
  return [name, (bytes / medianMs / 1000).toFixed(0), perRow.toFixed(perRow < 10 ? 2 : 0), (spread * 100).toFixed(0)];
}

function table(head: string[], lines: string[][]): string {
  return markdownTable([head, ...lines], { align: ["l", ...head.slice(1).map(() => "r")] });
}

/** Our times divided by those of another checkout, which measures the same lines in turns with us. */
function compare(other: string, words: readonly string[]): string {
  const sides = [import.meta.path, `${other}/test/bench/micro/micro.ts`];
  const times = sides.map(() => new Map<string, number[]>());
  for (let turn = 0; turn < TURNS; turn++) {
    // Whoever comes second finds the machine as the first one left it: they change places.
    for (const side of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, sides[side] ?? "", "--json", ...words]);
      if (exitCode !== 0) throw new Error(`${sides[side]} failed: ${stderr.toString()}`);
      for (const { name, medianMs } of JSON.parse(stdout.toString()) as Measured[]) {
        times[side]?.set(name, [...(times[side]?.get(name) ?? []), medianMs]);
      }
    }
  }
  const [ours, theirs] = times;
  const lines = [...(ours ?? [])].map(([name, all]) => {
    const others = theirs?.get(name);
    const [mine, its] = [median(all), others && median(others)];
    return [
      name,
      shownMs(mine),
      its === undefined ? "–" : shownMs(its),
      its === undefined ? "–" : (mine / its).toFixed(3),
    ];
  });
  return table(["what", "ours, ms", "theirs, ms", "ours / theirs"], lines);
}

function shownMs(ms: number): string {
  return ms.toPrecision(3);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      rows: { type: "string", default: String(USUAL_ROWS) },
      rounds: { type: "string", default: String(USUAL_TIMING.rounds) },
      against: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { only, rows, rounds, against } = values;
  const benches = benchesNamed(only);
  if (benches.length === 0 || !(Number(rows) > 0) || !(Number(rounds) > 0)) {
    console.error(`usage: bun run bench:micro [--only NAME,…] [--rows N] [--rounds N] [--against CHECKOUT] [--json]
names: ${BENCHES.map(({ name }) => name).join("; ")}`);
    return 2;
  }
  if (against !== undefined) {
    const words = ["--rows", rows, "--rounds", rounds, ...(only === undefined ? [] : ["--only", only])];
    console.log(compare(against, words));
    return 0;
  }
  const tell = values.json ? undefined : ({ name }: Measured): void => console.error(name);
  const timing = { ...USUAL_TIMING, rounds: Number(rounds) };
  const all = await measureAll(benches, { rows: Number(rows), timing }, tell);
  console.log(values.json ? JSON.stringify(all) : table(HEAD, all.map(cellsOf)));
  return 0;
}

if (import.meta.main) process.exit(await main());
