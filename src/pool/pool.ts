/**
 * The library's `Pool`: functions over items, in worker threads. Python's `multiprocessing.Pool`, for JavaScript.
 *
 * Here is what the user sees. The pool's life is pool-calls.ts, one call is call.ts, the workers' side serve.ts.
 */
import type { PoolContext } from "./context.ts";
import type { Items } from "./item-source.ts";
import type { Settled } from "./item-error.ts";
import type { ApplyOptions, CallOptions, PoolOptions, SettleOptions } from "./options.ts";
import { PoolCalls } from "./pool-calls.ts";

/**
 * Worker threads that apply functions to items, in parallel and in order.
 *
 * A function travels as its text, so it must be all there is to it: JavaScript's globals and `await import("package")`
 * are at hand, variables around it are not. One that uses such a variable is refused by name before anything runs.
 * There are two ways out: pass the value in `args`, which the function finds in its second parameter, `ctx.args`; or
 * export the function as the default of a module and pass the module's URL in its place.
 *
 * Functions may be asynchronous; then up to 16 items are under way at once in every worker. Items, arguments and results
 * travel by structured clone.
 *
 * A function that throws, rejects or exits, or that takes longer than `timeoutMs`, fails its item and never hangs the
 * call: the first failing item in the order of the input rejects it, with an {@linkcode ItemError}. The other items of
 * a worker that died run again elsewhere, so an item may run more than once, and its result counts once.
 *
 * Idle workers do not keep the process alive.
 *
 * @example Seven scientists
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pool } from "rowmill";
 *
 * const scientists = [
 *   { name: "Ada Lovelace", born: 1815 },
 *   { name: "Emmy Noether", born: 1882 },
 * ];
 *
 * await using pool = new Pool();
 * const ages = await pool.map(({ name, born }) => ({ name, age: 2017 - born }), scientists);
 * assert.deepEqual(ages, [{ name: "Ada Lovelace", age: 202 }, { name: "Emmy Noether", age: 135 }]);
 * ```
 *
 * @example Values from outside
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pool } from "rowmill";
 *
 * const year = 2017;
 * await using pool = new Pool({ jobs: 2, args: { year } });
 * assert.deepEqual(await pool.map((born: number, ctx) => ctx.args.year - born, [1815, 1882]), [202, 135]);
 * ```
 *
 * @example Memory that all workers share
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pool } from "rowmill";
 *
 * const prices = Float64Array.of(1.5, 2, 40);
 * await using pool = new Pool({ jobs: 2, shared: { prices } });
 * assert.deepEqual(await pool.map((at: number, ctx) => ctx.shared.prices[at], [2, 0]), [40, 1.5]);
 * ```
 *
 * @example An outcome for every item
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pool } from "rowmill";
 *
 * await using pool = new Pool({ jobs: 2 });
 * const outcomes = await pool.map((text: string) => JSON.parse(text) as unknown, ["1", "{", "3"], { settle: true });
 * assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
 * ```
 */
export class Pool<Args = undefined, State = undefined, Shared = undefined> implements AsyncDisposable {
  readonly #calls: PoolCalls;

  /**
   * @param options How many workers, and what they start with. Nothing is started yet.
   * @throws {RangeError} If `jobs` or `maxTasksPerWorker` is no positive integer.
   * @throws {TypeError} If `args` or `shared` cannot be copied to workers.
   */
  constructor(options: PoolOptions<Args, State, Shared> = {}) {
    this.#calls = new PoolCalls(options);
  }

