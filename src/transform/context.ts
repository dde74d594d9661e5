/** `ctx`: what a transform's function is told beside the row. */

/** What all rows of a worker share. */
export interface WorkerContext {
  args: Record<string, string>;
  /** What the transform's `setup` returned. */
  state: unknown;
  /** Number of the worker, from 0. */
  worker: number;
  signal: AbortSignal;
  log: (...values: unknown[]) => void;
}

/** The second parameter of a transform's function. For synchronous functions one object serves all rows of a batch. */
export class RowContext {
  readonly args: Record<string, string>;
  readonly state: unknown;
  readonly worker: number;
  /** Aborted when the run ends early. */
  readonly signal: AbortSignal;
  /** Writes a line to stderr, through the parent. */
  readonly log: WorkerContext["log"];
  /** Name of the input that the row comes from; `-` is standard input. */
  readonly file: string;
  /** Row number over all inputs, from 0. */
  index: number;
  readonly #lineOf: (index: number) => number;

  constructor(worker: WorkerContext, file: string, index: number, lineOf: (index: number) => number) {
    this.args = worker.args;
    this.state = worker.state;
    this.worker = worker.worker;
    this.signal = worker.signal;
    this.log = worker.log;
    this.file = file;
    this.index = index;
    this.#lineOf = lineOf;
  }

  /** Physical line of its file on which the row starts, from 1. */
  get line(): number {
    return this.#lineOf(this.index);
  }
}
