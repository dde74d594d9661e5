/**
 * A pool of workers that run tasks: dispatches to the least busy one, two tasks a worker at most, and survives the
 * death of any of them.
 *
 * A worker that dies or hangs loses nothing: its tasks go back to the head of the queue, and the item it had open is
 * marked as poisoned, so that the worker that gets the task reports it as failed instead of running it again. A task
 * that keeps killing workers without an item to blame fails as a whole. Nothing here knows what a task is.
 */
import { RowmillError, toWire } from "../errors.ts";
import {
  PROGRESS_ITEM,
  PROGRESS_OPEN,
  PROGRESS_SINCE,
  PROGRESS_TASK,
  PROGRESS_WORDS,
  clock31,
  type PoisonedItem,
  type TaskMessage,
} from "./messages.ts";

/** What a pool hears from a worker. */
export type WorkerEvent<Result> =
  | { type: "ready" }
  | { type: "result"; id: number; ok: true; value: Result; ms: number }
  | { type: "result"; id: number; ok: false; error: unknown }
  /** It cannot work at all, and neither could another one. */
  | { type: "broken"; error: Error }
  /** It is gone; `error` says why, where that is known. */
  | { type: "died"; error: Error };

/** One worker, as the pool sees it: something to post to and to end. A test's port needs no thread. */
export interface WorkerPort<Payload> {
  /** Payloads are copied, never transferred: the pool keeps them, to send them again when a worker dies. */
  post(message: TaskMessage<Payload>): void;
  terminate(): void;
}

export interface WorkerPoolOptions<Payload, Result> {
  jobs: number;
  /** Opens a worker. Events must come later than the return. `progress` is shared with it. */
  open(worker: number, progress: Int32Array, onEvent: (event: WorkerEvent<Result>) => void): WorkerPort<Payload>;
  /** An item open longer is failed with `row-timeout` and its worker replaced. */
  timeoutMs?: number;
  /** A worker is replaced after so many tasks. */
  maxTasksPerWorker?: number;
}

interface Job<Payload, Result> {
  id: number;
  payload: Payload;
  poisoned: PoisonedItem[];
  isSerial: boolean;
  /** Workers that died with this task and no item to blame. */
  unexplainedDeaths: number;
  resolve(done: { value: Result; ms: number }): void;
  reject(error: unknown): void;
}

interface Slot<Payload, Result> {
  index: number;
  port: WorkerPort<Payload>;
  progress: Int32Array;
  isReady: boolean;
  isClosing: boolean;
  tasks: Job<Payload, Result>[];
  tasksDone: number;
}

/** Two tasks a worker: one under way, one waiting, so that no worker waits for the parent. */
const TASKS_PER_WORKER = 2;
/** A single worker serves tiny inputs; the others are started when it has been busy for so long. */
const HELP_AFTER_MS = 4;
/** A task whose workers died so often, with no item to blame, is given up. */
const MAX_UNEXPLAINED_DEATHS = 3;

export class WorkerPool<Payload, Result> {
  readonly #options: WorkerPoolOptions<Payload, Result>;
  readonly #slots: (Slot<Payload, Result> | undefined)[] = [];
  #queue: Job<Payload, Result>[] = [];
  #nextId = 0;
  #broken: { error: unknown } | undefined;
  #isTerminated = false;
  #helpTimer: Timer | undefined;
  #watchdog: Timer | undefined;

  constructor(options: WorkerPoolOptions<Payload, Result>) {
    this.#options = options;
    if (options.timeoutMs !== undefined) this.#watch(options.timeoutMs);
  }

