/**
 * The end of a reduce, on the parent's side: hands accumulators, in input order, to the one worker that merges them, and
 * takes the output rows from it. At most one is on its way, so that none gather here.
 */
import type { ReducedRows } from "../transform/wire.ts";
import type { TransformWorkers } from "./transform-workers.ts";

export class Merger {
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
   * Merges the accumulator of the next rows. When the first of all is the last, no worker is opened for it: those of the
   * pool have nothing else to do.
   *
   * @returns When the one before is merged.
   * @throws {RowmillError} What went wrong with the one before.
   */
  async merge(accumulator: Uint8Array, isLast: () => boolean): Promise<void> {
    await this.#last;
    const worker = await this.#open(isLast);
    this.#last = this.#workers.reduce(worker, { type: "merge", accumulator });
    // Whoever comes next hears of it.
    this.#last.catch(() => {});
  }

  /** The output rows, a part at a time. */
  async *rows(): AsyncGenerator<ReducedRows> {
    await this.#last;
    const worker = await this.#open(() => true);
    for (;;) {
      const rows = await this.#workers.reduce(worker, { type: "reduce" });
      if (rows === undefined) throw new Error("a reduce has ended without rows");
      yield rows;
      if (rows.isLast) return;
    }
  }

  async #open(isLast: () => boolean): Promise<number> {
    this.#worker ??= (isLast() ? this.#workers.anyWorker : undefined) ?? (await this.#workers.openMerger(this.#number));
    return this.#worker;
  }
}
