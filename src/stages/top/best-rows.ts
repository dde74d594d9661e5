/** The first rows of an order, of rows that come one by one: no more than are wanted are kept, nor many more. */
import { collation } from "../sort/collation.ts";
import type { SortKey } from "../sort/sort-keys.ts";
import type { SortValue } from "../sort/sort-values.ts";

/** By key. */
export type Values = readonly SortValue[];

/** So many more rows than twice those that are wanted come together before the others are given up. */
const SPARE_ROWS = 64;

const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;

export class BestRows<Kept extends { values: Values }> {
  readonly #most: number;
  readonly #compare: (a: Values, b: Values) => number;
  #rows: Kept[] = [];
  /** The last of those that are wanted, of the rows that were sorted. */
  #last: Values | undefined;

  constructor(most: number, keys: readonly SortKey[]) {
    this.#most = most;
    const compares = keys.map(comparesValues);
    this.#compare = (a, b) => {
      for (let key = 0; key < compares.length; key++) {
        const compared = compares[key]?.(a[key], b[key]) ?? 0;
        if (compared !== 0) return compared;
      }
      return 0;
    };
  }

  /** Whether the next row may be wanted. Of equal ones, those that came first are. */
  wants(values: Values): boolean {
    return this.#most > 0 && (this.#last === undefined || this.#compare(values, this.#last) < 0);
  }

  add(row: Kept): void {
    this.#rows.push(row);
    if (this.#rows.length >= this.#most * 2 + SPARE_ROWS) this.sorted();
  }

  /** Those that are wanted of all so far, in their order. */
  sorted(): readonly Kept[] {
    this.#rows = this.#rows.toSorted((a, b) => this.#compare(a.values, b.values)).slice(0, this.#most);
    if (this.#rows.length === this.#most) this.#last = this.#rows.at(-1)?.values;
    return this.#rows;
  }
}

/**
 * The order of `--sort-by`: below 0 where `a` stands before `b`. Numbers stand before texts, or with the sign turned behind
 * them; nothing stands behind all.
 */
function comparesValues({ isDescending, locale }: SortKey): (a: SortValue, b: SortValue) => number {
  const sign = isDescending ? -1 : 1;
  const compare = locale === undefined ? compareTexts : collation(locale);
  return (a, b) => {
    if (a === b) return 0;
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
    if (typeof a !== "string") {
      if (typeof b === "string" || a < b) return -sign;
      return a > b ? sign : 0;
    }
    return typeof b === "string" ? compare(a, b) * sign : sign;
  };
}

/** By code points, as the bytes of UTF-8 are compared. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return placeOf(one) - placeOf(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points behind all those that are one unit. */
function placeOf(unit: number): number {
  return unit >= SURROGATES_FROM && unit <= SURROGATES_TO ? unit + 0x1_0000 : unit;
}
