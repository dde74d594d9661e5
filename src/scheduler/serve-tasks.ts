/**
 * The worker's side of the scheduler: takes tasks one after another, hands each to a handler, and answers. What the
 * items of a task are, and what they do, is the handler's business; here is only the book of which item is open.
 */
import { type ErrorWire, type RowmillError, toWire } from "../errors.ts";
import {
  type DeclinedMessage,
  type DyingMessage,
  OUTSIDE_ITEMS,
  PROGRESS_ITEM,
  PROGRESS_OPEN,
  PROGRESS_SINCE,
  PROGRESS_TASK,
  PROGRESS_WANTED,
  type PartMessage,
  type PoisonedItem,
  type ResultMessage,
  type StoppedMessage,
  type TaskMessage,
  WANTS_NOTHING,
  WANTS_PART,
  WANTS_STOP,
  claimTask,
  clock31,
} from "./messages.ts";
import { Strays } from "./strays.ts";

/** On a busy machine the end of a thread may take longer than an item's timeout. */
const EXIT_MS = 10_000;

/** The book of open items, in memory that the parent can read after this worker has died. */
export class Progress {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** A single item is about to run: until {@linkcode Progress.close}, a death is its fault. */
  open(item: number): void {
    this.#words[PROGRESS_ITEM] = item;
    this.#words[PROGRESS_OPEN] = 1;
  }

  /** As `open`, and the item's timeout counts from now. */
  openTimed(item: number): void {
    this.#words[PROGRESS_SINCE] = clock31();
    this.open(item);
  }

  /**
   * So many asynchronous items run at once, `item` being the one that began last. Even when `count` is 1, a death may
   * be the fault of one that has just ended; only a serial task is sure.
   */
  openMany(count: number, item: number): void {
    this.#words[PROGRESS_ITEM] = item;
    this.#words[PROGRESS_OPEN] = count === 0 ? 0 : count + 1;
  }

  /** The timeout of what is open counts from this reading of the clock, which may lie ahead. */
  timeFrom(clock: number): void {
    this.#words[PROGRESS_SINCE] = clock;
  }

  /** This worker is about to end: what is open did that, however long the end may take. */
  exiting(): void {
    this.timeFrom(clock31() + EXIT_MS);
  }

  close(): void {
    this.#words[PROGRESS_OPEN] = 0;
  }

  /** Code of the user's is about to run that belongs to no item. */
  outside(): void {
    this.#words[PROGRESS_SINCE] = clock31();
    this.#words[PROGRESS_OPEN] = OUTSIDE_ITEMS;
  }

