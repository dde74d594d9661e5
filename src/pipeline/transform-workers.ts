/**
 * The workers of a run, as the pipeline sees them: what the scheduler's pool is not told. Hands each new worker the
 * run's setup, tells all of them the output columns, and collects what they say beside results.
 */
import { RowmillError, fromWire, messageOf } from "../errors.ts";
import { compiledCode } from "../formats/memory-code.ts";
import { PROGRESS_WORDS, timeoutMessage } from "../scheduler/messages.ts";
import { isWithin } from "../scheduler/wait.ts";
import type { WorkerEvent } from "../scheduler/worker-port.ts";
import type { RolePort, SpawnOptions } from "../spawn.ts";
import type { KeptOutputs } from "./kept-outputs.ts";
import { TransformFiles } from "./transform-files.ts";
import type {
  BatchResult,
  CodePlan,
  FromWorker,
  LateRows,
  LoadedFirst,
  RowTask,
  RunSetup,
  ToWorker,
  TransformExports,
  WorkerJob,
} from "../transform/wire.ts";

/** What a worker is asked for that takes the parts of rows that are folded, or rewritten. */
export type TakeMessage = Extract<ToWorker, { type: "take" | "give" }>;

/** Whose work that is: code of the user's may take too long, steps take what they take. */
export type TakenBy = "reduce" | "steps" | "window";

type Listener = (event: WorkerEvent<BatchResult>) => void;

/** Starts a worker in the role of a transform. */
export type SpawnTransform = (options: SpawnOptions<BatchResult, FromWorker>) => RolePort<RowTask>;

/** Code of the user's that is called once, or between rows, has not ended for so long: that is said. */
export const SAID_AFTER_MS = 3_000;
/** Teardown is waited for so long, where no `--timeout` says otherwise. */
const TEARDOWN_MS = 10_000;

/** How long the user's code may take beside rows, and the end of a run. */
export interface Patience {
  /** Each call of `setup`, `merge`, `finish` and `teardown`; undefined: as long as it takes, but for `teardown`. */
  timeoutMs: number | undefined;
}

/** Less memory is as soon had anew. */
const LEAST_GIVEN_BYTES = 32 * 1024;

/** How long the end of a run may take that ends early. */
export interface EndBounds {
  /** For rows that are under way. */
  rowsMs?: number;
  /** For teardown, where that is less than it may take otherwise. */
  teardownMs?: number;
}

/** Who hears what is said on the way. */
export interface WorkersListener {
  /** What the transform says on its console. */
  onLog(text: string): void;
  /** What whoever wrote the transform should know. */
  onNote(text: string): void;
}

export class TransformWorkers {
  readonly #ports = new Map<number, RolePort<RowTask>>();
  /** How often memory was given back. */
  #given = 0;
  readonly #onEvent = new Map<number, Listener>();
  /** Those that are set up, and not torn down. */
  readonly #ready = new Set<number>();
  /** Those that are set up. */
  readonly #setUpOnce = new Set<number>();
  readonly #leaving = new Map<number, PromiseWithResolvers<boolean>>();
  readonly #deaths = new Map<number, number>();
  /** Waits for code that is called once, by worker. */
  readonly #waits = new Map<number, Wait>();
  /** What was said to take long: once a run each. */
  readonly #said = new Set<string>();
  #patience: Patience = { timeoutMs: undefined };
  readonly #listener: WorkersListener;
  readonly #spawn: SpawnTransform;
  readonly #loaded = Promise.withResolvers<TransformExports>();
  readonly #planned = Promise.withResolvers<CodePlan>();
  #mayGoOn = true;
  /** By the number of the first row. */
  readonly #reencoded = new Map<number, PromiseWithResolvers<BatchResult>>();
  readonly #finished = new Map<number, PromiseWithResolvers<void>>();
  #hasTeardown = false;
  #takenBy: TakenBy = "reduce";
  readonly #taken = new Map<number, PromiseWithResolvers<LateRows | undefined>>();
  /** The number of the worker beside the pool, where there is one, and what ends it. */
  #taker: number | undefined;
  #endTaker: () => void = () => {};
  /** Hear that a worker has begun its teardown. */
  readonly #tearingDown = new Map<number, () => void>();
  #isPlanned = false;
  #mayGuess = false;
  readonly #changed = Promise.withResolvers<never>();
  /** The transform's files, as all workers have loaded them. */
  readonly files: TransformFiles = new TransformFiles();
  #loadedFirst: LoadedFirst | undefined;
  #setup: RunSetup | undefined;
  #columns: string[] | undefined;
  /** What workers have kept to write it themselves, where they do. */
  #outputs: KeptOutputs | undefined;

