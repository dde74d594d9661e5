/**
 * The rows of a batch that are folded: each has its outcome, counts and failures as in any batch, but what comes out of
 * them is a part for the stage that takes all parts in order. Rows are folded in order, whatever order their functions
 * answered in.
 *
 * A part is never left half-updated: when a step throws, its row fails, and the rows before are folded again, without it.
 * Where some of them took the short way, and are not kept, the batch starts again on the long one.
 */
import { toWire } from "../errors.ts";
import { RowContext } from "../code/context.ts";
import { ReduceError } from "../stages/reduce/reduce-error.ts";
import type { Reducer } from "../stages/reduce/reducer.ts";
import type { CallSetup } from "./call-setup.ts";
import { Failed, Many, type Outcome } from "./outcome.ts";
import type { BatchOrigin, BatchParts, OutcomeSink, PlacedOutcomes, SunkRows } from "./outcome-sink.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { FOLD_AGAIN, type FoldedRows } from "./reduce/short-fold.ts";
import { RowTally } from "./row-tally.ts";
import type { ShortBlock } from "./short-way.ts";
import type { BatchResult } from "./wire.ts";

/** How the rows of a batch are folded. */
interface Folding {
  reducer: Reducer;
  rows: CallSetup;
  /** The batch ends at its first failed row: nothing is folded again. */
  endsAtFirst: boolean;
}

interface FoldedBlock {
  placed: PlacedBlock;
  outcomes: Outcome[];
}

export class PartRows implements OutcomeSink {
  readonly #folding: Folding;
  readonly #tally: RowTally;
  readonly #kept: FoldedBlock[] | undefined;
  #accumulator: unknown;
  /** The accumulator of all rows before one, so that many failed rows do not cost the square of their number. */
  #checkpoint: { accumulator: Uint8Array; block: number; at: number } | undefined;
  /** What the last checkpoint took: the next is due when folding again takes longer. */
  #packMs = 0;
  #hasRows = false;
  #isWhole = true;
  /** Rows were folded that are not kept. */
  #hasShortRows = false;

  constructor(folding: Folding, parts: Pick<BatchParts, "stopsAt" | "marks">, origin: BatchOrigin) {
    this.#folding = folding;
    this.#tally = new RowTally(parts, origin, () => 0);
    this.#kept = folding.endsAtFirst || folding.reducer.isAtomic ? undefined : [];
    this.#accumulator = folding.reducer.init();
  }

  get rowsIn(): number {
    return this.#tally.counts.rowsIn;
  }

  get rowsFailed(): number {
    return this.#tally.counts.rowsFailed;
  }

  get isFull(): boolean {
    return this.#tally.isFull;
  }

  /** That of the rows so far. */
  get accumulator(): unknown {
    return this.#accumulator;
  }

  add({ outcomes, from, placed }: PlacedOutcomes): "row by row" {
    if (this.#kept !== undefined) {
      placed.block.keep();
      this.#kept.push({ placed, outcomes });
    }
    this.#fold(placed, outcomes);
    const { counts } = this.#tally;
    const hasMarks = this.#tally.marksAny(placed.firstRow, outcomes.length);
    for (let row = from; row < outcomes.length && !this.isFull; row++) {
      const outcome = outcomes[row];
      if (hasMarks) this.#tally.markThousandth(placed.firstRow + row);
      if (outcome instanceof Failed) this.#tally.fail(placed, row, outcome);
      else if (isNothing(outcome)) counts.rowsDropped++;
      else counts.rowsMapped++;
      counts.rowsIn++;
    }
    return "row by row";
  }

  /** Takes the accumulator of rows that took the short way; they are counted by {@linkcode PartRows.addShort}. */
  takeFolded({ accumulator, rowsIn, rowsOut, failures }: FoldedRows, { stopsAt, end }: PlacedBlock): "all" | "some" {
    this.#accumulator = accumulator;
    this.#hasShortRows = true;
    if (rowsOut > 0) this.#hasRows = true;
    const isLast = failures.length >= stopsAt;
    if (isLast) this.#isWhole = false;
    return isLast || rowsIn >= end ? "all" : "some";
  }

