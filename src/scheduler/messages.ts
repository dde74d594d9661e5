/**
 * What crosses between the scheduler and a worker. Payloads and results belong to whoever uses the scheduler; the
 * scheduler only sees the envelopes.
 */
import type { ErrorWire } from "../errors.ts";

/** An item that must not run again, because a worker died or hung with it. */
export interface PoisonedItem {
  /** Number of the item within its task, from 0. */
  item: number;
  error: ErrorWire;
}

/** Parent to worker: a batch with its number. */
export interface TaskMessage<Payload> {
  type: "task";
  id: number;
  payload: Payload;
  /** Items whose failure is already known. */
  poisoned: PoisonedItem[];
  /** One item at a time: a worker died with several open, and it must be found out which one did it. */
  isSerial: boolean;
}

/** Worker to parent: what became of a task. `ms` is the time the worker spent on it. */
export type ResultMessage<Result> =
  | { type: "result"; id: number; ok: true; value: Result; ms: number }
  | { type: "result"; id: number; ok: false; error: ErrorWire };

/** Worker to parent: ready for tasks. */
export interface ReadyMessage {
  type: "ready";
}

/** Worker to parent: it cannot work at all (its setup failed); trying again would not help. */
export interface BrokenMessage {
  type: "broken";
  error: ErrorWire;
}

/** What a worker says about the items it has open, in a shared `Int32Array`. */
export const PROGRESS_TASK = 0;
/** The one item open, where only one is. */
export const PROGRESS_ITEM = 1;
/** How many items are open. */
export const PROGRESS_OPEN = 2;
/** When the item was opened: milliseconds of the wall clock, the low 31 bits. */
export const PROGRESS_SINCE = 3;
/** Words of the shared array. */
export const PROGRESS_WORDS = 4;

/** The low 31 bits of the wall clock in milliseconds, for `PROGRESS_SINCE`. */
export function clock31(): number {
  return Date.now() % 0x7fffffff;
}
