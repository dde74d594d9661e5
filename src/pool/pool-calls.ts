/**
 * The life of a pool: its workers, the calls under way, and its end.
 */
import { availableParallelism } from "node:os";
import { mostWorkers } from "../thread-room.ts";

import { RowmillError, messageOf } from "../errors.ts";
import { WorkerPool } from "../scheduler/worker-pool.ts";
import { type RolePort, type SpawnOptions, spawnWorker } from "../spawn.ts";
import { Call, type CallPlan } from "./call.ts";
import { toFunctionWire } from "./function-source.ts";
import { Handoff } from "./handoff.ts";
import { ItemSource, type Items, totalOf } from "./item-source.ts";
import { type CallOptions, type SettleOptions, checkCallOptions, checkCount } from "./options.ts";
import { inSharedMemory } from "./shared-memory.ts";
import type { BatchOutcome, Calling, FunctionWire, ItemBatch, SetupMessage } from "./wire.ts";

/** A call as its method asks for it. */
export interface CallRequest {
  fn: unknown;
  calling: Calling;
  items: Items<unknown>;
  options: CallOptions | SettleOptions;
  isUnordered?: boolean;
}

/** `PoolOptions`, whatever their types. */
export interface PoolPlan {
  jobs?: number;
  setup?: unknown;
  args?: unknown;
  shared?: unknown;
  maxTasksPerWorker?: number;
}

/**
 * A call of this many items starts all workers at once; with fewer, one worker may be done before a second has started.
 */
const ALL_WORKERS_ITEMS = 1000;

export class PoolCalls {
  readonly #jobs: number;
  readonly #args: unknown;
  readonly #shared: unknown;
  readonly #setup: unknown;
  readonly #workers: WorkerPool<ItemBatch, BatchOutcome>;
  readonly #ports = new Set<RolePort<ItemBatch>>();
  readonly #running = new Set<Call>();
  /** Ends of the calls under way, those that have not got to their first batch included. */
  readonly #underWay = new Set<Promise<void>>();
  #setupWire: FunctionWire | undefined;
  #nextId = 0;
  /** Why no further call is taken. */
  #closed: RowmillError | undefined;
  #terminated: RowmillError | undefined;