  /** Starts workers up to `count` (at most `jobs`) without waiting for a task. */
  start(count: number): void {
    for (let index = 0; index < Math.min(count, this.#options.jobs); index++) {
      if (this.#slots[index] === undefined) this.#open(index);
    }
  }

  /** Whether a further task would soon find a worker. */
  hasRoom(): boolean {
    return this.#load() < this.#options.jobs * TASKS_PER_WORKER;
  }

  /** Runs a task. Rejects when the pool is broken, or the task killed too many workers. */
  submit(payload: Payload): Promise<{ value: Result; ms: number }> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken.error);
        return;
      }
      const id = this.#nextId++;
      this.#queue.push({
        id,
        payload,
        poisoned: [],
        isSerial: false,
        unexplainedDeaths: 0,
        resolve,
        reject,
      });
      this.#dispatch();
    });
  }

  /** Ends all workers at once; tasks under way are rejected with `error`. */
  terminate(error: unknown = new RowmillError("pool", "the pool was terminated")): void {
    this.#isTerminated = true;
    this.#fail(error);
  }

  #load(): number {
    let load = this.#queue.length;
    for (const slot of this.#slots) load += slot?.tasks.length ?? 0;
    return load;
  }

  #open(index: number): void {
    const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * 4));
    progress[PROGRESS_TASK] = -1;
    const slot: Slot<Payload, Result> = {
      index,
      progress,
      isReady: false,
      isClosing: false,
      tasks: [],
      tasksDone: 0,
      port: this.#options.open(index, progress, (event) => this.#hear(slot, event)),
    };
    this.#slots[index] = slot;
  }

  #hear(slot: Slot<Payload, Result>, event: WorkerEvent<Result>): void {
    if (this.#slots[slot.index] !== slot) return;
    switch (event.type) {
      case "ready":
        slot.isReady = true;
        this.#dispatch();
        break;
      case "result":
        this.#finish(slot, event);
        break;
      case "broken":
        this.#fail(event.error);
        break;
      case "died":
        this.#bury(slot, event.error);
        break;
    }
  }

  #finish(slot: Slot<Payload, Result>, event: WorkerEvent<Result> & { type: "result" }): void {
    const at = slot.tasks.findIndex((task) => task.id === event.id);
    const [job] = at < 0 ? [] : slot.tasks.splice(at, 1);
    if (job === undefined) return;
    slot.tasksDone++;
    this.#retire(slot);
    if (event.ok) job.resolve({ value: event.value, ms: event.ms });
    else job.reject(event.error);
    this.#dispatch();
  }

  /** Replaces a worker that has done its share, once nothing is under way in it. */
  #retire(slot: Slot<Payload, Result>): void {
    const most = this.#options.maxTasksPerWorker;
    if (most === undefined || slot.tasksDone + slot.tasks.length < most) return;
    slot.isClosing = true;
    if (slot.tasks.length > 0) return;
    slot.port.terminate();
    this.#slots[slot.index] = undefined;
  }

  #dispatch(): void {
    if (this.#isTerminated) return;
    for (;;) {
      const [job] = this.#queue;
      const slot = job === undefined ? undefined : this.#freest();
      if (job === undefined || slot === undefined) break;
      this.#queue.shift();
      slot.tasks.push(job);
      const { id, payload, poisoned, isSerial } = job;
      slot.port.post({ type: "task", id, payload, poisoned, isSerial });
    }
    this.#callForHelp();
  }

  /** The ready worker with the fewest tasks that may take one more. */
  #freest(): Slot<Payload, Result> | undefined {
    const most = Math.min(TASKS_PER_WORKER, this.#options.maxTasksPerWorker ?? TASKS_PER_WORKER);
    let best: Slot<Payload, Result> | undefined;
    for (const slot of this.#slots) {
      if (slot === undefined || !slot.isReady || slot.isClosing || slot.tasks.length >= most) continue;
      if (best === undefined || slot.tasks.length < best.tasks.length) best = slot;
    }
    return best;
  }

  /** Opens the first worker at once and the others when it does not get done with the work by itself. */
  #callForHelp(): void {
    const waiting = this.#load() > 0;
    if (!waiting || this.#helpTimer !== undefined) return;
    const missing = this.#missing();
    if (missing.length === 0) return;
    if (missing.length === this.#options.jobs) this.#open(missing[0] ?? 0);
    if (!this.#slots.some((slot) => slot?.isReady === true)) return;
    this.#helpTimer = setTimeout(() => {
      this.#helpTimer = undefined;
      if (this.#isTerminated || this.#load() === 0) return;
      for (const index of this.#missing()) this.#open(index);
    }, HELP_AFTER_MS);
  }

  #missing(): number[] {
    return Array.from({ length: this.#options.jobs }, (_, index) => index).filter(
      (index) => this.#slots[index] === undefined,
    );
  }

  /** A worker is gone: blame an item if one was open, and give its tasks to others. */
  #bury(slot: Slot<Payload, Result>, error: Error, code: "row-worker-died" | "row-timeout" = "row-worker-died"): void {
    this.#slots[slot.index] = undefined;
    slot.port.terminate();
    const running = slot.tasks.find((task) => task.id === slot.progress[PROGRESS_TASK]);
    const open = running === undefined ? 0 : (slot.progress[PROGRESS_OPEN] ?? 0);
    if (running !== undefined && open === 1) {
      const failure = new RowmillError(code, error.message, { cause: error.cause });
      running.poisoned.push({ item: slot.progress[PROGRESS_ITEM] ?? 0, error: toWire(failure) });
    } else if (running !== undefined && open > 1) {
      running.isSerial = true;
    } else {
      const suspect = running ?? slot.tasks[0];
      if (suspect !== undefined) suspect.unexplainedDeaths++;
      else if (!slot.isReady) this.#fail(new RowmillError("worker", "a worker could not be started", { cause: error }));
    }
    const survivors = slot.tasks.filter((task) => {
      if (task.unexplainedDeaths < MAX_UNEXPLAINED_DEATHS) return true;
      task.reject(
        new RowmillError("worker", `${MAX_UNEXPLAINED_DEATHS} workers died with the same batch`, { cause: error }),
      );
      return false;
    });
    this.#queue = [...survivors, ...this.#queue];
    if (!this.#isTerminated && this.#broken === undefined) {
      if (survivors.length > 0) this.#open(slot.index);
      this.#dispatch();
    }
  }

  #fail(error: unknown): void {
    this.#broken ??= { error };
    clearTimeout(this.#helpTimer);
    clearInterval(this.#watchdog);
    const jobs = [...this.#slots.flatMap((slot) => slot?.tasks ?? []), ...this.#queue];
    for (const slot of this.#slots) slot?.port.terminate();
    this.#slots.length = 0;
    this.#queue = [];
    for (const job of jobs) job.reject(this.#broken.error);
  }

  /** Looks at every worker's open item now and then; one that is open too long costs its worker. */
  #watch(timeoutMs: number): void {
    const tick = Math.max(5, Math.min(timeoutMs / 4, 250));
    this.#watchdog = setInterval(() => {
      for (const slot of this.#slots) {
        if (slot === undefined || slot.progress[PROGRESS_OPEN] !== 1 || slot.progress[PROGRESS_TASK] === -1) continue;
        const openMs = clock31() - (slot.progress[PROGRESS_SINCE] ?? 0);
        if (openMs > timeoutMs) this.#bury(slot, new Error(`took longer than ${timeoutMs} ms`), "row-timeout");
      }
    }, tick);
    this.#watchdog.unref();
  }
}
