/** `--rate`: spaces the starts of calls evenly over time, over all workers together. */
import type { RateSetup } from "./wire.ts";

const MICROSECONDS = 1_000_000;

/** One a worker; all of them take turns on one word of shared memory. */
export class Rate {
  readonly #clock: BigInt64Array;
  readonly #interval: bigint;

  constructor({ perSecond, clock }: RateSetup) {
    this.#clock = clock;
    this.#interval = BigInt(Math.max(1, Math.round(MICROSECONDS / perSecond)));
  }

  /** Resolves when it is this caller's turn. */
  async turn(): Promise<void> {
    const waitMs = this.take();
    if (waitMs > 0) await Bun.sleep(waitMs);
  }

  /** Takes the next free moment; returns how far off it is, in milliseconds. */
  take(): number {
    for (;;) {
      const now = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
      const free = Atomics.load(this.#clock, 0);
      // Moments that nobody took are lost: after a pause there is no burst.
      const mine = free > now ? free : now;
      if (Atomics.compareExchange(this.#clock, 0, free, mine + this.#interval) === free) {
        return Number(mine - now) / 1000;
      }
    }
  }
}
