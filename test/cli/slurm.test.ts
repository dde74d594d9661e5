/** Planned work on a real Slurm of three nodes, as a person runs it: the bytes are those of one machine. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Folder, type Ran, installBinary } from "./binary.ts";
import { MAX_ARRAY, SlurmCluster } from "./slurm-cluster.ts";

const binary = installBinary();
const started = await SlurmCluster.start();
afterAll(() => started?.stop());
const slurm = started as SlurmCluster;

/** Quotes and line feeds in every second row; some rows fail. */
const ROWS = Array.from({ length: 3000 }, (_, id) => {
  const name = id % 2 === 0 ? `"a ""name"",\n${id}\n\nof\r\nlines\n"` : `name ${id}`;
  return `${id},${name},k${(id * 7) % 5},${id % 331 === 7 ? "x" : (id * 37) % 1000}\n`;
});
const FILES = {
  "big.csv": `id,name,kind,x\n${ROWS.join("")}`,
  "transform.ts": `
export default ({ id, name, kind, x }) => {
  if (x === "x") throw new Error("no number in " + id);
  return { id, kind, x: Number(x), name: name.trim() };
};
`,
  "sum.ts": `
export { default } from "./transform.ts";
export const reduce = {
  init: () => ({ rows: 0, sum: 0 }),
  step: (all, { x }) => void (all.rows++, (all.sum += x / 7)),
  merge: (before, behind) => void ((before.rows += behind.rows), (before.sum += behind.sum)),
  finish: (all) => all,
};
`,
};

/** Runs a line in an environment in which Slurm's commands find it. */
async function bash(folder: Folder, line: string): Promise<Ran> {
  return await folder.bash(line, { env: slurm.environment });
}

/** The commands that a page shows, in the first block behind a heading. */
function commandsOf(page: string, heading: string): string[] {
  const text = readFileSync(join(import.meta.dir, "../../docs", page), "utf8");
  const block = text.slice(text.indexOf(`\n${heading}\n`)).split("```")[1] ?? "";
  return block.split("\n").slice(1, -1);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(50);
}

/** How many tasks run. */
function running(): number {
  return slurm.queue().filter(({ state }) => state === "RUNNING").length;
}

/** Runs it on one machine, and on the cluster, and compares. */
async function comesToOne([name, words]: [string, string]): Promise<void> {
  const folder = binary.folder(FILES);
  const line = `${words} big.csv --on-error skip`;
  (await folder.bash(`rowmill ${line} -o one.csv -q`)).expect({ code: 3 });
  (await folder.bash(`rowmill plan ${line} -o work --shards 6 -q`)).expect({});
  const ran = await bash(folder, `rowmill submit slurm work -o out.csv --name ${name} --wait`);
  ran.expect({ code: 3, stderr: ["submitted array", "10 of 3,000 rows failed and were left out"] });
  expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
}

