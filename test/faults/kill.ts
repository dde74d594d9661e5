/**
 * Runs are killed at random moments and resumed until they are done: output, rejects and counts are those of a run that
 * nobody disturbed.
 *
 *     bun test/faults/kill.ts [--runs 200] [--rows 200000] [--signal SIGKILL|SIGINT|SIGTERM] [--tear 1] [--only WORDS] [--binary PATH] [--seed N]
 *
 * Each resume has another number of jobs and another batch size. A moment is a time after the start, or a change that is
 * seen in the folder (so that renames and journal records are hit as well). With --tear the journal's last record is
 * torn or garbage follows it before some resumes. With --only it is the inputs with these words in their name.
 */
import { readFileSync, readdirSync, rmSync, watch } from "node:fs";
import type { Folder } from "../cli/binary.ts";
import { type Harness, difference, eachOf, runCommand, shown } from "./harness.ts";
import { type Workload, workloads } from "./kill-inputs.ts";
import { Random } from "./random.ts";
import { tearJournal } from "./tear.ts";

const SUMMARY = "summary.json";
/** A run is left alone after so many kills. */
const MOST_KILLS = 6;
const INTERRUPTED: Record<string, number> = { SIGINT: 130, SIGTERM: 143 };

/** What is done, and how often. */
export interface KillPlan {
  runs: number;
  rows: number;
  signal: "SIGKILL" | "SIGINT" | "SIGTERM";
  tears: boolean;
  /** Kills come at changes in the folder only, whatever the time. */
  byChangeOnly: boolean;
  /** A kill comes after at most so many changes. */
  mostChanges: number;
  /** Only inputs whose name holds this. */
  only?: string;
}

/** What an undisturbed run gave. */
interface Undisturbed {
  output: Uint8Array;
  rejects: Uint8Array;
  counts: unknown;
  ms: number;
}

/** The exit code of a run that comes to its end. */
function codeOf({ isClean }: Workload): number {
  return isClean === true ? 0 : 3;
}

export interface KillCounts {
  runs: number;
  kills: number;
  resumes: number;
  tears: number;
  /** Kills that left a part and a journal. */
  cutShort: number;
  /** Parts of these in which something was not written that has other bytes behind it. */
  holes: number;
}

/** Carries out the plan; ends with an error at the first difference. */
export async function killAndResume(harness: Harness, plan: KillPlan): Promise<KillCounts> {
  const all = workloads(harness.seed, plan.rows).filter(({ name }) => name.includes(plan.only ?? ""));
  const references = new Map<string, Undisturbed>();
  for (const workload of all) references.set(workload.name, await runUndisturbed(harness, workload));
  const counts: KillCounts = { runs: 0, kills: 0, resumes: 0, tears: 0, cutShort: 0, holes: 0 };
  const numbers = Array.from({ length: plan.runs }, (_, number) => number);
  await eachOf(numbers, 2, async (number) => {
    const workload = all[number % all.length];
    const wanted = workload && references.get(workload.name);
    if (workload === undefined || wanted === undefined) return;
    const random = new Random(harness.seed, number + 1);
    await new KilledRun({
      folder: harness.binary.folder(workload.files),
      workload,
      wanted,
      plan,
      random,
      counts,
    }).run();
    counts.runs++;
  });
  return counts;
}

function commandOf({ args, inputs, output, isInPlace, isClean }: Omit<Workload, "tame">): string[] {
  const target = isInPlace ? [] : ["-o", output];
  // For a summary the parent reads all of the inputs, and finds the rows.
  const summary = isClean === true ? [] : ["--summary", SUMMARY];
  return [...args, ...inputs, ...target, "--on-error", "reject", ...summary];
}

async function runUndisturbed({ binary }: Harness, workload: Workload): Promise<Undisturbed> {
  const folder = binary.folder(workload.files);
  const begin = performance.now();
  const ran = await folder.run(commandOf({ ...workload, args: workload.tame ?? workload.args }));
  const ms = performance.now() - begin;
  const wanted = codeOf(workload);
  if (ran.code !== wanted) ran.fail(`${workload.name}: exit code ${ran.code} of the undisturbed run, wanted ${wanted}`);
  return { ...results(folder, workload), ms };
}

function results(folder: Folder, { output, tame, isClean }: Workload): Omit<Undisturbed, "ms"> {
  const records = folder.read(`${output}.rejects.jsonl`);
  const summary = JSON.parse(isClean === true ? "{}" : folder.read(SUMMARY)) as { rows?: unknown };
  return {
    output: readFileSync(folder.at(output)),
    // The user's frames name files by their whole path.
    rejects: Buffer.from(tame === undefined ? records.replaceAll(folder.path, "") : inputsOf(records)),
    counts: summary.rows,
  };
}

