/**
 * Errors that nobody caught: promises that reject and that nobody waits for, errors thrown in timers and event
 * handlers. The runtime reports them only when the code that they come from has returned. So a task must wait for these
 * reports before it answers: otherwise it would be chance whether an error is noticed.
 */
import { RowmillError, describeThrown } from "../errors.ts";

/** What the runtime reports. */
type StrayEvent = "unhandledRejection" | "uncaughtException";

export class Strays {
  #caught: RowmillError | undefined;
  /** How many callers of `during` are at work. */
  #listeners = 0;
  /** An item has settled and is still open: what is reported now belongs to it. */
  #isSettling = false;
  /** Items run one at a time: what is reported belongs to the one that is open. */
  isSerial = false;
  /** Items that were found to be at fault, by their number. */
  blamed: number[] = [];
  readonly #isOpen: () => boolean;
  readonly #die: (error: unknown) => void;
  readonly #onIdle: (stray: RowmillError, error: unknown) => void;

  /**
   * Listens in this thread.
   *
   * @param on `isOpen`: whether items are under way, of which one may be at fault; `die`: then it is found out by ending
   * this worker; `idle`: nobody is about to answer.
   */
  constructor(on: {
    isOpen: () => boolean;
    die: (error: unknown) => void;
    idle: (stray: RowmillError, error: unknown) => void;
  }) {
    this.#isOpen = on.isOpen;
    this.#die = on.die;
    this.#onIdle = on.idle;
    for (const event of ["unhandledRejection", "uncaughtException"] as const) {
      process.on(event, (error: unknown) => {
        // The user's code may have a listener of its own: then somebody has caught it.
        if (process.listenerCount(event) === 1) this.#hear(event, error);
      });
    }
  }

  #hear(event: StrayEvent, error: unknown): void {
    if (this.#isOpen() && !this.#isSettling) this.#hearOpen(event, error);
    else if (this.#listeners > 0) this.#caught ??= strayError(event, error);
    else this.#onIdle(strayError(event, error), error);
  }

  /** The item may wait for what has failed, and never settle. */
  #hearOpen(event: StrayEvent, error: unknown): void {
    if (!this.isSerial) {
      this.#die(error);
      return;
    }
    const stray = strayError(event, error);
    this.#caught ??= stray;
    setImmediate(() => {
      if (this.#caught === stray && !this.#isSettling) this.#die(error);
    });
  }

  /**
   * Runs something that answers for uncaught errors: those that come meanwhile are kept for {@linkcode Strays.take}.
   */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#listeners++;
    try {
      return await run();
    } finally {
      this.#listeners--;
    }
  }

  /** Waits for the runtime's reports; then gives the first error that nobody caught, once. */
  async take(): Promise<RowmillError | undefined> {
    await spoken();
    const caught = this.#caught;
    this.#caught = undefined;
    return caught;
  }

  /** As {@linkcode Strays.take}, for the only item that is open, which has settled. */
  async takeOfItem(item: number): Promise<RowmillError | undefined> {
    this.#isSettling = true;
    try {
      const caught = await this.take();
      if (caught !== undefined) this.blamed.push(item);
      return caught;
    } finally {
      this.#isSettling = false;
    }
  }
}

/** The runtime reports rejections after the microtasks, and before immediates. */
function spoken(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function strayError(event: StrayEvent, error: unknown): RowmillError {
  const what =
    event === "unhandledRejection" ? "a promise that nobody waits for was rejected" : "an error that nobody caught";
  return new RowmillError("row-function", `${what}: ${describeThrown(error)}`, {
    hint: event === "unhandledRejection" ? "await it, or catch what it rejects with" : "catch it where it is thrown",
    cause: error,
  });
}
