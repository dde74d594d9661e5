/**
 * Planned work is done by processes that are killed, stopped, doubled and robbed of their files, and is merged: output,
 * rejects and counts are those of one machine, or what is to be run again is named, and then they are.
 *
 *     bun test/faults/shards.ts [--runs 50] [--rows 4000] [--pause 3] [--only N] [--binary PATH] [--seed N]
 *
 * Processes stand for the tasks of a scheduler, which starts those again that have ended badly, and some that have not. Some
 * believe that they are on another machine. The folder lies on a small file system that is full for a while. Where there may
 * be no mounts, that and other machines are left out.
 */
import {
  closeSync,
  existsSync,
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
import type { Folder } from "../cli/binary.ts";
import { canMount } from "./disk-full.ts";
import { type Harness, difference, eachOf, runCommand, shown } from "./harness.ts";
import { Random } from "./random.ts";
import { type ShardedWorkload, shardedWorkloads } from "./shard-inputs.ts";

/** What is done, and how often. */
export interface ShardsPlan {
  runs: number;
  rows: number;
  /** Milliseconds that a tenth of the rows takes. */
  pause: number;
  /** The one run to do. */
  only?: number | undefined;
  /** Whether it may mount file systems. */
  mounts: boolean;
}

/** What has happened, by name. */
export type ShardsCounts = Record<string, number>;

/** What an undisturbed run gave. */
export interface Undisturbed {
  output: Uint8Array;
  rejects: Uint8Array;
  counts: unknown;
  ms: number;
}

export const SUMMARY: string = "summary.json";
const WORK = "work";
const FILLER = "filler";
/** So many tasks run at a time. */
const SLOTS = 3;
/** So often at most what is missing is run again. */
const MOST_ROUNDS = 30;
/** So many things happen in a run at most: then it is left alone. */
const MOST_THINGS = 60;
const MACHINES = ["11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"];
const DISK = "size=6m,nr_inodes=400";
/** What a task that has been robbed, or has no room, may say. */
const MAY_SAY = /the disk is full|another run has taken over|another program has written|another process has taken/;
export const OWN_CODE: RegExp = /\$bunfs|Rowmill failed/;

/** Carries out the plan; ends with an error at the first difference. */
export async function spreadAndMerge(harness: Harness, plan: ShardsPlan): Promise<ShardsCounts> {
  const all = shardedWorkloads(harness.seed, plan);
  const references = new Map<string, Promise<Undisturbed>>();
  const counts: ShardsCounts = {};
  const numbers = plan.only === undefined ? Array.from({ length: plan.runs }, (_, number) => number) : [plan.only];
  await eachOf(numbers, 2, async (number) => {
    const workload = all[number % all.length];
    if (workload === undefined) return;
    const random = new Random(harness.seed, number + 1);
    // Sums of a reduce may depend on how many rows a batch has, where that is said.
    const batch = random.chance(0.6) ? ["-b", String(random.pick([7, 40, 200, 1000]))] : [];
    const name = [workload.name, ...batch].join(" ");
    const reference = references.get(name) ?? undisturbed(harness, workload, batch);
    references.set(name, reference);
    const wanted = await reference;
    const folder = harness.binary.folder(workload.files);
    const spread = { ...workload, args: [...workload.args, ...batch] };
    await new SpreadRun({ harness, folder, workload: spread, wanted, plan, random, counts, number }).run();
    counts["runs"] = (counts["runs"] ?? 0) + 1;
  });
  return counts;
}

export const POLICY: readonly string[] = ["--on-error", "reject"];

export async function undisturbed(
  { binary }: Harness,
  workload: ShardedWorkload,
  batch: string[],
): Promise<Undisturbed> {
  const folder = binary.folder(workload.files);
  const begin = performance.now();
  const ran = await folder.run([...workload.args, ...batch, "-o", workload.output, ...POLICY, "--summary", SUMMARY]);
  const ms = performance.now() - begin;
  if (ran.code !== 3) ran.fail(`${workload.name}: exit code ${ran.code} of the undisturbed run, wanted 3`);
  const found = { ...results(folder, workload.output), ms };
  rmSync(folder.path, { recursive: true });
  return found;
}

export function results(folder: Folder, output: string): Omit<Undisturbed, "ms"> {
  const summary = JSON.parse(folder.read(SUMMARY)) as { rows?: unknown };
  return {
    output: readFileSync(folder.at(output)),
    // The user's frames name files by their whole path.
    rejects: Buffer.from(folder.read(`${output}.rejects.jsonl`).replaceAll(folder.path, "")),
    counts: summary.rows,
  };
}

type Fate = "killed" | "terminated" | "stopped";

/** A process that does a shard. */
interface Task {
  shard: number;
  child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  /** What was done to it. */
  fates: Set<Fate>;
  ended: Promise<void>;
}

class SpreadRun {
  readonly #harness: Harness;
  readonly #folder: Folder;
  readonly #workload: ShardedWorkload;
  readonly #wanted: Undisturbed;
  readonly #plan: ShardsPlan;
  readonly #random: Random;
  readonly #counts: ShardsCounts;
  readonly #number: number;
  /** What was done so far, for the reader of a difference. */
  readonly #story: string[] = [];
  readonly #running = new Set<Task>();
  /** They sleep, and are woken some time. */
  readonly #stopped = new Set<Task>();
  #queue: number[] = [];
  #hasDisk = false;
  #isFull = false;
  /** So many things may happen to it still. */
  #left = MOST_THINGS;
  /** Files were taken away, or damaged. */
  #failure: Error | undefined;

  constructor(of: {
    harness: Harness;
    folder: Folder;
    workload: ShardedWorkload;
    wanted: Undisturbed;
    plan: ShardsPlan;
    random: Random;
    counts: ShardsCounts;
    number: number;
  }) {
    this.#harness = of.harness;
    this.#folder = of.folder;
    this.#workload = of.workload;
    this.#wanted = of.wanted;
    this.#plan = of.plan;
    this.#random = of.random;
    this.#counts = of.counts;
    this.#number = of.number;
  }

  async run(): Promise<void> {
    if (this.#plan.mounts)
      this.#folder.write(Object.fromEntries(MACHINES.map((id, at) => [`machine${at}`, `${id}\n`])));
    try {
      await this.#spread();
    } finally {
      for (const { child } of [...this.#running, ...this.#stopped]) child.kill("SIGKILL");
      await Promise.all([...this.#running, ...this.#stopped].map(({ ended }) => ended));
      if (this.#hasDisk && this.#failure === undefined) this.#unmount();
    }
    rmSync(this.#folder.path, { recursive: true });
  }

  async #spread(): Promise<void> {
    const random = this.#random;
    const shards = await this.#makePlan();
    const all = Array.from({ length: shards }, (_, shard) => shard);
    const doubled = all.filter(() => random.chance(0.2));
    this.#queue = [...all, ...doubled].toSorted(() => random.next() - 0.5);
    await this.#work();
    this.#makeRoom();
    await this.#mergeUntilDone();
    // Who has slept through all that wakes up, and changes nothing.
    if (this.#stopped.size > 0) {
      await this.#wakeAll();
      const ran = await this.#merge();
      if (ran.code !== 3) this.#fail(`the last merge: exit code ${ran.code}`, ran.stderr);
      this.#compare();
    }
    const left = readdirSync(this.#folder.path).filter((name) => /\.(?:part|journal)/.test(name));
    if (left.length > 0) this.#fail(`files left: ${left.join(", ")}`);
  }

  async #makePlan(): Promise<number> {
    const random = this.#random;
    this.#hasDisk = this.#plan.mounts && random.chance(0.3);
    if (this.#hasDisk) this.#mount();
    const folder = this.#hasDisk ? join("disk", WORK) : WORK;
    const args = ["plan", ...this.#workload.args, "-o", folder, ...POLICY, "--to", this.#format];
    args.push("--shards", String(random.between(2, 14)));
    this.#story.push(`rowmill ${args.join(" ")}`);
    const ran = await this.#folder.run(args);
    if (ran.code !== 0) this.#fail(`the plan: exit code ${ran.code}`, ran.stderr);
    const { shards } = JSON.parse(this.#folder.read(join(folder, "plan.json"))) as { shards: unknown[] };
    this.#count("shards", shards.length);
    return shards.length;
  }

  get #format(): string {
    return this.#workload.output.split(".").at(-1) ?? "";
  }

  get #workPath(): string {
    return this.#folder.at(this.#hasDisk ? join("disk", WORK) : WORK);
  }

  /** Tasks run until none is left, and things happen to them. */
  async #work(): Promise<void> {
    while ((this.#queue.length > 0 || this.#running.size > 0) && this.#failure === undefined) {
      while (this.#running.size < SLOTS && this.#queue.length > 0) this.#start(this.#queue.shift() ?? 0);
      // Things happen when somebody has ended, or after a moment.
      const moment = Bun.sleep(this.#random.below(Math.max(20, this.#plan.pause * 60)));
      await Promise.race([moment, ...[...this.#running].map(({ ended }) => ended)]);
      if (this.#left > 0 && this.#random.chance(0.7)) this.#disturb();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #start(shard: number): void {
    const jobs = this.#random.between(1, 3);
    const args = ["shard", this.#workPath, String(shard), "-q", "-j", String(jobs)];
    const machine = this.#plan.mounts ? this.#random.pick([undefined, undefined, 0, 1]) : undefined;
    const child = this.#spawn(args, machine);
    const where = machine === undefined ? "" : `on machine ${machine}: `;
    this.#story.push(`${where}rowmill ${args.join(" ")} (${child.pid})`);
    const task: Task = { shard, child, fates: new Set(), ended: Promise.resolve() };
    task.ended = this.#whenEnded(task);
    this.#running.add(task);
    this.#count("tasks");
  }

  #spawn(args: string[], machine: number | undefined): Task["child"] {
    const { path, environment } = this.#harness.binary;
    const elsewhere = `mount --bind ${this.#folder.at(`machine${machine}`)} /proc/sys/kernel/random/boot_id && exec "$0" "$@"`;
    const command = machine === undefined ? [path] : ["unshare", "-m", "bash", "-c", elsewhere, path];
    return Bun.spawn([...command, ...args], {
      cwd: this.#folder.path,
      env: environment,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
  }

  async #whenEnded(task: Task): Promise<void> {
    const { child, shard } = task;
    const [stderr] = await Promise.all([child.stderr.text(), child.exited]);
    this.#running.delete(task);
    this.#stopped.delete(task);
    const code = child.exitCode ?? child.signalCode;
    this.#story.push(`  ${child.pid}: ${code} ${stderr.trim()}`);
    if (code === 0) return;
    const isDone = task.fates.has("killed") && code === "SIGKILL";
    const isOver = task.fates.has("terminated") && (code === 143 || code === "SIGTERM");
    if (!isDone && !isOver && (code !== 1 || !MAY_SAY.test(stderr) || OWN_CODE.test(stderr)))
      this.#failure ??= this.#error(`shard ${shard} ended with ${code}`, stderr);
    // A scheduler starts it again, or does not.
    if (this.#random.chance(0.6)) this.#queue.push(shard);
    else this.#count("given up");
    if (code === 1) this.#count("said to try again");
  }

  /** One thing that happens on clusters. */
  #disturb(): void {
    const random = this.#random;
    const running = [...this.#running];
    const task = running.length === 0 ? undefined : random.pick(running);
    this.#left--;
    switch (random.below(9)) {
      case 0:
      case 1:
        if (task !== undefined) this.#signal(task, "killed", "SIGKILL");
        return;
      case 2:
        if (task !== undefined) this.#signal(task, "terminated", "SIGTERM");
        return;
      case 3:
        if (task === undefined || this.#stopped.size >= 2) return;
        this.#signal(task, "stopped", "SIGSTOP");
        // Its node is given up: the shard is started elsewhere, and it lives on.
        this.#running.delete(task);
        this.#stopped.add(task);
        this.#queue.unshift(task.shard);
        return;
      case 4:
        for (const sleeping of this.#stopped) {
          if (random.chance(0.5)) this.#wake(sleeping);
        }
        return;
      case 5:
        if (task !== undefined && running.length <= SLOTS) {
          this.#count("doubles");
          this.#start(task.shard);
        }
        return;
      case 6:
        this.#damagePart();
        return;
      case 7:
        this.#removeWork();
        return;
      default:
        if (!this.#hasDisk) return;
        if (this.#isFull) this.#makeRoom();
        else this.#fill();
    }
  }

  #signal(task: Task, fate: Fate, signal: NodeJS.Signals): void {
    task.fates.add(fate);
    task.child.kill(signal);
    this.#story.push(`  ${signal} to ${task.child.pid}`);
    this.#count(fate);
  }

  #wake(task: Task): void {
    this.#stopped.delete(task);
    this.#running.add(task);
    task.child.kill("SIGCONT");
    this.#story.push(`  SIGCONT to ${task.child.pid}`);
  }

  async #wakeAll(): Promise<void> {
    const all = [...this.#stopped];
    for (const task of all) this.#wake(task);
    this.#queue = [];
    await Promise.all(all.map(({ ended }) => ended));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Cuts the file of a shard that is done, or changes a byte of it. */
  #damagePart(): void {
    const random = this.#random;
    const parts = join(this.#workPath, "parts");
    const names = readdirSync(parts).filter((name) => name.endsWith(".rows"));
    if (names.length === 0) return;
    const path = join(parts, random.pick(names));
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) return;
    const how = random.below(3);
    if (how === 0) {
      truncateSync(path, random.below(size));
      this.#count("parts cut");
    } else {
      // In the receipt, or anywhere.
      const at = how === 1 ? size - 1 - random.below(Math.min(size, 300)) : random.below(size);
      const fd = openSync(path, "r+");
      const byte = Buffer.alloc(1);
      readSync(fd, byte, 0, 1, at);
      writeSync(fd, Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, at);
      closeSync(fd);
      this.#count(how === 1 ? "receipts torn" : "parts changed");
    }
    this.#story.push(`  damaged (${how}) ${path}`);
  }

  #removeWork(): void {
    const folder = join(this.#workPath, "work");
    const names = existsSync(folder) ? readdirSync(folder) : [];
    if (names.length === 0) return;
    const name = this.#random.pick(names);
    rmSync(join(folder, name), { force: true });
    this.#story.push(`  removed ${name}`);
    this.#count("work files removed");
  }

  #mount(): void {
    const at = this.#folder.at("disk");
    this.#folder.write({ "disk/x": "" });
    const { exitCode, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", at]);
    if (exitCode !== 0) throw new Error(`cannot mount a tmpfs: ${stderr.toString()}`);
  }

  #unmount(): void {
    Bun.spawnSync(["umount", this.#folder.at("disk")]);
  }

  #fill(): void {
    this.#isFull = true;
    this.#story.push("  the disk is full");
    this.#count("times full");
    const fd = openSync(join(this.#folder.at("disk"), FILLER), "w");
    try {
      for (;;) if (writeSync(fd, Buffer.alloc(4096)) === 0) return;
    } catch (error) {
      if (Reflect.get(Object(error), "code") !== "ENOSPC") throw error;
    } finally {
      closeSync(fd);
    }
  }

  #makeRoom(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#story.push("  there is room again");
    rmSync(join(this.#folder.at("disk"), FILLER));
  }

  /** Merges; runs what is named, until nothing is. */
  async #mergeUntilDone(): Promise<void> {
    for (let round = 0; ; round++) {
      if (this.#random.chance(0.3)) await this.#killMerge();
      const ran = await this.#merge();
      this.#count("merges");
      if (ran.code === 3) break;
      const [, numbers] = /rowmill shard \S+ ([\d,-]+), then merge again/.exec(ran.stderr) ?? [];
      if (ran.code !== 1 || numbers === undefined || OWN_CODE.test(ran.stderr))
        this.#fail(`the merge: exit code ${ran.code}, and it does not say what is to be run`, ran.stderr);
      if (round === MOST_ROUNDS) this.#fail("it does not come to an end", ran.stderr);
      this.#count("merges that named what is missing");
      this.#queue = shardsIn(numbers);
      await this.#work();
      this.#makeRoom();
    }
    this.#compare();
  }

  async #killMerge(): Promise<void> {
    const child = this.#spawn(this.#mergeArgs, undefined);
    const ms = this.#random.below(150);
    await Promise.race([Bun.sleep(ms), child.exited]);
    child.kill("SIGKILL");
    await child.exited;
    this.#story.push(`  a merge, killed after ${ms} ms: ${child.exitCode ?? child.signalCode}`);
    this.#count("merges killed");
  }

  get #mergeArgs(): string[] {
    return ["merge", this.#workPath, "-o", this.#workload.output, "--summary", SUMMARY, "-q"];
  }

  async #merge(): Promise<{ code: number; stderr: string }> {
    const { code, stderr } = await this.#folder.run(this.#mergeArgs);
    this.#story.push(`rowmill ${this.#mergeArgs.join(" ")}: ${code} ${stderr.trim()}`);
    return { code, stderr };
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

  #count(name: string, more: number = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + more;
  }

  #error(why: string, stderr: string): Error {
    const place = this.#folder.path;
    return new Error(
      `run ${this.#number} (--only ${this.#number}), ${this.#workload.name}: ${why}\n--- in ${place}\n${this.#story.join("\n")}\n--- stderr\n${stderr}`,
    );
  }

  #fail(why: string, stderr: string = ""): never {
    this.#failure = this.#error(why, stderr);
    throw this.#failure;
  }
}

/** `3,17,40-42` as numbers. */
function shardsIn(text: string): number[] {
  return text.split(",").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

if (import.meta.main) {
  const isInside = process.argv[2] === "inside";
  if (!isInside && process.getuid?.() === 0 && canMount()) {
    const again = ["unshare", "-m", process.execPath, import.meta.path, "inside", ...process.argv.slice(2)];
    process.exit(Bun.spawnSync(again, { stdio: ["ignore", "inherit", "inherit"] }).exitCode);
  }
  if (isInside) process.argv.splice(2, 1);
  else console.log("no mounts here: no full disk, no other machines");
  await runCommand({ runs: "50", rows: "4000", pause: "3", only: "" }, async (settings) => {
    const counts = await spreadAndMerge(settings, {
      runs: settings.number("runs"),
      rows: settings.number("rows"),
      pause: settings.number("pause"),
      only: settings.text("only") === "" ? undefined : settings.number("only"),
      mounts: isInside,
    });
    console.log(`${shown(counts)}\nno difference`);
  });
}