  constructor({ jobs: wanted = availableParallelism(), setup, args, shared, maxTasksPerWorker }: PoolPlan) {
    checkCount("jobs", wanted);
    const jobs = Math.min(wanted, mostWorkers()?.workers ?? wanted);
    checkCount("maxTasksPerWorker", maxTasksPerWorker);
    this.#jobs = jobs;
    this.#setup = setup;
    this.#args = copyOf("args", args);
    this.#shared = copyOf("shared", inSharedMemory(shared));
    this.#workers = new WorkerPool({
      jobs,
      maxTasksPerWorker,
      open: (worker, progress, onEvent) => this.#open({ worker, progress, onEvent }),
      onStrayDeath: warnOfDeath,
    });
  }

  /** All results of a call. */
  async collect(request: CallRequest): Promise<unknown[]> {
    const results: unknown[] = [];
    const call = await this.#start(request, {
      isPaced: false,
      deliver: (values) => {
        for (const value of values) results.push(value);
      },
    });
    await call.done;
    return results;
  }

  /** The results of a call, one after another. Nothing happens before the first is asked for. */
  async *iterate(request: CallRequest): AsyncGenerator<unknown, void, undefined> {
    const handoff = new Handoff<unknown[]>();
    const call = await this.#start(request, { isPaced: true, deliver: (values) => handoff.put(values) });
    call.done.then(
      () => handoff.end(),
      (error: unknown) => handoff.fail(error),
    );
    try {
      for (let piece = await handoff.take(); piece !== undefined; piece = await handoff.take()) yield* piece.value;
    } finally {
      call.stop(new RowmillError("pool", "the iteration was ended"));
    }
  }

  async close(): Promise<void> {
    this.#closed ??= new RowmillError("pool", "the pool is closed");
    await Promise.all(this.#underWay);
    this.#workers.terminate(this.#closed);
  }

  terminate(): void {
    const error = new RowmillError("pool", "the pool was terminated");
    this.#closed ??= error;
    this.#terminated ??= error;
    this.#workers.terminate(error);
    for (const call of this.#running) call.stop(error);
  }

  async #start(request: CallRequest, delivery: Pick<CallPlan, "deliver" | "isPaced">): Promise<Call> {
    if (this.#closed !== undefined) throw this.#closed;
    const { fn, calling, options, isUnordered = false } = request;
    const { batch, signal, timeoutMs, settle: isSettled = false, onProgress } = options;
    checkCallOptions(options);
    signal?.throwIfAborted();
    const leave = this.#enter();
    try {
      if (this.#setup !== undefined) this.#setupWire ??= await toFunctionWire(this.#setup);
      this.#startWorkers(request.items);
      const wire = await toFunctionWire(fn, calling);
      signal?.throwIfAborted();
      if (this.#terminated !== undefined) throw this.#terminated;
      const source = new ItemSource(request.items);
      const plan = { fn: wire, calling, source, isUnordered, batch, timeoutMs, isSettled, onProgress, ...delivery };
      const call = new Call(plan, { pool: this.#workers, jobs: this.#jobs, id: this.#nextId++ });
      const abort = (): void => call.stop(signal?.reason);
      const end = (): void => {
        signal?.removeEventListener("abort", abort);
        this.#running.delete(call);
        leave();
      };
      signal?.addEventListener("abort", abort);
      this.#running.add(call);
      call.done.then(end, end);
      return call;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Their threads start while the function is looked at. */
  #startWorkers(items: Items<unknown>): void {
    const isWorthAll = (totalOf(items) ?? 0) >= ALL_WORKERS_ITEMS;
    this.#workers.start(isWorthAll ? this.#jobs : 1);
  }

  #open(spawn: Pick<SpawnOptions<BatchOutcome, never>, "worker" | "progress" | "onEvent">): RolePort<ItemBatch> {
    const port = spawnWorker<ItemBatch, BatchOutcome>({
      role: "pool",
      worker: spawn.worker,
      progress: spawn.progress,
      onEvent: (event) => {
        if (event.type === "died") this.#ports.delete(port);
        clearTimeout(late);
        spawn.onEvent(event);
      },
      onNote: () => {},
    });
    const late = this.#setup === undefined ? undefined : setTimeout(warnOfSetup, SAID_AFTER_MS);
    late?.unref();
    const message: SetupMessage = { type: "setup", setup: this.#setupWire, args: this.#args, shared: this.#shared };
    port.tell(message);
    this.#ports.add(port);
    return port;
  }

  /** Counts a call as under way, until what it returns is called: only then may the process end. */
  #enter(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#underWay.size === 0) for (const port of this.#ports) port.ref();
    this.#underWay.add(promise);
    return () => {
      this.#underWay.delete(promise);
      if (this.#underWay.size === 0) for (const port of this.#ports) port.unref();
      resolve();
    };
  }
}

/** A setup that takes longer than this is reported: it may never end. */
const SAID_AFTER_MS = 3_000;

function warnOfSetup(): void {
  process.emitWarning(`setup of a pool has not ended for ${SAID_AFTER_MS / 1000} s: its calls wait for that`, {
    code: "ROWMILL_SETUP",
  });
}

/** Warns that something an item has left behind, such as a timer, has failed after its result was delivered. */
function warnOfDeath(error: Error): void {
  process.emitWarning(`${error.message}, outside of any item`, { code: "ROWMILL_STRAY" });
}

/** A copy, so that all workers get the same, whatever becomes of the original. */
function copyOf(name: "args" | "shared", value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch (error) {
    throw new TypeError(`Cannot copy ${name} to workers: ${messageOf(error)}`, { cause: error });
  }
}
