/**
 * The workers of a run, as the pipeline sees them: what the scheduler's pool is not told. Hands each new worker the
 * run's setup, tells all of them the output columns, and collects what they say beside results.
 */
import { RowmillError, fromWire } from "../errors.ts";
import { compiledKernel } from "../formats/kernel/host.ts";
import { PROGRESS_WORDS } from "../scheduler/messages.ts";
import type { WorkerEvent } from "../scheduler/worker-port.ts";
import type { RolePort, SpawnOptions } from "../spawn.ts";
import type { RowsProfile } from "../transform/profile/row-profiler.ts";
import { TransformFiles } from "./transform-files.ts";
import type {
  BatchResult,
  CodePlan,
  FromWorker,
  ReducedRows,
  RowTask,
  RunSetup,
  ToWorker,
  TransformExports,
  TransformSource,
} from "../transform/wire.ts";

/** What a worker is asked for at the end of a reduce. */
export type ReduceMessage = Extract<ToWorker, { type: "merge" | "reduce" }>;

type Listener = (event: WorkerEvent<BatchResult>) => void;

/** Starts a worker in the role of a transform. */
export type SpawnTransform = (options: SpawnOptions<BatchResult, FromWorker>) => RolePort<RowTask>;

/** Who hears what is said on the way. */
export interface WorkersListener {
  /** What the transform says on its console. */
  onLog(text: string): void;
  /** What whoever wrote the transform should know. */
  onNote(text: string): void;
}

export class TransformWorkers {
  readonly #ports = new Map<number, RolePort<RowTask>>();
  readonly #listener: WorkersListener;
  readonly #spawn: SpawnTransform;
  readonly #loaded = Promise.withResolvers<TransformExports>();
  readonly #planned = Promise.withResolvers<CodePlan>();
  readonly #reencoded = new Map<number, PromiseWithResolvers<BatchResult>>();
  readonly #finished = new Map<number, PromiseWithResolvers<RowsProfile | undefined>>();
  readonly #reduced = new Map<number, PromiseWithResolvers<ReducedRows | undefined>>();
  /** Ends the worker beside the pool, where there is one. */
  #endMerger: () => void = () => {};
  #isPlanned = false;
  readonly #changed = Promise.withResolvers<never>();
  /** The transform's files, as all workers have loaded them. */
  readonly files: TransformFiles = new TransformFiles();
  #source: TransformSource | undefined;
  #setup: RunSetup | undefined;
  #columns: string[] | undefined;

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
  open(index: number, progress: Int32Array, onEvent: Listener): RolePort<RowTask> {
    const port = this.#spawn({
      role: "transform",
      worker: index,
      progress,
      kernel: compiledKernel(),
      onEvent: (event) => {
        const known = event.type === "broken" ? { ...event, error: this.files.change ?? event.error } : event;
        if (known.type === "broken" || known.type === "died") this.#lost(index, known.error);
        onEvent(known);
      },
      onNote: (note) => this.#hear(index, note),
    });
    this.#ports.set(index, port);
    if (this.#setup !== undefined) this.#sendSetup(port, this.#setup);
    else if (this.#source !== undefined) tell(port, { type: "load", source: this.#source });
    return port;
  }

  /** What the module exports. A worker must have been opened. */
  load(source: TransformSource): Promise<TransformExports> {
    this.#source = source;
    for (const port of this.#ports.values()) tell(port, { type: "load", source });
    return this.#loaded.promise;
  }

  /** All that a worker needs is known. */
  setUp(setup: RunSetup, columns: string[] | undefined): void {
    this.#setup = setup;
    this.#columns = columns;
    for (const port of this.#ports.values()) this.#sendSetup(port, setup);
  }

  /** What the first worker has found out of the code. The setup must have been given. */
  planned(): Promise<CodePlan> {
    return this.#planned.promise;
  }

  /** The output columns are decided; workers encode what they kept again where they guessed wrong. */
  settle(columns: string[]): void {
    this.#columns = columns;
    for (const port of this.#ports.values()) tell(port, { type: "columns", columns });
  }

  /** The result of a batch that guessed the wrong columns, encoded again. */
  reencoded(batch: number): Promise<BatchResult> {
    return this.#waiting(batch).promise;
  }

  /**
   * Opens a worker beside those of the pool, which does nothing but merge: what it has merged must not be lost with a
   * row that ends its worker. The setup must have been given.
   *
   * @param index Its number, which none of the pool has.
   * @returns The number, when it is ready.
   */
  async openMerger(index: number): Promise<number> {
    const ready = Promise.withResolvers<void>();
    const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * Int32Array.BYTES_PER_ELEMENT));
    const port = this.open(index, progress, (event) => {
      if (event.type === "ready") ready.resolve();
      else if (event.type === "broken" || event.type === "died") ready.reject(event.error);
    });
    this.#endMerger = () => port.terminate();
    await ready.promise;
    return index;
  }

  /** Ends the worker that merges, if there is one beside the pool. */
  endMerger(): void {
    this.#endMerger();
  }

  /** A worker of the pool, where one is left. */
  get anyWorker(): number | undefined {
    return this.#ports.keys().next().value;
  }

  /** Has a worker do its next part of the end of a reduce; one is done before the next is asked for. */
  async reduce(worker: number, message: ReduceMessage): Promise<ReducedRows | undefined> {
    const port = this.#ports.get(worker);
    if (port === undefined) throw mergerLost(undefined);
    const answer = Promise.withResolvers<ReducedRows | undefined>();
    this.#reduced.set(worker, answer);
    tell(port, message);
    return await answer.promise;
  }

  /** Runs the transform's teardown in every worker; gives what those have seen that were to look at rows. */
  async finish(): Promise<RowsProfile[]> {
    const all = [...this.#ports].map(([index, port]) => {
      const finished = Promise.withResolvers<RowsProfile | undefined>();
      this.#finished.set(index, finished);
      tell(port, { type: "finish" });
      return finished.promise;
    });
    return (await Promise.all(all)).filter((profile) => profile !== undefined);
  }

  #waiting(batch: number): PromiseWithResolvers<BatchResult> {
    let waiting = this.#reencoded.get(batch);
    if (waiting === undefined) {
      waiting = Promise.withResolvers<BatchResult>();
      waiting.promise.catch(() => {});
      this.#reencoded.set(batch, waiting);
    }
    return waiting;
  }

  #sendSetup(port: RolePort<RowTask>, setup: RunSetup): void {
    tell(port, { type: "setup", setup, columns: this.#columns });
  }

  #hear(index: number, note: FromWorker): void {
    switch (note.type) {
      case "loaded":
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
        this.#waiting(note.batch).resolve(note.result);
        break;
      case "reduced":
        if (note.error === undefined) this.#reduced.get(index)?.resolve(note.rows);
        else this.#reduced.get(index)?.reject(fromWire(note.error));
        break;
      case "finished":
        if (note.error === undefined) this.#finished.get(index)?.resolve(note.profile);
        else this.#finished.get(index)?.reject(fromWire(note.error));
        break;
    }
  }

  /** All workers find out the same: it is said once. */
  #plan({ plan, notes }: Extract<FromWorker, { type: "planned" }>): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
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
    this.#ports.delete(index);
    this.#finished.get(index)?.reject(error);
    this.#reduced.get(index)?.reject(mergerLost(error));
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

function mergerLost(cause: Error | undefined): RowmillError {
  const why = cause === undefined ? "" : `: ${cause.message}`;
  return new RowmillError("transform", `merge or finish of reduce ended its worker${why}`, { cause });
}

function tell(port: RolePort<RowTask>, message: ToWorker): void {
  port.tell(message);
}
