/**
 * The disk is full: under the output, the rejects, the journal. One clear message, exit code 1, the target as it was; with
 * room made, --resume brings the result of a run that nothing disturbed. Tables of SQLite are as they were.
 *
 *     bun test/faults/disk-full.ts [--rows 40000] [--binary PATH] [--seed N]
 *
 * It starts itself again in a mount namespace of its own, in which a small tmpfs is mounted; where that is not possible it
 * says so and ends with exit code 0.
 */
import { Database } from "bun:sqlite";
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from "node:fs";
import type { Folder, Ran } from "../cli/binary.ts";
import { type Settings, difference, runCommand } from "./harness.ts";
import { Random } from "./random.ts";

const TARGET = "as it was\n";
const TINY = "tiny";
const FILLER = "filler";

/** What stands on the small disk, and how little room there is. */
interface Scenario {
  name: string;
  /** Options of tmpfs. */
  disk: string;
  /** So much of the disk is left; undefined: all. */
  bytesLeft?: number;
  output: string;
  rejects: string;
  args: string[];
  /** The file that the message must name. */
  names: RegExp;
  /** No row is bad, and workers write what comes of so many rows. */
  cleanRows?: number;
}

const KEEP_ALL = "{ id, name: name + name }";
const KEEP_FEW = "id % 5000 ? null : { id, name }";
const FAIL_MOST = "(row) => { if (row.id % 10) throw new Error('no ' + row.id); return row; }";

const SCENARIOS: Scenario[] = [
  {
    name: "output, rejects and journal",
    disk: "size=256k",
    output: `${TINY}/out.csv`,
    rejects: `${TINY}/out.csv.rejects.jsonl`,
    args: ["-e", KEEP_ALL],
    names: /out\.csv/,
  },
  {
    name: "the rejects alone",
    disk: "size=256k",
    output: "out.csv",
    rejects: `${TINY}/rejects.jsonl`,
    args: ["-e", FAIL_MOST],
    names: /rejects\.jsonl/,
  },
  {
    name: "the journal, where output hardly grows",
    disk: "size=256k",
    bytesLeft: 12 * 1024,
    output: `${TINY}/out.csv`,
    rejects: "rejects.jsonl",
    args: ["-e", KEEP_FEW, "-b", "20"],
    names: /out\.csv/,
  },
  {
    name: "no byte left from the start",
    disk: "size=64k",
    bytesLeft: 0,
    output: `${TINY}/out.csv`,
    rejects: `${TINY}/out.csv.rejects.jsonl`,
    args: ["-e", KEEP_ALL],
    names: /out\.csv/,
  },
  {
    name: "workers write the output",
    disk: "size=1m",
    output: `${TINY}/out.csv`,
    rejects: `${TINY}/out.csv.rejects.jsonl`,
    args: ["-e", "({ id: row.id, name: row.name + row.name })"],
    names: /out\.csv/,
    cleanRows: 60_000,
  },
  {
    name: "no room for another file",
    // The folder itself, the target, the filler.
    disk: "size=4m,nr_inodes=3",
    bytesLeft: 4 * 1024 * 1024,
    output: `${TINY}/out.csv`,
    rejects: `${TINY}/out.csv.rejects.jsonl`,
    args: ["-e", KEEP_ALL],
    names: /out\.csv/,
  },
];

/** Some rows are bad in every scenario. */
function input(seed: number, rows: number, badShare = 0.01): string {
  const random = new Random(seed);
  let text = "id,name\n";
  for (let id = 0; id < rows; id++)
    text += random.chance(badShare) ? `${id},a,b\n` : `${id},name ${random.below(1e6)}\n`;
  return text;
}

function mount(folder: Folder, options: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.at(TINY)]);
  if (exitCode !== 0) throw new Error(`cannot mount a tmpfs: ${stderr.toString()}`);
}

/** Writes until only so much is left; a disk that takes no more at all is fine. */
function fill(folder: Folder, bytesLeft: number): void {
  const { bavail, bsize } = statfsSync(folder.at(TINY));
  const file = openSync(folder.at(`${TINY}/${FILLER}`), "w");
  const wanted = Math.max(0, bavail * bsize - bytesLeft);
  while (fstatSync(file).size < wanted) writeSync(file, Buffer.alloc(4096));
  closeSync(file);
}

