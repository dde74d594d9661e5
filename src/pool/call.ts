/**
 * One call of `Pool`: its items go out in batches, through the scheduler, and come back as values.
 */
import { RowmillError, toWire, messageOf } from "../errors.ts";
import { BatchSize } from "../scheduler/batch-size.ts";
import { type BatchStream, type Pulled, type RunningStream, runBatches } from "../scheduler/run-batches.ts";
import type { TaskDone, Waiter, WorkerPool } from "../scheduler/worker-pool.ts";
import { announceEnd } from "./call-end.ts";
import { countOf, sentValues, takenValues } from "./columns.ts";
import { ItemError, type Settled } from "./item-error.ts";
import type { ItemSource } from "./item-source.ts";
import {
  type BatchOutcome,
  type CallWire,
  type Calling,
  CONCURRENCY,
  type FunctionWire,
  type ItemBatch,
  type ItemFailure,
} from "./wire.ts";

/** What a call does. */
export interface CallPlan {
  fn: FunctionWire;
  calling: Calling;
  source: ItemSource;
  /** Takes the values of one batch after another; the next comes when it is done with them. */
  deliver(values: unknown[]): void | Promise<void>;
  /** Values as they come instead of in the order of their items. */
  isUnordered: boolean;
  /** Whether `deliver` may be slow, so that reading must not run ahead of it. */
  isPaced: boolean;
  /** Items in a batch, where that is fixed. */
  batch: number | undefined;
  timeoutMs: number | undefined;
  /** Values are outcomes: no failing item ends the call. */
  isSettled: boolean;
  onProgress: ((done: number, total: number | undefined) => void) | undefined;
}

export interface CallTools {
  pool: WorkerPool<ItemBatch, BatchOutcome>;
  jobs: number;
  /** Number of the call in its pool. */
  id: number;
}

/** What became of a batch, and where it began. */
interface BatchDone {
  first: number;
  outcome: BatchOutcome;
}

/** Batches of a call in the pool at once, for each worker. */
const BATCHES_PER_WORKER = 2;
/** Batches that were read and whose results were not taken yet, for each worker. */
const WINDOW_PER_WORKER = 4;
/** Items are copied whole, so a batch costs memory: no more than so many. */
const MAX_BATCH = 4096;
/** The first batch, and the least that the end of the input is cut into. */
const SMALL_BATCH = 16;

export class Call implements BatchStream<ItemBatch, BatchDone> {
  readonly #plan: CallPlan;
  readonly #tools: CallTools;
  readonly #wire: CallWire;
  /** Its batches wait together for a worker. */
  readonly #waiter: Waiter = { sinceMs: performance.now() };
  readonly #size: BatchSize;
  readonly #run: RunningStream<BatchDone>;
  #isAsync = false;
  #hasFailed = false;
  #read = 0;
  #done = 0;
  #underWay = 0;

  constructor(plan: CallPlan, tools: CallTools) {
    this.#plan = plan;
    this.#tools = tools;
    this.#wire = { id: tools.id, over: new Int32Array(new SharedArrayBuffer(4)) };
    const limits = { first: SMALL_BATCH, max: MAX_BATCH, last: SMALL_BATCH, jobs: tools.jobs };
    this.#size = new BatchSize(limits, plan.source.total);
    this.#run = runBatches(this);
    this.done = this.#finish();
  }

  /** Resolves when all is delivered; rejects with the first failure. Nothing is read or run for it then. */
  readonly done: Promise<void>;

  /** Ends the call at once: `done` rejects with `error`. */
  stop(error: unknown): void {
    this.#run.stop(error);
  }

  async #finish(): Promise<void> {
    try {
      await this.#run.done;
    } finally {
      announceEnd(this.#wire);
      this.#tools.pool.giveUp(this.#waiter);
      this.#plan.source.stop();
    }
  }

