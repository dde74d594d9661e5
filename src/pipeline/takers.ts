/**
 * What takes, in input order, what the rows of batches come to for an ordered stage. Parts that the user's code joins, or
 * of which rows are written, go to one worker; all others are taken here.
 */
import type { AskedStep } from "../stages/registry.ts";
import type { ArrangingStage } from "../stages/stage.ts";
import type { BatchResult, LateRows } from "../transform/wire.ts";
import { jobsOf } from "./options.ts";
import type { Prepared, Profiling, RunWorkers } from "./prepare.ts";
import type { TransformWorkers } from "./transform-workers.ts";

export interface Taker {
  /** What of the next result in order goes out. */
  pick?(result: BatchResult): BatchResult;
  /** Takes the part of the next result in order, when it is written. `isLast`: no batch is behind it. */
  take?(result: BatchResult, isLast: () => boolean): Promise<void> | void;
  /** The rows that come out when all batches are taken. */
  end(): AsyncGenerator<LateRows>;
  /** Gives back what it has beside memory, however the run ends. */
  close?(): void;
}

/** The taker of a run; undefined where no stage needs one. */
export async function takerOf(
  { options, folds, steps }: Prepared,
  { workers }: RunWorkers,
  profiling: Profiling | undefined,
): Promise<Taker | undefined> {
  if (profiling !== undefined) return profileTaker(profiling);
  if (folds) return new WorkerTaker(workers, jobsOf(options));
  return steps.length === 0 ? undefined : await stepsTaker(steps, options.limit);
}

/** Profiles are taken by those who asked for them. */
function profileTaker(profiling: Profiling): Taker {
  return {
    take: ({ part }) => {
      if (part !== undefined) profiling.take(part);
    },
    end: noRows,
  };
}

/** Results have rows of which some go out: which, their parts tell. */
async function stepsTaker(steps: readonly AskedStep[], limit: number | undefined): Promise<Taker | undefined> {
  const { asOne, stagesOf } = await import("../stages/registry.ts");
  const { pickedRows } = await import("./picked-rows.ts");
  const stage = await asOne(await stagesOf(steps));
  if (stage === undefined) return undefined;
  if (stage.kind === "arranging") return await arrangingTaker(stage, limit);
  const picker = stage.picker();
  return {
    pick: (result) => (result.part === undefined ? result : pickedRows(result, picker.pick(result.part))),
    end: () => {
      picker.end();
      return noRows();
    },
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

async function* noRows(): AsyncGenerator<LateRows> {
  // Nothing comes out.
}

/** Hands parts to the one worker that takes them, and has the output rows from it. At most one part is on its way to it. */
class WorkerTaker implements Taker {
  readonly #workers: TransformWorkers;
  /** The number of the worker that is opened beside those of the pool. */
  readonly #number: number;
  #worker: number | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param jobs Workers of the pool, at most. */
  constructor(workers: TransformWorkers, jobs: number) {
    this.#workers = workers;
    this.#number = jobs;
  }

  /**
   * Hands a part on when the one before is taken. When the first of all is the last, no worker is opened for it: those of
   * the pool have nothing else to do.
   *
   * @throws {RowmillError} What went wrong with the one before.
   */
  async take({ part }: BatchResult, isLast: () => boolean): Promise<void> {
    if (part === undefined) return;
    await this.#last;
    const worker = await this.#open(isLast);
    this.#last = this.#workers.take(worker, { type: "take", part });
    // Whoever comes next hears of it.
    this.#last.catch(() => {});
  }

  async *end(): AsyncGenerator<LateRows> {
    await this.#last;
    const worker = await this.#open(() => true);
    for (;;) {
      const rows = await this.#workers.take(worker, { type: "give" });
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
