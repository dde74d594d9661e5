/** `rowmill status`: how far planned work has come. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeFailure } from "./failed-shards.ts";
import type { Receipt } from "./parts.ts";
import type { Work } from "./work.ts";

export interface WorkStatus {
  shards: number;
  done: number[];
  /** Somebody has written to them lately. */
  running: number[];
  /** They were begun, and nobody is at them. */
  left: number[];
  /** They could not be done, and nobody is at them. */
  failed: number[];
  /** Their files are torn. */
  torn: number[];
  /** Not begun. */
  waiting: number[];
  conflicts: number[];
  /** Why the first one of those failed. */
  failure: string | undefined;
  rows: { done: number; all: number; failed: number };
  /** Of the time from the first start of a shard that is done until the last end of one. */
  rowsPerSecond: number | undefined;
  /** If it goes on like this. */
  secondsLeft: number | undefined;
}

/** A process that lives writes to its journal each five seconds. */
const ALIVE_MS = 20_000;

export function workStatus(work: Work): WorkStatus {
  const { plan } = work;
  const running = new Set<number>();
  const begun = new Set<number>();
  const now = Date.now();
  for (const name of existsSync(work.workFolder) ? readdirSync(work.workFolder) : []) {
    const [, number] = /^(\d+)\..*journal$/.exec(name) ?? [];
    if (number === undefined) continue;
    const stat = statSync(join(work.workFolder, name), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    (now - stat.mtimeMs < ALIVE_MS ? running : begun).add(Number(number));
  }
  const receipts: Receipt[] = [];
  const failures = new Set(work.failures());
  const found: Record<"done" | "running" | "failed" | "left" | "torn" | "waiting", number[]> = {
    done: [],
    running: [],
    failed: [],
    left: [],
    torn: [],
    waiting: [],
  };
  for (const shard of plan.shards.keys()) {
    const receipt = work.look(shard);
    if (receipt === "torn") found.torn.push(shard);
    else if (receipt !== "none") {
      receipts.push(receipt);
      found.done.push(shard);
    } else if (running.has(shard)) found.running.push(shard);
    else if (failures.has(shard)) found.failed.push(shard);
    else if (begun.has(shard)) found.left.push(shard);
    else found.waiting.push(shard);
  }
  const rows = receipts.reduce((sum, { counts }) => sum + counts.rowsIn, 0);
  const failed = receipts.reduce((sum, { counts }) => sum + counts.rowsFailed, 0);
  const rowsPerSecond = speedOf(receipts, rows);
  return {
    shards: plan.shards.length,
    ...found,
    conflicts: work.conflicts(),
    failure: describeFailure(work, found.failed),
    rows: { done: rows, all: plan.rows, failed },
    rowsPerSecond,
    secondsLeft: rowsPerSecond === undefined ? undefined : Math.ceil((plan.rows - rows) / rowsPerSecond),
  };
}

function speedOf(receipts: readonly Receipt[], rows: number): number | undefined {
  const first = Math.min(...receipts.map(({ begun }) => Date.parse(begun)));
  const last = Math.max(...receipts.map(({ done }) => Date.parse(done)));
  return last > first && rows > 0 ? (rows * 1000) / (last - first) : undefined;
}
