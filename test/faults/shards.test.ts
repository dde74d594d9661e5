/** The short form of shards.ts, and what is certain about single shards. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type WorkPlan, planId } from "../../src/cluster/work.ts";
import { VERSION } from "../../src/version.ts";
import { type Folder, installBinary } from "../cli/binary.ts";

const binary = installBinary();

test("killed, stopped, doubled and robbed, shards come to the bytes of one machine", async () => {
  const script = resolve(import.meta.dir, "shards.ts");
  const args = ["--runs", "4", "--rows", "1200", "--pause", "2", "--seed", "20170526"];
  const child = Bun.spawn([process.execPath, script, ...args], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  expect(stdout).toContain("no difference");
}, 300_000);

const ROWS = 60;
/** Notes which rows it is called with, and stops at one until it is told to go on. */
const NOTING = `
import { appendFileSync, existsSync } from "node:fs";
export default async ({ id, text }) => {
  appendFileSync("calls", id + "\\n");
  while (id === "40" && !existsSync("go")) await Bun.sleep(2);
  return { id, text, n: Number(id) * 2 };
};
`;

/** What is made of all rows waits until it is told to go on. */
const SLOW_END = `
import { existsSync, writeFileSync } from "node:fs";
export const reduce = {
  init: () => ({ sum: 0 }),
  step: (all, { n }) => void (all.sum += Number(n)),
  merge: (before, behind) => void (before.sum += behind.sum),
  finish: (all) => {
    if (!existsSync("go")) writeFileSync("ends", "");
    while (!existsSync("go")) Bun.sleepSync(2);
    return all;
  },
};
`;

/** A folder with a plan of two shards; the second one stops in its middle. */
async function planned(): Promise<Folder> {
  const rows = Array.from({ length: ROWS }, (_, id) => `${id},"a\n""text"" of\r\nlines ${id}"\n`);
  const folder = binary.folder({ "t.ts": NOTING, "in.csv": `id,text\n${rows.join("")}`, go: "" });
  const options = ["t.ts", "in.csv", "-b", "1", "--concurrency", "1"];
  (await folder.run([...options, "-o", "one.csv", "-j", "1", "-q"])).expect({});
  (await folder.run(["plan", ...options, "-o", "work", "--shards", "2", "-q"])).expect({});
  rmSync(folder.at("go"));
  rmSync(folder.at("calls"));
  return folder;
}

/** Starts the second shard, until it is at the row at which it stops. */
async function startSecond(folder: Folder): Promise<Bun.Subprocess> {
  const child = folder.start(["shard", "work", "1", "-j", "1", "-q"]);
  await until(() => callsOf(folder).includes("40") && existsSync(folder.at("work/work/000001.rows.part")));
  return child;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}

function callsOf(folder: Folder): string[] {
  return existsSync(folder.at("calls")) ? folder.read("calls").split("\n").slice(0, -1) : [];
}

/** Ends the second shard in its middle. Returns how many rows it has called for; those behind them may be called at once. */
async function endSecond(folder: Folder, signal: "SIGKILL" | "SIGTERM"): Promise<number> {
  const child = await startSecond(folder);
  child.kill(signal);
  const said = child.stderr instanceof ReadableStream ? await child.stderr.text() : "";
  await child.exited;
  if (signal === "SIGTERM") expect(said).toContain("hint: the same command goes on where it was");
  writeFileSync(folder.at("go"), "");
  return callsOf(folder).length;
}

async function mergesToOne(folder: Folder): Promise<void> {
  (await folder.run(["shard", "work", "0", "-q"])).expect({});
  (await folder.run(["merge", "work", "-o", "out.csv", "-q"])).expect({});
  expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
}

describe("a shard whose process ends in its middle", () => {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    test(`goes on where it was (${signal})`, async () => {
      const folder = await planned();
      const before = await endSecond(folder, signal);
      (await folder.run(["shard", "work", "1", "-q"])).expect({});
      expect(callsOf(folder).slice(before)).not.toContain("36");
      await mergesToOne(folder);
      expect(readdirSync(folder.at("work/work"))).toEqual([]);
    });
  }

  test("is done beside it by another process while it lives, and wakes up to find it done", async () => {
    const folder = await planned();
    const child = await startSecond(folder);
    child.kill("SIGSTOP");
    writeFileSync(folder.at("go"), "");
    (await folder.run(["shard", "work", "1", "-q"])).expect({});
    await mergesToOne(folder);
    child.kill("SIGCONT");
    expect(await child.exited).toBe(0);
    expect(readdirSync(folder.at("work/parts")).toSorted()).toEqual(["000000.rows", "000001.rows"]);
    expect(readdirSync(folder.at("work/work"))).toEqual([]);
  });
});

const elsewhere = "11111111-2222-3333-4444-555555555555\n";
const canBind =
  Bun.which("unshare") !== null &&
  Bun.spawnSync(["unshare", "-m", "mount", "--bind", "/dev/null", "/proc/sys/kernel/random/boot_id"]).exitCode === 0;

/** Runs a line as if on another machine. */
async function onAnotherMachine(folder: Folder, line: string): Promise<void> {
  folder.write({ id: elsewhere });
  const script = `mount --bind id /proc/sys/kernel/random/boot_id && ${line}`;
  (await folder.bash(`unshare -m bash -c '${script}'`)).expect({});
}

