/**
 * Runs a function over the items of a batch, in the worker: one after another, or, when it turns out asynchronous, a
 * few at a time. A batch ends at its first failing item, in the order of the items.
 */
import { type ErrorWire, RowmillError, toWire } from "../errors.ts";
import { OpenItems } from "../scheduler/open-items.ts";
import type { Progress, ServedTask } from "../scheduler/serve-tasks.ts";
import type { Strays } from "../scheduler/strays.ts";
import type { CallEnd } from "./call-end.ts";
import { ColumnPacker, takenValues } from "./columns.ts";
import { ItemContext, type PoolWorkerContext } from "./context.ts";
import { lastingLater, lastingValue } from "./lasting-value.ts";
import { type BatchOutcome, CONCURRENCY, type ItemBatch, type ItemFailure } from "./wire.ts";

/** The user's function, as the worker calls it. */
export type ItemFunction = (...parameters: unknown[]) => unknown;

export interface BatchRunTools {
  fn: ItemFunction;
  context: PoolWorkerContext;
  progress: Progress;
  /** The end of the call that the batch belongs to. */
  end: CallEnd;
  strays: Strays;
}

const NOTHING = { kind: "plain", values: [] as unknown[] } as const;

type ItemOutcome = { ok: true; value: unknown } | { ok: false; error: ErrorWire };

export class BatchRun {
  readonly #task: ServedTask<ItemBatch>;
  readonly #tools: BatchRunTools;
  readonly #items: readonly unknown[];
  readonly #outcomes: (ItemOutcome | undefined)[] = [];
  /** Takes results as they come, as long as the items before all have one, and none is a promise. */
  #packer: ColumnPacker | undefined;
  readonly #open: OpenItems;
  /** Items whose promise has not come to an outcome: they are so a moment longer than they are open. */
  readonly #awaited = new Set<number>();
  /** The first item known to fail, or how many there are: none from here on need be done. */
  #stop: number;
  #isAsync = false;
  #wake: () => void = () => {};

  constructor(task: ServedTask<ItemBatch>, tools: BatchRunTools) {
    this.#task = task;
    this.#tools = tools;
    this.#open = new OpenItems(tools.progress, {
      timeoutMs: task.timeoutMs,
      isSerial: task.isSerial,
      strays: tools.strays,
    });
    this.#items = takenValues(task.payload.items);
    this.#stop = this.#items.length;
    const isUsual = !task.isSerial && task.payload.uncopied.length === 0 && task.poisoned.size === 0;
    if (isUsual) this.#packer = new ColumnPacker();
    for (const { item, error } of task.payload.uncopied) this.#settle(item, { ok: false, error });
    for (const [item, error] of task.poisoned) this.#settle(item, { ok: false, error });
  }

  async run(): Promise<BatchOutcome> {
    const { progress, end } = this.#tools;
    const limit = this.#task.isSerial ? 1 : CONCURRENCY;
    for (let item = 0; item < this.#stop && !end.isOver; item++) {
      // What must not run again, or could not be copied, has its outcome.
      if (this.#outcomes[item] !== undefined) continue;
      this.#begin(item);
      // While no result is a promise this is a plain loop.
      while (this.#open.size >= limit && !end.isOver) await this.#change();
      // A promise that is fulfilled already has its value copied now, before the function may change that value again.
      if (this.#isAsync) await Promise.resolve();
    }
    while (this.#isWaiting() && !end.isOver) await this.#change();
    // What is still open comes after the first failing item, or nobody waits for the call.
    this.#open.abandon(new RowmillError("pool", "nobody waits for this item any more"));
    progress.close();
    return end.isOver ? { ok: true, values: NOTHING, isAsync: this.#isAsync } : this.#outcome();
  }

  /** Whether an item has no outcome yet that comes before the first failing one. */
  #isWaiting(): boolean {
    for (const item of this.#awaited) if (item < this.#stop) return true;
    return false;
  }

  #begin(item: number): void {
    const { fn, context } = this.#tools;
    const { first, calling } = this.#task.payload;
    const items = this.#items;
    const itemContext = new ItemContext(context, first + item);
    this.#open.begin(item);
    try {
      const value = calling === "spread" ? fn(...(items[item] as unknown[])) : fn(items[item], itemContext);
      if (isThenable(value)) {
        this.#unpack();
        void this.#await(item, lastingLater(value), itemContext);
        return;
      }
      if (this.#packer?.add(value) === true) {
        this.#open.end(item);
        return;
      }
      const lasting = lastingValue(value);
      if (this.#task.isSerial) {
        // What the item has left behind is reported after its microtasks.
        void this.#await(item, Promise.resolve(lasting), itemContext);
        return;
      }
      this.#settle(item, { ok: true, value: lasting });
    } catch (error) {
      this.#settle(item, { ok: false, error: toWire(error) });
    }
    this.#open.end(item);
  }

  async #await(item: number, value: PromiseLike<unknown>, context: ItemContext): Promise<void> {
    this.#isAsync = true;
    this.#awaited.add(item);
    try {
      const result = await this.#open.follow(item, value, (reason) => context.abort(reason));
      this.#settle(item, { ok: true, value: result });
    } catch (error) {
      this.#settle(item, { ok: false, error: toWire(error) });
    }
    this.#awaited.delete(item);
    this.#wake();
  }

  #settle(item: number, outcome: ItemOutcome): void {
    this.#unpack();
    this.#outcomes[item] = outcome;
    if (!outcome.ok && !this.#task.payload.isSettled) this.#stop = Math.min(this.#stop, item);
  }

  /** The results so far, as outcomes of their items. */
  #unpack(): void {
    if (this.#packer === undefined) return;
    const values = takenValues(this.#packer.take());
    this.#packer = undefined;
    for (const [item, value] of values.entries()) this.#outcomes[item] = { ok: true, value };
  }

  /** When an item has settled, or the call is over. */
  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#tools.end.watch(resolve);
    await promise;
    this.#tools.end.unwatch(resolve);
  }

  #outcome(): BatchOutcome {
    if (this.#packer !== undefined) {
      const packed = { ok: true, values: this.#packer.take(), isAsync: false } as const;
      return this.#task.payload.isSettled ? { ...packed, failures: [] } : packed;
    }
    const values: unknown[] = [];
    const failures: ItemFailure[] = [];
    const isAsync = this.#isAsync;
    for (const [item, outcome] of this.#outcomes.entries()) {
      if (outcome === undefined) throw new Error(`item ${item} was not run`);
      if (!outcome.ok && !this.#task.payload.isSettled)
        return { ok: false, values: { kind: "plain", values }, isAsync, item, error: outcome.error };
      if (!outcome.ok) failures.push({ item, error: outcome.error });
      values.push(outcome.ok ? outcome.value : undefined);
    }
    const sent = { kind: "plain", values } as const;
    return this.#task.payload.isSettled
      ? { ok: true, values: sent, isAsync, failures }
      : { ok: true, values: sent, isAsync };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
