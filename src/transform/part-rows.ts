/**
 * The rows of a batch that are folded: each has its outcome, counts and failures as in any batch, but what comes out of
 * them is a part for the stage that takes all parts in order. Rows are folded in order, whatever order their functions
 * answered in.
 *
 * A part is never left half-updated: when a step throws, its row fails, and the rows before are folded again, without it.
 * Where some of them took the short way, and are not kept, the batch starts again on the long one.
 */
import { copyOf } from "./copy-of.ts";
import { toWire } from "../errors.ts";
import { RowContext } from "../code/context.ts";
import { ReduceError } from "../stages/reduce/reduce-error.ts";
import type { FoldingStage } from "../stages/stage.ts";
import type { CallSetup } from "./call-setup.ts";
import { CountedRows, isNothing } from "./counted-rows.ts";
import { Failed, Many, type Outcome } from "./outcome.ts";
import type { BatchOrigin, BatchParts, OutcomeSink, PlacedOutcomes, SunkRows } from "./outcome-sink.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { FOLD_AGAIN, type FoldedRows } from "./reduce/short-fold.ts";
import type { ShortBlock } from "./short-way.ts";
import type { BatchResult } from "./wire.ts";

/** How the rows of a batch are folded. */
interface Folding {
  stage: FoldingStage;
  rows: CallSetup;
  /** The batch ends at its first failed row: nothing is folded again. */
  endsAtFirst: boolean;
}

interface FoldedBlock {
  placed: PlacedBlock;
  outcomes: Outcome[];
  /** What was folded in, before anything of the user's could change it. */
  asFolded: readonly Outcome[];
}

/** What a fold begins with: `init` may give the same object each time. */
function firstOf(stage: FoldingStage): unknown {
  return copyOf(stage.init());
}

function copyOfOutcome(outcome: Outcome): Outcome {
  if (outcome instanceof Failed) return outcome;
  return outcome instanceof Many ? new Many(outcome.values.map(copyOf)) : copyOf(outcome);
}

export class PartRows implements OutcomeSink {
  readonly #folding: Folding;
  readonly #counted: CountedRows;
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
    this.#counted = new CountedRows(parts, origin);
    this.#kept = folding.endsAtFirst || folding.stage.isAtomic ? undefined : [];
    this.#accumulator = firstOf(folding.stage);
  }

  get rowsIn(): number {
    return this.#counted.rowsIn;
  }

  get rowsFailed(): number {
    return this.#counted.rowsFailed;
  }

  get isFull(): boolean {
    return this.#counted.isFull;
  }

  /** That of the rows so far. */
  get accumulator(): unknown {
    return this.#accumulator;
  }

  add({ outcomes, from, placed, isEnd, emitted }: PlacedOutcomes): "row by row" {
    if (this.#kept !== undefined) {
      placed.block.keep();
      this.#kept.push({ placed, outcomes, asFolded: outcomes.map(copyOfOutcome) });
    }
    this.#fold(placed, outcomes);
    return this.#counted.add({ outcomes, from, isEnd, placed, emitted });
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

  addShort(placed: PlacedBlock, short: ShortBlock): void {
    this.#counted.addShort(placed, short);
  }

  finish(end: BatchResult["end"]): SunkRows {
    const told = this.#counted.finish(end);
    if (told.end !== undefined || !this.#hasRows || !this.#isWhole) return told;
    try {
      return { ...told, part: this.#folding.stage.pack(this.#accumulator) };
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
    const { stage } = this.#folding;
    const begun = performance.now();
    const from = this.#checkpoint;
    this.#accumulator = from === undefined ? firstOf(stage) : stage.unpack(from.accumulator);
    for (let block = from?.block ?? 0; block < this.#kept.length; block++) {
      const { placed, outcomes, asFolded } = this.#kept[block] ?? { placed: last, outcomes: [], asFolded: [] };
      const step = this.#stepper(placed);
      const count = placed === last ? end : outcomes.length;
      for (let at = block === from?.block ? from.at : 0; at < count; at++) {
        const outcome = outcomes[at];
        if (!isNothing(outcome) && !(outcome instanceof Failed)) repeated(() => step(at, copyOfOutcome(asFolded[at])));
      }
    }
    const folded = performance.now();
    if (folded - begun < this.#packMs) return;
    this.#checkpoint = { accumulator: stage.pack(this.#accumulator), block: this.#kept.length - 1, at: end };
    this.#packMs = performance.now() - folded;
  }

  /** Makes the function that folds one row of a block in. */
  #stepper({ rowInBatch, firstRow, lineOf }: PlacedBlock): (at: number, outcome: Outcome) => void {
    const { stage, rows } = this.#folding;
    const { progress, timeoutMs } = rows;
    const ctx = new RowContext(rows.context, rows.file, firstRow, (index) => lineOf(index - firstRow));
    return (at, outcome) => {
      if (!stage.isAtomic) {
        if (timeoutMs === undefined) progress.open(rowInBatch + at);
        else progress.openTimed(rowInBatch + at);
      }
      ctx.index = firstRow + at;
      this.#accumulator =
        outcome instanceof Many
          ? stage.steps(this.#accumulator, outcome.values, ctx)
          : stage.step(this.#accumulator, outcome, ctx);
    };
  }
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