describe.skipIf(started === undefined)("planned work on Slurm", () => {
  test("comes to the bytes of one machine by the commands of the page", async () => {
    const folder = binary.folder(FILES);
    const one = await folder.run(["transform.ts", "big.csv", "-o", "one.csv", "--on-error", "reject"]);
    one.expect({ code: 3, stderr: ["10 of 3,000 rows failed"] });
    const said: string[] = [];
    for (const line of commandsOf("cluster.md", "## With Slurm")) {
      const command = line
        .replace("--shard-bytes 4G", "--shard-bytes 2500 --on-error reject")
        .replace("--cpus 16", "--cpus 2");
      const { stdout, stderr } = (await bash(folder, command)).expect({ stdout: /^/, stderr: [] });
      said.push(stdout + stderr);
      if (command.includes("--run")) await slurm.whenEmpty();
    }
    expect(said).toHaveLength(5);
    const [plan, printed, submitted, status, log] = said;
    const [, shards] = /^work\/: (\d+) shards of 3,000 rows\n/.exec(plan ?? "") ?? [];
    // More shards than an array may have tasks: each does several.
    expect(Number(shards)).toBeGreaterThan(MAX_ARRAY);
    expect(printed).toContain(" --group 2 ");
    expect(submitted).toMatch(/^submitted array \d+, merge \d+\n/);
    expect(status).toContain("rows:      3,000 of 3,000, 10 of them failed\n");
    expect(log).toContain("10 of 3,000 rows failed: see ");
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
    expect(folder.read("out.csv.rejects.jsonl")).toBe(folder.read("one.csv.rejects.jsonl"));
  }, 60_000);

  test("comes to the bytes of one machine where it sums, groups and sorts, and is waited for", async () => {
    const runs = {
      sum: "sum.ts",
      group: "transform.ts --group-by kind --count --mean x",
      sort: "transform.ts --sort-by -x,id",
    };
    await Promise.all(Object.entries(runs).map(comesToOne));
  }, 60_000);

  test("goes on where a task is put back into the queue, and names what was cancelled", async () => {
    const folder = binary.folder({ ...FILES, "wait.ts": WAITING });
    (await folder.run(["plan", "wait.ts", "big.csv", "-o", "work", "--shards", "3", "-q"])).expect({});
    const submit = "rowmill submit slurm work -o out.csv --run";
    const [, array = ""] = /array (\d+)/.exec((await bash(folder, submit)).stderr) ?? [];
    await until(() => running() === 3);
    slurm.ask("scontrol", "requeue", `${array}_0`);
    slurm.ask("scancel", `${array}_1`);
    folder.write({ go: "" });
    await slurm.whenEmpty();
    // A job may be out of the queue before all that it has written is there.
    await until(() => folder.read("work/logs/merge.log").includes("merge again"));
    expect(folder.read("work/logs/merge.log")).toMatch(
      /1 of 3 shards is missing: 1\n.*rowmill shard \S+ 1, then merge again/,
    );
    expect(folder.names()).not.toContain("out.csv");
    // A controller that is away for a moment is no end of the jobs.
    folder.write({ squeue: AWAY_ONCE });
    const again = await bash(folder, `chmod +x squeue && PATH=$PWD:$PATH ${submit.replace("--run", "--wait")}`);
    again.expect({
      stderr: [/^submitted array \d+, merge \d+\nSlurm does not answer: it is asked again until it does\n/],
    });
    expect(folder.read("out.csv")).toBe(folder.read("big.csv"));
    expect(slurm.ask("squeue", "-h", "-r", "-t", "all", "-n", jobName(folder), "-o", "%i").match(/_/g)).toHaveLength(4);
  }, 60_000);

  test("a task whose time is up goes on in its next turn, as long as it comes further", async () => {
    const folder = binary.folder({ ...FILES, "stop.ts": STOPPING });
    (await folder.run(["plan", "stop.ts", "big.csv", "-o", "work", "-b", "50", "-q"])).expect({});
    const submit = "rowmill submit slurm work -o out.csv --run";
    const [, array = ""] = /array (\d+)/.exec((await bash(folder, submit)).stderr) ?? [];
    const log = (): string => readLog(folder, `${array}_0`);
    /** What Slurm does half a minute before the time is up. */
    const end = (): string => slurm.ask("scancel", "--batch", "--signal=USR2", `${array}_0`);
    await until(() => folder.names().includes("waits"));
    end();
    await until(() => log().includes("the time is up: back into the queue\n"));
    rmSync(folder.at("waits"));
    await until(() => folder.names().includes("waits"));
    // It waits where it has waited before.
    end();
    await slurm.whenEmpty();
    await until(() => folder.read("work/logs/merge.log").includes("merge again"));
    expect(log().match(/the time is up/g)).toHaveLength(1);
    expect(folder.read("work/logs/merge.log")).toContain("shard 0 has come no further in all of its time");
    folder.write({ go: "" });
    (await bash(folder, submit.replace("--run", "--wait"))).expect({ stderr: ["submitted array"] });
    expect(folder.read("out.csv")).toBe(folder.read("big.csv"));
  }, 60_000);

  test("does a run by one command, which Ctrl-C cancels, and --resume goes on with", async () => {
    const folder = binary.folder({ ...FILES, "wait.ts": WAITING });
    const words = ["wait.ts", "big.csv", "-o", "out.csv", "--on", "slurm --partition main --shards 4 --name one"];
    (await folder.run([...words, "--dry-run"])).expect({
      code: 2,
      stderr: ["--dry-run says what one machine would do"],
    });
    const child = folder.start(words, slurm.environment);
    await until(() => running() === 4);
    child.kill("SIGINT");
    const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
    expect(code).toBe(130);
    expect(said).toMatch(/^submitted array \d+, merge \d+\nthe jobs are cancelled; what is done stays\n/);
    expect(said).toContain(
      "go on with: rowmill wait.ts big.csv -o out.csv --on 'slurm --partition main --shards 4 --name one' --resume",
    );
    await slurm.whenEmpty();
    expect(folder.names()).not.toContain("out.csv");
    const again = await folder.run(words, { env: slurm.environment });
    again.expect({
      code: 1,
      stderr: ["an earlier run has left its work in", "--resume goes on with it, --restart drops it"],
    });
    folder.write({ go: "" });
    (await folder.run([...words, "--resume"], { env: slurm.environment })).expect({ stderr: ["submitted array"] });
    expect(folder.read("out.csv")).toBe(folder.read("big.csv"));
    expect(folder.names()).not.toContain("out.csv.work");
  }, 60_000);
});

/** In tasks it waits until it is told to go on. */
const WAITING = `
import { existsSync } from "node:fs";
export default async (row) => {
  while (process.env.SLURM_ARRAY_TASK_ID !== undefined && !existsSync("go")) await Bun.sleep(20);
  return row;
};
`;

/** In tasks it waits behind some rows, and says so. */
const STOPPING = `
import { existsSync, writeFileSync } from "node:fs";
export default async (row) => {
  while (process.env.SLURM_ARRAY_TASK_ID !== undefined && row.id > 400 && !existsSync("go")) {
    writeFileSync("waits", "");
    await Bun.sleep(20);
  }
  return row;
};
`;

/** What a task has said; nothing before it has begun. */
function readLog(folder: Folder, task: string): string {
  const path = folder.at(`work/logs/${task}.log`);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

const AWAY_ONCE = `#!/bin/sh
[ -e away ] || { touch away; echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1; }
exec ${Bun.which("squeue") ?? ""} "$@"
`;

/** What jobs of the work in a folder are called. */
function jobName(folder: Folder): string {
  const { id } = JSON.parse(folder.read("work/plan.json")) as { id: string };
  return `rowmill-${id.slice(0, 8)}`;
}
