/**
 * Planned work on a real Slurm of three nodes, to which things happen at random moments: output, rejects and counts come to
 * those of one machine, or what is to be run again is named, exactly, and then they do.
 *
 *     bun test/faults/slurm.ts [--runs 10] [--rows 3000] [--pause 15] [--shards N] [--things 10] [--only N] [--binary PATH]
 *         [--seed N]
 *
 * `--shards` is how many there are in each run, 4 to 20 where nothing is said; `--things` how many happen in a round at most.
 * With `--things 0` all must be there at once.
 *
 * Tasks are put back into the queue, cancelled and killed; daemons of nodes are killed and come back; the power of nodes is
 * cut; nodes count as down while their tasks live on; parts are cut and changed; the shared folder is full for a while; shards
 * are done twice at once. It needs Slurm, root, and mounts; where these are not, it says so and ends with exit code 0.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Folder, type Ran } from "../cli/binary.ts";
import { MAX_ARRAY, NODES, type Node, SlurmCluster } from "../cli/slurm-cluster.ts";
import { canMount } from "./disk-full.ts";
import { type Harness, difference, runCommand, shown } from "./harness.ts";
import { Random } from "./random.ts";
import { type ShardedWorkload, shardedWorkloads } from "./shard-inputs.ts";
import { OWN_CODE, POLICY, SUMMARY, type ShardsCounts, type Undisturbed, results, undisturbed } from "./shards.ts";

interface SlurmPlan {
  runs: number;
  rows: number;
  /** Milliseconds that a tenth of the rows takes. */
  pause: number;
  /** How many there are in each run, where that is said. */
  shards: number | undefined;
  /** So many things happen in a round at most. */
  things: number;
  only: number | undefined;
}

const WORK = "work";
const FILLER = "filler";
const DISK = "size=48m";
/** So often at most what is missing is submitted again; the last times nothing happens any more. */
const MOST_ROUNDS = 8;
const DISTURBED_ROUNDS = 4;
/** So long the queue may take to be empty when nothing happens any more. */
const QUEUE_MS = 240_000;
/** A node that is back sooner ends the next try of its task with the signal that is meant for the first one. */
const AWAY_MS = 12_000;

/** How a node is away, and since when. */
interface Away {
  how: "lost" | "cut" | "without a daemon";
  sinceMs: number;
}

/** The nodes of the cluster, which stay as they are from one run to the next. */
class Nodes {
  readonly #cluster: SlurmCluster;
  readonly #away = new Map<Node, Away>();

  constructor(cluster: SlurmCluster) {
    this.#cluster = cluster;
  }

  /** Something happens to a node, unless it is away. */
  take(node: Node, how: Away["how"]): boolean {
    // One of three at least is there.
    if (this.#away.has(node) || this.#away.size === NODES.length - 1) return false;
    if (how === "cut") this.#cluster.cut(node);
    else if (how === "lost") this.#cluster.lose(node);
    else this.#cluster.killDaemon(node);
    this.#away.set(node, { how, sinceMs: performance.now() });
    return true;
  }

  /** Those come back that have been away for long enough. */
  bringBack(mostMs: number = AWAY_MS): void {
    for (const [node, { how, sinceMs }] of this.#away) {
      if (performance.now() - sinceMs < mostMs) continue;
      this.#away.delete(node);
      if (how === "cut") this.#cluster.startNode(node);
      else this.#cluster.startDaemon(node);
    }
  }

  async bringAllBack(): Promise<void> {
    while (this.#away.size > 0) {
      this.bringBack();
      await Bun.sleep(200);
    }
  }
}

class SlurmRun {
  readonly #cluster: SlurmCluster;
  readonly #nodes: Nodes;
  readonly #harness: Harness;
  readonly #folder: Folder;
  readonly #workload: ShardedWorkload;
  readonly #wanted: Undisturbed;
  readonly #plan: SlurmPlan;
  readonly #random: Random;
  readonly #counts: ShardsCounts;
  readonly #number: number;
  readonly #story: string[] = [];
  readonly #begun = performance.now();
  /** Processes that do a shard beside its task. */
  readonly #doubles = new Set<Promise<Ran>>();
  #fullUntilMs = 0;

