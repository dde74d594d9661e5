// One contender of a workload with its output, its times, and why it is out of the race if it is.
import { closeSync, openSync, rmSync } from "node:fs";
import { isSame, type Print, printOf, sizeOf } from "./agreement.ts";
import type { Contender, Places, Workload } from "./workload.ts";

/** A contender that does not answer in this time counts as failed. */
const MAX_RUN_MS = 20 * 60_000;

export class Lane {
  readonly contender: Contender;
  readonly times: number[] = [];
  readonly #places: Places;
  readonly #agreement: Workload["agreement"];
  /** Why it is out of the race. */
  fault: string | undefined;
  /** What its first output was. */
  print: Print = { kind: "hash", hash: "" };
  outputBytes = 0;
  /** The time of its untimed run. */
  warmUpMs = 0;

  constructor(contender: Contender, places: Places, agreement: Workload["agreement"]) {
    this.contender = contender;
    this.#places = places;
    this.#agreement = agreement;
  }

  get output(): string {
    return this.#places.out;
  }

  /** An untimed run; its output stays, to be compared. */
  async warmUp(): Promise<void> {
    this.warmUpMs = this.#run();
    if (this.fault !== undefined) return;
    this.print = await printOf(this.output, this.#agreement);
    this.outputBytes = sizeOf(this.output);
  }

  async timeOnce(): Promise<void> {
    if (this.fault !== undefined) return;
    const ms = this.#run();
    if (this.fault === undefined && !isSame(await printOf(this.output, this.#agreement), this.print)) {
      this.fault = `${this.contender.name} gave another output than in its first run`;
    }
    this.times.push(ms);
    this.deleteOutput();
  }

  deleteOutput(): void {
    rmSync(this.output, { force: true, recursive: true });
  }

  /** Runs the whole process and gives its time in milliseconds. */
  #run(): number {
    const { command, name, writes } = this.contender;
    const fd = writes === "stdout" ? openSync(this.output, "w") : undefined;
    try {
      const cmd = command(this.#places);
      const start = Bun.nanoseconds();
      const child = Bun.spawnSync(cmd, {
        stdin: "ignore",
        stdout: fd ?? "ignore",
        stderr: "pipe",
        timeout: MAX_RUN_MS,
      });
      const ms = (Bun.nanoseconds() - start) / 1e6;
      if (child.exitCode !== 0) {
        const how = child.exitCode === null ? `was ended by ${child.signalCode}` : `left with ${child.exitCode}`;
        this.fault = `${name} ${how}: ${child.stderr.toString().trim().slice(-500)}`;
      }
      return ms;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}
