/**
 * `rowmill shard`: does a shard of planned work. It goes on where an earlier process was, if that has ended; what is done
 * appears as one file, with its receipt, and the first one stays.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { RowmillError } from "../errors.ts";
import { Journal, OwnedError, assertFree } from "../io/journal.ts";
import { shownName } from "../io/files.ts";
import { fileTarget } from "../io/sink.ts";
import { placed } from "../io/start-folder.ts";
import { errorCode, writeError } from "../io/write-error.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { JournalEntry } from "../pipeline/checkpoint.ts";
import { journalPlace } from "../pipeline/output-targets.ts";
import { REAL_PARTS } from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import { inputsOf } from "../pipeline/options.ts";
import type { SliceEnd } from "../pipeline/slice.ts";
import type { RunIdentity } from "../pipeline/run-identity.ts";
import type { ResultsSum } from "../pipeline/stored-results.ts";
import { LATER_OUTPUT } from "./make-plan.ts";
import { type Receipt, putAside, receiptLine, renameUnlessThere } from "./parts.ts";
import type { Work } from "./work.ts";

/** What a run of a shard is told beside the plan. */
export type ShardOptions = Pick<RunOptions, "jobs" | "signal" | "onProgress" | "onNote" | "onLog">;

/** What became of a shard. */
export interface ShardDone {
  receipt: Receipt;
  /** It was done before, or by another process meanwhile. */
  wasDone: boolean;
}

/** So often it is begun again, when other processes have taken its files away. */
const MOST_TRIES = 5;

/**
 * Does a shard; nothing where it is done.
 *
 * @throws {RowmillError} When it cannot be done, or was done otherwise by another process.
 */
export async function doShard(work: Work, shard: number, told: ShardOptions): Promise<ShardDone> {
  for (let tries = 1; ; tries++) {
    const found = work.look(shard);
    if (typeof found === "object") return { receipt: found, wasDone: true };
    if (found === "torn") removeTorn(work, shard);
    try {
      const done = commit(work, shard, await mapShard(work, shard, told));
      await removeLeft(work, shard);
      return done;
    } catch (error) {
      const isTaken = error instanceof RowmillError && error.code === "taken-over";
      if (!isTaken || told.signal?.aborted === true || tries === MOST_TRIES) throw error;
    }
  }
}

/** How many rows of shards need not be done again, should the process end. */
export function keptRows(work: Work, shards: readonly number[]): number {
  return shards.reduce((sum, shard) => sum + keptOf(work, shard), 0);
}

function keptOf(work: Work, shard: number): number {
  if (typeof work.look(shard) === "object") return work.rowsOf(shard);
  const target = fileTarget(work.workPath(shard));
  const entries = (target && Journal.read(journalPlace(target).path))?.entries as readonly JournalEntry[] | undefined;
  const last = entries?.findLast((entry) => entry.kind === "checkpoint");
  if (last === undefined) return 0;
  const { rows, done = 0 } = last.checkpoint.input;
  return rows + done - (work.plan.shards[shard]?.rows ?? 0);
}

/** What is torn is nothing: it is done again. */
function removeTorn(work: Work, shard: number): void {
  const as = work.damagedPath(shard);
  const isGood = (path: string): boolean => typeof work.lookAt(path, shard) === "object";
  if (putAside(work.partPath(shard), { as, isGood })) rmSync(as, { force: true });
}

/** Maps the rows; returns the file with what came of them. */
async function mapShard(work: Work, shard: number, told: ShardOptions): Promise<string> {
  const shared = work.workPath(shard);
  makeFolders(work);
  // An earlier process has ended when only the name was missing.
  if (typeof work.lookAt(shared, shard) === "object") return shared;
  try {
    await mapInto(work, shard, { told, path: shared, how: { resume: true } }).catch(async (error: unknown) => {
      if (!(error instanceof RowmillError) || !error.message.startsWith("cannot resume")) throw error;
      await mapInto(work, shard, { told, path: shared, how: { restart: true } });
    });
    return shared;
  } catch (error) {
    if (!(error instanceof OwnedError)) throw error;
  }
  // Another process is at it, or may be: whoever is done first has done it.
  const own = work.workPath(shard, crypto.randomUUID());
  try {
    await mapInto(work, shard, { told, path: own, how: {} });
    return own;
  } catch (error) {
    // Nobody knows its name.
    removeAttempt(work, own);
    throw error;
  }
}

function makeFolders(work: Work): void {
  for (const path of [work.partPath(0), work.workPath(0)]) {
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw writeError(error, path);
    }
  }
}

