/**
 * Finds rows that take longer than their timeout. While any task has one, the parent looks at intervals which row each
 * worker is at, and since when: a worker in an endless loop cannot do that itself.
 */
import {
  OUTSIDE_ITEMS,
  PROGRESS_ITEM,
  PROGRESS_OPEN,
  PROGRESS_SINCE,
  PROGRESS_TASK,
  clock31,
  elapsed31,
} from "./messages.ts";

/** A timeout is noticed within this share of itself, and within these bounds. */
const TICK_SHARE = 1 / 4;
const MIN_TICK_MS = 5;
const MAX_TICK_MS = 250;

export class Watchdog {
  readonly #look: () => number | undefined;
  #timer: Timer | undefined;
  #tickMs = Infinity;

  /** @param look Deals with what is overdue; returns the shortest timeout there is, or undefined when there is none. */
  constructor(look: () => number | undefined) {
    this.#look = look;
  }

  /** A task with this timeout has come. */
  watch(timeoutMs: number): void {
    const tickMs = Math.max(MIN_TICK_MS, Math.min(timeoutMs * TICK_SHARE, MAX_TICK_MS));
    if (tickMs >= this.#tickMs) return;
    clearTimeout(this.#timer);
    this.#tickMs = tickMs;
    this.#timer = setTimeout(() => {
      this.#tickMs = Infinity;
      const shortest = this.#look();
      if (shortest !== undefined) this.watch(shortest);
    }, tickMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#tickMs = 0;
  }
}

/** For how long a worker has been running code of the user's that belongs to no item; undefined when it runs none. */
export function readOutside(progress: Int32Array): number | undefined {
  const since = progress[PROGRESS_SINCE] ?? 0;
  return progress[PROGRESS_OPEN] === OUTSIDE_ITEMS ? elapsed31(since, clock31()) : undefined;
}

/** The item that a worker has open; undefined when there is none, or when the worker was just writing. */
export function readOpenItem(progress: Int32Array): { task: number; item: number; openMs: number } | undefined {
  const since = progress[PROGRESS_SINCE] ?? 0;
  const task = progress[PROGRESS_TASK] ?? -1;
  const item = progress[PROGRESS_ITEM] ?? 0;
  if ((progress[PROGRESS_OPEN] ?? 0) <= 0 || progress[PROGRESS_SINCE] !== since) return undefined;
  return { task, item, openMs: elapsed31(since, clock31()) };
}