  /**
   * The scheduler's pool as this call sees it: it has room for the call's own share of batches, so that a second call
   * can begin while the pool is full.
   */
  readonly pool: BatchStream<ItemBatch, BatchDone>["pool"] = {
    hasRoom: () => this.#underWay < this.#tools.jobs * BATCHES_PER_WORKER,
    submit: async (batch) => {
      this.#underWay++;
      try {
        const { value, ...done } = await this.#submit(batch);
        return { value: { first: batch.first, outcome: value }, ...done };
      } finally {
        this.#underWay--;
      }
    },
  };

  /** Submits a batch, without the items that cannot be copied if there are any. */
  async #submit(batch: ItemBatch): Promise<TaskDone<BatchOutcome>> {
    const { pool } = this.#tools;
    const { timeoutMs } = this.#plan;
    try {
      return await pool.submit(batch, { timeoutMs, waiter: this.#waiter });
    } catch (error) {
      const { items } = batch;
      const uncopied = items.kind === "plain" ? findUncopied(items.values) : [];
      if (items.kind !== "plain" || uncopied.length === 0) throw error;
      const values = items.values.map((value, item) => (uncopied.some((one) => one.item === item) ? undefined : value));
      return pool.submit({ ...batch, items: { kind: "plain", values }, uncopied }, { timeoutMs, waiter: this.#waiter });
    }
  }

  get window(): number {
    return this.#plan.isPaced ? this.#tools.jobs * WINDOW_PER_WORKER * this.#batchSize() : Infinity;
  }

  get isUnordered(): boolean {
    return this.#plan.isUnordered;
  }

  /** After a failure nothing more is needed: all batches before it are under way already. */
  isHeld(): boolean {
    return this.#hasFailed;
  }

  pull(): Pulled<ItemBatch, BatchDone> | undefined | Promise<Pulled<ItemBatch, BatchDone> | undefined> {
    const items = this.#plan.source.take(this.#batchSize(), { isFull: this.#plan.batch !== undefined });
    return items instanceof Promise ? items.then((come) => this.#pulled(come)) : this.#pulled(items);
  }

  #pulled(items: unknown[]): Pulled<ItemBatch, BatchDone> | undefined {
    if (items.length === 0) return undefined;
    const { fn, calling, isSettled } = this.#plan;
    const first = this.#read;
    this.#read += items.length;
    const sent = sentValues(items);
    const payload: ItemBatch = { fn, calling, first, items: sent, uncopied: [], isSettled, call: this.#wire };
    return { kind: "task", payload, size: items.length };
  }

  #batchSize(): number {
    if (this.#plan.batch !== undefined) return this.#plan.batch;
    const { total } = this.#plan.source;
    const size = this.#size.next(total === undefined ? undefined : total - this.#read);
    // However slow they are, asynchronous items wait together.
    return this.#isAsync ? Math.max(size, CONCURRENCY) : size;
  }

  arrived(_index: number, { outcome }: BatchDone, { size, ms }: { size: number; ms: number }): void {
    this.#size.observe(size, ms);
    this.#isAsync ||= outcome.isAsync;
    this.#hasFailed ||= !outcome.ok;
    this.#done += countOf(outcome.values);
    this.#plan.onProgress?.(this.#done, this.#plan.source.total);
  }

  async deliver(_index: number, { first, outcome }: BatchDone): Promise<void> {
    const came = takenValues(outcome.values);
    const values = outcome.failures === undefined ? came : settled(came, outcome.failures, first);
    if (values.length > 0) await this.#plan.deliver(values);
    if (!outcome.ok) throw ItemError.fromWire(outcome.error, first + outcome.item);
  }
}

function settled(values: readonly unknown[], failures: readonly ItemFailure[], first: number): Settled<unknown>[] {
  const outcomes = values.map((value): Settled<unknown> => ({ status: "fulfilled", value }));
  for (const { item, error } of failures) {
    outcomes[item] = { status: "rejected", reason: ItemError.fromWire(error, first + item) };
  }
  return outcomes;
}

function findUncopied(items: readonly unknown[]): ItemBatch["uncopied"] {
  return items.flatMap((value, item) => {
    try {
      structuredClone(value);
      return [];
    } catch (cause) {
      const error = new RowmillError("pool", `the item cannot be copied: ${messageOf(cause)}`, { cause });
      return [{ item, error: toWire(error) }];
    }
  });
}
