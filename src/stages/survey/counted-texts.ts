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

/** Packs those of one part: texts with their counts, in the order in which they come. */
export function packCounts(texts: readonly string[], counts: readonly number[], rows: readonly number[]): PackedCounts {
  if (texts.length <= MAX_COUNTED)
    return {
      texts: [...texts],
      counts: Float64Array.from(counts),
      rows: Float64Array.from(rows),
      missed: 0,
      isWhole: true,
    };
  const missed = Float64Array.from(counts).toSorted()[counts.length - KEPT_OF_PART - 1] ?? 0;
  const kept = [...counts.keys()].filter((at) => (counts[at] ?? 0) > missed);
  return {
    texts: kept.map((at) => texts[at] ?? ""),
    counts: Float64Array.from(kept, (at) => counts[at] ?? 0),
    rows: Float64Array.from(kept, (at) => rows[at] ?? 0),
    missed,
    isWhole: false,
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