  constructor(of: {
    cluster: SlurmCluster;
    nodes: Nodes;
    harness: Harness;
    folder: Folder;
    workload: ShardedWorkload;
    wanted: Undisturbed;
    plan: SlurmPlan;
    random: Random;
    counts: ShardsCounts;
    number: number;
  }) {
    this.#cluster = of.cluster;
    this.#nodes = of.nodes;
    this.#harness = of.harness;
    this.#folder = of.folder;
    this.#workload = of.workload;
    this.#wanted = of.wanted;
    this.#plan = of.plan;
    this.#random = of.random;
    this.#counts = of.counts;
    this.#number = of.number;
  }

  /** Returns how many shards it had. */
  async run(): Promise<number> {
    const random = this.#random;
    const { args, output } = this.#workload;
    const format = output.split(".").at(-1) ?? "";
    const wanted = String(this.#plan.shards ?? random.between(4, 20));
    const words = ["--to", format, "--shards", wanted, "--summary", SUMMARY];
    const planned = await this.#rowmill(["plan", ...args, "-o", WORK, ...POLICY, ...words]);
    if (planned.code !== 0) this.#fail(`the plan: exit code ${planned.code}`, planned.stderr);
    const shards = this.#shards;
    this.#count("shards", shards);
    const most = this.#plan.things === 0 ? 0 : MOST_ROUNDS;
    for (let round = 0; !(await this.#round(round)); round++)
      if (round === most) this.#fail("it does not come to an end");
    this.#compare();
    // Whoever lives on unseen changes nothing any more.
    await this.#nodes.bringAllBack();
    await this.#cluster.whenEmpty();
    await Promise.all(this.#doubles);
    this.#compare();
    this.#count(
      this.#story.some((line) => line.includes("  named:")) ? "named, then the same bytes" : "the same bytes at once",
    );
    rmSync(this.#folder.path, { recursive: true });
    return shards;
  }

  /** Submits what is missing; returns whether all is merged. */
  async #round(round: number): Promise<boolean> {
    const log = join(WORK, "logs", "merge.log");
    const saidBefore = this.#sizeOf(log);
    const isAwaited = this.#random.chance(0.3);
    const words = ["submit", "slurm", WORK, "-o", this.#workload.output, isAwaited ? "--wait" : "--run"];
    if (this.#random.chance(0.3)) words.push("--group", String(this.#random.between(2, 3)));
    const submitted = this.#rowmill(words);
    const { code } = isAwaited ? { code: undefined } : await submitted;
    if (code === 1) return false;
    if (code !== undefined && code !== 0) this.#fail(`submit: exit code ${code}`, (await submitted).stderr);
    this.#count("rounds");
    await this.#untilEmpty(round < DISTURBED_ROUNDS, isAwaited ? submitted : undefined);
    const ran = await submitted;
    if (isAwaited && ![0, 1, 3].includes(ran.code)) this.#fail(`submit --wait: exit code ${ran.code}`, ran.stderr);
    if (OWN_CODE.test(ran.stderr)) this.#fail("submit shows code of Rowmill", ran.stderr);
    const said = existsSync(this.#folder.at(log))
      ? readFileSync(this.#folder.at(log)).toString("utf8", saidBefore)
      : "";
    if (said !== "") this.#story.push(`  the merge said: ${said.trim()}`);
    if (OWN_CODE.test(said)) this.#fail("the merge shows code of Rowmill");
    const isDone = existsSync(this.#folder.at(this.#workload.output)) && existsSync(this.#folder.at(SUMMARY));
    if (isAwaited && (ran.code !== 1) !== isDone) this.#fail(`submit --wait: exit code ${ran.code}`, ran.stderr);
    if (isDone) return true;
    await this.#assertNamed(said);
    return false;
  }

  /** What is to be run is named, and it is that which is not there. */
  async #assertNamed(said: string): Promise<void> {
    this.#makeRoom();
    // The job that merges may have been killed, or had nowhere to write: by hand it says it.
    const isNamed = NAMED.test(said) || DAMAGED.test(said);
    if (!isNamed) this.#count("merges that said nothing");
    const status = await this.#rowmill(["status", WORK, "--json"]);
    const { shards, done } = JSON.parse(status.stdout) as { shards: number; done: number[] };
    const missing = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !done.includes(shard));
    const { stderr } =
      missing.length === 0
        ? { stderr: said }
        : await this.#rowmill(["merge", WORK, "-o", `by-hand-${this.#workload.output}`]);
    const [, numbers] = NAMED.exec(stderr) ?? [];
    if (missing.length > 0 && numbers !== listOf(missing))
      this.#fail(`missing is ${listOf(missing)}, and the merge named ${numbers}`, stderr);
    this.#story.push(`  named: ${numbers ?? "nothing, the merge has not ended"}`);
    this.#count(missing.length > 0 ? "times that missing shards were named" : "merges to be run again");
  }

  async #untilEmpty(isDisturbed: boolean, submitted: Promise<Ran> | undefined): Promise<void> {
    const begun = performance.now();
    const { things } = this.#plan;
    let left = isDisturbed && things > 0 ? this.#random.between(1, things) : 0;
    let isSubmitted = submitted === undefined;
    void submitted?.then(() => (isSubmitted = true));
    for (;;) {
      await Bun.sleep(this.#random.between(50, 900));
      this.#nodes.bringBack(this.#random.chance(0.1) ? AWAY_MS / 3 : AWAY_MS);
      if (performance.now() > this.#fullUntilMs) this.#makeRoom();
      const queue = this.#queue();
      if (queue.length === 0 && isSubmitted) break;
      if (left > 0 && queue.length > 0 && this.#disturb(queue)) left--;
      if (performance.now() - begun > QUEUE_MS) this.#fail(`the queue does not become empty: ${shown(queue)}`);
    }
    this.#makeRoom();
  }

  /** The queue; as it is while the controller is busy, where it does not answer. */
  #queue(): ReturnType<SlurmCluster["queue"]> {
    try {
      return this.#cluster.queue();
    } catch (error) {
      this.#story.push(`  ${String(error)}`);
      return [{ id: "?", state: "?", node: "" }];
    }
  }

  /** One thing that happens on clusters; returns whether it has. */
  #disturb(queue: ReturnType<SlurmCluster["queue"]>): boolean {
    const random = this.#random;
    const running = queue.filter(({ state }) => state === "RUNNING");
    const [task, node] = [running.length === 0 ? undefined : random.pick(running), random.pick(NODES)];
    switch (random.below(11)) {
      case 0:
        return (
          task !== undefined && this.#happens("requeued", task.id, () => this.#told("scontrol", "requeue", task.id))
        );
      case 1:
        return this.#happens("cancelled", (task ?? random.pick(queue)).id, () =>
          this.#told("scancel", (task ?? random.pick(queue)).id),
        );
      case 2:
      case 3: {
        const pids = this.#cluster.processesOf(node, "rowmill");
        if (pids.length === 0) return false;
        const pid = random.pick(pids);
        return this.#happens("killed", `${pid} on ${node}`, () => Bun.spawnSync(["kill", "-9", String(pid)]));
      }
      case 4:
        return this.#nodes.take(node, "without a daemon") && this.#happens("daemons killed", node);
      case 5:
        return this.#nodes.take(node, "cut") && this.#happens("nodes cut", node);
      case 6:
        return this.#nodes.take(node, "lost") && this.#happens("nodes down whose tasks live on", node);
      case 7:
      case 8:
        return this.#damagePart();
      case 9:
        return this.#fill();
      default:
        return this.#double();
    }
  }

  #happens(what: string, to: string, act: () => unknown = () => undefined): boolean {
    act();
    this.#story.push(`  ${this.#seconds} ${what}: ${to}`);
    this.#count(what);
    return true;
  }

  #told(...words: string[]): void {
    try {
      this.#cluster.ask(...words);
    } catch (error) {
      // The task has ended just now.
      this.#story.push(`  ${String(error).trim()}`);
    }
  }

  /** Cuts the file of a shard that is done, or changes a byte of its receipt. */
  #damagePart(): boolean {
    const folder = this.#folder.at(join(WORK, "parts"));
    const names = readdirSync(folder).filter((name) => name.endsWith(".rows"));
    if (names.length === 0) return false;
    const name = this.#random.pick(names);
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) return false;
    if (this.#random.chance(0.5))
      return this.#happens("parts cut", name, () => truncateSync(path, this.#random.below(size)));
    return this.#happens("receipts torn", name, () => {
      const fd = openSync(path, "r+");
      const byte = Buffer.alloc(1);
      const at = size - 1 - this.#random.below(Math.min(size, 300));
      readSync(fd, byte, 0, 1, at);
      writeSync(fd, Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, at);
      closeSync(fd);
    });
  }