  addShort(placed: PlacedBlock, { rowsIn, rowsOut, failures }: ShortBlock): void {
    const { counts } = this.#tally;
    counts.rowsIn += rowsIn;
    counts.rowsMapped += rowsOut;
    counts.rowsDropped += rowsIn - rowsOut - failures.length;
    for (const { row, failed } of failures) this.#tally.fail(placed, row, failed);
  }

  finish(end: BatchResult["end"]): SunkRows {
    // Memory of its own: it is handed over.
    const told = { ...this.#tally.finish(end), output: new Uint8Array(0) };
    if (told.end !== undefined || !this.#hasRows || !this.#isWhole) return told;
    try {
      return { ...told, output: this.#folding.reducer.pack(this.#accumulator) };
    } catch (error) {
      return { ...told, end: toWire(error) };
    }
  }

  /** Folds the rows of a block; a row whose step throws becomes a failed one. */
  #fold(placed: PlacedBlock, outcomes: Outcome[]): void {
    const { progress } = this.#folding.rows;
    const step = this.#stepper(placed);
    let failures = 0;
    for (let at = 0; at < outcomes.length; at++) {
      const outcome = outcomes[at];
      if (isNothing(outcome)) continue;
      if (outcome instanceof Failed) {
        failures++;
        continue;
      }
      try {
        step(at, outcome);
        this.#hasRows = true;
      } catch (thrown) {
        if (thrown instanceof ReduceError) throw thrown;
        outcomes[at] = new Failed({ thrown });
        failures++;
        if (failures >= placed.stopsAt) {
          outcomes.length = at + 1;
          break;
        }
        this.#foldAgain(placed, at);
      }
    }
    if (failures >= placed.stopsAt) this.#isWhole = false;
    progress.close();
  }

  /** Folds all rows before this one again: those behind the last checkpoint, if there is one. */
  #foldAgain(last: PlacedBlock, end: number): void {
    if (this.#kept === undefined) return;
    if (this.#hasShortRows) throw FOLD_AGAIN;
    const { reducer } = this.#folding;
    const begun = performance.now();
    const from = this.#checkpoint;
    this.#accumulator = from === undefined ? reducer.init() : reducer.unpack(from.accumulator);
    for (let block = from?.block ?? 0; block < this.#kept.length; block++) {
      const { placed, outcomes } = this.#kept[block] ?? { placed: last, outcomes: [] };
      const step = this.#stepper(placed);
      const count = placed === last ? end : outcomes.length;
      for (let at = block === from?.block ? from.at : 0; at < count; at++) {
        const outcome = outcomes[at];
        if (!isNothing(outcome) && !(outcome instanceof Failed)) repeated(() => step(at, outcome));
      }
    }
    const folded = performance.now();
    if (folded - begun < this.#packMs) return;
    this.#checkpoint = { accumulator: reducer.pack(this.#accumulator), block: this.#kept.length - 1, at: end };
    this.#packMs = performance.now() - folded;
  }

  /** Makes the function that folds one row of a block in. */
  #stepper({ rowInBatch, firstRow, lineOf }: PlacedBlock): (at: number, outcome: Outcome) => void {
    const { reducer, rows } = this.#folding;
    const { progress, timeoutMs } = rows;
    const ctx = new RowContext(rows.context, rows.file, firstRow, (index) => lineOf(index - firstRow));
    return (at, outcome) => {
      if (!reducer.isAtomic) {
        if (timeoutMs === undefined) progress.open(rowInBatch + at);
        else progress.openTimed(rowInBatch + at);
      }
      ctx.index = firstRow + at;
      this.#accumulator =
        outcome instanceof Many
          ? reducer.steps(this.#accumulator, outcome.values, ctx)
          : reducer.step(this.#accumulator, outcome, ctx);
    };
  }
}

/** Whether a row has no output. */
function isNothing(outcome: Outcome): boolean {
  return outcome === undefined || (outcome instanceof Many && outcome.values.length === 0);
}

/** A row that could be folded once must be folded again. */
function repeated(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (error instanceof ReduceError) throw error;
    throw new ReduceError(
      "reduce.step threw at a row that it had taken before: what it does must depend on its row and accumulator only",
      {
        cause: error,
      },
    );
  }
}
