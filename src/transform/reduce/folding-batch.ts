/**
 * A batch whose rows are folded: each has its outcome, counts and failures as in any batch, but what comes out of it is an
 * accumulator. Rows are folded in order, whatever order their functions answered in.
 *
 * An accumulator is never left half-updated: when a step throws, its row fails, and the rows before are folded again,
 * without it. Where some of them took the short way, and are not kept, the batch starts again on the long one.
 */
import { toWire } from "../../errors.ts";
import type { Encoder } from "../../formats/encoder.ts";
import { Batch } from "../batch.ts";
import type { CallSetup } from "../call-setup.ts";
import { RowContext } from "../../code/context.ts";
import { Failed, Many, type Outcome } from "../outcome.ts";
import { ReduceError } from "../../stages/reduce/reduce-error.ts";
import type { Reducer } from "../../stages/reduce/reducer.ts";
import { FOLD_AGAIN, type FoldedRows } from "./short-fold.ts";
import type { PlacedBlock } from "../placed-block.ts";

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

export class FoldingBatch extends Batch {
  readonly #folding: Folding;
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

  constructor(folding: Folding, ...batch: ConstructorParameters<typeof Batch>) {
    super(...batch);
    this.longWay = "rows-folded";
    this.#folding = folding;
    this.#kept = folding.endsAtFirst || folding.reducer.isAtomic ? undefined : [];
    this.#accumulator = folding.reducer.init();
  }

  override take(placed: PlacedBlock, outcomes: Outcome[]): boolean {
    if (this.#kept !== undefined) {
      placed.block.keep();
      this.#kept.push({ placed, outcomes });
    }
    this.#fold(placed, outcomes);
    this.clock.lap("transform");
    return super.take(placed, outcomes);
  }

  /** That of the rows so far. */
  get accumulator(): unknown {
    return this.#accumulator;
  }

  /** Takes rows of a block that were folded by the short way: all, or those before the ones that follow. */
  takeFolded(placed: PlacedBlock, folded: FoldedRows): "all" | "end" | "some" {
    this.#accumulator = folded.accumulator;
    this.#hasShortRows = true;
    if (folded.rowsOut > 0) this.#hasRows = true;
    const short = { ...folded, bytes: NO_BYTES };
    const isFull = folded.failures.length >= placed.stopsAt;
    if (isFull) this.#isWhole = false;
    if (!isFull && folded.rowsIn < placed.end) {
      this.takeSome(placed, short);
      return "some";
    }
    return this.takeShort(placed, short) ? "all" : "end";
  }

  override finish(...args: Parameters<Batch["finish"]>): ReturnType<Batch["finish"]> {
    const { result, kept } = super.finish(...args);
    const folded = {
      ...result,
      // Rows come out at the end of the run.
      rowsOut: 0,
      marks: result.marks.map((mark) => ({ ...mark, counts: { ...mark.counts, rowsOut: 0 } })),
    };
    if (result.end !== undefined || !this.#hasRows || !this.#isWhole) return { result: folded, kept };
    try {
      return { result: { ...folded, output: this.#folding.reducer.pack(this.#accumulator) }, kept };
    } catch (error) {
      return { result: { ...folded, end: toWire(error) }, kept };
    }
  }

  /** Folds the rows of a block; a row whose step throws becomes a failed one. */
  #fold(placed: PlacedBlock, outcomes: Outcome[]): void {
    const { progress } = this.#folding.rows;
    const step = this.#stepper(placed);
    let failures = 0;
    for (let at = 0; at < outcomes.length; at++) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
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
        if (outcome !== undefined && !(outcome instanceof Failed)) repeated(() => step(at, outcome));
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

const NO_BYTES = new Uint8Array(0);

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

/** In place of an encoder: rows are counted, and nothing is written. */
export const COUNTING: Encoder = {
  encode: () => "",
  delimiter: ",",
  copyEnd: "",
  block: {
    isPromising: () => true,
    encode: (values) => {
      let rows = 0;
      for (const value of values) {
        if (value === undefined) continue;
        if (value instanceof Many || value instanceof Failed) return undefined;
        rows++;
      }
      return { text: "", rows };
    },
    isPlain: () => true,
  },
};
