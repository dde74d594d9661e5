/**
 * The short way of rows that are folded: no row is made but of the fields that the step looks at. A block with anything
 * unusual in it takes the long way, from where the fold stands.
 */
import { NO_TEXT } from "../../formats/indexed/interner.ts";
import { FieldReader, type FieldValues } from "../../formats/indexed/field-reader.ts";
import type { Kernel } from "../../formats/kernel/host.ts";
import type { Progress } from "../../scheduler/serve-tasks.ts";
import type { CallSetup } from "../call-setup.ts";
import { RowContext } from "../../code/context.ts";
import { type Looking, type ReadingWay, givenRow, givenScope, mayBePromise, wantedFields } from "../looked-at.ts";
import { Failed, type Predicate } from "../outcome.ts";
import { Misses } from "../plan/misses.ts";
import type { Way } from "../plan/ways.ts";
import type { ShortBlock } from "../short-way.ts";
import { ReduceError } from "../../stages/reduce/reduce-error.ts";
import { stepped } from "../../stages/reduce/reduce-stage.ts";
import type { PlacedBlock } from "../placed-block.ts";

/** Folds blocks, without making rows of them. */
export interface ShortFold {
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
  looking: Looking;
  /** Columns of the file. */
  file: readonly string[];
  functions: { step(accumulator: unknown, row: unknown, ctx: RowContext): unknown };
  /** A step that throws leaves the accumulator as it was. */
  isAtomic: boolean;
  filter: Predicate | undefined;
  /** Whether a way may be taken. */
  takes: (way: Way) => boolean;
}

/** Where a loop over rows stands. */
interface LoopState {
  accumulator: unknown;
  row: number;
  rows: number;
  rowInBatch: number;
  firstRow: number;
  strings: readonly string[];
  /** Rows that the filter kept. */
  folded: number;
  /** It was the step that threw. */
  isInStep: boolean;
  /** The filter answers with promises. */
  isAsync: boolean;
}

/** Folds row after row. It ends before a row when all is to stop, or its filter answers with a promise; throws what a row throws. */
type FoldRows = (state: LoopState, values: FieldValues, ctx: RowContext, progress: Progress) => void;

/** From the quickest to the one that reads all fields. */
const READINGS: readonly { name: Way; reading: ReadingWay }[] = [
  { name: "steps-interned", reading: { numbers: "read", texts: "interned" } },
  { name: "steps-numbers", reading: { numbers: "read", texts: "one by one" } },
  { name: "steps-texts", reading: { numbers: "as texts", texts: "one by one" } },
];
interface OpenReading {
  reader: FieldReader;
  foldRows: FoldRows;
  misses: Misses;
}

export class StepFold implements ShortFold {
  readonly #kernel: Kernel;
  readonly #setup: StepFoldSetup;
  readonly #readings: typeof READINGS;
  readonly #opened: (OpenReading | undefined)[] = [];
  /** The filter turned out to be asynchronous. */
  #isUnfit = false;

  constructor(kernel: Kernel, setup: StepFoldSetup) {
    this.#kernel = kernel;
    this.#setup = setup;
    this.#readings = READINGS.filter(({ name }) => setup.takes(name));
  }

  take(rows: CallSetup, placed: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    const { fields } = placed.block;
    if (fields === undefined || this.#isUnfit) return undefined;
    for (const [number, { name, reading }] of this.#readings.entries()) {
      const opened = this.#open(number, reading);
      if (opened.misses.isGivenUp) continue;
      const values = opened.reader.read(fields, this.#kernel.scratch(opened.reader.bytesFor(fields)));
      if (values === undefined || values.ids.includes(NO_TEXT)) {
        opened.misses.miss();
        continue;
      }
      opened.misses.hit();
      const { rowInBatch, firstRow } = placed;
      const place = { row: 0, rows: fields.rows, rowInBatch, firstRow, strings: opened.reader.strings };
      const state = { ...place, accumulator, folded: 0, isInStep: false, isAsync: false };
      const failures = this.#fold(state, {
        rows,
        placed,
        run: (ctx) => opened.foldRows(state, values, ctx, rows.progress),
      });
      return { way: name, accumulator: state.accumulator, rowsIn: state.row, rowsOut: state.folded, failures };
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
      while (state.row < state.rows && failures.length < stopsAt && !progress.isStopped && !state.isAsync) {
        try {
          run(ctx);
        } catch (thrown) {
          if (thrown instanceof ReduceError) throw thrown;
          failures.push({ row: state.row++, failed: new Failed({ thrown }) });
          // Where the batch ends with this row, nothing more is made of its accumulator.
          const isTorn = state.isInStep && !this.#setup.isAtomic && failures.length < stopsAt;
          if (isTorn) throw FOLD_AGAIN;
        }
      }
    } finally {
      progress.close();
    }
    this.#isUnfit = state.isAsync;
    return failures;
  }

  #open(number: number, reading: ReadingWay): OpenReading {
    const known = this.#opened[number];
    if (known !== undefined) return known;
    const { looking, file } = this.#setup;
    const { wanted, looksAt } = wantedFields(looking, file, reading);
    const opened = {
      reader: new FieldReader(this.#kernel, wanted),
      foldRows: compileFoldRows({ given: givenRow(looksAt, wanted), scope: givenScope(looksAt) }, this.#setup),
      misses: new Misses(),
    };
    this.#opened[number] = opened;
    return opened;
  }
}

function compileFoldRows(
  { given, scope }: { given: string; scope: Record<string, unknown> },
  { functions, filter }: StepFoldSetup,
): FoldRows {
  const keep =
    filter === undefined
      ? ""
      : "const keeps = filter(given, ctx); if (mayBePromise(keeps)) { state.isAsync = true; return; } if (!keeps) continue;";
  const source = `return function foldRows(state, { text, bounds, numbers, ids }, ctx, progress) {
    const { rows, rowInBatch, firstRow, strings } = state;
    let accumulator = state.accumulator, folded = state.folded, row = state.row, stepped = -1;
    try {
      for (; row < rows; row++) {
        if (progress.isStopped) return;
        const given = ${given};
        progress.open(rowInBatch + row);
        ctx.index = firstRow + row;
        ${keep}
        stepped = row;
        const next = functions.step(accumulator, given, ctx);
        if (next !== accumulator && next !== undefined) accumulator = mayBePromise(next) ? behind(accumulator, next) : next;
        folded++;
      }
    } finally {
      state.accumulator = accumulator;
      state.folded = folded;
      state.row = row;
      state.isInStep = stepped === row;
    }
  }`;
  const all = { functions, filter, mayBePromise, behind: stepped, ...scope };
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function(...Object.keys(all), source)(...Object.values(all)) as FoldRows;
}
