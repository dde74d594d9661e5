/**
 * A pool of workers that run tasks: dispatches to the least busy one, two tasks a worker at most, and survives the
 * death of any of them. It answers every task once, whatever happens.
 *
 * A worker that dies or hangs loses nothing: its tasks go back to the head of the queue, and the item it had open is
 * marked as poisoned, so that the worker that gets the task reports it as failed instead of running it again. A task
 * that keeps killing workers without an item to blame fails as a whole. Nothing here knows what a task is.
 */
import { RowmillError } from "../errors.ts";
import { type BlamableTask, type Death, blame } from "./blame.ts";
import {
  PROGRESS_CLAIMS,
  PROGRESS_TASK,
  PROGRESS_WANTED,
  PROGRESS_WORDS,
  TASKS_PER_WORKER,
  type TaskMessage,
  WANTS_NOTHING,
  WANTS_PART,
  WANTS_STOP,
  claimTask,
  timeoutMessage,
} from "./messages.ts";
import { Watchdog, readOpenItem, readOutside } from "./watchdog.ts";
import type { WorkerEvent, WorkerPort } from "./worker-port.ts";

export interface WorkerPoolOptions<Payload, Result> {
  jobs: number;
  /** Opens a worker. Events must come later than the return. `progress` is shared with it. */
  open(worker: number, progress: Int32Array, onEvent: (event: WorkerEvent<Result>) => void): WorkerPort<Payload>;
  /** A worker died of something that no open item is to blame for; nothing is lost by it. */
  onStrayDeath?(error: Error): void;
  /** A worker is replaced after so many tasks. */
  maxTasksPerWorker?: number | undefined;
  /** Told of code of the user's that runs in workers and belongs to no item. */
  outside?: OutsideItems;
}

/** Code of the user's that belongs to no item. */
interface OutsideItems {
  /** What it is called. */
  name: string;
  /** It has not ended for `afterMs`. */
  afterMs: number;
  onWait(): void;
}

export interface TaskOptions<Result = never> {
  /** An item open longer is failed with `row-timeout`; a worker stuck with it is replaced. */
  timeoutMs?: number | undefined;
  /** Takes what becomes of the first items of a task that takes long, while the others are done. */
  onPart?: ((part: TaskDone<Result>) => void) | undefined;
  /**
   * The task may go to a worker that is at another one, and is not begun if that takes longer: then it rejects with
   * {@linkcode Declined}.
   */
  afterMs?: number | undefined;
  /** Whom the task is for, where `timeoutMs` is for the wait for a worker as well. */
  waiter?: Waiter;
}

/** A task was not begun, because the one before it in its worker took too long: smaller ones would be better. */
export class Declined extends Error {}

/** Tasks that wait together: while a worker is at one of them, none of the others counts as waiting. */
export interface Waiter {
  /** Since when no worker is at any of them, by `performance.now()`. */
  sinceMs: number;
}

/** What became of a task, and the time that the worker spent on it. */
export interface TaskDone<Result> {
  value: Result;
  ms: number;
  /** Number of the worker. */
  worker: number;
  /** Of a part: items before it are not done. */
  isBeside?: boolean;
}

interface Job<Payload, Result> extends BlamableTask {
  message: TaskMessage<Payload>;
  onPart: ((part: TaskDone<Result>) => void) | undefined;
  waiter: Waiter | undefined;
  resolve(done: TaskDone<Result>): void;
  reject(error: unknown): void;
}

interface Slot<Payload, Result> {
  index: number;
  port: WorkerPort<Payload>;
  progress: Int32Array;
  isReady: boolean;
  jobs: Job<Payload, Result>[];
  tasksDone: number;
  openedMs: number;
  /** When it was last heard of, or given something to do when it had nothing. */
  heardMs: number;
}

/** A single worker serves tiny inputs; others are started when tasks have waited for so long. */
const HELP_AFTER_MS = 4;
/** A task whose workers died so often, with no item to blame, is given up. */
const MAX_UNEXPLAINED_DEATHS = 3;
/**
 * A worker that has been at a task for this long is asked to hand in what it has: it is seen sooner, and not lost with
 * the worker.
 */
const PART_AFTER_MS = 500;
/** How often that is looked at. */
const LOOK_MS = 100;
/** A worker that is still at a task for which nobody waits any more is ended after so long. */
const GIVE_UP_MS = 250;

