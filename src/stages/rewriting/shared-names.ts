/** Lists of names that are equal are one list: what is known of rows with these names is found by it. */
import { sameColumns } from "../../formats/columns.ts";

/** Lists that are not equal to the one before are looked up in so many. */
export const MOST_KNOWN = 1000;

export class SharedNames {
  #last: readonly string[] = [];
  readonly #known = new Map<string, readonly string[]>();

  /** The list with these names. */
  of(names: readonly string[]): readonly string[] {
    if (sameColumns(names, this.#last)) return this.#last;
    const key = JSON.stringify(names);
    const known = this.#known.get(key);
    if (known === undefined && this.#known.size < MOST_KNOWN) this.#known.set(key, names);
    this.#last = known ?? names;
    return this.#last;
  }
}
