/**
 * How large the next stretch should be. The parent does as much for a large one as for a small one, and a worker needs no
 * more memory for its rows, which come to the same place block by block. What comes of them lies in memory until it is
 * written: that is to be no more than what comes of other batches.
 */
import { BatchSize, type BatchSizeLimits } from "../scheduler/batch-size.ts";
import type { BatchTiming } from "../scheduler/run-batches.ts";

/** So many times as large as other batches may a stretch be. */
const MOST_TIMES = 4;
/** Nor is it more than this share of an input, though it may be half of the largest batch. */
const MOST_SHARE = 1 / 64;

export class StretchSize {
  readonly #size: BatchSize;
  readonly #mostOutput: number;
  /** Bytes that were read, and that came of them. */
  #read = 0;
  #made = 0;
  /** The largest so far. */
  largest = 0;

  constructor(limits: BatchSizeLimits, total: number | undefined) {
    const { max } = limits;
    const share = total === undefined ? max : Math.floor(total * MOST_SHARE);
    const most = Math.max(Math.ceil(max / 2), Math.min(share, max * MOST_TIMES));
    this.#size = new BatchSize({ ...limits, max: Math.max(max, most), most }, total);
    this.#mostOutput = max / 2;
  }

  /** @param batch The size that another batch would have; `remaining`: what was not handed out of the input. */
  next(batch: number, remaining: number | undefined): number {
    const fitting = this.#made === 0 ? Number.POSITIVE_INFINITY : (this.#mostOutput * this.#read) / this.#made;
    const bytes = this.#read === 0 ? batch : Math.max(batch, Math.min(Math.floor(fitting), this.#size.next(remaining)));
    this.largest = Math.max(this.largest, bytes);
    return bytes;
  }

  /** @param made Bytes that came of it. */
  observe({ size, ms }: BatchTiming, made: number): void {
    this.#read += size;
    this.#made += made;
    this.#size.observe(size, ms);
  }
}
