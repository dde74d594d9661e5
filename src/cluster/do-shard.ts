/**
 * `rowmill shard`: does a shard of planned work. It goes on where an earlier process was, if that has ended; what is done
 * appears as one file, with its receipt, and the first one stays.
 */
import { appendFileSync, constants, copyFileSync, existsSync, linkSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RowmillError, messageOf } from "../errors.ts";
import { OwnedError } from "../io/journal.ts";
import { placed } from "../io/start-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { REAL_PARTS } from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import type { RunIdentity } from "../pipeline/run-identity.ts";
import { ResultsDigest, StoredResults } from "../pipeline/stored-results.ts";
import { LATER_OUTPUT } from "./make-plan.ts";
import { type Receipt, type Work, receiptLine, receiptOf } from "./work.ts";

/** What a run of a shard is told beside the plan. */
export type ShardOptions = Pick<RunOptions, "jobs" | "signal" | "onProgress" | "onNote" | "onLog">;

/** What became of a shard. */
export interface ShardDone {
  receipt: Receipt;
  /** It was done before, or by another process meanwhile. */
  wasDone: boolean;
}

/**
 * Does a shard; nothing where it is done.
 *
 * @throws {RowmillError} When it cannot be done, or was done otherwise by another process.
 */
export async function doShard(work: Work, shard: number, told: ShardOptions): Promise<ShardDone> {
  const before = unlessTorn(work, shard);
  if (before !== undefined) return { receipt: before, wasDone: true };
  const begun = new Date().toISOString();
  const path = await mapShard(work, shard, told);
  const receipt = sealed(work, shard, { path, begun });
  return commit(work, shard, { path, receipt });
}

/** What is torn is nothing: it is done again. */
function unlessTorn(work: Work, shard: number): Receipt | undefined {
  try {
    return work.receipt(shard);
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    rmSync(work.partPath(shard), { force: true });
    return undefined;
  }
}

/** Maps the rows; returns the file with what came of them. */
async function mapShard(work: Work, shard: number, told: ShardOptions): Promise<string> {
  const shared = work.workPath(shard);
  try {
    await mapInto(work, shard, { told, path: shared, how: { resume: true } });
    return shared;
  } catch (error) {
    if (error instanceof OwnedError) {
      // Another process is at it, or may be: whoever is done first has done it.
      const own = work.workPath(shard, crypto.randomUUID());
      await mapInto(work, shard, { told, path: own, how: {} });
      return own;
    }
    if (!(error instanceof RowmillError) || !error.message.startsWith("cannot resume")) throw error;
    await mapInto(work, shard, { told, path: shared, how: { restart: true } });
    return shared;
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
  await runWith(
    { ...optionsOf(work), ...told, ...how, output: LATER_OUTPUT },
    {
      ...REAL_PARTS,
      slice: {
        slice: { from, to: plan.shards[shard + 1] },
        of: `${shard} of ${plan.id}`,
        identity: identityOf(work),
        columns: plan.columns,
        file: path,
      },
    },
  );
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

/** Puts a receipt at the end of a file of results. */
function sealed(work: Work, shard: number, { path, begun }: { path: string; begun: string }): Receipt {
  const digest = new ResultsDigest(work.plan.hasCells);
  const results = new StoredResults(path, { name: path });
  try {
    for (let result = results.next(); result !== undefined; result = results.next()) digest.add(result);
    const receipt: Receipt = {
      plan: work.plan.id,
      shard,
      counts: digest.counts,
      digest: digest.take(),
      bytes: statSync(path).size,
      crc: results.crc,
      host: hostname(),
      pid: process.pid,
      begun,
      done: new Date().toISOString(),
    };
    appendFileSync(path, receiptLine(receipt), { flush: true });
    return receipt;
  } finally {
    results.close();
  }
}

/** The first one that is done stays; a second one must be the same. */
function commit(work: Work, shard: number, { path, receipt }: { path: string; receipt: Receipt }): ShardDone {
  const target = work.partPath(shard);
  try {
    linkOrCopy(path, target);
    rmSync(path, { force: true });
    return { receipt, wasDone: false };
  } catch (error) {
    if (Reflect.get(Object(error), "code") !== "EEXIST")
      throw new RowmillError("output", `cannot write ${target}: ${messageOf(error)}`, { cause: error });
  }
  const first = existsSync(target) ? receiptOf(target) : undefined;
  if (first?.digest === receipt.digest) {
    rmSync(path, { force: true });
    return { receipt: first, wasDone: true };
  }
  const conflict = work.conflictPath(shard, crypto.randomUUID());
  linkOrCopy(path, conflict);
  rmSync(path, { force: true });
  throw new RowmillError("output", `shard ${shard} was done before, and came to something else: both are kept`, {
    hint: `a function that gives another result each time cannot be spread; see ${target} and ${conflict}, and remove the wrong one`,
  });
}

/** Not all file systems have links. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = String(Reflect.get(Object(error), "code"));
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}
