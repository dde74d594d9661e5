/** Where the time of a batch goes in its worker: a stopwatch that is read at the end of each stage. */

/** Milliseconds that a worker spent. */
export interface StageTimes {
  /** Reading bytes of the input. */
  read: number;
  /** Bytes to rows. */
  parse: number;
  /** Schema and function; of asynchronous functions the waiting too. */
  transform: number;
  /** Results to bytes. */
  encode: number;
}

export const NO_TIMES: Readonly<StageTimes> = { read: 0, parse: 0, transform: 0, encode: 0 };

export class StageClock {
  #times: StageTimes = { ...NO_TIMES };
  #last = performance.now();

  /** The times since they were last taken. */
  take(): StageTimes {
    const times = this.#times;
    this.#times = { ...NO_TIMES };
    return times;
  }

  /** The time since the last call belongs to this stage. */
  lap(stage: keyof StageTimes): void {
    const now = performance.now();
    this.#times[stage] += now - this.#last;
    this.#last = now;
  }
}