  #fill(): boolean {
    if (this.#fullUntilMs > 0) return false;
    this.#fullUntilMs = performance.now() + this.#random.between(300, 4000);
    return this.#happens("times full", "the shared folder", () => {
      const fd = openSync(join(this.#folder.path, "..", FILLER), "w");
      try {
        for (;;) if (writeSync(fd, Buffer.alloc(4096)) === 0) return;
      } catch (error) {
        if (Reflect.get(Object(error), "code") !== "ENOSPC") throw error;
      } finally {
        closeSync(fd);
      }
    });
  }

  #makeRoom(): void {
    if (this.#fullUntilMs === 0) return;
    this.#fullUntilMs = 0;
    rmSync(join(this.#folder.path, "..", FILLER));
    this.#story.push(`  ${this.#seconds} there is room again`);
  }

  /** A shard is done here, too. */
  #double(): boolean {
    const shard = String(this.#random.below(this.#shards));
    return this.#happens("doubles", shard, () => {
      this.#doubles.add(this.#rowmill(["shard", WORK, shard, "-q", "-j", "1"]));
    });
  }

  /** How many shards the plan has: not more than there are places to cut. */
  get #shards(): number {
    const { shards } = JSON.parse(this.#folder.read(join(WORK, "plan.json"))) as { shards: unknown[] };
    return shards.length;
  }