export class WorkerPool<Payload, Result> {
  readonly #options: WorkerPoolOptions<Payload, Result>;
  #jobs: number;
  /** Workers from this number on are not started for want of others. */
  #heldFrom = Infinity;
  readonly #slots: (Slot<Payload, Result> | undefined)[] = [];
  #queue: Job<Payload, Result>[] = [];
  #nextId = 0;
  #broken: { error: unknown } | undefined;
  #helpTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #isStopped = false;
  #whenQuiet: PromiseWithResolvers<void> | undefined;
  readonly #watchdog: Watchdog = new Watchdog(() => this.#endStuckWorkers());

  constructor(options: WorkerPoolOptions<Payload, Result>) {
    this.#options = options;
    this.#jobs = options.jobs;
  }

  /** Changes how many workers there are at most, before more than one was started. */
  resize(jobs: number): void {
    this.#jobs = jobs;
  }

  /** Starts no worker from this number on because tasks wait. */
  holdBack(from: number): void {
    this.#heldFrom = from;
  }

  /** Those that were held back are started where tasks wait. */
  release(): void {
    this.#heldFrom = Infinity;
    this.#callForHelp();
  }

  /** Starts workers up to `count` (at most `jobs`) without waiting for a task. */
  start(count: number): void {
    for (let index = 0; index < Math.min(count, this.#jobs); index++) {
      if (this.#slots[index] === undefined) this.#open(index);
    }
  }

  /** Whether a further task would soon find a worker. */
  hasRoom(): boolean {
    let load = this.#queue.length;
    for (const slot of this.#slots) load += slot?.jobs.length ?? 0;
    return load < this.#jobs * TASKS_PER_WORKER;
  }

  /** Runs a task. Rejects when it failed as a whole, when it killed too many workers, or when the pool is broken. */
  submit(
    payload: Payload,
    { timeoutMs, onPart, afterMs, waiter }: TaskOptions<Result> = {},
  ): Promise<TaskDone<Result>> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    return new Promise((resolve, reject) => {
      const task = { type: "task" as const, id: this.#nextId++, payload, poisoned: [], isSerial: false, done: 0 };
      const message = { ...task, takesParts: onPart !== undefined, afterMs, timeoutMs, ticket: 0 };
      this.#queue.push({ message, onPart, waiter, unexplainedDeaths: 0, resolve, reject });
      if (timeoutMs !== undefined) this.#watchdog.watch(timeoutMs);
      if (onPart !== undefined || this.#options.outside !== undefined) {
        this.#lookTimer ??= setInterval(() => this.#lookAtWorkers(), LOOK_MS);
      }
      this.#dispatch();
    });
  }

  /**
   * Nothing more is begun. Workers hand in what is done of the tasks that they are at, as soon as the items under way
   * have ended; these tasks are answered no more.
   */
  stop(): void {
    this.#isStopped = true;
    for (const slot of this.#slots) {
      if (slot === undefined) continue;
      slot.jobs = slot.jobs.filter((job) => !claimTask(slot.progress, job.message));
      Atomics.store(slot.progress, PROGRESS_WANTED, WANTS_STOP);
      slot.port.want();
    }
  }

  /** After {@linkcode WorkerPool.stop}: resolves when no worker is at a task any more. */
  quiet(): Promise<void> {
    this.#whenQuiet ??= Promise.withResolvers<void>();
    this.#lookIfQuiet();
    return this.#whenQuiet.promise;
  }

  #lookIfQuiet(): void {
    if (this.#whenQuiet === undefined) return;
    if (!this.#slots.some((slot) => slot !== undefined && slot.jobs.length > 0)) this.#whenQuiet.resolve();
  }

  /** Declines the tasks that may be declined, and that no worker has begun. Returns how many. */
  recall(): number {
    const recalled = this.#queue.filter(mayBeDeclined);
    this.#queue = this.#queue.filter((job) => !mayBeDeclined(job));
    for (const slot of this.#slots) {
      if (slot === undefined) continue;
      const unbegun = slot.jobs.filter((job) => mayBeDeclined(job) && claimTask(slot.progress, job.message));
      slot.jobs = slot.jobs.filter((job) => !unbegun.includes(job));
      recalled.push(...unbegun);
    }
    for (const job of recalled) job.reject(new Declined());
    return recalled.length;
  }

  /** Nobody waits for these tasks any more: whatever is stuck with one of them is not to keep others waiting. */
  giveUp(waiter: Waiter): void {
    const isAtOne = (slot: Slot<Payload, Result>): boolean =>
      slot.jobs.some((job) => job.waiter === waiter && job.message.id === slot.progress[PROGRESS_TASK]);
    if (!this.#slots.some((slot) => slot !== undefined && isAtOne(slot))) return;
    const timer = setTimeout(() => {
      for (const slot of this.#slots) if (slot !== undefined && isAtOne(slot)) this.#endWith(slot, waiter);
    }, GIVE_UP_MS);
    timer.unref();
  }

  /** Ends a worker, and with it what it has of these tasks; the others that it has go to another one. */
  #endWith(slot: Slot<Payload, Result>, waiter: Waiter): void {
    this.#queue = [...slot.jobs.filter((job) => job.waiter !== waiter), ...this.#queue];
    slot.jobs = [];
    this.#replace(slot);
    this.#dispatch();
  }

  /** Ends all workers at once; tasks under way are rejected with `error`. */
  terminate(error: unknown = new RowmillError("pool", "the pool was terminated")): void {
    this.#fail(error);
  }

  #open(index: number): void {
    if (this.#broken !== undefined) return;
    const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * 4));
    progress[PROGRESS_TASK] = -1;
    try {
      const slot: Slot<Payload, Result> = {
        index,
        progress,
        isReady: false,
        jobs: [],
        tasksDone: 0,
        openedMs: performance.now(),
        heardMs: 0,
        port: this.#options.open(index, progress, (event) => this.#hear(slot, event)),
      };
      this.#slots[index] = slot;
    } catch (error) {
      const isTold = error instanceof RowmillError;
      this.#fail(isTold ? error : new RowmillError("worker", "a worker could not be started", { cause: error }));
    }
  }

  #hear(slot: Slot<Payload, Result>, event: WorkerEvent<Result>): void {
    // A worker that was given up may still have sent a message.
    if (this.#slots[slot.index] !== slot) return;
    switch (event.type) {
      case "ready":
        slot.isReady = true;
        this.#dispatch();
        break;
      case "result":
        this.#finish(slot, event);
        break;
      case "part":
        this.#takePart(slot, event);
        break;
      case "stopped":
        slot.jobs = slot.jobs.filter((job) => job.message.id !== event.id);
        break;
      case "declined":
        this.#decline(slot, event.id);
        break;
      case "broken":
        this.#fail(event.error);
        break;
      case "died":
        this.#bury(slot, { code: "row-worker-died", error: event.error });
        break;
    }
    this.#lookIfQuiet();
  }

  #finish(slot: Slot<Payload, Result>, event: WorkerEvent<Result> & { type: "result" }): void {
    const at = slot.jobs.findIndex((job) => job.message.id === event.id);
    const [job] = at < 0 ? [] : slot.jobs.splice(at, 1);
    if (job === undefined) return;
    slot.tasksDone++;
    slot.heardMs = performance.now();
    if (job.waiter !== undefined) job.waiter.sinceMs = slot.heardMs;
    if (event.ok) job.resolve({ value: event.value, ms: event.ms, worker: slot.index });
    else job.reject(event.error);
    if (slot.tasksDone >= this.#maxTasks() && slot.jobs.length === 0) this.#replace(slot);
    this.#dispatch();
  }

  #decline(slot: Slot<Payload, Result>, id: number): void {
    const job = slot.jobs.find(({ message }) => message.id === id);
    slot.jobs = slot.jobs.filter((other) => other !== job);
    job?.reject(new Declined());
    this.#dispatch();
  }

  #takePart(slot: Slot<Payload, Result>, part: WorkerEvent<Result> & { type: "part" }): void {
    const { id, value, done, isBeside = false, ms } = part;
    const job = slot.jobs.find(({ message }) => message.id === id);
    if (job === undefined) return;
    slot.heardMs = performance.now();
    // If its worker dies, another one starts behind these.
    if (!isBeside) job.message.done = done;
    job.onPart?.({ value, ms, worker: slot.index, ...(isBeside && { isBeside }) });
  }

  /** Asks workers that are at one task for long to hand in what they have. */
  #lookAtWorkers(): void {
    const now = performance.now();
    const { outside } = this.#options;
    for (const slot of this.#slots) {
      if (slot === undefined || slot.jobs.length === 0) continue;
      if (outside !== undefined && (readOutside(slot.progress) ?? 0) >= outside.afterMs) outside.onWait();
      if (now - slot.heardMs < PART_AFTER_MS || slot.jobs[0]?.onPart === undefined) continue;
      const before = Atomics.compareExchange(slot.progress, PROGRESS_WANTED, WANTS_NOTHING, WANTS_PART);
      if (before === WANTS_NOTHING) slot.port.want();
    }
  }

