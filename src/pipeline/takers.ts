/**
 * What takes, in input order, what the rows of batches come to for an ordered stage. Parts that the user's code joins, or
 * of which rows are written, go to one worker; all others are taken here.
 */
import { CODE_WINDOW } from "../stages/rewriting/asked.ts";
import type { AskedStep } from "../stages/registry.ts";
import type { ArrangingStage, PickingStage } from "../stages/stage.ts";
import type { BatchResult, LateRows } from "../transform/wire.ts";
import { jobsOf } from "./options.ts";
import type { Prepared, Profiling, RunWorkers } from "./prepare.ts";
import type { TakenBy, TransformWorkers } from "./transform-workers.ts";

export interface Taker {
  /** What of the next result in order goes out. */
  pick?(result: BatchResult): BatchResult;
  /** Takes the part of the next result in order, when it is written. `isLast`: no batch is behind it. */
  take?(result: BatchResult, isLast: () => boolean): Promise<void> | void;
  /** Where results hold rows that are rewritten before they are written: takes such rows, and gives what there is to write. */
  rewrite?: RewriteRows;
  /** The rows that come out when all batches are taken. */
  end(): AsyncGenerator<LateRows>;
  /** Gives back what it has beside memory, however the run ends. */
  close?(): void;
}

interface RewriteRows {
  hand(packed: Uint8Array, isLast: () => boolean, marks?: readonly number[]): Promise<LateRows | undefined>;
  /** What there is to write of all rows that were taken. */
  flush(): Promise<LateRows | undefined>;
}

/** The taker of a run; undefined where no stage needs one. */
export async function takerOf(
  { options, folds, steps }: Prepared,
  { workers }: RunWorkers,
  profiling: Profiling | undefined,
): Promise<Taker | undefined> {
  if (profiling !== undefined) return profileTaker(profiling);
  const jobs = jobsOf(options);
  const hasWindow = steps.some(({ stage }) => stage === CODE_WINDOW);
  if (folds) return new WorkerTaker(workers, { jobs, by: "reduce" });
  return steps.length === 0
    ? undefined
    : await stepsTaker(steps, new WorkerTaker(workers, { jobs, by: hasWindow ? "window" : "steps" }), options.limit);
}

/** Profiles are taken by those who asked for them. */
function profileTaker(profiling: Profiling): Taker {
  return {
    take: ({ part, joint, firstRow }) => {
      // A worker that has found rows itself does not know how many are before them.
      if (part !== undefined) profiling.take(part, joint === undefined ? 0 : firstRow);
    },
    end: noRows,
  };
}

/** Results have rows of which some go out: which, their parts tell. */
async function stepsTaker(
  steps: readonly AskedStep[],
  worker: WorkerTaker,
  limit: number | undefined,
): Promise<Taker | undefined> {
  const { asOne, placedSteps, stagesOf } = await import("../stages/registry.ts");
  const { before, behind } = placedSteps(await stagesOf(steps));
  const stage = await asOne(before);
  if (behind.length === 0) return await stageTaker(stage, limit);
  return rewritingTaker(await stageTaker(stage, undefined), worker);
}

async function stageTaker(
  stage: PickingStage | ArrangingStage | undefined,
  limit: number | undefined,
): Promise<Taker | undefined> {
  if (stage === undefined) return undefined;
  return stage.kind === "arranging" ? await arrangingTaker(stage, limit) : await pickingTaker(stage, limit);
}

/** Results have rows of which some go out at once; others may wait for the last one. */
async function pickingTaker(stage: PickingStage, limit: number = Number.POSITIVE_INFINITY): Promise<Taker> {
  const { cutRows, pickedRows } = await import("./picked-rows.ts");
  const { startOf } = await import("../stages/arranged.ts");
  const picker = stage.picker();
  let missing = limit;
  return {
    pick: (result) => {
      if (result.part === undefined) return result;
      const picked = pickedRows(
        result,
        picker.pick(result.part, () => cutRows(result)),
      );
      missing -= picked.rowsOut;
      return picked;
    },
    async *end() {
      for (const { bytes, ends, isMapped } of picker.end()) {
        const rowsOut = Math.max(0, Math.min(ends.length, missing));
        missing -= rowsOut;
        const rowsMapped = isMapped.subarray(0, rowsOut).reduce((sum, is) => sum + is, 0);
        const output = bytes.subarray(0, startOf(ends, rowsOut));
        yield { output, rowsOut, rowsMapped, columns: undefined, isLast: false };
      }
    },
    close: () => picker.close?.(),
  };
}

