/**
 * Runs a transform over the rows of a block: one after another while the function answers at once, several at a time
 * as soon as it returns a promise. Each row has an outcome of its own; the order of the rows is kept.
 */
import { type ErrorWire, fromWire } from "../errors.ts";
import type { DecodedBlock, Row, RowFault } from "../formats/format.ts";
import type { Progress } from "../scheduler/serve-tasks.ts";
import { RowContext, type WorkerContext } from "./context.ts";
import type { Outcome, RowFunction } from "./row-function.ts";

/** A row that failed: what was thrown, or what the decoder found. */
export class Failed {
  readonly cause: { thrown: unknown } | { fault: RowFault };
  constructor(cause: { thrown: unknown } | { fault: RowFault }) {
    this.cause = cause;
  }
}

/** The rows of one batch on their way through the function. */
export interface BatchRows {
  call: RowFunction;
  context: WorkerContext;
  file: string;
  progress: Progress;
  /** Failures known beforehand, by row of the batch. */
  poisoned: ReadonlyMap<number, ErrorWire>;
  concurrency: number;
}

/** A block, and where it lies: index of its first row in the batch and in the run; the line of any row. */
export interface PlacedBlock {
  block: DecodedBlock;
  rowInBatch: number;
  firstRow: number;
  lineOf: (row: number) => number;
}

/** The outcomes of the block's rows up to the first failure; a promise as soon as one row answers with a promise. */
export function mapBlock(batch: BatchRows, placed: PlacedBlock): Outcome[] | Promise<Outcome[]> {
  const { call, context, file, progress, poisoned } = batch;
  const { block, rowInBatch, firstRow, lineOf } = placed;
  const { rows, count } = block;
  const outcomes: Outcome[] = [];
  const ctx = new RowContext(context, file, firstRow, (index) => lineOf(index - firstRow));
  for (let at = 0; at < count; at++) {
    const row = rows[at];
    if (row === undefined || poisoned.size > 0) {
      const failed = knownFailure(batch, placed, at);
      if (failed !== undefined) {
        outcomes.push(failed);
        return outcomes;
      }
    }
    progress.open(rowInBatch + at);
    ctx.index = firstRow + at;
    try {
      const outcome = call(row as Row, ctx);
      if (outcome instanceof Promise) return mapConcurrently(batch, placed, { outcomes, first: outcome });
      outcomes.push(outcome);
    } catch (thrown) {
      outcomes.push(new Failed({ thrown }));
      progress.close();
      return outcomes;
    }
  }
  progress.close();
  return outcomes;
}

function knownFailure({ poisoned }: BatchRows, { block, rowInBatch }: PlacedBlock, at: number): Failed | undefined {
  const fault = block.faults.get(at);
  if (fault !== undefined) return new Failed({ fault });
  const wire = poisoned.get(rowInBatch + at);
  return wire === undefined ? undefined : new Failed({ thrown: fromWire(wire) });
}

/** Goes on with the block when its function turned out to be asynchronous; `first` is the row after `outcomes`. */
async function mapConcurrently(
  batch: BatchRows,
  placed: PlacedBlock,
  begun: { outcomes: Outcome[]; first: Promise<Outcome> },
): Promise<Outcome[]> {
  const { call, context, file, progress, concurrency } = batch;
  const { block, rowInBatch, firstRow, lineOf } = placed;
  const { outcomes } = begun;
  const first = outcomes.length;
  let next = first;
  let open = 0;
  let hasFailed = false;
  const runRow = async (at: number, begunRow?: Promise<Outcome>): Promise<void> => {
    const failed = knownFailure(batch, placed, at);
    if (failed !== undefined) {
      outcomes[at] = failed;
      hasFailed = true;
      return;
    }
    progress.openMany(++open, rowInBatch + at);
    // A context of its own: other rows run before this one is done.
    const ctx = new RowContext(context, file, firstRow + at, (index) => lineOf(index - firstRow));
    try {
      outcomes[at] = await (begunRow ?? call(block.rows[at] as Row, ctx));
    } catch (thrown) {
      outcomes[at] = new Failed({ thrown });
      hasFailed = true;
    }
    progress.openMany(--open, rowInBatch + at);
  };
  // Rows after a failure are not begun: under `fail` they do not count any more.
  const lane = async (begunRow?: Promise<Outcome>): Promise<void> => {
    let pending = begunRow;
    while (next < block.count && !hasFailed) {
      const at = next++;
      await runRow(at, pending);
      pending = undefined;
    }
  };
  const lanes = [lane(begun.first)];
  while (lanes.length < Math.min(concurrency, block.count - first)) lanes.push(lane());
  await Promise.all(lanes);
  progress.close();
  const failedAt = outcomes.findIndex((outcome) => outcome instanceof Failed);
  return failedAt < 0 ? outcomes : outcomes.slice(0, failedAt + 1);
}
