/** The rows of a batch that are counted, and not written. */
import { Failed, Many, type Outcome } from "./outcome.ts";
import type { BatchOrigin, BatchParts, OutcomeSink, PlacedOutcomes, SunkRows } from "./outcome-sink.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { RowTally } from "./row-tally.ts";
import type { ShortBlock } from "./short-way.ts";
import type { BatchResult } from "./wire.ts";

export class CountedRows implements OutcomeSink {
  readonly #tally: RowTally;

  constructor(parts: Pick<BatchParts, "stopsAt" | "marks">, origin: BatchOrigin) {
    this.#tally = new RowTally(parts, origin, () => 0);
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

  add({ outcomes, from, placed, emitted }: PlacedOutcomes): "row by row" {
    const { counts } = this.#tally;
    const hasMarks = this.#tally.marksAny(placed.firstRow, outcomes.length);
    for (let row = from; row < outcomes.length && !this.isFull; row++) {
      const outcome = outcomes[row];
      if (hasMarks) this.#tally.markThousandth(placed.firstRow + row);
      if (outcome instanceof Failed) this.#tally.fail(placed, row, outcome);
      else if (isNothing(outcome)) counts.rowsDropped++;
      else counts.rowsMapped++;
      if (!(outcome instanceof Failed)) this.#tally.emit(emitted?.get(row), placed, row);
      counts.rowsIn++;
    }
    return "row by row";
  }

  addShort(
    placed: PlacedBlock,
    { rowsIn, rowsOut, failures }: Pick<ShortBlock, "rowsIn" | "rowsOut" | "failures">,
  ): void {
    const { counts } = this.#tally;
    counts.rowsIn += rowsIn;
    counts.rowsMapped += rowsOut;
    counts.rowsDropped += rowsIn - rowsOut - failures.length;
    for (const { row, failed } of failures) this.#tally.fail(placed, row, failed);
  }

  finish(end: BatchResult["end"]): SunkRows {
    return { ...this.#tally.finish(end), output: new Uint8Array(0) };
  }
}

/** Whether a row has no output. */
export function isNothing(outcome: Outcome): boolean {
  return outcome === undefined || (outcome instanceof Many && outcome.values.length === 0);
}
