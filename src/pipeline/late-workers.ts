/**
 * Workers that would share their cores with the parent and with the runtime's compilers. A worker runs the same cold code
 * as all others, which costs some 80 ms of CPU time: on a machine of two cores a second one makes a run of 100 ms a
 * sixth longer. So these wait until it is seen that there is enough to do for them.
 */

/** So long the other workers must still have to do for it, where that is known well. */
const WORTH_MS = 250;
/** An earlier estimate is of code that is not compiled yet: it says several times too much. */
const WARM_MS = 50;
/** The first rows say nothing yet. When nothing has come after so long, rows are slow. */
const FIRST_MS = 12;
/** The same for later batches, of which one of quick rows takes some milliseconds. */
const SILENT_MS = 40;

/** What starts workers. */
interface Startable {
  holdBack(from: number): void;
  release(): void;
}

export class LateWorkers {
  readonly #pool: Startable;
  /** How much of the input is not handed out; undefined where that is not known. */
  readonly #remaining: () => number | undefined;
  readonly #now: () => number;
  /** When the first batch was handed out. */
  #sinceMs: number | undefined;
  #timer: Timer | undefined;
  #areReleased = false;

  /**
   * @param atOnce How many workers need not wait.
   * @param now Milliseconds.
   */
  constructor(
    pool: Startable,
    { jobs, atOnce }: { jobs: number; atOnce: number },
    remaining: () => number | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#pool = pool;
    this.#remaining = remaining;
    this.#now = now;
    if (atOnce >= jobs) this.#areReleased = true;
    else pool.holdBack(atOnce);
  }

  /** A batch is handed out. */
  handedOut(): void {
    if (this.#areReleased || this.#sinceMs !== undefined) return;
    this.#sinceMs = this.#now();
    this.#waitFor(FIRST_MS);
  }

  /** A batch of `size` took a worker `ms`. */
  arrived(size: number, ms: number): void {
    if (this.#areReleased || this.#sinceMs === undefined) return;
    this.#waitFor(SILENT_MS);
    const spent = this.#now() - this.#sinceMs;
    if (spent < FIRST_MS) return;
    const remaining = this.#remaining();
    // Of a stream nobody knows what comes.
    const leftMs = remaining === undefined ? (spent < WARM_MS ? 0 : WORTH_MS) : (remaining * ms) / Math.max(size, 1);
    if (leftMs >= WORTH_MS * Math.max(1, WARM_MS / spent)) this.#release();
  }

  #release(): void {
    this.#areReleased = true;
    clearTimeout(this.#timer);
    this.#pool.release();
  }

  /** What is under way is waited for so long. */
  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), ms);
    this.#timer.unref();
  }
}
