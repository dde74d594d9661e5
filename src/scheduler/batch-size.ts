/**
 * How large the next batch should be: small at first, so that the first result comes at once and a slow function
 * shows; then growing towards a batch that takes TARGET_MS; smaller at once when batches come back slow; smaller again
 * near the end, so that workers finish together.
 *
 * Sizes are in the source's own unit (bytes for files, items for `Pool`).
 */

/**
 * How long a batch should take: long enough that the parent's work for it does not count, short enough to adapt the
 * size.
 */
const TARGET_MS = 100;
/** After a batch that took less the size grows faster: it is far from the one that fits. */
export const QUICK_MS = 5;
const QUICK_GROWTH = 8;
const GROWTH = 2;
/** The first batches of a run are at most this share of the input, so that every worker gets several. */
const FIRST_SHARE = 1 / 8;
/**
 * A batch is at most this share of what each worker has to do, though not less than half the largest: their results wait
 * for each other, and take memory until then.
 */
const MOST_SHARE = 1 / 32;
/** Near the end a batch is at most this share of what each worker still has to do. */
const LAST_SHARE = 1 / 2;
/** Batches of slow rows become smaller near the end until they take so long: the last one is waited for by all workers. */
const LAST_MS = 10;

export interface BatchSizeLimits {
  /** Largest first batch. */
  first: number;
  /** Largest batch. */
  max: number;
  /** Smallest batch that the end of the input is cut into, unless rows are slow. */
  last: number;
  /** An input of no more is one batch. */
  whole?: number;
  /** Largest batch of this input, where that is not found as for others. */
  most?: number;
  jobs: number;
}

export class BatchSize {
  readonly #limits: BatchSizeLimits;
  /** Largest batch of this input. */
  readonly #most: number;
  /** Whether the whole input is no larger than `last`: it is not cut then. */
  readonly isShort: boolean;
  #size: number;
  /** Smallest batch that the end is cut into. */
  #last: number;

  /** @param total Size of the whole input, where it is known. */
  constructor(limits: BatchSizeLimits, total?: number) {
    this.#limits = limits;
    this.#last = limits.last;
    this.isShort = total !== undefined && total <= limits.last;
    const most = total === undefined ? limits.max : Math.floor((total * MOST_SHARE) / limits.jobs);
    this.#most = limits.most ?? clamp(most, Math.ceil(limits.max / 2), limits.max);
    const share = total === undefined ? limits.first : Math.floor((total * FIRST_SHARE) / limits.jobs);
    this.#size =
      total !== undefined && total <= (limits.whole ?? 0) ? Math.max(1, total) : clamp(share, 1, limits.first);
  }

  /** The size of the next batch; `remaining` is what is left of the input, where it is known. */
  next(remaining?: number): number {
    if (remaining === undefined) return this.#size;
    const share = Math.max(Math.floor((remaining * LAST_SHARE) / this.#limits.jobs), this.#last);
    return Math.max(1, Math.min(this.#size, share));
  }

  /** The size of the next batch, if one of `size` turns out to be quick. */
  afterQuick(size: number): number {
    return clamp(Math.max(this.#size, size * QUICK_GROWTH), 1, this.#most);
  }

  /** A batch of `size` took `ms`; `least` is what a worker needs to have all of it under way at once. */
  observe(size: number, ms: number, least = 1): void {
    const fitting = Math.floor((size * TARGET_MS) / Math.max(ms, 0.01));
    const grown = Math.max(this.#size, size * (ms < QUICK_MS ? QUICK_GROWTH : GROWTH));
    const smallest = Math.min(least, this.#limits.max);
    this.#last = clamp(Math.floor((fitting * LAST_MS) / TARGET_MS), smallest, Math.max(smallest, this.#limits.last));
    this.#size = clamp(Math.min(fitting, grown), smallest, Math.max(smallest, this.#most));
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
