/** `ctx`: what a transform's function is told beside the row. */

import { RowmillError } from "../errors.ts";

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

/** Takes what a row gives to an output of its own. */
export type Emitter = (name: string, row: unknown) => void;

/** Says what takes what rows emit with this context. */
export let listenTo: (ctx: RowContext, emitter: Emitter) => void;

/** Says that the call of a row begins so much later: it is not yet its turn. */
export let holdBack: (ctx: RowContext, ms: number) => void;

/** How much later that is. */
export let heldBackMs: (ctx: RowContext) => number;

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
  #emitter: Emitter = noEmits;
  #heldBackMs = 0;

  static {
    listenTo = (ctx, emitter) => {
      ctx.#emitter = emitter;
    };
    holdBack = (ctx, ms) => {
      ctx.#heldBackMs = ms;
    };
    heldBackMs = (ctx) => ctx.#heldBackMs;
  }

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

  /**
   * Writes a row to the output of this name, beside what the function returns: `--emit orphans=orphans.csv` says where that
   * is. The rows stand there in the order of the input, and those of a row that fails are left out.
   */
  emit(name: string, row: object): void {
    this.#emitter(name, row);
  }

  /** Physical line of its file on which the row starts, from 1. */
  get line(): number {
    return this.#lineOf(this.index);
  }
}

function noEmits(name: string): never {
  throw unknownEmit(name, []);
}

/** The error of a name that no option names. @param known Those that are named. */
export function unknownEmit(name: string, known: readonly string[]): RowmillError {
  const shown = /^[\w-]+$/.test(name) ? name : "NAME";
  const others = known.length === 0 ? "" : `; there is ${known.join(", ")}`;
  return new RowmillError("row-function", `ctx.emit names ${JSON.stringify(name)}, and no --emit does`, {
    hint: `say where its rows go: --emit ${shown}=${shown.toLowerCase()}.csv${others}`,
  });
}