async function mapInto(
  work: Work,
  shard: number,
  { told, path, how }: { told: ShardOptions; path: string; how: Pick<RunOptions, "resume" | "restart"> },
): Promise<void> {
  const { plan } = work;
  const from = plan.shards[shard];
  if (from === undefined) throw new Error(`there is no shard ${shard}`);
  const begun = new Date().toISOString();
  // The log and the figures of the run are those of the merge.
  const { summary: _, metrics: __, report: ___, ...options } = optionsOf(work);
  await runWith(
    { ...options, ...told, ...how, output: LATER_OUTPUT },
    {
      ...REAL_PARTS,
      slice: {
        slice: { from, to: plan.shards[shard + 1] },
        of: `${shard} of ${plan.id}`,
        secret: work.secret,
        identity: identityOf(work),
        columns: plan.columns,
        file: path,
        seal: (sum, end) => {
          checkFleeting(work, shard, end);
          return Buffer.from(receiptLine(receiptFor(work, shard, { sum, begun })));
        },
      },
    },
  );
}

/** Nobody keeps a database as it is between the plan and its shards: what they read is compared with what the plan has read. */
function checkFleeting({ plan }: Work, shard: number, end: SliceEnd): void {
  const [from, to] = [plan.shards[shard], plan.shards[shard + 1]];
  const planned = to ?? plan.end;
  if (planned.fleeting === end.fleeting) return;
  const inputs = inputsOf(plan.options).slice(from?.file, to === undefined ? undefined : to.file + 1);
  throw new RowmillError(
    "work-changed",
    `the rows that shard ${shard} has read of ${inputs.map(shownName).join(", ")} are not those of the plan`,
    {
      hint: "a database has been written to meanwhile: plan again in another folder, or write its rows to a file first",
    },
  );
}

function receiptFor(work: Work, shard: number, { sum, begun }: { sum: ResultsSum; begun: string }): Receipt {
  const rows = work.rowsOf(shard);
  if (sum.counts.rowsIn !== rows)
    throw new RowmillError(
      "work-changed",
      `shard ${shard} has ${sum.counts.rowsIn} rows, and had ${rows} in the plan`,
      {
        hint: "an input has changed: plan again in another folder",
      },
    );
  return {
    ...sum,
    plan: work.plan.id,
    shard,
    host: hostname(),
    pid: process.pid,
    begun,
    done: new Date().toISOString(),
  };
}

/** The options of the plan. Where the code is not to be seen, its copy is run. */
export function optionsOf({ folder, plan }: Work): RunOptions {
  const { transform } = plan.options;
  if (transform === undefined || existsSync(placed(transform))) return plan.options;
  const copy = plan.code[placed(transform)];
  return copy === undefined ? plan.options : { ...plan.options, transform: join(folder, copy) };
}

/** What the work is, with the paths at which its code is found. */
export function identityOf(work: Work): RunIdentity {
  const { folder, plan } = work;
  if (optionsOf(work).transform === plan.options.transform) return plan.identity;
  const modules = Object.entries(plan.identity.modules).map(([path, hash]) => {
    const copy = plan.code[path];
    return [copy === undefined ? path : placed(join(folder, copy)), hash] as const;
  });
  return { ...plan.identity, modules: Object.fromEntries(modules.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/**
 * Gives a file of results its name. The first one that is done stays; a second one must be the same.
 *
 * @throws {RowmillError} `taken-over`, when it has gone: another process has taken it, or removed it.
 */
function commit(work: Work, shard: number, path: string): ShardDone {
  const target = work.partPath(shard);
  for (;;) {
    const receipt = work.lookAt(path, shard);
    if (typeof receipt !== "object") throw takenAway(shard);
    try {
      if (renameUnlessThere(path, target)) return { receipt, wasDone: false };
    } catch (error) {
      throw errorCode(error) === "ENOENT" ? takenAway(shard) : writeError(error, target);
    }
    const first = work.look(shard);
    if (typeof first === "object" && first.digest === receipt.digest) {
      rmSync(path, { force: true });
      return { receipt: first, wasDone: true };
    }
    if (typeof first === "object") throw disagreement(work, shard, path);
    if (first === "torn") removeTorn(work, shard);
  }
}

function takenAway(shard: number): RowmillError {
  return new RowmillError("taken-over", `another process has taken the files of shard ${shard}`, {
    hint: "run it again",
  });
}

function disagreement(work: Work, shard: number, path: string): RowmillError {
  const [target, conflict] = [work.partPath(shard), work.conflictPath(shard)];
  renameUnlessThere(path, conflict);
  return new RowmillError("output", `shard ${shard} was done before, and came to something else: both are kept`, {
    hint: `a function that gives another result each time cannot be spread: keep one of both as ${target}, and remove ${conflict}`,
  });
}

/** Removes what processes that have ended have left of a shard that is done. */
async function removeLeft(work: Work, shard: number): Promise<void> {
  for (const path of work.attempts(shard)) {
    const target = fileTarget(path);
    if (target === undefined) continue;
    try {
      await assertFree(journalPlace(target));
      removeAttempt(work, path);
    } catch (error) {
      // A process that lives finds out that it is done.
      if (!(error instanceof OwnedError)) throw error;
    }
  }
}

/** Removes the files of an attempt. */
function removeAttempt({ workFolder }: Work, path: string): void {
  for (const name of readdirSync(workFolder)) {
    const file = join(workFolder, name);
    if (file.startsWith(`${path}.`) || file === path) rmSync(file, { force: true });
  }
}
