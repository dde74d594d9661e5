/** `ctx`: what a transform's function is told beside the row. */

/** A table that code looks things up in. */
export interface Lookup {
  /** The first row with this key, or undefined; of several columns, their values one after another. */
  get(...key: readonly unknown[]): Record<string, unknown> | undefined;
  /** Whether there is one. */
  has(...key: readonly unknown[]): boolean;
  /** All rows with this key, in the order of the table. */
  all(...key: readonly unknown[]): Record<string, unknown>[];
}

/** What all rows of a worker share. */
export interface WorkerContext {
  args: Record<string, string>;
  /** What the transform's `setup` returned. */
  state: unknown;
  /** Number of the worker, from 0. */
  worker: number;
  /** Aborted when no further row comes. */
  signal: AbortSignal;
  log: (...values: unknown[]) => void;
  /** The table of `--lookup` with this name. */
  lookup: (name: string) => Lookup;
}

/** The second parameter of a transform's function. For synchronous functions one object serves all rows of a batch. */
export class RowContext {
  readonly args: Record<string, string>;
  readonly state: unknown;
  readonly worker: number;
  /** Writes a line to stderr, through the parent. */
  readonly log: WorkerContext["log"];
  /** The table of `--lookup` with this name. */
  readonly lookup: WorkerContext["lookup"];
  /** Name of the input that the row comes from; `-` is standard input. */
  readonly file: string;
  /** Row number over all inputs, from 0. */
  index: number;
  readonly #lineOf: (index: number) => number;
  #controller: AbortController | undefined;

  constructor(worker: WorkerContext, file: string, index: number, lineOf: (index: number) => number) {
    this.args = worker.args;
    this.state = worker.state;
    this.worker = worker.worker;
    this.log = worker.log;
    this.lookup = worker.lookup;
    this.file = file;
    this.index = index;
    this.#lineOf = lineOf;
  }

  /** Aborted when the row takes longer than --timeout. Made when it is first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Tells a row still under way that it is given up. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  /** Physical line of its file on which the row starts, from 1. */
  get line(): number {
    return this.#lineOf(this.index);
  }
}
