/** `ctx`: what a pool's function is told beside its item. */

/** What all items of a worker share. */
export interface PoolWorkerContext<Args = unknown, State = unknown, Shared = unknown> {
  /** `args` of the pool's options; every worker has a copy. */
  readonly args: Args;
  /** `shared` of the pool's options: its typed arrays are the same memory in every worker. */
  readonly shared: Shared;
  /** What `setup` returned in this worker. */
  readonly state: State;
  /** Number of the worker, from 0. */
  readonly worker: number;
}

/** The second parameter of a pool's function. */
export interface PoolContext<Args = unknown, State = unknown, Shared = unknown> extends PoolWorkerContext<
  Args,
  State,
  Shared
> {
  /** Number of the item within the call, from 0. */
  readonly index: number;
  /** Aborted when the item takes too long, or when nobody waits for the call any more. */
  readonly signal: AbortSignal;
  /** Writes a line to stderr. */
  log(...values: unknown[]): void;
}

/** The context of one item. Its signal is made when it is first asked for. */
export class ItemContext implements PoolContext {
  readonly args: unknown;
  readonly shared: unknown;
  readonly state: unknown;
  readonly worker: number;
  readonly index: number;
  #controller: AbortController | undefined;

  constructor({ args, shared, state, worker }: PoolWorkerContext, index: number) {
    this.args = args;
    this.shared = shared;
    this.state = state;
    this.worker = worker;
    this.index = index;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  log(...values: unknown[]): void {
    console.error(...values);
  }

  /** Tells an item still under way that it is given up. */
  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }
}