  /** @param spawn Starts a worker; tests give one without a thread. */
  constructor(listener: WorkersListener, spawn: SpawnTransform) {
    this.#listener = listener;
    this.#spawn = spawn;
    // Nobody waits for it when there is no module to load.
    this.#loaded.promise.catch(() => {});
    this.#planned.promise.catch(() => {});
    this.#changed.promise.catch(() => {});
  }

  /** Rejects when a worker has loaded another transform than the first one: nothing it answers may be written. */
  get changed(): Promise<never> {
    return this.#changed.promise;
  }

  /** Opens a worker for the pool. Before the setup is known, the first one only loads the transform. */
  open(index: number, progress: Int32Array, onEvent: Listener, spawn: SpawnTransform = this.#spawn): RolePort<RowTask> {
    const port = this.#start(spawn, index, {
      progress,
      onEvent: (event) => {
        const known = event.type === "broken" ? { ...event, error: this.files.change ?? event.error } : event;
        if (known.type === "broken") this.#leaving.get(index)?.reject(known.error);
        if (known.type === "broken" || known.type === "died") this.#lost(index, known.error);
        // That is the end of its teardown.
        if (known.type === "died" && (this.#finished.has(index) || this.#leaving.has(index))) return;
        if (known.type === "ready") {
          this.#ready.add(index);
          this.#setUpOnce.add(index);
          this.#endWait(index);
        }
        onEvent(known);
      },
      onNote: (note) => this.#hear(index, note),
    });
    this.#ports.set(index, port);
    this.#onEvent.set(index, onEvent);
    if (this.#setup !== undefined) this.#sendSetup(port, this.#setup, index === this.#taker ? "takes" : "maps");
    else if (this.#loadedFirst !== undefined) tell(port, { type: "load", ...this.#loadedFirst });
    if (index !== this.#taker) this.#outputs?.opened(index, (message) => tell(port, message));
    return port;
  }

  /** One that cannot even be started is waited for by nobody. */
  #start(
    spawn: SpawnTransform,
    index: number,
    hears: Pick<SpawnOptions<BatchResult, FromWorker>, "progress" | "onEvent" | "onNote">,
  ): RolePort<RowTask> {
    try {
      return spawn({ role: "transform", worker: index, kernel: compiledCode(), ...hears });
    } catch (error) {
      this.#lost(index, error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** What the module exports. A worker must have been opened. */
  load(first: LoadedFirst): Promise<TransformExports> {
    this.#loadedFirst = first;
    for (const [index, port] of this.#ports) {
      if (first.source.kind === "module") this.#wait(index, { what: "loading the transform" });
      tell(port, { type: "load", ...first });
    }
    return this.#loaded.promise;
  }

  /** All that a worker needs is known. */
  setUp(setup: RunSetup, columns: string[] | undefined, patience: Patience): void {
    this.#patience = patience;
    this.#setup = setup;
    this.#columns = columns;
    for (const port of this.#ports.values()) this.#sendSetup(port, setup, "maps");
  }

  /** What the first worker has found out of the code. The setup must have been given. */
  planned(): Promise<CodePlan> {
    return this.#planned.promise;
  }

  /** Whether workers may find the rows of a stretch themselves, as far as that is known. */
  get mayGuess(): boolean {
    return this.#mayGuess;
  }

  /** Has workers write output that they have kept. The setup must have been given. */
  writeTo(outputs: KeptOutputs): void {
    this.#outputs = outputs;
    for (const [index, port] of this.#ports) outputs.opened(index, (message) => tell(port, message));
  }

  /** The output columns are decided; workers encode what they kept again where they guessed wrong. */
  settle(columns: string[]): void {
    this.#columns = columns;
    for (const port of this.#ports.values()) tell(port, { type: "columns", columns });
  }

  /**
   * Gives the memory of a result that was written to a worker, for those to come: to get as much anew from the system takes
   * longer than to fill it.
   */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength < LEAST_GIVEN_BYTES) return;
    const ports = [...this.#ports.values()];
    ports[this.#given++ % Math.max(1, ports.length)]?.give(buffer);
  }

  /** The result that begins with this row and guessed the wrong columns, encoded again. */
  reencoded(firstRow: number): Promise<BatchResult> {
    return this.#waiting(firstRow).promise;
  }

  /**
   * Opens a worker beside those of the pool, which does nothing but take parts: what it has taken must not be lost with a
   * row that ends its worker. The setup must have been given.
   *
   * @param index Its number, which none of the pool has.
   * @returns The number, when it is ready.
   */
  async openTaker(index: number): Promise<number> {
    this.#taker = index;
    const ready = Promise.withResolvers<void>();
    const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * Int32Array.BYTES_PER_ELEMENT));
    const port = this.open(index, progress, (event) => {
      if (event.type === "ready") ready.resolve();
      else if (event.type === "broken" || event.type === "died") ready.reject(event.error);
    });
    this.#endTaker = () => port.terminate();
    await ready.promise;
    return index;
  }

  /** How many workers with this number have died. */
  deathsOf(index: number): number {
    return this.#deaths.get(index) ?? 0;
  }

  /** A worker of the pool, where one is left. */
  get anyWorker(): number | undefined {
    return this.#ports.keys().next().value;
  }

  /** Has a worker take a part, or give rows; one is done before the next is asked for. */
  async take(worker: number, message: TakeMessage, by: TakenBy): Promise<LateRows | undefined> {
    const port = this.#ports.get(worker);
    this.#takenBy = by;
    if (port === undefined) throw takerLost(by, undefined);
    const answer = Promise.withResolvers<LateRows | undefined>();
    this.#taken.set(worker, answer);
    const { timeoutMs } = this.#patience;
    if (by === "reduce") {
      this.#wait(worker, {
        what: `${message.type === "take" ? "merge" : "finish"} of reduce`,
        timeoutMs,
        late: (error) => answer.reject(error),
      });
      // That is for many rows at once.
    } else if (by === "window") this.#wait(worker, { what: "the window" });
    tell(port, message);
    try {
      return await answer.promise;
    } finally {
      this.#endWait(worker);
    }
  }

  /**
   * Runs the transform's teardown in every worker that is set up, once; no more tasks come. A worker that is still at a
   * row when its time is up is not torn down.
   *
   * @returns What went wrong.
   */
  async tearDown(bounds: EndBounds = {}): Promise<RowmillError[]> {
    const workers = this.#hasTeardown ? [...this.#ready] : [];
    const all = workers.map(async (index) => {
      try {
        await this.#tearDownOne(index, bounds);
        return [];
      } catch (error) {
        const isOurs = error instanceof RowmillError && error.code === "transform";
        const message = isOurs ? error.message : `teardown failed: ${messageOf(error)}`;
        return [new RowmillError("transform", message, { cause: error })];
      }
    });
    return (await Promise.all(all)).flat();
  }

  /** Runs it in one of them, which is not needed any more. What goes wrong with that is for the run's end. */
  async tearDownOf(index: number): Promise<void> {
    if (!this.#hasTeardown || !this.#ready.has(index)) return;
    try {
      await this.#tearDownOne(index, {});
    } catch (error) {
      this.#listener.onLog(`warning: teardown failed: ${messageOf(error)}`);
    }
  }

  async #tearDownOne(index: number, { rowsMs, teardownMs }: EndBounds): Promise<void> {
    const timeoutMs = Math.min(this.#patience.timeoutMs ?? TEARDOWN_MS, teardownMs ?? Number.POSITIVE_INFINITY);
    const begun = Promise.withResolvers<void>();
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => {});
    this.#tearingDown.set(index, () => begun.resolve());
    const finished = this.#finish(index);
    finished.catch(() => {});
    if (!(await isWithin(rowsMs ?? timeoutMs, begun.promise))) {
      if (rowsMs !== undefined) return;
      throw tooLate("what comes before teardown", timeoutMs);
    }
    this.#wait(index, { what: "teardown", timeoutMs, late: late.reject });
    try {
      await Promise.race([finished, late.promise]);
    } finally {
      this.#endWait(index);
    }
  }

  /** No more tasks come for a worker. */
  #finish(index: number): Promise<void> {
    const finished = Promise.withResolvers<void>();
    const port = this.#ports.get(index);
    this.#ready.delete(index);
    if (port === undefined) finished.resolve();
    else {
      this.#finished.set(index, finished);
      tell(port, { type: "finish" });
    }
    return finished.promise;
  }

  /**
   * Waits until nothing is under way any more in workers that are set up: what a transform has begun, and not waited for,
   * may still fail. Nothing more comes for them.
   *
   * @returns Whether that came in time.
   */
  async leave(): Promise<boolean> {
    if (!this.#mayGoOn) return true;
    const all = [...this.#setUpOnce].map(async (index) => {
      const port = this.#ports.get(index);
      if (port === undefined) return true;
      const left = Promise.withResolvers<boolean>();
      this.#leaving.set(index, left);
      tell(port, { type: "leave" });
      const isOver = await isWithin(TEARDOWN_MS, left.promise);
      return isOver && (await left.promise);
    });
    return (await Promise.all(all)).every((isInTime) => isInTime);
  }

  /** The run is over: nothing is waited for any more. */
  end(): void {
    for (const index of this.#waits.keys()) this.#endWait(index);
    this.#endTaker();
  }

  /** Waits for code of the user's: what takes long is said, and where there is a limit, too long. */
  #wait(index: number, { what, timeoutMs, late }: WaitFor): void {
    this.#endWait(index);
    const said = setTimeout(() => this.sayLate(what), SAID_AFTER_MS);
    const over =
      timeoutMs === undefined || late === undefined
        ? undefined
        : setTimeout(() => late(tooLate(what, timeoutMs)), timeoutMs);
    this.#waits.set(index, { said, over });
  }

  #endWait(index: number): void {
    const wait = this.#waits.get(index);
    clearTimeout(wait?.said);
    clearTimeout(wait?.over);
    this.#waits.delete(index);
  }

  /** Code of the user's has not ended for a while. */
  sayLate(what: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#listener.onNote(`${what} has not ended for ${SAID_AFTER_MS / 1000} s`);
  }

  #waiting(firstRow: number): PromiseWithResolvers<BatchResult> {
    let waiting = this.#reencoded.get(firstRow);
    if (waiting === undefined) {
      waiting = Promise.withResolvers<BatchResult>();
      waiting.promise.catch(() => {});
      this.#reencoded.set(firstRow, waiting);
    }
    return waiting;
  }