  /**
   * Applies a function to every item. Python's `Pool.map`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Pool } from "rowmill";
   *
   * await using pool = new Pool({ jobs: 2 });
   * assert.deepEqual(await pool.map((x: number) => x * x, [1, 2, 3]), [1, 4, 9]);
   * ```
   *
   * @param fn Called with an item and `ctx`; or the URL of a module whose default export is called so.
   * @param items Any iterable or async iterable.
   * @param options Batches, progress, and when to give up.
   * @returns The results in the order of the items.
   * @throws {ItemError} If an item fails: the first one in the order of the items.
   * @throws {TypeError} If the function cannot be sent to workers, or `items` cannot be iterated.
   * @throws {RangeError} If `batch` or `timeoutMs` is out of range.
   * @throws {RowmillError} If the pool is closed, its `setup` failed, or a module has no function as its default export.
   */
  map<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options: SettleOptions,
  ): Promise<Settled<Awaited<R>>[]>;
  map<R = unknown>(fn: URL, items: Items<unknown>, options: SettleOptions): Promise<Settled<R>[]>;
  map<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options?: CallOptions,
  ): Promise<Awaited<R>[]>;
  map<R = unknown>(fn: URL, items: Items<unknown>, options?: CallOptions): Promise<R[]>;
  map(fn: unknown, items: Items<unknown>, options: CallOptions | SettleOptions = {}): Promise<unknown[]> {
    return this.#calls.collect({ fn, calling: "item", items, options });
  }

  /**
   * Applies a function to every array of arguments. Python's `Pool.starmap`. The function gets its arguments and no
   * `ctx`: one that wants both is for {@linkcode Pool.map}, as `([a, b], ctx) => …`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Pool } from "rowmill";
   *
   * await using pool = new Pool({ jobs: 2 });
   * const powers = await pool.starmap((base: number, exponent: number) => base ** exponent, [[2, 3], [3, 2]]);
   * assert.deepEqual(powers, [8, 9]);
   * ```
   *
   * @param fn Called with the elements of an item; or the URL of a module whose default export is called so.
   * @param items Any iterable or async iterable of arrays.
   * @param options Batches, progress, and when to give up.
   * @returns The results in the order of the items.
   * @throws {ItemError} If an item fails; and as {@linkcode Pool.map} does.
   */
  starmap<A extends unknown[], R>(
    fn: (...parameters: A) => R,
    items: Items<Readonly<A>>,
    options: SettleOptions,
  ): Promise<Settled<Awaited<R>>[]>;
  starmap<R = unknown>(fn: URL, items: Items<readonly unknown[]>, options: SettleOptions): Promise<Settled<R>[]>;
  starmap<A extends unknown[], R>(
    fn: (...parameters: A) => R,
    items: Items<Readonly<A>>,
    options?: CallOptions,
  ): Promise<Awaited<R>[]>;
  starmap<R = unknown>(fn: URL, items: Items<readonly unknown[]>, options?: CallOptions): Promise<R[]>;
  starmap(fn: unknown, items: Items<unknown>, options: CallOptions | SettleOptions = {}): Promise<unknown[]> {
    return this.#calls.collect({ fn, calling: "spread", items, options });
  }

  /**
   * Applies a function to items as they are read, and gives the results as they are asked for. Python's `Pool.imap`.
   *
   * The input may be endless: it is read only some batches (four a worker) beyond the result that was asked for last.
   * Whoever stops asking, by `break` or `return()`, stops the reading.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Pool } from "rowmill";
   *
   * function* numbers() {
   *   for (let n = 1; ; n++) yield n;
   * }
   *
   * await using pool = new Pool({ jobs: 2 });
   * for await (const square of pool.imap((n: number) => n * n, numbers())) {
   *   if (square > 50) {
   *     assert.equal(square, 64);
   *     break;
   *   }
   * }
   * ```
   *
   * @param fn Called with an item and `ctx`; or the URL of a module whose default export is called so.
   * @param items Any iterable or async iterable. Nothing is read before the first result is asked for.
   * @param options Batches, progress, and when to give up.
   * @returns The results in the order of the items. It throws as {@linkcode Pool.map} does, after the results before the
   * failing item.
   */
  imap<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options: SettleOptions,
  ): AsyncGenerator<Settled<Awaited<R>>, void, undefined>;
  imap<R = unknown>(
    fn: URL,
    items: Items<unknown>,
    options: SettleOptions,
  ): AsyncGenerator<Settled<R>, void, undefined>;
  imap<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options?: CallOptions,
  ): AsyncGenerator<Awaited<R>, void, undefined>;
  imap<R = unknown>(fn: URL, items: Items<unknown>, options?: CallOptions): AsyncGenerator<R, void, undefined>;
  imap(
    fn: unknown,
    items: Items<unknown>,
    options: CallOptions | SettleOptions = {},
  ): AsyncGenerator<unknown, void, undefined> {
    return this.#calls.iterate({ fn, calling: "item", items, options });
  }

  /**
   * As {@linkcode Pool.imap}, with the results as they come, batch by batch. Python's `Pool.imap_unordered`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Pool } from "rowmill";
   *
   * await using pool = new Pool({ jobs: 2 });
   * const squares = await Array.fromAsync(pool.imapUnordered((n: number) => n * n, [1, 2, 3]));
   * assert.deepEqual(squares.toSorted(), [1, 4, 9]);
   * ```
   *
   * @param fn Called with an item and `ctx`; or the URL of a module whose default export is called so.
   * @param items Any iterable or async iterable.
   * @param options Batches, progress, and when to give up.
   * @returns The results. It throws at the first failing item that it meets.
   */
  imapUnordered<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options: SettleOptions,
  ): AsyncGenerator<Settled<Awaited<R>>, void, undefined>;
  imapUnordered<R = unknown>(
    fn: URL,
    items: Items<unknown>,
    options: SettleOptions,
  ): AsyncGenerator<Settled<R>, void, undefined>;
  imapUnordered<T, R>(
    fn: (item: T, ctx: PoolContext<Args, State, Shared>) => R,
    items: Items<T>,
    options?: CallOptions,
  ): AsyncGenerator<Awaited<R>, void, undefined>;
  imapUnordered<R = unknown>(fn: URL, items: Items<unknown>, options?: CallOptions): AsyncGenerator<R, void, undefined>;
  imapUnordered(
    fn: unknown,
    items: Items<unknown>,
    options: CallOptions | SettleOptions = {},
  ): AsyncGenerator<unknown, void, undefined> {
    return this.#calls.iterate({ fn, calling: "item", items, options, isUnordered: true });
  }

  /**
   * Calls a function once, in a worker. Python's `Pool.apply`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Pool } from "rowmill";
   *
   * await using pool = new Pool({ jobs: 1 });
   * assert.equal(await pool.apply((a: number, b: number) => a + b, [1, 2]), 3);
   * ```
   *
   * @param fn Called with the arguments, and no `ctx`; or the URL of a module whose default export is called so.
   * @param args The arguments.
   * @param options When to give up.
   * @returns The result.
   * @throws {ItemError} If the function fails, as item 0; and as {@linkcode Pool.map} does.
   */
  apply<A extends unknown[], R>(
    fn: (...parameters: A) => R,
    args: Readonly<A>,
    options?: ApplyOptions,
  ): Promise<Awaited<R>>;
  apply<R = unknown>(fn: URL, args: readonly unknown[], options?: ApplyOptions): Promise<R>;
  async apply(fn: unknown, args: readonly unknown[], options: ApplyOptions = {}): Promise<unknown> {
    const [result] = await this.#calls.collect({ fn, calling: "spread", items: [args], options });
    return result;
  }

  /**
   * Ends the pool when the calls under way have ended; further ones are refused. An iteration is under way from its
   * first result on until it is at its end or is left: one that is neither keeps `close` waiting.
   *
   * @returns Resolves when the workers are told to end.
   */
  close(): Promise<void> {
    return this.#calls.close();
  }

  /** Ends the pool and its workers at once: calls under way reject, further ones are refused. */
  terminate(): void {
    this.#calls.terminate();
  }

  /** {@linkcode Pool.close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
