/** `rowmill merge`: puts together what shards have come to, as one process would have written it. */
import { RowmillError } from "../errors.ts";
import { outputFormatByName } from "../pipeline/told-format.ts";
import type { RunOptions } from "../options/run-options.ts";
import { REAL_PARTS } from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import { StoredResults } from "../pipeline/stored-results.ts";
import type { RunSummary } from "../pipeline/summary.ts";
import type { BatchResult } from "../transform/wire.ts";
import { numbersOf } from "./number-list.ts";
import { identityOf, optionsOf } from "./do-shard.ts";
import type { Work } from "./work.ts";

/** What is said of a merge. */
export type MergeOptions = Pick<
  RunOptions,
  "output" | "rejects" | "summary" | "restart" | "signal" | "jobs" | "onProgress" | "onNote" | "onLog"
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
  const missing = missingShards(work);
  if (missing.length > 0) {
    const numbers = numbersOf(missing);
    throw new RowmillError(
      "input",
      `${missing.length} of ${plan.shards.length} shards ${missing.length === 1 ? "is" : "are"} missing: ${numbers}`,
      {
        hint: `run them: rowmill shard ${work.folder} ${numbers}, then merge again`,
      },
    );
  }
  return await runWith(
    { ...optionsOf(work), ...told },
    {
      ...REAL_PARTS,
      merging: {
        results: storedResults(work),
        rows: plan.rows,
        blankLines: plan.blankLines,
        columns: plan.columns,
        identity: identityOf(work),
      },
    },
  );
}

/** Shards that are not done, and those whose files are torn. */
export function missingShards(work: Work): number[] {
  return [...work.plan.shards.keys()].filter((shard) => {
    try {
      return work.receipt(shard) === undefined;
    } catch (error) {
      if (error instanceof RowmillError) return true;
      throw error;
    }
  });
}

async function* storedResults(work: Work): AsyncGenerator<BatchResult> {
  let rows = 0;
  for (const shard of work.plan.shards.keys()) {
    const receipt = work.receipt(shard);
    if (receipt === undefined) throw new Error(`shard ${shard} has gone`);
    const path = work.partPath(shard);
    const results = new StoredResults(path, { name: path, end: receipt.bytes });
    try {
      for (let result = results.next(); result !== undefined; result = results.next()) {
        rows += result.rowsIn;
        yield result;
      }
      const from = work.plan.shards[shard + 1]?.rows ?? work.plan.rows;
      if (results.crc === receipt.crc && rows === from) continue;
    } finally {
      results.close();
    }
    throw new RowmillError("input", `${path} is not what its receipt says`, {
      hint: `remove it, and run it again: rowmill shard ${work.folder} ${shard}`,
    });
  }
}