describe.skipIf(!canBind)("another node", () => {
  test("goes on with a shard whose process has ended in order, at once", async () => {
    const folder = await planned();
    const before = await endSecond(folder, "SIGTERM");
    await onAnotherMachine(folder, "rowmill shard work 1 -q");
    expect(callsOf(folder).slice(before)).not.toContain("36");
    await mergesToOne(folder);
  });

  test("goes on with a shard whose machine has gone, when nothing has been heard of it for a minute", async () => {
    const folder = await planned();
    const before = await endSecond(folder, "SIGKILL");
    Bun.spawnSync(["touch", "-d", "2 minutes ago", folder.at("work/work/000001.rows.journal")]);
    await onAnotherMachine(folder, "rowmill shard work 1 -q");
    expect(callsOf(folder).slice(before)).not.toContain("36");
    await mergesToOne(folder);
  });

  test("begins a shard anew while its machine may live", async () => {
    const folder = await planned();
    const before = await endSecond(folder, "SIGKILL");
    await onAnotherMachine(folder, "rowmill shard work 1 -q");
    expect(callsOf(folder).slice(before)).toContain("36");
    await mergesToOne(folder);
  });
});

describe("a merge", () => {
  test("that was killed is done again without a word", async () => {
    const folder = binary.folder({ "sum.ts": SLOW_END, "in.csv": "n\n1\n2\n3\n", go: "" });
    (await folder.run(["sum.ts", "in.csv", "-o", "one.csv", "-q"])).expect({});
    (await folder.run(["plan", "sum.ts", "in.csv", "-o", "work", "--shards", "2", "-q"])).expect({});
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    rmSync(folder.at("go"));
    const child = folder.start(["merge", "work", "-o", "out.csv", "-q"]);
    await until(() => existsSync(folder.at("ends")));
    child.kill("SIGKILL");
    await child.exited;
    expect(folder.names()).toContain("out.csv.journal");
    writeFileSync(folder.at("go"), "");
    (await folder.run(["merge", "work", "-o", "out.csv", "-q"])).expect({});
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
    expect(folder.names().filter((name) => name.startsWith("out.csv"))).toEqual(["out.csv"]);
  });

  test("leaves alone what another run has left there", async () => {
    const folder = await planned();
    writeFileSync(folder.at("go"), "");
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    rmSync(folder.at("go"));
    rmSync(folder.at("calls"));
    const child = folder.start(["t.ts", "in.csv", "-o", "out.csv", "-b", "1", "-j", "1", "-q"]);
    await until(() => callsOf(folder).includes("40"));
    child.kill("SIGTERM");
    await child.exited;
    const ran = await folder.run(["merge", "work", "-o", "out.csv", "-q"]);
    ran.expect({ code: 1, stderr: ["a run that was cut off left", "--resume goes on"] });
    (await folder.run(["merge", "work", "-o", "out.csv", "-q", "--restart"])).expect({});
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
  });

  test("puts a file aside whose rows are not those of its receipt, and says what to run", async () => {
    const folder = await planned();
    writeFileSync(folder.at("go"), "");
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    const part = folder.at("work/parts/000001.rows");
    const bytes = readFileSync(part);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(part, bytes);
    const ran = await folder.run(["merge", "work", "-o", "out.csv", "-q"]);
    ran.expect({
      code: 1,
      stderr: [/is damaged: its rows are not those of its receipt/, /rowmill shard \S+ 1, then merge again/],
    });
    expect(existsSync(folder.at("out.csv"))).toBe(false);
    expect(readdirSync(folder.at("work/parts")).toSorted()[1]).toMatch(/^000001\.damaged-/);
    (await folder.run(["shard", "work", "1", "-q"])).expect({});
    (await folder.run(["merge", "work", "-o", "out.csv", "-q"])).expect({});
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
  });

  test("names shards whose receipts have changed", async () => {
    const folder = await planned();
    writeFileSync(folder.at("go"), "");
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    const part = folder.at("work/parts/000001.rows");
    const bytes = readFileSync(part);
    const digest = bytes.lastIndexOf('"digest":"') + '"digest":"'.length;
    bytes[digest] = bytes[digest] === 0x30 ? 0x31 : 0x30;
    writeFileSync(part, bytes);
    (await folder.run(["merge", "work", "-o", "out.csv", "-q"])).expect({
      code: 1,
      stderr: ["1 of 2 shards is missing: 1"],
    });
    (await folder.run(["shard", "work", "1", "-q"])).expect({});
    await mergesToOne(folder);
  });

  test("names shards whose files are cut", async () => {
    const folder = await planned();
    writeFileSync(folder.at("go"), "");
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    truncateSync(folder.at("work/parts/000000.rows"), 100);
    const ran = await folder.run(["merge", "work", "-o", "out.csv", "-q"]);
    ran.expect({ code: 1, stderr: ["1 of 2 shards is missing: 0", /rowmill shard \S+ 0, then merge again/] });
  });
});

test("work that another version has planned is done and merged by none", async () => {
  const folder = await planned();
  writeFileSync(folder.at("go"), "");
  const plan = JSON.parse(folder.read("work/plan.json")) as WorkPlan;
  const other: WorkPlan = { ...plan, rowmill: "0.0.1" };
  writeFileSync(folder.at("work/plan.json"), JSON.stringify({ ...other, id: planId(other) }));
  for (const [words, code] of [
    [["shard", "work", "all"], 2],
    [["merge", "work", "-o", "out.csv"], 1],
  ] as const) {
    const ran = await folder.run([...words]);
    ran.expect({
      code,
      stderr: [`plan.json was made by Rowmill 0.0.1, and this is ${VERSION}`, "all steps take one version"],
    });
  }
  expect(existsSync(folder.at("out.csv"))).toBe(false);
});