  /** Items are under way. */
  get isOpen(): boolean {
    return (this.#words[PROGRESS_OPEN] ?? 0) > 0;
  }

  /** Whether the parent wants something. Looked at after each item: a busy worker hears no messages. */
  get isWanted(): boolean {
    return this.#words[PROGRESS_WANTED] !== WANTS_NOTHING;
  }

  /** Whether the parent wants no further item to be begun. */
  get isStopped(): boolean {
    return this.#words[PROGRESS_WANTED] === WANTS_STOP;
  }

  /** Notes what the parent wants, where no memory is shared with it. */
  want(wants: number): void {
    this.#words[PROGRESS_WANTED] = wants;
  }

  /** What was done of the task has been handed in: the parent's wish is fulfilled. */
  handedIn(): void {
    Atomics.compareExchange(this.#words, PROGRESS_WANTED, WANTS_PART, WANTS_NOTHING);
  }

  /** Whether a task is still this worker's to begin. */
  claim(message: { id: number; ticket: number }): boolean {
    return claimTask(this.#words, message);
  }

  task(id: number): void {
    this.#words[PROGRESS_OPEN] = 0;
    this.#words[PROGRESS_SINCE] = clock31();
    this.#words[PROGRESS_TASK] = id;
  }
}

/** The book of a worker that shares no memory with its parent: each entry is written to a file before the item runs. */
export class NotedProgress extends Progress {
  readonly #book: Int32Array;
  readonly #write: (book: Int32Array) => void;

  /** @param write Writes the start of the book, NOTED_BYTES of it, to where the parent finds it. */
  constructor(words: Int32Array, write: (book: Int32Array) => void) {
    super(words);
    this.#book = words;
    this.#write = write;
  }

  override open(item: number): void {
    super.open(item);
    this.#write(this.#book);
  }

  override openMany(count: number, item: number): void {
    super.openMany(count, item);
    this.#write(this.#book);
  }

  override timeFrom(clock: number): void {
    super.timeFrom(clock);
    this.#write(this.#book);
  }

  override close(): void {
    super.close();
    this.#write(this.#book);
  }

  override outside(): void {
    super.outside();
    this.#write(this.#book);
  }

  override task(id: number): void {
    super.task(id);
    this.#write(this.#book);
  }

  /** The parent takes no task back from such a worker: it claims them itself when it sends them. */
  override claim(): boolean {
    return true;
  }
}

/** A task as its handler sees it. */
export interface ServedTask<Payload, Result = never> {
  payload: Payload;
  /** Failures of items that must not run again, by item number. */
  poisoned: Map<number, ErrorWire>;
  /** Run one item at a time. */
  isSerial: boolean;
  /** How many of its first items must not be run: they were handed in earlier. */
  done: number;
  /** What is done may be handed in before all is. */
  takesParts: boolean;
  /** Hands in what became of the next items, up to number `done` of the task. */
  handIn: (part: Served<Result>, done: number) => void;
  /** Hands in what became of items behind others that are not done, when the worker is told to stop. */
  handInBeside: (part: Served<Result>) => void;
  /** An item open for longer has failed. The parent ends a worker that is stuck; what only waits is the handler's. */
  timeoutMs?: number | undefined;
}

/** What a handler gives back; `transfer` lists memory that the answer takes along. */
export interface Served<Result> {
  value: Result;
  transfer: ArrayBuffer[];
}

/** Thrown by a handler that was told to stop; what was done before is handed in. */
export class Stopped extends Error {}

type Handler<Payload, Result> = (
  task: ServedTask<Payload, Result>,
  id: number,
) => Served<Result> | Promise<Served<Result>>;

/** What becomes of errors that nobody caught while a task was under way. */
export interface StrayErrors<Result> {
  strays: Strays;
  /** The answer of a task with an error that belongs to none of its items: it ends the run. */
  end(served: Served<Result>, stray: RowmillError): Served<Result>;
}

/** What a worker says of its tasks. */
export type Answer<Result> = ResultMessage<Result> | PartMessage<Result> | StoppedMessage | DeclinedMessage;

/** Answers tasks in the order in which they come, one at a time. */
export class TaskServer<Payload, Result> {
  readonly #progress: Progress;
  readonly #handle: Handler<Payload, Result>;
  readonly #post: (message: Answer<Result>, transfer: ArrayBuffer[]) => void;
  readonly #strayErrors: StrayErrors<Result> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** How long the task before took. */
  #lastMs = 0;
  /** Waits no longer for the task under way. */
  #giveUp: (reason: Stopped) => void = () => {};

  constructor(
    progress: Progress,
    handle: Handler<Payload, Result>,
    post: (message: Answer<Result>, transfer: ArrayBuffer[]) => void,
    strayErrors: StrayErrors<Result> | undefined,
  ) {
    this.#progress = progress;
    this.#handle = handle;
    this.#post = post;
    this.#strayErrors = strayErrors;
  }

  /** Takes a task; it runs when those before it are done. */
  take(message: TaskMessage<Payload>): void {
    const serve = (): Promise<void> => this.#serve(message);
    const { strays } = this.#strayErrors ?? {};
    this.#last = this.#last.then(strays === undefined ? serve : () => strays.during(serve));
  }

  /** Gives up the task under way if it answers with a promise; one that does not looks at `isStopped` itself. */
  stop(): void {
    this.#giveUp(new Stopped());
  }

  /** When all tasks taken so far are answered. */
  get idle(): Promise<void> {
    return this.#last;
  }

  async #serve(message: TaskMessage<Payload>): Promise<void> {
    if (this.#progress.isStopped) {
      this.#post({ type: "stopped", id: message.id }, []);
      return;
    }
    const { id, payload, poisoned, isSerial, done, takesParts, afterMs, timeoutMs } = message;
    // Not claimed first: a task that is claimed is begun.
    if (afterMs !== undefined && this.#lastMs > afterMs) {
      this.#post({ type: "declined", id }, []);
      return;
    }
    if (!this.#progress.claim(message)) return;
    const started = performance.now();
    this.#progress.task(id);
    if (this.#strayErrors !== undefined) this.#strayErrors.strays.isSerial = isSerial;
    let handed = done;
    const handIn = ({ value, transfer }: Served<Result>, items: number): void => {
      this.#progress.handedIn();
      handed = items;
      this.#post({ type: "part", id, value, done: items, ms: performance.now() - started }, transfer);
    };
    const handInBeside = ({ value, transfer }: Served<Result>): void => {
      this.#post({ type: "part", id, value, done, isBeside: true, ms: performance.now() - started }, transfer);
    };
    const task = { payload, poisoned: byItem(poisoned), isSerial, done, takesParts, handIn, handInBeside, timeoutMs };
    try {
      const first = await this.#run(task, id);
      const again = async (): Promise<Served<Result>> =>
        await this.#run({ ...task, isSerial: true, takesParts: false }, id);
      // What was handed in counts already: it cannot be told any more whether an error belongs to one of those.
      const canTell = !isSerial && handed === done;
      const { value, transfer } = await this.#answerFor(first, canTell ? again : undefined);
      this.#progress.task(-1);
      this.#lastMs = performance.now() - started;
      this.#post({ type: "result", id, ok: true, value, ms: this.#lastMs }, transfer);
    } catch (error) {
      this.#progress.task(-1);
      this.#lastMs = Infinity;
      // Errors so far belong to this task: they must not be taken for those of the next.
      await this.#strayErrors?.strays.take();
      if (error instanceof Stopped) this.#post({ type: "stopped", id }, []);
      else this.#post({ type: "result", id, ok: false, error: toWire(error) }, []);
    }
  }

  #run(task: ServedTask<Payload, Result>, id: number): Served<Result> | Promise<Served<Result>> {
    const answer = this.#handle(task, id);
    return answer instanceof Promise ? this.#unlessStopped(answer) : answer;
  }

  /**
   * Answers for errors that nobody caught: the items are run once more, each alone, and those that such an error belongs
   * to fail.
   */
  async #answerFor(
    served: Served<Result>,
    again: (() => Promise<Served<Result>>) | undefined,
  ): Promise<Served<Result>> {
    if (this.#strayErrors === undefined) return served;
    const { strays } = this.#strayErrors;
    const stray = await strays.take();
    if (stray === undefined) return served;
    if (again === undefined) return this.#strayErrors.end(served, stray);
    strays.isSerial = true;
    // Runs twice: an error of a connection or a timer of some earlier item falls on another item each time.
    strays.blamed = [];
    await again();
    const before = strays.blamed;
    strays.blamed = [];
    const alone = await again();
    const left = await strays.take();
    const isSure = left === undefined && before.length > 0 && before.join() === strays.blamed.join();
    return isSure ? alone : this.#strayErrors.end(alone, left ?? stray);
  }

  #unlessStopped<T>(answer: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = reject;
    return Promise.race([answer, promise]);
  }
}

function byItem(poisoned: readonly PoisonedItem[]): Map<number, ErrorWire> {
  return new Map(poisoned.map(({ item, error }) => [item, error]));
}

/**
 * Listens to errors that nobody caught. While several items are under way the worker ends, as Bun would have it, so that
 * the one at fault is found, but tells the parent first which error it was: Bun itself says it in a text with a code
 * frame only.
 *
 * @param idle Hears of those that belong to no task; undefined: they end the worker as well.
 */
export function listenForStrays(
  progress: Int32Array,
  post: (message: DyingMessage) => void,
  idle?: (stray: RowmillError) => void,
): Strays {
  const book = new Progress(progress);
  process.on("exit", () => book.exiting());
  const die = (error: unknown): void => {
    post({ type: "dying", error: toWire(error) });
    process.exit(1);
  };
  return new Strays({ isOpen: () => book.isOpen, die, idle: idle ?? ((_, error) => die(error)) });
}
