/**
 * The asynchronous items of a task that are under way in a worker: their timers, and what the parent is told of them in
 * the book of open items. One timer an item comes first; only when a worker is so late with all of them does the parent
 * conclude that it is stuck.
 */
import { RowmillError } from "../errors.ts";
import { clock31, timeoutMessage } from "./messages.ts";
import type { Progress } from "./serve-tasks.ts";
import type { Strays } from "./strays.ts";

/** The worker's own timers come first; only when they are so late does the parent conclude that it is stuck. */
const STUCK_AFTER_MS = 250;

export interface OpenItemsOptions {
  timeoutMs: number | undefined;
  /** One item at a time, to find the one that is at fault. */
  isSerial: boolean;
  /** In such a search: errors that nobody caught, to fail the item that they belong to. */
  strays: Strays | undefined;
}

/** An item whose promise has not settled. */
interface OpenItem {
  since: number;
  /** Gives the item up: its answer does not count any more. */
  giveUp: (reason: Error) => void;
}

export class OpenItems {
  readonly #progress: Progress;
  readonly #options: OpenItemsOptions;
  readonly #open = new Map<number, OpenItem>();

  constructor(progress: Progress, options: OpenItemsOptions) {
    this.#progress = progress;
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Until its function has returned, whatever happens is the fault of this item alone. */
  begin(item: number): void {
    if (this.#options.timeoutMs === undefined) this.#progress.open(item);
    else this.#progress.openTimed(item);
  }

  /** Until their function has returned, what happens may be the fault of any of so many items, from this one on. */
  beginMany(item: number, count: number): void {
    if (this.#options.timeoutMs !== undefined) this.#progress.timeFrom(clock31());
    this.#progress.openMany(count, item);
  }

  /** The function of an item has returned, and there is nothing to wait for. */
  end(item: number): void {
    this.#publish(item);
  }

  /**
   * Waits for an item's promise. Rejects with `row-timeout` when it takes too long, and with the reason when it is given
   * up; `abort` is told of both. Its time begins so many milliseconds later.
   */
  async follow<T>(
    item: number,
    promise: PromiseLike<T>,
    abort: (reason: Error) => void,
    laterMs: number = 0,
  ): Promise<T> {
    const { promise: outcome, resolve, reject } = Promise.withResolvers<T>();
    const giveUp = (reason: Error): void => {
      abort(reason);
      reject(reason);
    };
    this.#open.set(item, { since: clock31() + Math.ceil(laterMs), giveUp });
    this.#publish(item);
    const { timeoutMs } = this.#options;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => giveUp(new RowmillError("row-timeout", timeoutMessage(timeoutMs))), timeoutMs + laterMs);
    this.#settled(item, promise).then(resolve, reject);
    try {
      return await outcome;
    } finally {
      clearTimeout(timer);
      this.#open.delete(item);
      this.#publish(item);
    }
  }

  async #strayOf(item: number): Promise<RowmillError | undefined> {
    const { strays } = this.#options;
    if (strays !== undefined) return await strays.takeOfItem(item);
    await new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }

  /** Gives up all that is still open. */
  abandon(reason: Error): void {
    for (const { giveUp } of this.#open.values()) giveUp(reason);
  }

  async #settled<T>(item: number, promise: PromiseLike<T>): Promise<T> {
    if (!this.#options.isSerial) return await promise;
    // An unhandled rejection is reported after the microtasks. In a search for the item at fault it must still be open.
    let value: T;
    try {
      value = await promise;
    } catch (error) {
      await this.#strayOf(item);
      throw error;
    }
    const stray = await this.#strayOf(item);
    if (stray !== undefined) throw stray;
    return value;
  }

  /** Tells the parent what is open now, `item` being the last to have begun or ended. */
  #publish(item: number): void {
    const oldest = this.#open.values().next().value;
    if (oldest === undefined) {
      this.#progress.close();
      return;
    }
    this.#progress.timeFrom(oldest.since + STUCK_AFTER_MS);
    this.#progress.openMany(this.#open.size, item);
  }
}
