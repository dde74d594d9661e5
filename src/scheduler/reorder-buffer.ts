/**
 * The ordered merge: results go in as they come and out in the order of their numbers.
 */
export class ReorderBuffer<T> {
  readonly #early = new Map<number, T>();
  #next = 0;

  /** Keeps the result of task number `index`, once. */
  put(index: number, result: T): void {
    if (index < this.#next || this.#early.has(index)) throw new Error(`result ${index} came twice`);
    this.#early.set(index, result);
  }

  /** The next result in order, or undefined while it has not come. */
  take(): { index: number; result: T } | undefined {
    const index = this.#next;
    const result = this.#early.get(index);
    if (result === undefined && !this.#early.has(index)) return undefined;
    this.#early.delete(index);
    this.#next++;
    return { index, result: result as T };
  }

  /** The results that wait for an earlier one. */
  *early(): Generator<{ index: number; result: T }> {
    for (const [index, result] of this.#early) yield { index, result };
  }

  /** How many results wait for an earlier one. */
  get size(): number {
    return this.#early.size;
  }
}
