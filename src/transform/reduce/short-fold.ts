/**
 * The short way of rows that are folded: no row is made but of the fields that the step looks at. A block with anything
 * unusual in it takes the long way, from where the fold stands.
 */
import type { Progress } from "../../scheduler/serve-tasks.ts";
import type { CallSetup } from "../call-setup.ts";
import { RowContext } from "../../code/context.ts";
import { Failed, type Predicate } from "../outcome.ts";
import { Misses } from "../plan/misses.ts";
import type { PrepareRow, Reading, ReadingMaker } from "../readings.ts";
import { IS_ASYNC, compileLoop } from "../row-loop.ts";
import type { ShortBlock } from "../short-way.ts";
import { ReduceError } from "../../stages/reduce/reduce-error.ts";
import { stepped } from "../../stages/reduce/reduce-stage.ts";
import type { PlacedBlock } from "../placed-block.ts";

/** Folds blocks, without making rows of them. */
export interface ShortFold {
  /** Blocks that it has taken stay where they are in memory until the end of their batch. */
  readonly keepsBytes?: boolean;
  /** Folds a block into an accumulator. Undefined when the block must take the long way: nothing was called then. */
  take(rows: CallSetup, placed: PlacedBlock, accumulator: unknown): FoldedRows | undefined;
}

/** What became of the rows of a block: of all, or of the first ones. */
export interface FoldedRows extends Omit<ShortBlock, "bytes"> {
  accumulator: unknown;
}

/**
 * Thrown where a step threw, and may have left the accumulator half-changed: the rows of the batch are folded again, each
 * with what it was, on the long way.
 */
export const FOLD_AGAIN: unique symbol = Symbol("fold again");

/** A fold whose step is called for each row. */
export interface StepFoldSetup {
  /** How rows are read: the quickest first, and last the one that reads all of them that can be read. */
  readings: readonly ReadingMaker[];
  functions: { step(accumulator: unknown, row: unknown, ctx: RowContext): unknown };
  /** A step that throws leaves the accumulator as it was. */
  isAtomic: boolean;
  /** Looks at each row before filter and step. */
  prepare: PrepareRow | undefined;
  filter: Predicate | undefined;
}

/** Where a loop over rows stands. */
interface LoopState {
  accumulator: unknown;
  row: number;
  rows: number;
  rowInBatch: number;
  firstRow: number;
  /** Rows that the filter kept. */
  folded: number;
  /** It was the step that threw. */
  isInStep: boolean;
}

/** Folds row after row. It ends before a row when all is to stop; throws what a row throws, and {@linkcode IS_ASYNC}. */
type FoldRows = (state: LoopState, parts: object, ctx: RowContext, progress: Progress) => void;

interface OpenReading {
  reading: Reading;
  foldRows: FoldRows;
  misses: Misses;
}

export class StepFold implements ShortFold {
  readonly #setup: StepFoldSetup;
  readonly #opened: (OpenReading | undefined)[] = [];
  /** The filter turned out to be asynchronous. */
  #isUnfit = false;

  constructor(setup: StepFoldSetup) {
    this.#setup = setup;
  }

  take(rows: CallSetup, placed: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    if (this.#isUnfit) return undefined;
    for (const number of this.#setup.readings.keys()) {
      const { reading, foldRows, misses } = this.#open(number);
      if (misses.isGivenUp || !reading.has(placed.block)) continue;
      const read = reading.read(placed.block);
      if (read === undefined) {
        misses.miss();
        continue;
      }
      misses.hit();
      const { rowInBatch, firstRow } = placed;
      const state = { row: 0, rows: read.rows, rowInBatch, firstRow, accumulator, folded: 0, isInStep: false };
      const failures = this.#fold(state, {
        rows,
        placed,
        run: (ctx) => foldRows(state, read.parts, ctx, rows.progress),
      });
      const { row: rowsIn, folded: rowsOut } = state;
      return { way: reading.name, accumulator: state.accumulator, rowsIn, rowsOut, failures };
    }
    return undefined;
  }

  /** Folds rows until all are done, or so many have failed that the block ends. */
  #fold(
    state: LoopState,
    { rows, placed, run }: { rows: CallSetup; placed: PlacedBlock; run: (ctx: RowContext) => void },
  ): FoldedRows["failures"] {
    const { context, file, progress } = rows;
    const { firstRow, lineOf, stopsAt } = placed;
    const ctx = new RowContext(context, file, firstRow, (index) => lineOf(index - firstRow));
    const failures: FoldedRows["failures"] = [];
    try {
      while (state.row < state.rows && failures.length < stopsAt && !progress.isStopped && !this.#isUnfit) {
        try {
          run(ctx);
        } catch (thrown) {
          if (thrown instanceof ReduceError) throw thrown;
          if (thrown === IS_ASYNC) {
            this.#isUnfit = true;
            break;
          }
          failures.push({ row: state.row++, failed: new Failed({ thrown }) });
          // Where the batch ends with this row, nothing more is made of its accumulator.
          const isTorn = state.isInStep && !this.#setup.isAtomic && failures.length < stopsAt;
          if (isTorn) throw FOLD_AGAIN;
        }
      }
    } finally {
      progress.close();
    }
    return failures;
  }

  #open(number: number): OpenReading {
    const known = this.#opened[number];
    if (known !== undefined) return known;
    const maker = this.#setup.readings[number];
    if (maker === undefined) throw new Error("there is no such reading");
    const reading = maker.make();
    const opened = { reading, foldRows: compileFoldRows(reading, this.#setup), misses: new Misses() };
    this.#opened[number] = opened;
    return opened;
  }
}

function compileFoldRows({ code }: Reading, { functions, prepare, filter }: StepFoldSetup): FoldRows {
  return compileLoop({
    name: "foldRows",
    stopsWhen: "isStopped",
    code,
    prepare,
    filter,
    around: {
      before: "let accumulator = state.accumulator, folded = state.folded, stepped = -1;",
      after: `state.accumulator = accumulator;
        state.folded = folded;
        state.isInStep = stepped === state.row;`,
    },
    body: `stepped = row;
      const next = functions.step(accumulator, given, ctx);
      if (next !== accumulator && next !== undefined) accumulator = mayBePromise(next) ? behind(accumulator, next) : next;
      folded++;`,
    scope: { functions, behind: stepped },
  }) as FoldRows;
}

/** The fold of several that first takes a block. */
export class FirstFold implements ShortFold {
  readonly #folds: readonly ShortFold[];

  /** @param folds The quickest first. */
  constructor(folds: readonly ShortFold[]) {
    this.#folds = folds;
  }

  take(...block: Parameters<ShortFold["take"]>): FoldedRows | undefined {
    for (const fold of this.#folds) {
      const folded = fold.take(...block);
      if (folded !== undefined) return folded;
    }
    return undefined;
  }
}
