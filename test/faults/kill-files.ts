/**
 * Runs that write many files are killed at random moments and resumed until they are done: all files are those of a run
 * that nobody disturbed, and nothing else is left.
 *
 *     bun test/faults/kill-files.ts [--runs 100] [--rows 200000] [--signal SIGKILL|SIGINT] [--binary PATH] [--seed N]
 *
 * Each resume has another number of jobs and another batch size. A moment is a time after the start, or a change that is
 * seen in the folder of the files, so that kills come while these take their names, too.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import type { Files, Folder } from "../cli/binary.ts";
import { type Harness, difference, eachOf, runCommand } from "./harness.ts";
import { Random } from "./random.ts";

const MOST_KILLS = 8;
/** All that is written lies there. */
const OUT = "out";

interface FilesWorkload {
  name: string;
  files: Files;
  args: string[];
}

interface FilesPlan {
  runs: number;
  rows: number;
  signal: "SIGKILL" | "SIGINT";
  /** Kills come at changes in the folder only, whatever the time. */
  byChangeOnly: boolean;
}

export interface FilesCounts {
  runs: number;
  kills: number;
  /** Kills after which there was something to go on with. */
  cutShort: number;
  /** Kills while files were taking their names. */
  inCommit: number;
}

const TRANSFORM = `
export default ({ id, city, name }, ctx) => {
  const n = Number(id);
  if (n % 997 === 5) throw new Error("no " + id);
  if (n % 11 === 3) return null;
  const row = { id, city, name, line: ctx.line };
  return n % 29 === 1 ? [row, { ...row, city: city + " again" }] : row;
};
`;

const EMITTING = `
export default async ({ id, city, name }, ctx) => {
  const n = Number(id);
  if (n % 7 === 1) ctx.emit("first", { id, city });
  if (n % 50 === 3) await new Promise(setImmediate);
  if (n % 13 === 2) ctx.emit("second", n % 2 === 0 ? { id, n } : { n, id, name });
  if (n % 997 === 5) throw new Error("no " + id);
  return { id, city };
};
`;

function csvFile(random: Random, { rows, cities }: { rows: number; cities: number }): string {
  const lines = ["id,city,name"];
  for (let id = 0; id < rows; id++) {
    const city = random.below(cities);
    // New values come up to the end.
    const late = id > rows * 0.8 && random.chance(0.001) ? `late ${id}` : `"city, ${city}"`;
    lines.push(`${id},${city === 0 ? "" : late},${random.chance(0.01) ? '"two\nlines"' : `name ${random.below(1e6)}`}`);
  }
  return `${lines.join("\n")}\n`;
}

function workloads(seed: number, rows: number): FilesWorkload[] {
  const random = new Random(seed);
  const few = csvFile(random, { rows, cities: 40 });
  const many = csvFile(random, { rows, cities: 1500 });
  const rejects = ["--on-error", "reject", "--rejects", `${OUT}/rejects.jsonl`];
  const emits = ["--emit", `first=${OUT}/first.csv`, "--emit", `second:id,name,n=${OUT}/second.tsv.zst`];
  return [
    {
      name: "rows passed on",
      files: { "in.csv": few },
      args: ["-e", "row", "in.csv", "--split-by", "city", "-o", `${OUT}/{city}.csv`, ...rejects],
    },
    {
      name: "a transform, failed rows",
      files: { "in.csv": few, "x.ts": TRANSFORM },
      args: ["x.ts", "in.csv", "--split-by", "city", "-o", `${OUT}/{city}.csv`, ...rejects],
    },
    {
      name: "more files than may be open, in folders",
      files: { "in.csv": many, "x.ts": TRANSFORM },
      args: ["x.ts", "in.csv", "--split-by", "city", "-o", `${OUT}/city={city}/rows.json`, ...rejects],
    },
    {
      name: "one file, and rows that are emitted",
      files: { "in.csv": few, "emit.ts": EMITTING },
      args: ["emit.ts", "in.csv", "-o", `${OUT}/rows.csv`, ...emits, ...rejects],
    },
    {
      name: "many files, and rows that are emitted",
      files: { "in.csv": few, "emit.ts": EMITTING },
      args: ["emit.ts", "in.csv", "--split-by", "city", "-o", `${OUT}/by/{city}.jsonl`, ...emits, ...rejects],
    },
    {
      name: "compressed",
      files: { "in.csv": few, "x.ts": TRANSFORM },
      args: ["x.ts", "in.csv", "--split-by", "city", "-o", `${OUT}/{city}.jsonl.gz`, ...rejects],
    },
  ];
}

/** Carries out the plan; ends with an error at the first difference. */
export async function killFiles(harness: Harness, plan: FilesPlan): Promise<FilesCounts> {
  const all = workloads(harness.seed, plan.rows);
  const references = new Map<string, { files: Map<string, Uint8Array>; ms: number }>();
  for (const workload of all) {
    const folder = harness.binary.folder(workload.files);
    mkdirSync(folder.at(OUT));
    const begun = performance.now();
    const ran = await folder.run(workload.args);
    if (ran.code !== 3 && ran.code !== 0) ran.fail(`${workload.name}: exit code ${ran.code} of the undisturbed run`);
    references.set(workload.name, { files: filesIn(folder), ms: performance.now() - begun });
    rmSync(folder.path, { recursive: true });
  }
  const counts: FilesCounts = { runs: 0, kills: 0, cutShort: 0, inCommit: 0 };
  const numbers = Array.from({ length: plan.runs }, (_, number) => number);
  await eachOf(numbers, 2, async (number) => {
    const workload = all[number % all.length];
    const wanted = workload && references.get(workload.name);
    if (workload === undefined || wanted === undefined) return;
    const random = new Random(harness.seed, number + 1);
    const folder = harness.binary.folder(workload.files);
    mkdirSync(folder.at(OUT));
    await killedRun({ folder, workload, wanted, plan, random, counts });
    counts.runs++;
    rmSync(folder.path, { recursive: true });
  });
  return counts;
}