/** Which rows records tell of, without what they say of them. */
function inputsOf(records: string): string {
  const lines = records.split("\n").slice(0, -1);
  return lines.map((line) => String((JSON.parse(line) as { row: unknown }).row)).join("\n");
}

/** One run: started, killed, resumed until it ends by itself. */
class KilledRun {
  readonly #folder: Folder;
  readonly #workload: Workload;
  readonly #wanted: Undisturbed;
  readonly #plan: KillPlan;
  readonly #random: Random;
  readonly #counts: KillCounts;
  /** What was done so far, for the reader of a difference. */
  readonly #story: string[] = [];
  #stderr = "";

  constructor(of: {
    folder: Folder;
    workload: Workload;
    wanted: Undisturbed;
    plan: KillPlan;
    random: Random;
    counts: KillCounts;
  }) {
    this.#folder = of.folder;
    this.#workload = of.workload;
    this.#wanted = of.wanted;
    this.#plan = of.plan;
    this.#random = of.random;
    this.#counts = of.counts;
  }

  async run(): Promise<void> {
    let start: string[] = this.#random.chance(0.2) ? ["--resume"] : [];
    for (let kills = 0; ; kills++) {
      const code = await this.#attempt(start, kills < MOST_KILLS && this.#random.chance(0.85));
      if (code !== undefined) {
        const wanted = codeOf(this.#workload);
        if (code !== wanted) this.#fail(`exit code ${code}, wanted ${wanted}`);
        break;
      }
      this.#counts.kills++;
      const isLeft = this.#names().some((name) => name.endsWith(".part") || name.endsWith(".journal"));
      if (isLeft) this.#counts.cutShort++;
      if (this.#hasHole()) this.#counts.holes++;
      // What is written back to the input must not be read again: a run that is done is done.
      if (!isLeft && this.#workload.isInPlace && this.#hasChanged()) break;
      if (isLeft && this.#random.chance(0.1)) await this.#refuses();
      if (this.#plan.tears) this.#tear();
      const restarts = isLeft && !this.#workload.isInPlace && this.#random.chance(0.05);
      start = [restarts ? "--restart" : "--resume"];
      this.#counts.resumes++;
    }
    this.#compare();
    rmSync(this.#folder.path, { recursive: true });
  }

  /** Starts it; its exit code, or undefined when it was killed. */
  async #attempt(start: string[], isKilled: boolean): Promise<number | undefined> {
    const random = this.#random;
    // With a number of rows, it is the parent that finds them.
    const batch =
      this.#workload.isClean !== true && (this.#plan.byChangeOnly || random.chance(0.6))
        ? ["-b", String(Math.ceil(this.#plan.rows / random.pick([40, 200, 600, 2000])))]
        : [];
    const args = [...commandOf(this.#workload), "-j", String(random.between(1, 4)), ...batch, ...start];
    this.#story.push(`rowmill ${args.join(" ")}`);
    const child = this.#folder.start(args);
    const moment = isKilled ? this.#killSoon(child) : undefined;
    const [stderr] = await Promise.all([child.stderr.text(), child.exited, child.stdin.end()]);
    moment?.stop();
    this.#stderr = stderr;
    const { signal } = this.#plan;
    const hasDied = this.#workload.tame !== undefined && child.signalCode === "SIGABRT";
    if (hasDied) {
      this.#story.push(`  it died: ${this.#names().join(" ")}`);
      return undefined;
    }
    const wasKilled = child.signalCode === signal || (isKilled && child.exitCode === INTERRUPTED[signal]);
    if (!wasKilled) return child.exitCode ?? -1;
    this.#story.push(`  ${signal} ${moment?.what ?? ""}: ${this.#names().join(" ")}`);
    const hasJournal = this.#names().includes(`${this.#workload.output}.journal`);
    if (child.exitCode !== null && hasJournal && !stderr.includes("--resume")) this.#fail("it does not name --resume");
    return undefined;
  }

  #killSoon(child: Bun.Subprocess): { what: string; stop(): void } {
    const { signal, byChangeOnly } = this.#plan;
    let isSent = false;
    const kill = (): void => {
      // A second interrupt leaves at once, without a word.
      if (!isSent) child.kill(signal);
      isSent = true;
    };
    if (byChangeOnly || this.#random.chance(0.5)) {
      let left = this.#random.chance(0.3)
        ? this.#random.between(1, 6)
        : this.#random.between(1, this.#plan.mostChanges);
      const isOfEnd = this.#random.chance(0.2);
      const { output } = this.#workload;
      const atEnd = new Set([output, `${output}.rejects.jsonl`]);
      const watcher = watch(this.#folder.path, (_event, name) => {
        if (isOfEnd ? atEnd.has(name ?? "") : --left === 0) kill();
      });
      return { what: isOfEnd ? "when a target changed" : `at change ${left}`, stop: () => watcher.close() };
    }
    const ms = this.#random.next() * this.#wanted.ms * 1.1;
    const timer = setTimeout(kill, ms);
    return { what: `after ${ms.toFixed(1)} ms`, stop: () => clearTimeout(timer) };
  }

  /** A part that was left over is never written over in silence. */
  async #refuses(): Promise<void> {
    const { output } = this.#workload;
    if (!this.#names().includes(`${output}.part`)) return;
    const before = readFileSync(this.#folder.at(`${output}.part`));
    const ran = await this.#folder.run(commandOf(this.#workload));
    this.#stderr = ran.stderr;
    if (ran.code !== 1) this.#fail(`without --resume: exit code ${ran.code}, wanted 1`);
    for (const flag of ["--resume", "--restart"]) {
      if (!ran.stderr.includes(flag)) this.#fail(`without --resume: the message does not name ${flag}`);
    }
    const why = difference("without --resume: the part", readFileSync(this.#folder.at(`${output}.part`)), before);
    if (why !== undefined) this.#fail(why);
  }

  #tear(): void {
    const names = this.#names();
    const { output } = this.#workload;
    // A record is written before what it announces: once something was renamed, the last one is whole.
    const isCommitting = !names.includes(`${output}.part`) || !names.includes(`${output}.rejects.jsonl.part`);
    if (isCommitting || !names.includes(`${output}.journal`) || this.#random.chance(0.4)) return;
    this.#story.push(`  ${tearJournal(this.#folder.at(`${output}.journal`), this.#random)}`);
    this.#counts.tears++;
  }

  /** Nothing that is written holds a zero. */
  #hasHole(): boolean {
    const part = `${this.#workload.output}.part`;
    return this.#names().includes(part) && readFileSync(this.#folder.at(part)).includes(0);
  }

  #hasChanged(): boolean {
    const { output, files } = this.#workload;
    return difference("", readFileSync(this.#folder.at(output)), files[output] ?? "") !== undefined;
  }

  #names(): string[] {
    return readdirSync(this.#folder.path);
  }

  #compare(): void {
    const { output, files, isInPlace, isClean } = this.#workload;
    const summary = isClean === true ? [] : [SUMMARY];
    const names = [...Object.keys(files), ...(isInPlace ? [] : [output]), `${output}.rejects.jsonl`, ...summary];
    // In place, it may have been killed between the end of its work and the summary.
    const isWhole = this.#names().includes(SUMMARY) || !isInPlace;
    if (!isWhole) this.#folder.write({ [SUMMARY]: JSON.stringify({ rows: this.#wanted.counts }) });
    const left = this.#names().toSorted();
    if (!Bun.deepEquals(left, names.toSorted())) this.#fail(`files left: ${left.join(", ")}`);
    const found = results(this.#folder, this.#workload);
    const why =
      difference("the output", found.output, this.#wanted.output) ??
      difference("the rejects", found.rejects, this.#wanted.rejects);
    if (why !== undefined) this.#fail(why);
    if (!Bun.deepEquals(found.counts, this.#wanted.counts)) {
      this.#fail(`the summary counts ${shown(found.counts)}, wanted ${shown(this.#wanted.counts)}`);
    }
  }

  #fail(why: string): never {
    const place = this.#folder.path;
    throw new Error(
      `${this.#workload.name}: ${why}\n--- in ${place}\n${this.#story.join("\n")}\n--- stderr\n${this.#stderr}`,
    );
  }
}

if (import.meta.main) {
  await runCommand({ runs: "200", rows: "200000", signal: "SIGKILL", tear: "0", only: "" }, async (settings) => {
    const signal = settings.text("signal");
    if (signal !== "SIGKILL" && signal !== "SIGINT" && signal !== "SIGTERM") throw new Error(`no signal: ${signal}`);
    const tears = settings.number("tear") > 0;
    const plan: KillPlan = {
      runs: settings.number("runs"),
      rows: settings.number("rows"),
      signal,
      tears,
      byChangeOnly: false,
      mostChanges: 150,
      only: settings.text("only"),
    };
    const { runs, kills, cutShort, holes, resumes, tears: torn } = await killAndResume(settings, plan);
    console.log(
      `${runs} runs of ${plan.rows} rows, ${kills} kills by ${signal}, ${cutShort} of them left a part, ${holes} with a hole in it, ${torn} journals torn, ${resumes} resumes: no difference`,
    );
  });
}