  #maxTasks(): number {
    return this.#options.maxTasksPerWorker ?? Infinity;
  }

  /** Ends a worker; another one takes its place if tasks wait for it. */
  #replace(slot: Slot<Payload, Result>): void {
    this.#slots[slot.index] = undefined;
    slot.port.terminate();
    if (this.#queue.length > 0) this.#open(slot.index);
  }

  #dispatch(): void {
    if (this.#isStopped) return;
    for (let slot = this.#freest(); slot !== undefined; slot = this.#freest()) {
      const job = this.#queue.shift() ?? (slot.jobs.length === 0 ? this.#takeBack() : undefined);
      if (job === undefined) break;
      this.#post(slot, job);
    }
    this.#callForHelp();
  }

  /** The ready worker with the fewest tasks that may take one more. */
  #freest(): Slot<Payload, Result> | undefined {
    let best: Slot<Payload, Result> | undefined;
    for (const slot of this.#slots) {
      if (slot === undefined || !slot.isReady) continue;
      if (slot.jobs.length >= Math.min(TASKS_PER_WORKER, this.#maxTasks() - slot.tasksDone)) continue;
      if (best === undefined || slot.jobs.length < best.jobs.length) best = slot;
    }
    return best;
  }

  /** For an idle worker: a task that waits behind another one, which may take long. */
  #takeBack(): Job<Payload, Result> | undefined {
    for (const slot of this.#slots) {
      const waiting = slot?.jobs[TASKS_PER_WORKER - 1];
      if (slot !== undefined && waiting !== undefined && claimTask(slot.progress, waiting.message)) {
        slot.jobs.pop();
        return waiting;
      }
    }
    return undefined;
  }

  #post(slot: Slot<Payload, Result>, job: Job<Payload, Result>): void {
    // Takes the word that the worker's other task, if it has one, does not use.
    job.message.ticket = slot.jobs[0]?.message.ticket === 0 ? 1 : 0;
    Atomics.store(slot.progress, PROGRESS_CLAIMS + job.message.ticket, job.message.id);
    try {
      slot.port.post(job.message);
      if (slot.jobs.length === 0) slot.heardMs = performance.now();
      slot.jobs.push(job);
    } catch (error) {
      job.reject(error);
    }
  }

  /** Opens the first worker at once, and others when tasks still wait after a while. */
  #callForHelp(): void {
    if (this.#waiting() === 0 || this.#helpTimer !== undefined) return;
    const missing = this.#missing();
    if (missing.length === 0) return;
    if (this.#slots.every((slot) => slot === undefined)) this.#open(0);
    if (!this.#slots.some((slot) => slot?.isReady === true)) return;
    this.#helpTimer = setTimeout(() => {
      this.#helpTimer = undefined;
      for (const index of this.#missing().slice(0, this.#waiting())) this.#open(index);
    }, HELP_AFTER_MS);
  }

  /** How many tasks wait, here or behind another one. */
  #waiting(): number {
    const behind = this.#slots.map((slot) => slot?.jobs[TASKS_PER_WORKER - 1]);
    const waiting = [...this.#queue, ...behind.filter((job) => job !== undefined)];
    // One that may be declined is meant to wait.
    return waiting.filter((job) => !mayBeDeclined(job)).length;
  }

  #missing(): number[] {
    const most = Math.min(this.#jobs, this.#heldFrom);
    return Array.from({ length: most }, (_, index) => index).filter((index) => this.#slots[index] === undefined);
  }

  /** A worker is gone or stuck: blames an item if one was open, and gives its tasks to others. */
  #bury(slot: Slot<Payload, Result>, death: Death): void {
    this.#slots[slot.index] = undefined;
    slot.port.terminate();
    if (!slot.isReady) {
      const message = `a worker ended before it was ready: ${death.error.message}`;
      this.#fail(new RowmillError("worker", message, { cause: death.error }));
      return;
    }
    if (death.code === "row-worker-died" && readOpenItem(slot.progress) === undefined) {
      this.#options.onStrayDeath?.(death.error);
    }
    blame(slot, death);
    const survivors = slot.jobs.filter((job) => job.unexplainedDeaths < MAX_UNEXPLAINED_DEATHS);
    for (const job of slot.jobs) {
      if (survivors.includes(job)) continue;
      const message = `${MAX_UNEXPLAINED_DEATHS} workers died with the same batch: ${death.error.message}`;
      job.reject(new RowmillError("worker", message, { cause: death.error }));
    }
    this.#queue = [...survivors, ...this.#queue];
    if (survivors.length > 0 && !this.#isStopped) this.#open(slot.index);
    this.#dispatch();
  }

  #fail(error: unknown): void {
    this.#broken ??= { error };
    clearTimeout(this.#helpTimer);
    clearInterval(this.#lookTimer);
    this.#watchdog.stop();
    const jobs = [...this.#slots.flatMap((slot) => slot?.jobs ?? []), ...this.#queue];
    for (const slot of this.#slots) slot?.port.terminate();
    this.#slots.length = 0;
    this.#queue = [];
    for (const job of jobs) job.reject(this.#broken.error);
  }

  /** Buries every worker with an item open for too long. Returns the shortest timeout of all tasks. */
  #endStuckWorkers(): number | undefined {
    const timed = [...this.#slots.flatMap((slot) => slot?.jobs ?? []), ...this.#queue];
    for (const slot of this.#slots) {
      if (slot !== undefined) this.#endIfOutside(slot);
      const open = slot === undefined ? undefined : readOpenItem(slot.progress);
      if (slot === undefined || open === undefined) continue;
      const timeoutMs = slot.jobs.find((job) => job.message.id === open.task)?.message.timeoutMs;
      if (timeoutMs === undefined || open.openMs <= timeoutMs) continue;
      this.#bury(slot, { code: "row-timeout", error: new Error(timeoutMessage(timeoutMs)), item: open.item });
    }
    this.#endWaits();
    const shortest = timed.reduce((least, job) => Math.min(least, job.message.timeoutMs ?? Infinity), Infinity);
    return shortest === Infinity ? undefined : shortest;
  }

  /** Ends the pool when code outside of any item takes longer than an item may: another worker would do no better. */
  #endIfOutside(slot: Slot<Payload, Result>): void {
    const openMs = readOutside(slot.progress);
    const timeoutMs = slot.jobs.find(({ message }) => message.id === slot.progress[PROGRESS_TASK])?.message.timeoutMs;
    if (openMs === undefined || timeoutMs === undefined || openMs <= timeoutMs) return;
    const name = this.#options.outside?.name ?? "code outside of any item";
    const hint = "look at what it waits for, or raise --timeout, which is for such calls as well";
    this.#fail(new RowmillError("transform", `${name} ${timeoutMessage(timeoutMs)}`, { hint }));
  }

  /** Rejects tasks that have waited too long for a worker; workers that are late with their setup are ended. */
  #endWaits(): void {
    const now = performance.now();
    const posted = this.#slots.flatMap((slot) => slot?.jobs.map((job) => ({ slot, job })) ?? []);
    for (const { slot, job } of posted) {
      if (job.waiter !== undefined && job.message.id === slot.progress[PROGRESS_TASK]) job.waiter.sinceMs = now;
    }
    const isLate = ({ waiter, message }: Job<Payload, Result>): boolean =>
      waiter !== undefined && now - waiter.sinceMs > (message.timeoutMs ?? Number.POSITIVE_INFINITY);
    const late = this.#queue.filter(isLate);
    this.#queue = this.#queue.filter((job) => !isLate(job));
    for (const { slot, job } of posted) {
      if (!isLate(job) || !claimTask(slot.progress, job.message)) continue;
      slot.jobs = slot.jobs.filter((other) => other !== job);
      late.push(job);
    }
    if (late.length === 0) return;
    const timeoutMs = Math.min(...late.map(({ message }) => message.timeoutMs ?? Number.POSITIVE_INFINITY));
    const starting = this.#slots.filter((slot) => slot?.isReady === false);
    const isStarting = starting.length > 0 && !this.#slots.some((slot) => slot?.isReady === true);
    const why = isStarting ? "no worker was ready: its setup" : "no worker was free: the wait for one";
    for (const job of late) job.reject(new RowmillError("pool", `${why} ${timeoutMessage(timeoutMs)}`));
    // Their setup may be quicker the next time.
    for (const slot of starting) if (slot !== undefined && now - slot.openedMs > timeoutMs) this.#replace(slot);
  }
}

function mayBeDeclined({ message }: BlamableTask): boolean {
  return message.afterMs !== undefined;
}