/** The bytes of all files that were written. The user's frames name files by their whole path. */
function filesIn(folder: Folder): Map<string, Uint8Array> {
  const names = readdirSync(folder.at(OUT), { recursive: true }).map(String).toSorted();
  const files = names.filter((name) => !statSync(join(folder.at(OUT), name)).isDirectory());
  return new Map(
    files.map((name) => {
      const bytes = readFileSync(join(folder.at(OUT), name));
      return [name, name === "rejects.jsonl" ? Buffer.from(bytes.toString().replaceAll(folder.path, "")) : bytes];
    }),
  );
}

/** One run: started, killed, resumed until it ends by itself. */
async function killedRun({
  folder,
  workload,
  wanted,
  plan,
  random,
  counts,
}: {
  folder: Folder;
  workload: FilesWorkload;
  wanted: { files: Map<string, Uint8Array>; ms: number };
  plan: FilesPlan;
  random: Random;
  counts: FilesCounts;
}): Promise<void> {
  const story: string[] = [];
  const fail = (why: string): never => {
    throw new Error(`${workload.name}: ${why}\n--- in ${folder.path}\n${story.join("\n")}`);
  };
  let start: string[] = [];
  for (let kills = 0; ; kills++) {
    const batch = random.chance(0.5) ? ["-b", String(random.between(50, Math.max(100, plan.rows / 10)))] : [];
    const args = [...workload.args, "-j", String(random.between(1, 4)), ...batch, ...start];
    story.push(`rowmill ${args.join(" ")}`);
    const child = folder.start(args);
    const moment =
      kills < MOST_KILLS && random.chance(0.9) ? killSoon({ child, folder, random, plan, ms: wanted.ms }) : undefined;
    const [stderr] = await Promise.all([child.stderr.text(), child.exited, child.stdin.end()]);
    moment?.stop();
    const wasKilled = child.signalCode === plan.signal || (plan.signal === "SIGINT" && child.exitCode === 130);
    const names = [...filesIn(folder).keys()];
    if (!wasKilled) {
      if (child.exitCode !== 3 && child.exitCode !== 0) fail(`exit code ${child.exitCode}\n${stderr}`);
      break;
    }
    counts.kills++;
    const hasParts = names.some((name) => name.includes(".part"));
    const hasJournal = names.some((name) => name.endsWith(".journal"));
    const hasTargets = names.some((name) => wanted.files.has(name) && name !== "rejects.jsonl");
    if (hasTargets && !hasJournal && hasParts) fail(`parts without a journal: ${names.join(" ")}`);
    if (hasParts) counts.cutShort++;
    if (hasTargets && hasParts) counts.inCommit++;
    story.push(`  ${plan.signal} ${moment?.what}: ${names.length} files, ${hasTargets ? "some" : "none"} in place`);
    start = [hasJournal && !hasTargets && random.chance(0.1) ? "--restart" : "--resume"];
  }
  const found = filesIn(folder);
  const [left, right] = [[...found.keys()], [...wanted.files.keys()]];
  if (!Bun.deepEquals(left, right)) {
    const more = left.filter((name) => !wanted.files.has(name));
    const less = right.filter((name) => !found.has(name));
    fail(`other files: too many: ${more.join(", ")}; missing: ${less.join(", ")}`);
  }
  for (const [name, bytes] of found) {
    const why = difference(name, bytes, wanted.files.get(name) ?? "");
    if (why !== undefined) fail(why);
  }
}

function killSoon({
  child,
  folder,
  random,
  plan,
  ms,
}: {
  child: Bun.Subprocess;
  folder: Folder;
  random: Random;
  plan: FilesPlan;
  ms: number;
}): { what: string; stop(): void } {
  let isSent = false;
  const kill = (): void => {
    if (!isSent) child.kill(plan.signal);
    isSent = true;
  };
  if (plan.byChangeOnly || random.chance(0.5)) {
    const isOfEnd = random.chance(0.3);
    let left = isOfEnd ? random.between(1, 30) : random.between(1, 200);
    const watcher = watch(folder.at(OUT), { recursive: true }, (_event, name) => {
      const isTarget = name !== null && !/\.(?:part|journal)/.test(name);
      if ((!isOfEnd || isTarget) && --left === 0) kill();
    });
    return { what: isOfEnd ? "while files took their names" : "at a change", stop: () => watcher.close() };
  }
  const after = random.next() * ms * 1.1;
  const timer = setTimeout(kill, after);
  return { what: `after ${after.toFixed(1)} ms`, stop: () => clearTimeout(timer) };
}

if (import.meta.main) {
  await runCommand({ runs: "100", rows: "200000", signal: "SIGKILL" }, async (settings) => {
    const signal = settings.text("signal");
    if (signal !== "SIGKILL" && signal !== "SIGINT") throw new Error(`no signal: ${signal}`);
    const plan: FilesPlan = {
      runs: settings.number("runs"),
      rows: settings.number("rows"),
      signal,
      byChangeOnly: false,
    };
    const { runs, kills, cutShort, inCommit } = await killFiles(settings, plan);
    console.log(
      `${runs} runs of ${plan.rows} rows, ${kills} kills by ${signal}, ${cutShort} of them left parts, ${inCommit} while files took their names: no difference`,
    );
  });
}
