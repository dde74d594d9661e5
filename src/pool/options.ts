/** What `Pool` and its calls can be told, and whether it makes sense. */
import { inspected } from "../errors.ts";
import type { PoolWorkerContext } from "./context.ts";

/** What a pool is made of. */
export interface PoolOptions<Args = undefined, State = undefined, Shared = undefined> {
  /**
   * Worker threads at most. They start when there is work for them and are kept between calls.
   *
   * @default {os.availableParallelism()}
   */
  jobs?: number;
  /**
   * Runs once in every worker before its first batch; what it returns is `ctx.state`. A function that uses nothing from
   * outside of itself, or the URL of a module whose default export it is.
   */
  setup?:
    | ((ctx: Pick<PoolWorkerContext<Args, unknown, Shared>, "args" | "shared" | "worker">) => State | Promise<State>)
    | URL;
  /** Values for all functions of the pool, as `ctx.args`: every worker gets a structured clone, made now. */
  args?: Args;
  /**
   * Data for all functions of the pool, to be read, as `ctx.shared`. Typed arrays, `DataView`s and `ArrayBuffer`s in it are
   * copied once, into memory that all workers share; what else is in it is copied to each of them, as `args` are.
   */
  shared?: Shared;
  /** A worker is replaced by a fresh one after so many batches. Never unless given. */
  maxTasksPerWorker?: number;
}

/** How a call goes about its items. */
export interface CallOptions {
  /** Items in a batch. By default batches grow and shrink, so that each takes a tenth of a second or so. */
  batch?: number;
  /** Ends the call when aborted: it rejects with the signal's reason. Functions see it as `ctx.signal`. */
  signal?: AbortSignal;
  /**
   * An item that takes longer, in milliseconds, fails; a worker stuck with it is replaced. A call whose items wait
   * longer for any worker (one that is free, and done with `setup`) fails as well. No limit unless given.
   */
  timeoutMs?: number;
  /**
   * With `true` the results are outcomes, `{ status: "fulfilled", value }` or `{ status: "rejected", reason }`: an item that
   * throws, takes too long or ends its worker costs no other item.
   *
   * @default false
   */
  settle?: false;
  /** Told how many items are done, of how many where that is known, after every batch. */
  onProgress?: (done: number, total: number | undefined) => void;
}

/** {@linkcode CallOptions} of a call that gives outcomes. */
export type SettleOptions = Omit<CallOptions, "settle"> & { settle: true };

/** What a single {@linkcode Pool.apply} takes of {@linkcode CallOptions}. */
export type ApplyOptions = Pick<CallOptions, "signal" | "timeoutMs">;

/** @throws {RangeError} If a count is given and no positive integer. */
export function checkCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return;
  throw new RangeError(`Cannot use ${name}: want a positive integer, got ${inspected(value)}`);
}

/** The longest time that a timer can be set to. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws {RangeError} If `batch` or `timeoutMs` is out of range. */
export function checkCallOptions({ batch, timeoutMs }: Pick<CallOptions, "batch" | "timeoutMs">): void {
  checkCount("batch", batch);
  if (timeoutMs === undefined || (timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) return;
  throw new RangeError(
    `Cannot use timeoutMs: want more than 0 and at most ${MAX_TIMEOUT_MS}, got ${inspected(timeoutMs)}`,
  );
}