/** Results have rows that all wait for the last one. */
async function arrangingTaker(stage: ArrangingStage, limit: number | undefined): Promise<Taker> {
  const { arrangedRows } = await import("../stages/arranged.ts");
  const { heldRows } = await import("./picked-rows.ts");
  const arranger = stage.arranger();
  return {
    pick: (result) => {
      if (result.part === undefined) return result;
      const { rows, left } = heldRows(result);
      arranger.take(result.part, rows);
      return left;
    },
    async *end() {
      for (const rows of arrangedRows(arranger, limit)) yield { ...rows, columns: undefined, isLast: false };
    },
    close: () => arranger.close?.(),
  };
}

/** Results, or what comes of them by steps before, have rows that others come of in a worker. */
function rewritingTaker(before: Taker | undefined, worker: WorkerTaker): Taker {
  return {
    ...(before?.pick !== undefined && { pick: (result) => before.pick?.(result) ?? result }),
    rewrite: worker,
    async *end() {
      for await (const { output, rowsMapped = 0 } of before?.end() ?? noRows()) {
        const rows = await worker.hand(output, () => false);
        if (rows !== undefined || rowsMapped > 0) yield { ...NOTHING_LATE, ...rows, rowsMapped };
      }
      yield* worker.end();
    },
    close: () => before?.close?.(),
  };
}

const NOTHING_LATE: LateRows = { output: new Uint8Array(0), rowsOut: 0, columns: undefined, isLast: false };

async function* noRows(): AsyncGenerator<LateRows> {
  // Nothing comes out.
}

/** Hands parts to the one worker that takes them, and has the output rows from it. At most one part is on its way to it. */
class WorkerTaker implements Taker {
  readonly #workers: TransformWorkers;
  /** The number of the worker that is opened beside those of the pool. */
  readonly #number: number;
  readonly #by: TakenBy;
  #worker: number | undefined;
  #last: Promise<LateRows | undefined> = Promise.resolve(undefined);

  /** @param jobs Workers of the pool, at most. */
  constructor(workers: TransformWorkers, { jobs, by }: { jobs: number; by: TakenBy }) {
    this.#workers = workers;
    this.#number = jobs;
    this.#by = by;
  }

  async take({ part }: BatchResult, isLast: () => boolean): Promise<void> {
    if (part !== undefined) await this.hand(part, isLast);
  }

  /**
   * Hands a part on when the one before is taken. When the first of all is the last, no worker is opened for it: those of
   * the pool have nothing else to do.
   *
   * @returns The rows that have come out of the one before.
   * @throws {RowmillError} What went wrong with the one before.
   */
  async hand(part: Uint8Array, isLast: () => boolean, marks: readonly number[] = []): Promise<LateRows | undefined> {
    const rows = await this.flush();
    const worker = await this.#open(isLast);
    this.#last = this.#workers.take(worker, { type: "take", part, marks }, this.#by);
    // Whoever comes next hears of it.
    this.#last.catch(() => {});
    return rows;
  }

  /** The rows that have come out of the last part, once. */
  async flush(): Promise<LateRows | undefined> {
    const rows = await this.#last;
    this.#last = Promise.resolve(undefined);
    return rows;
  }

  async *end(): AsyncGenerator<LateRows> {
    const last = await this.flush();
    if (last !== undefined) yield last;
    const worker = await this.#open(() => true);
    for (;;) {
      const rows = await this.#workers.take(worker, { type: "give" }, this.#by);
      if (rows === undefined) throw new Error("a worker has given no rows");
      yield rows;
      if (rows.isLast) return;
    }
  }

  async #open(isLast: () => boolean): Promise<number> {
    this.#worker ??= (isLast() ? this.#workers.anyWorker : undefined) ?? (await this.#workers.openTaker(this.#number));
    return this.#worker;
  }
}
