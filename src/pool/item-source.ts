/**
 * Reads the input of a call, a batch at a time and never further: an iterable at once, an asynchronous one as its items
 * come.
 */

import { inspected } from "../errors.ts";

/** What a call takes its items from. (An array is an iterable; a compiler whose target is ES5 does not see what is in it.) */
export type Items<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** Items that have come are not held back for longer than this to make their batch full. */
const QUIET_MS = 50;

export class ItemSource {
  /** How many items there are, where the input says so. */
  readonly total: number | undefined;
  #iterator: Iterator<unknown> | undefined;
  #asyncIterator: AsyncIterator<unknown> | undefined;
  /** An item asked for that had not come when its batch left. */
  #next: Promise<IteratorResult<unknown>> | undefined;

  /** @throws {TypeError} If `items` is no iterable of either kind. */
  constructor(items: Items<unknown>) {
    this.total = totalOf(items);
    if (hasMethod(items, Symbol.asyncIterator)) this.#asyncIterator = items[Symbol.asyncIterator]();
    else if (hasMethod(items, Symbol.iterator)) this.#iterator = items[Symbol.iterator]();
    else throw new TypeError(`Cannot read items: want an iterable or async iterable, got ${inspected(items)}`);
  }

  /** The next items, `most` at most; none at the end. `isFull` waits for that many, however long it takes. */
  take(most: number, { isFull }: { isFull: boolean }): unknown[] | Promise<unknown[]> {
    if (this.#asyncIterator !== undefined) return this.#takeAsync(this.#asyncIterator, most, isFull);
    const items: unknown[] = [];
    while (items.length < most && this.#iterator !== undefined) {
      const next = this.#iterator.next();
      if (next.done === true) this.#iterator = undefined;
      else items.push(next.value);
    }
    return items;
  }

  /** Reads no further: lets the input free what it holds. */
  stop(): void {
    const iterator = this.#iterator;
    const asyncIterator = this.#asyncIterator;
    this.#iterator = this.#asyncIterator = undefined;
    // As with `for … of`, what ended the reading counts, and not what the input says to it.
    try {
      iterator?.return?.();
    } catch (error) {
      ignore(error);
    }
    // Not waited for: an input that waits for its own next item answers only after it.
    asyncIterator?.return?.().catch(ignore);
  }

  async #takeAsync(iterator: AsyncIterator<unknown>, most: number, isFull: boolean): Promise<unknown[]> {
    const items: unknown[] = [];
    const quiet = Promise.withResolvers<undefined>();
    let timer: Timer | undefined;
    while (items.length < most && this.#asyncIterator !== undefined) {
      this.#next ??= iterator.next();
      // A failure is thrown to the batch that waits for the item, which may be the next one.
      this.#next.catch(ignore);
      const next = await (isFull ? this.#next : Promise.race([this.#next, quiet.promise]));
      if (next === undefined) break;
      this.#next = undefined;
      if (next.done === true) {
        this.#asyncIterator = undefined;
        break;
      }
      items.push(next.value);
      timer ??= setTimeout(() => quiet.resolve(undefined), QUIET_MS);
    }
    clearTimeout(timer);
    return items;
  }
}

/** How many items there are, where the input says so. */
export function totalOf(items: Items<unknown>): number | undefined {
  if (Array.isArray(items) || ArrayBuffer.isView(items)) return (items as unknown[]).length;
  if (items instanceof Set || items instanceof Map) return items.size;
  return undefined;
}

/** A program without types may pass anything as items. */
function hasMethod<K extends PropertyKey>(value: unknown, key: K): value is Record<K, () => never> {
  if (value === null || value === undefined) return false;
  return typeof (value as Partial<Record<K, unknown>>)[key] === "function";
}

function ignore(_error: unknown): void {}