/** How many bytes its runs wrote before there was no room any more is not looked at: only what it says and leaves. */
async function runScenario({ binary, seed, number }: Settings, scenario: Scenario): Promise<string> {
  const { args, output, rejects, cleanRows } = scenario;
  const text = cleanRows === undefined ? input(seed, number("rows")) : input(seed, cleanRows, 0);
  const wanted = cleanRows === undefined ? 3 : 0;
  const folder = binary.folder({ "in.csv": text, "out.csv": TARGET });
  const command = [...args, "in.csv", "--on-error", "reject", "-j", "2"];
  const undisturbed = await folder.run([...command, "-o", "right.csv", "--rejects", "right.jsonl"]);
  if (undisturbed.code !== wanted)
    undisturbed.fail(`${scenario.name}: undisturbed, exit code ${undisturbed.code}, wanted ${wanted}`);

  mkdirSync(folder.at(TINY));
  mount(folder, scenario.disk);
  try {
    folder.write({ [output]: TARGET });
    if (scenario.bytesLeft !== undefined) fill(folder, scenario.bytesLeft);
    const all = [...command, "-o", output, "--rejects", rejects];
    const first = await folder.run(all);
    const isFull = first.code !== wanted;
    if (isFull) {
      checkFull(first, scenario, folder);
      checkFull(await folder.run([...all, "--resume"]), scenario, folder);
      const { exitCode } = Bun.spawnSync(["mount", "-o", "remount,size=64m,nr_inodes=0", folder.at(TINY)]);
      if (exitCode !== 0) throw new Error("cannot remount the tmpfs");
      const last = await folder.run([...all, "--resume"]);
      if (last.code !== wanted) last.fail(`${scenario.name}: with room made, exit code ${last.code}, wanted ${wanted}`);
    }
    for (const [name, right] of [
      [output, "right.csv"],
      [rejects, "right.jsonl"],
    ] as const) {
      const why = difference(name, Buffer.from(folder.read(name)), folder.read(right));
      if (why !== undefined) first.fail(`${scenario.name}: ${why}`);
    }
    const left = [...folder.names(), ...readdirSync(folder.at(TINY))].filter((name) => /\.(part|journal)$/.test(name));
    if (left.length > 0) first.fail(`${scenario.name}: left behind: ${left.join(", ")}`);
    return isFull ? "full, resumed, the same bytes" : "there was room enough";
  } finally {
    Bun.spawnSync(["umount", folder.at(TINY)]);
    rmSync(folder.at("in.csv"));
  }
}

/** A table of a database is as it was, however full the disk is when rows are added or take the place of others. */
async function runTable({ binary, seed, number }: Settings): Promise<string> {
  const folder = binary.folder({ "in.csv": input(seed, number("rows")) });
  const table = `${TINY}/app.db`;
  mkdirSync(folder.at(TINY));
  mount(folder, "size=256k");
  try {
    const database = new Database(folder.at(table));
    database.run("CREATE TABLE t AS SELECT 1 AS id, 'x' AS name");
    database.close();
    for (const [output, ...how] of [[`${table}#t`], [`${table}#t`, "--replace"], [`${table}#u`], [`${TINY}/b.db#t`]]) {
      const ran = await folder.run(["-e", KEEP_ALL, "in.csv", "--on-error", "skip", "-o", output ?? "", ...how]);
      const why = (text: string): never => ran.fail(`${output}: ${text}`);
      if (ran.code !== 1) why(`exit code ${ran.code}, wanted 1`);
      if (!ran.stderr.includes(`cannot write ${output}: the disk is full`))
        why("the message does not say what is full");
      if (ran.stderr.split("error: ").length !== 2) why("not one message");
      const kept = await folder.run(["-e", "row", table]);
      kept.expect({ stdout: "id,name\n1,x\n" });
      const left = readdirSync(folder.at(TINY)).join();
      if (left !== "app.db") why(`there is ${left}`);
    }
    return "full, as they were";
  } finally {
    Bun.spawnSync(["umount", folder.at(TINY)]);
    rmSync(folder.at("in.csv"));
  }
}

function checkFull(ran: Ran, { name, output, names }: Scenario, folder: Folder): void {
  const why = (text: string): never => ran.fail(`${name}: ${text}`);
  if (ran.code !== 1) why(`exit code ${ran.code}, wanted 1`);
  if (ran.stderr.split("error: ").length !== 2) why("not one message");
  if (!ran.stderr.includes("disk is full") || !names.test(ran.stderr)) why("the message does not say what is full");
  if (/\$bunfs|Rowmill failed/.test(ran.stderr)) why("the message shows Rowmill's own code");
  if (folder.read(output) !== TARGET) why("the target was touched");
}

/** Whether this process may have a namespace in which it mounts a tmpfs. */
export function canMount(): boolean {
  if (Bun.which("unshare") === null || Bun.which("mount") === null) return false;
  return Bun.spawnSync(["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).exitCode === 0;
}

if (import.meta.main) {
  if (process.argv[2] === "inside") {
    process.argv.splice(2, 1);
    await runCommand({ rows: "40000" }, async (settings) => {
      for (const scenario of SCENARIOS) console.log(`${scenario.name}: ${await runScenario(settings, scenario)}`);
      console.log(`tables of a database: ${await runTable(settings)}`);
    });
  } else if (canMount()) {
    const again = ["unshare", "-Urm", process.execPath, import.meta.path, "inside", ...process.argv.slice(2)];
    process.exit(Bun.spawnSync(again, { stdio: ["ignore", "inherit", "inherit"] }).exitCode);
  } else {
    console.log("skipped: no tmpfs can be mounted here");
  }
}