  #sendSetup(port: RolePort<RowTask>, setup: RunSetup, does: WorkerJob): void {
    tell(port, { type: "setup", setup, columns: this.#columns, does });
  }

  #hear(index: number, note: FromWorker): void {
    switch (note.type) {
      case "loaded":
        this.#endWait(index);
        this.#hasTeardown ||= note.exports.hasTeardown;
        this.files.loaded(note.exports.modules);
        this.#loaded.resolve(note.exports);
        break;
      case "files":
        this.#takeFiles(note);
        break;
      case "planned":
        this.#plan(note);
        break;
      case "log":
        this.#listener.onLog(note.text);
        break;
      case "reencoded":
        this.#waiting(note.firstRow).resolve(note.result);
        break;
      case "calling":
        this.#calling(index, note.what);
        break;
      case "taken":
        if (note.error === undefined) this.#taken.get(index)?.resolve(note.rows);
        else this.#taken.get(index)?.reject(fromWire(note.error));
        break;
      case "unwritten":
        this.#outputs?.hear(note);
        break;
      case "left":
        this.#leaving.get(index)?.resolve(note.isInTime);
        break;
      case "finished":
        if (note.error === undefined) this.#finished.get(index)?.resolve();
        else this.#finished.get(index)?.reject(fromWire(note.error));
        break;
    }
  }

