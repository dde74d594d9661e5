/**
 * Decides the output columns of a run: those of the first output row in input order, whatever finishes first. Results
 * come in any order; the decision waits until all earlier batches are known to have no rows.
 */
export class OutputColumns {
  #columns: string[] | undefined;
  readonly #early = new Map<number, string[] | undefined>();
  #next = 0;

  /** @param columns The columns, where they are known from the start. */
  constructor(columns: string[] | undefined) {
    this.#columns = columns;
  }

  get value(): string[] | undefined {
    return this.#columns;
  }

  /** Batch `index` came, with the columns of its first row if it has rows. True when that decided. */
  offer(index: number, columns: string[] | undefined): boolean {
    if (this.#columns !== undefined || index < this.#next) return false;
    // Of a batch that comes in parts, the first that has rows.
    if (this.#early.get(index) === undefined) this.#early.set(index, columns);
    for (; this.#early.has(this.#next); this.#next++) {
      const found = this.#early.get(this.#next);
      this.#early.delete(this.#next);
      if (found === undefined) continue;
      this.#columns = found;
      this.#early.clear();
      return true;
    }
    return false;
  }
}
