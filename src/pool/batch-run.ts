/**
 * Runs a function over the items of a batch, in the worker: one after another, or, when it turns out asynchronous, a
 * few at a time. A batch ends at its first failing item, in the order of the items.
 */
import { type ErrorWire, RowmillError, toWire } from "../errors.ts";
import { clock31, timeoutMessage } from "../scheduler/messages.ts";
import type { Progress, ServedTask } from "../scheduler/serve-tasks.ts";
import type { CallEnd } from "./call-end.ts";
import { ItemContext, type WorkerContext } from "./context.ts";
import { type BatchOutcome, CONCURRENCY, type ItemBatch } from "./wire.ts";

/** The user's function, as the worker calls it. */
export type ItemFunction = (...parameters: unknown[]) => unknown;

/** The worker's own timers come first; only when they are so late does the parent conclude that it is stuck. */
const STUCK_AFTER_MS = 250;

export interface BatchRunTools {
  fn: ItemFunction;
  context: WorkerContext;
  progress: Progress;
  /** The end of the call that the batch belongs to. */
  end: CallEnd;
}

type ItemOutcome = { ok: true; value: unknown } | { ok: false; error: ErrorWire };

/** An item whose promise has not settled. */
interface OpenItem {
  context: ItemContext;
  since: number;
  timer: Timer | undefined;
}

export class BatchRun {
  readonly #task: ServedTask<ItemBatch>;
  readonly #tools: BatchRunTools;
  readonly #outcomes: (ItemOutcome | undefined)[] = [];
  readonly #open = new Map<number, OpenItem>();
  /** The first item known to fail, or how many there are: none from here on need be done. */
  #stop: number;
  #isAsync = false;
  #wake: () => void = () => {};

  constructor(task: ServedTask<ItemBatch>, tools: BatchRunTools) {
    this.#task = task;
    this.#tools = tools;
    this.#stop = task.payload.items.length;
    for (const { item, error } of task.payload.uncopied) this.#settle(item, { ok: false, error });
    for (const [item, error] of task.poisoned) this.#settle(item, { ok: false, error });
  }

  async run(): Promise<BatchOutcome> {
    const { progress, end } = this.#tools;
    const limit = this.#task.isSerial ? 1 : CONCURRENCY;
    for (let item = 0; item < this.#stop && !end.isOver; item++) {
      this.#begin(item);
      // While no result is a promise this is a plain loop.
      while (this.#open.size >= limit && !end.isOver) await this.#change();
    }
    while (this.#isWaiting() && !end.isOver) await this.#change();
    this.#abandon();
    progress.close();
    return end.isOver ? { ok: true, values: [], isAsync: this.#isAsync } : this.#outcome();
  }

  /** Whether an item is open that comes before the first failing one. */
  #isWaiting(): boolean {
    for (const item of this.#open.keys()) if (item < this.#stop) return true;
    return false;
  }

  #begin(item: number): void {
    const { fn, context, progress } = this.#tools;
    const { items, first, calling } = this.#task.payload;
    const itemContext = new ItemContext(context, first + item);
    if (this.#task.timeoutMs === undefined) progress.open(item);
    else progress.openTimed(item);
    try {
      const value = calling === "spread" ? fn(...(items[item] as unknown[])) : fn(items[item], itemContext);
      if (isThenable(value)) this.#await(item, value, itemContext);
      else this.#settle(item, { ok: true, value });
    } catch (error) {
      this.#settle(item, { ok: false, error: toWire(error) });
    }
    this.#publish(item);
  }

  #await(item: number, value: PromiseLike<unknown>, context: ItemContext): void {
    this.#isAsync = true;
    const { timeoutMs } = this.#task;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            const failure = new RowmillError("row-timeout", timeoutMessage(timeoutMs));
            context.abort(failure);
            this.#close(item, { ok: false, error: toWire(failure) });
          }, timeoutMs);
    this.#open.set(item, { context, timer, since: clock31() });
    this.#settled(value).then(
      (result) => this.#close(item, { ok: true, value: result }),
      (error: unknown) => this.#close(item, { ok: false, error: toWire(error) }),
    );
  }

  #close(item: number, outcome: ItemOutcome): void {
    const open = this.#open.get(item);
    // After its timeout, or after the batch was given up, nobody listens.
    if (open === undefined) return;
    clearTimeout(open.timer);
    this.#open.delete(item);
    this.#settle(item, outcome);
    this.#publish(item);
    this.#wake();
  }

  async #settled(value: PromiseLike<unknown>): Promise<unknown> {
    try {
      return await value;
    } finally {
      // An unhandled rejection is reported after the microtasks. In a search for the item at fault it must still be open.
      if (this.#task.isSerial) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #settle(item: number, outcome: ItemOutcome): void {
    this.#outcomes[item] = outcome;
    if (!outcome.ok) this.#stop = Math.min(this.#stop, item);
  }

  /** Tells the parent what is open now, `item` being the last to have begun or ended. */
  #publish(item: number): void {
    const { progress } = this.#tools;
    const oldest = this.#open.size === 0 ? undefined : this.#open.values().next().value;
    if (oldest === undefined) {
      progress.close();
      return;
    }
    progress.timeFrom(oldest.since + STUCK_AFTER_MS);
    progress.openMany(this.#open.size, item);
  }

  /** When an item has settled, or the call is over. */
  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#tools.end.watch(resolve);
    await promise;
    this.#tools.end.unwatch(resolve);
  }

  /** Gives up what is still open: it comes after the first failing item, or nobody waits for the call. */
  #abandon(): void {
    for (const { context, timer } of this.#open.values()) {
      clearTimeout(timer);
      context.abort(new RowmillError("pool", "nobody waits for this item any more"));
    }
    this.#open.clear();
  }

  #outcome(): BatchOutcome {
    const values: unknown[] = [];
    for (const [item, outcome] of this.#outcomes.entries()) {
      if (outcome === undefined) throw new Error(`item ${item} was not run`);
      if (!outcome.ok) return { ok: false, values, isAsync: this.#isAsync, item, error: outcome.error };
      values.push(outcome.value);
    }
    return { ok: true, values, isAsync: this.#isAsync };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
