/** `rowmill merge`: puts together what shards have come to, as one process would have written it. */
import { RowmillError } from "../errors.ts";
import { shellWord } from "../formats/command-words.ts";
import { outputFormatByName } from "../pipeline/told-format.ts";
import type { RunOptions } from "../options/run-options.ts";
import { unlessAborted } from "../pipeline/interrupted.ts";
import { REAL_PARTS } from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import { SpareMemory, StoredResults, TornError } from "../pipeline/stored-results.ts";
import type { RunSummary } from "../pipeline/summary.ts";
import type { BatchResult } from "../transform/wire.ts";
import { describeFailure, failureOf } from "./failed-shards.ts";
import { numbersOf } from "./number-list.ts";
import { identityOf, optionsOf } from "./do-shard.ts";
import { putAside } from "./parts.ts";
import type { Work } from "./work.ts";

/** What is said of a merge. */
export type MergeOptions = Pick<
  RunOptions,
  "output" | "rejects" | "summary" | "metrics" | "restart" | "signal" | "jobs" | "onProgress" | "onNote" | "onLog"
>;

/**
 * Merges the shards, when all are there.
 *
 * @throws {RowmillError} When shards are missing, torn or not of one mind, naming them.
 */
export async function mergeShards(work: Work, told: MergeOptions): Promise<RunSummary> {
  const { plan } = work;
  const named = outputFormatByName(told.output ?? "");
  if (named !== undefined && named !== plan.options.to)
    throw new RowmillError("output", `the work was planned to be ${plan.options.to}, and ${told.output} is ${named}`, {
      hint: `give it another name, or plan again with --to ${named}`,
    });
  const conflicts = work.conflicts();
  if (conflicts.length > 0)
    throw new RowmillError("input", `shards came to different results in two processes: ${numbersOf(conflicts)}`, {
      hint: `see ${work.folder}/parts, and remove the files named conflict when it is certain which ones are right`,
    });
  const shards = missingShards(work);
  if (shards.length > 0) throw missing(work, shards);
  const memory = new SpareMemory();
  return await runWith(
    // Another merge may be at it, on a machine that has gone: this one has its turn when that is certain.
    { ...optionsOf(work), ...told, wait: true },
    {
      ...REAL_PARTS,
      merging: {
        results: storedResults(work, memory),
        memory,
        rows: plan.rows,
        blankLines: plan.blankLines,
        columns: plan.columns,
        identity: identityOf(work),
        secret: work.secret,
      },
    },
  );
}

/** Shards that are not done, and those whose files are torn. */
export function missingShards(work: Work): number[] {
  return [...work.plan.shards.keys()].filter((shard) => typeof work.look(shard) !== "object");
}

/** How often it is looked whether all shards are there. */
const LOOK_MS = 2_000;

/**
 * Waits until all shards are done; no longer than there is hope: those that are missing have failed for good, or nothing has
 * been heard of any of them for so long.
 */
export async function untilDone(
  work: Work,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<void> {
  let open = missingShards(work);
  let heard = "";
  let heardMs = performance.now();
  for (;;) {
    open = open.filter((shard) => typeof work.look(shard) !== "object");
    if (open.every((shard) => failureOf(work, shard)?.isForEver === true)) return;
    const sign = `${open.length} ${work.lastSign()}`;
    if (sign !== heard) [heard, heardMs] = [sign, performance.now()];
    if (performance.now() - heardMs >= patienceMs) return;
    await unlessAborted(Bun.sleep(Math.min(LOOK_MS, patienceMs)), signal);
  }
}

async function* storedResults(work: Work, memory: SpareMemory): AsyncGenerator<BatchResult> {
  for (const shard of work.plan.shards.keys()) {
    const receipt = work.look(shard);
    if (typeof receipt !== "object") throw missing(work, [shard]);
    let results: StoredResults | undefined;
    let rows = 0;
    try {
      const path = work.partPath(shard);
      results = new StoredResults(path, { name: path, end: receipt.bytes, memory });
      for (let result = results.next(); result !== undefined; result = results.next()) {
        rows += result.rowsIn;
        yield result;
      }
      if (results.crc !== receipt.crc || rows !== work.rowsOf(shard)) throw new TornError(path);
    } catch (error) {
      throw error instanceof TornError ? damaged(work, shard, error) : error;
    } finally {
      results?.close();
    }
  }
}

function missing(work: Work, shards: readonly number[]): RowmillError {
  const numbers = numbersOf(shards);
  const { length } = work.plan.shards;
  const failure = describeFailure(work, shards);
  const why = failure === undefined ? "" : `; ${failure}`;
  return new RowmillError(
    "input",
    `${shards.length} of ${length} shards ${shards.length === 1 ? "is" : "are"} missing: ${numbers}${why}`,
    {
      hint: `run ${shards.length === 1 ? "it" : "them"}: rowmill shard ${shellWord(work.folder)} ${numbers}, then merge again`,
    },
  );
}

/** A file whose receipt is whole, and whose rows are not, counts as done until it has gone. */
function damaged(work: Work, shard: number, cause: TornError): RowmillError {
  const path = work.partPath(shard);
  const as = work.damagedPath(shard);
  const again = `rowmill shard ${shellWord(work.folder)} ${shard}, then merge again`;
  const message = `${path} is damaged: its rows are not those of its receipt`;
  try {
    putAside(path, { as, isGood: () => false });
    return new RowmillError("input", message, { hint: `it is put aside as ${as}; run it again: ${again}`, cause });
  } catch {
    // Who merges may not be allowed to write there.
    return new RowmillError("input", message, { hint: `remove it, and run it again: ${again}`, cause });
  }
}
