/** What became of the rows of a batch: counts, the first failed row, records of those that are kept, marks. */
import { describeFailure } from "./failure.ts";
import { EmittedBatch, type EmittedRow } from "./emitted.ts";
import type { Failed } from "./outcome.ts";
import { wordsOf } from "./line-counter.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { rejectRecord } from "./reject-record.ts";
import { type BatchResult, CHECKED_ROWS, NO_ROWS, type RowCounts, type RowFailure, type RowMark } from "./wire.ts";
import type { BatchOrigin, BatchParts } from "./outcome-sink.ts";

/** What of a batch's result it tells. */
type Told = RowCounts & Pick<BatchResult, "failure" | "rejects" | "marks" | "end" | "emits">;

export class RowTally {
  readonly counts: RowCounts = { ...NO_ROWS };
  readonly #parts: Pick<BatchParts, "stopsAt" | "marks">;
  readonly #origin: BatchOrigin;
  readonly #outputBytes: () => number;
  readonly #marks: RowMark[] = [];
  #failure: RowFailure | undefined;
  #records = "";
  #recordBytes = 0;
  #emitted: EmittedBatch | undefined;

  /** @param outputBytes How many bytes have come out so far. */
  constructor(parts: Pick<BatchParts, "stopsAt" | "marks">, origin: BatchOrigin, outputBytes: () => number) {
    this.#parts = parts;
    this.#origin = origin;
    this.#outputBytes = outputBytes;
  }

  /** Bytes of the records of failed rows. */
  get recordBytes(): number {
    return this.#recordBytes;
  }

  /** So many rows have failed, or come out, that no further one is taken. */
  get isFull(): boolean {
    const { rowsFailed, rowsOut } = this.counts;
    return rowsFailed >= this.#parts.stopsAt || (this.#origin.mostOut !== undefined && rowsOut >= this.#origin.mostOut);
  }

  /** Whether some of the rows get a mark, of `count` from number `first` of the run on. */
  marksAny(first: number, count: number): boolean {
    return this.#parts.marks === "thousandth" && Math.ceil(first / CHECKED_ROWS) * CHECKED_ROWS < first + count;
  }

  /** Marks the place before a row, where it gets a mark; asked where {@linkcode RowTally.marksAny} says that any does. */
  markThousandth(row: number): void {
    if (row % CHECKED_ROWS === 0) this.#mark(row, undefined);
  }

  /** Counts a failed row, and describes it where anybody reads that. */
  fail({ block, firstRow, lineOf, places }: PlacedBlock, row: number, failed: Failed): void {
    const { file, records, shown } = this.#origin;
    const marksFailed = this.#parts.marks === "failed";
    if (this.#failure === undefined || records !== undefined || marksFailed) {
      const line = lineOf(row);
      const text = block.text(row);
      const place = { row: firstRow + row, file, line, words: wordsOf(places, line), text: shown?.(text) ?? text };
      const failure = describeFailure(failed, place);
      this.#failure ??= failure;
      if (marksFailed) {
        this.#mark(place.row, { ...failure, error: { ...failure.error, stack: undefined, cause: undefined } });
      }
      if (records !== undefined) {
        const reading = block.reading === undefined ? records.reading : block.reading(row);
        this.#record(rejectRecord(failure, block.bytes?.(row) ?? text, reading));
      }
    }
    this.counts.rowsFailed++;
  }

  /** Takes what the row that is being taken has emitted. */
  emit(rows: readonly EmittedRow[] | undefined, { lineOf }: PlacedBlock, row: number): void {
    if (rows === undefined) return;
    this.#emitted ??= new EmittedBatch();
    this.#emitted.add(rows, { number: this.counts.rowsIn, file: this.#origin.file, line: () => lineOf(row) });
  }

  /** @param end Why what is behind the rows cannot be read: it counts for nothing where they end the batch. */
  finish(end: BatchResult["end"]): Told {
    return {
      ...this.counts,
      failure: this.#failure,
      rejects: new TextEncoder().encode(this.#records),
      marks: this.#marks,
      ...(this.#emitted !== undefined && { emits: this.#emitted.take() }),
      end: this.isFull ? undefined : end,
    };
  }

  #mark(row: number, failure: RowFailure | undefined): void {
    this.#marks.push({
      row,
      failure,
      counts: { ...this.counts },
      outputBytes: this.#outputBytes(),
      rejectsBytes: this.#recordBytes,
    });
  }

  #record(record: string): void {
    this.#records += record;
    this.#recordBytes += Buffer.byteLength(record);
  }
}