  /** A worker is about to call what is called once. */
  #calling(index: number, what: "setup" | "teardown"): void {
    if (what === "teardown") {
      this.#tearingDown.get(index)?.();
      return;
    }
    const { timeoutMs } = this.#patience;
    // It does not hear anything while it is at it.
    const late = (error: RowmillError): void => {
      this.#lost(index, error);
      this.#onEvent.get(index)?.({ type: "broken", error });
    };
    this.#wait(index, { what, timeoutMs, late });
  }

  /** All workers find out the same: it is said once. */
  #plan({ plan, mayGoOn, notes }: Extract<FromWorker, { type: "planned" }>): void {
    if (this.#isPlanned) return;
    this.#mayGoOn = mayGoOn;
    this.#isPlanned = true;
    this.#mayGuess = plan.mayGuess;
    for (const note of notes) this.#listener.onNote(note);
    this.#planned.resolve(plan);
  }

  #takeFiles({ at, files }: Extract<FromWorker, { type: "files" }>): void {
    try {
      if (at === "start") this.files.loaded(files);
      else this.files.imported(files);
    } catch (error) {
      this.#changed.reject(error);
    }
  }

  #lost(index: number, error: Error): void {
    this.#tearingDown.get(index)?.();
    this.#leaving.get(index)?.resolve(true);
    this.#setUpOnce.delete(index);
    this.#endWait(index);
    this.#deaths.set(index, this.deathsOf(index) + 1);
    this.#ready.delete(index);
    this.#ports.delete(index);
    this.#outputs?.lost(index);
    this.#finished.get(index)?.reject(error);
    this.#taken.get(index)?.reject(takerLost(this.#takenBy, error));
    this.#loaded.reject(
      error instanceof RowmillError
        ? error
        : new RowmillError("transform", `cannot load the transform: ${error.message}`, { cause: error }),
    );
    this.#planned.reject(error);
    // Results that it kept are gone with it; what it had not been asked for again is not missed.
    for (const waiting of this.#reencoded.values()) {
      waiting.reject(new RowmillError("worker", `a worker died with results: ${error.message}`, { cause: error }));
    }
  }
}

/** A wait that is under way. */
interface Wait {
  said: Timer;
  over: Timer | undefined;
}

interface WaitFor {
  what: string;
  timeoutMs?: number | undefined;
  late?: (error: RowmillError) => void;
}

function tooLate(what: string, timeoutMs: number): RowmillError {
  return new RowmillError("transform", `${what} ${timeoutMessage(timeoutMs)}`, {
    hint: "look at what it waits for, or raise --timeout, which is for such calls as well",
  });
}

const LOST: Readonly<Record<TakenBy, string>> = {
  reduce: "merge or finish of reduce ended its worker",
  steps: "the worker of the steps has ended",
  window: "the function of the window ended its worker",
};

function takerLost(by: TakenBy, cause: Error | undefined): RowmillError {
  const why = cause === undefined ? "" : `: ${cause.message}`;
  const what = LOST[by];
  return new RowmillError("transform", `${what}${why}`, { cause });
}

function tell(port: RolePort<RowTask>, message: ToWorker): void {
  port.tell(message);
}