  async #rowmill(args: string[]): Promise<Ran> {
    const ran = await this.#folder.run(args, { env: this.#cluster.environment });
    this.#story.push(`${this.#seconds} rowmill ${args.join(" ")}: ${ran.code} ${ran.stderr.trim()}`);
    return ran;
  }

  #compare(): void {
    const found = results(this.#folder, this.#workload.output);
    const why =
      difference("the output", found.output, this.#wanted.output) ??
      difference("the rejects", found.rejects, this.#wanted.rejects);
    if (why !== undefined) this.#fail(why);
    if (!Bun.deepEquals(found.counts, this.#wanted.counts))
      this.#fail(`the summary counts ${shown(found.counts)}, wanted ${shown(this.#wanted.counts)}`);
  }

  get #seconds(): string {
    return `${((performance.now() - this.#begun) / 1000).toFixed(1)} s`;
  }

  #sizeOf(name: string): number {
    return statSync(this.#folder.at(name), { throwIfNoEntry: false })?.size ?? 0;
  }

  #count(name: string, by: number = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  #fail(why: string, stderr: string = ""): never {
    const logs = this.#folder.at(join(WORK, "logs"));
    const said = (existsSync(logs) ? readdirSync(logs) : []).flatMap((name) => {
      const text = this.#folder.read(join(WORK, "logs", name)).trim();
      return text === "" ? [] : [`${name}: ${text}`];
    });
    const story = [...this.#story, ...said].join("\n");
    throw new Error(
      `run ${this.#number} (--seed ${this.#harness.seed} --only ${this.#number}), ${this.#workload.name}: ${why}\n--- in ${this.#folder.path}\n${story}\n--- stderr\n${stderr}`,
    );
  }
}

const NAMED = /rowmill shard \S+ ([\d,-]+), then merge again/;
const DAMAGED = /is damaged: its rows are not those of its receipt/;

/** Numbers as the merge writes them. */
function listOf(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < numbers.length; at++) {
    const first = numbers[at] ?? 0;
    while (numbers[at + 1] === (numbers[at] ?? 0) + 1) at++;
    parts.push(numbers[at] === first ? `${first}` : `${first}-${numbers[at]}`);
  }
  return parts.join(",");
}

async function spreadOnSlurm(
  harness: Harness,
  cluster: SlurmCluster,
  plan: SlurmPlan & { disk: string },
): Promise<void> {
  const all = shardedWorkloads(harness.seed, plan);
  const references = new Map<string, Undisturbed>();
  const counts: ShardsCounts = {};
  const nodes = new Nodes(cluster);
  const numbers = plan.only === undefined ? Array.from({ length: plan.runs }, (_, number) => number) : [plan.only];
  try {
    for (const number of numbers) {
      const workload = all[number % all.length];
      if (workload === undefined) return;
      const wanted = references.get(workload.name) ?? (await undisturbed(harness, workload, []));
      references.set(workload.name, wanted);
      const path = join(plan.disk, String(number));
      mkdirSync(path);
      const folder = new Folder(harness.binary, path);
      folder.write(workload.files);
      const random = new Random(harness.seed, number + 1);
      const run = new SlurmRun({ cluster, nodes, harness, folder, workload, wanted, plan, random, counts, number });
      const shards = await run.run();
      counts["runs"] = (counts["runs"] ?? 0) + 1;
      console.log(`run ${number}, ${workload.name}, ${shards} shards: the same`);
    }
  } finally {
    console.log(shown(counts));
  }
}

if (import.meta.main) {
  const isInside = process.argv[2] === "inside";
  if (!isInside) {
    const canRun = process.getuid?.() === 0 && canMount();
    if (!canRun) console.log("not tried: it takes root and mounts");
    const again = ["unshare", "-m", process.execPath, import.meta.path, "inside", ...process.argv.slice(2)];
    process.exit(canRun ? Bun.spawnSync(again, { stdio: ["ignore", "inherit", "inherit"] }).exitCode : 0);
  }
  process.argv.splice(2, 1);
  await runCommand({ runs: "10", rows: "3000", pause: "15", shards: "", things: "10", only: "" }, async (settings) => {
    const disk = settings.binary.folder().path;
    // Nodes see what is mounted before they start.
    const { exitCode, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", disk]);
    if (exitCode !== 0) throw new Error(`cannot mount a tmpfs: ${stderr.toString()}`);
    const given = (name: string): number | undefined =>
      settings.text(name) === "" ? undefined : settings.number(name);
    const plan = {
      runs: settings.number("runs"),
      rows: settings.number("rows"),
      pause: settings.number("pause"),
      things: settings.number("things"),
      shards: given("shards"),
      only: given("only"),
      disk,
    };
    // A shard that was asked for is a task of its own.
    const cluster = await SlurmCluster.start(plan.shards === undefined ? MAX_ARRAY : plan.shards + 1);
    if (cluster === undefined) return;
    try {
      await spreadOnSlurm(settings, cluster, plan);
      console.log("no difference");
    } finally {
      await cluster.stop();
      Bun.spawnSync(["umount", disk]);
    }
  });
}
