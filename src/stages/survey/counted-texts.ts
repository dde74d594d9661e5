/**
 * How often texts come. As long as they are few, each is counted; of more, the commonest are kept by the summary of J. Misra
 * and D. Gries (Finding repeated elements, 1982), as it is merged by P. Agarwal and others (Mergeable summaries, 2012): no text
 * is left out that comes more often than `missed` says.
 */
/** So many different texts are all kept. */
export const MAX_COUNTED = 1000;
/** Of more, so many. */
const KEPT = 512;
const KEPT_OF_PART = 256;

export interface PackedCounts {
  texts: string[];
  counts: Float64Array;
  /** The rows that have them first. */
  rows: Float64Array;
  /** No text that is left out comes more often. */
  missed: number;
  isWhole: boolean;
}

/** What is known of a text. */
interface Counted {
  text: string;
  /** It comes so often at least. */
  count: number;
  /** And at most so often. */
  most: number;
  row: number;
}

/** Which of the texts of a part are handed on. */
export interface KeptOfPart {
  places: ArrayLike<number>;
  missed: number;
  isWhole: boolean;
}

/** Chooses them by how often they come: all that do, or the commonest. @param size How many there are. */
export function keptOfPart(counts: ArrayLike<number>, size: number): KeptOfPart {
  const places: number[] = [];
  const isWhole = size <= MAX_COUNTED;
  const missed = isWhole ? 0 : nthGreatest(counts, size);
  for (let place = 0; place < size; place++) if ((counts[place] ?? 0) > missed) places.push(place);
  return { places, missed, isWhole };
}

/** Most texts come so rarely: how many come how often is counted then, and nothing is sorted. */
const RARE = 1024;

/** The count behind those of the texts that are kept. */
function nthGreatest(counts: ArrayLike<number>, size: number): number {
  const texts = new Uint32Array(RARE);
  const often: number[] = [];
  for (let place = 0; place < size; place++) {
    const count = counts[place] ?? 0;
    if (count < RARE) texts[count] = (texts[count] ?? 0) + 1;
    else often.push(count);
  }
  return leastKept(texts, often);
}

/** The same where it is known how many texts come 0, 1, … times, and how often all others come. */
export function leastKept(texts: Uint32Array, often: readonly number[]): number {
  if (often.length > KEPT_OF_PART) return often.toSorted((a, b) => b - a)[KEPT_OF_PART] ?? 0;
  let left = KEPT_OF_PART - often.length;
  for (let count = texts.length - 1; count > 0; count--) {
    left -= texts[count] ?? 0;
    if (left < 0) return count;
  }
  return 0;
}

/** Packs those that are kept, in the order in which they come. */
export function packCounts(
  { places, missed, isWhole }: KeptOfPart,
  of: { text: (place: number) => string; count: (place: number) => number; row: (place: number) => number },
): PackedCounts {
  return {
    texts: Array.from(places, of.text),
    counts: Float64Array.from(places, of.count),
    rows: Float64Array.from(places, of.row),
    missed,
    isWhole,
  };
}

export class CountedTexts {
  readonly #held = new Map<string, { count: number; weight: number; row: number }>();
  #missed = 0;
  #isWhole = true;

  /** All different texts are here, with their counts. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get size(): number {
    return this.#held.size;
  }

  texts(): Iterable<string> {
    return this.#held.keys();
  }

  /** Adds those of the rows behind. */
  join({ texts, counts, rows, missed, isWhole }: PackedCounts): void {
    for (let at = 0; at < texts.length; at++) {
      const count = counts[at] ?? 0;
      const known = this.#held.get(texts[at] ?? "");
      if (known === undefined) this.#held.set(texts[at] ?? "", { count, weight: count, row: rows[at] ?? 0 });
      else {
        known.count += count;
        known.weight += count;
      }
    }
    this.#missed += missed;
    this.#isWhole &&= isWhole && this.#held.size <= MAX_COUNTED;
    if (!this.#isWhole && this.#held.size > 2 * KEPT) this.#drop();
  }

  /** The commonest, these first; those that come equally often in the order of their characters. */
  commonest(most: number): Counted[] {
    return [...this.#held]
      .map(([text, { count, weight, row }]) => ({ text, count, most: weight + this.#missed, row }))
      .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
      .slice(0, most);
  }

  #drop(): void {
    const weights = Float64Array.from(this.#held.values(), ({ weight }) => weight).toSorted();
    const least = weights[weights.length - KEPT - 1] ?? 0;
    for (const [text, held] of this.#held) {
      held.weight -= least;
      if (held.weight <= 0) this.#held.delete(text);
    }
    this.#missed += least;
  }
}
