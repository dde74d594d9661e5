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
  /** How many of its first items have been handed in already. */
  done: number;
  /** What is done of it may be handed in before all of it is. */
  takesParts: boolean;
  /** It is declined, and not begun, behind a task of the same worker that took longer than this. */
  afterMs?: number | undefined;
  /** An item open for longer has failed with `row-timeout`. */
  timeoutMs?: number | undefined;
  /** Which of the worker's claim words holds the task's number until either side takes it. */
  ticket: number;
}

/** Worker to parent: what became of a task. `ms` is the time the worker spent on it. */
export type ResultMessage<Result> =
  | { type: "result"; id: number; ok: true; value: Result; ms: number }
  | { type: "result"; id: number; ok: false; error: ErrorWire };

/** Worker to parent: what became of the next items of a task that goes on. */
export interface PartMessage<Result> {
  type: "part";
  id: number;
  value: Result;
  /** How many items of the task are done, these and those before. */
  done: number;
  /** Items before these are not done: the worker was told to stop, and hands in what it has. */
  isBeside?: boolean;
  /** The time spent on the task so far. */
  ms: number;
}

/** Worker to parent: a task that was begun is given up, because the worker was told to stop. */
export interface StoppedMessage {
  type: "stopped";
  id: number;
}

/** Worker to parent: a task was not begun, for the one before it took too long. */
export interface DeclinedMessage {
  type: "declined";
  id: number;
}

/**
 * Parent to worker: {@linkcode PROGRESS_WANTED} has changed. For a worker that waits for promises, and does not look at
 * it.
 */
export interface WantedMessage {
  type: "wanted";
  /** To a worker that shares no memory: what is wanted. */
  wants?: number | undefined;
}

/** Worker to parent: ready for tasks. */
export interface ReadyMessage {
  type: "ready";
}

/** Worker to parent: it cannot work at all (its setup failed); trying again would not help. */
export interface BrokenMessage {
  type: "broken";
  error: ErrorWire;
}

/** Worker to parent: an error that nobody caught ends this worker next. */
export interface DyingMessage {
  type: "dying";
  error: ErrorWire;
}

/** What a worker says about the items it has open, in a shared `Int32Array`. */
export const PROGRESS_TASK = 0;
/** The one item open, or the one that began last. */
export const PROGRESS_ITEM = 1;
/**
 * 0: no item is open. 1: exactly one is, and what happens is its fault. More: several overlap, and what happens may be
 * the fault of any of them, or of one that was open with them. {@linkcode OUTSIDE_ITEMS}: code of the user's runs that
 * belongs to no item.
 */
export const PROGRESS_OPEN = 2;
export const OUTSIDE_ITEMS = -1;
/** From when an item's timeout counts, on {@linkcode clock31}. */
export const PROGRESS_SINCE = 3;
/** How many bytes from the start a worker that is a process of its own writes to its notes. */
export const NOTED_BYTES = 16;
/**
 * What the parent wants of the worker, which looks at this after each item: {@linkcode WANTS_NOTHING} or one of those
 * below.
 */
export const PROGRESS_WANTED = 4;
export const WANTS_NOTHING = 0;
/** Hand in what is done of the task, and go on. */
export const WANTS_PART = 1;
/** Hand in what is done, and begin nothing more. */
export const WANTS_STOP = 2;
/**
 * From here on, a word for each task that a worker may have: its number, until the worker claims it to begin it or the
 * pool takes it back. Whoever exchanges the word has the task.
 */
export const PROGRESS_CLAIMS = 5;
/** Two tasks a worker: one under way, one waiting, so that no worker waits for the parent. */
export const TASKS_PER_WORKER = 2;
/** Words of the shared array. */
export const PROGRESS_WORDS: number = PROGRESS_CLAIMS + TASKS_PER_WORKER;

/** Takes a task that nobody has begun or taken back. */
export function claimTask(progress: Int32Array, { id, ticket }: { id: number; ticket: number }): boolean {
  return Atomics.compareExchange(progress, PROGRESS_CLAIMS + ticket, id, -1) === id;
}

/** The low 31 bits of the wall clock in milliseconds, which fit into a shared word. */
export function clock31(): number {
  return Date.now() % 2 ** 31;
}

/**
 * Milliseconds from one reading of {@linkcode clock31} to another; right when it has overflowed between them, negative
 * when the second one is earlier.
 */
export function elapsed31(from: number, to: number): number {
  return ((to - from) << 1) >> 1;
}

/** What an item's failure says when it took too long. */
export function timeoutMessage(timeoutMs: number): string {
  return `took longer than ${timeoutMs} ms`;
}
