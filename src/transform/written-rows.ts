/** The rows of a batch as they are written: output, records of failed rows, and counts. */
import type { ErrorWire } from "../errors.ts";
import type { RowReading } from "../formats/text/dialect.ts";
import type { Encoder } from "../formats/encoder.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { encodeError } from "../formats/encode-error.ts";
import { describeFailure } from "./failure.ts";
import type { OutputText } from "./output-text.ts";
import { rejectRecord } from "./reject-record.ts";
import { Failed, Many, type Outcome } from "./outcome.ts";
import {
  type BatchResult,
  CHECKED_ROWS,
  type MarkedRows,
  NO_ROWS,
  type RowCounts,
  type RowFailure,
  type RowMark,
} from "./wire.ts";
import type { ShortRows } from "./short-rows.ts";
import type { ShortBlock } from "./short-way.ts";

/** The outcomes of a block, and what is needed to describe a failed row of it. */
export interface PlacedOutcomes {
  outcomes: Outcome[];
  /** Those before this row were added earlier. */
  from: number;
  /** They go up to the end of the block: no further part follows. */
  isEnd: boolean;
  placed: PlacedBlock;
}

/** What the batches of a run have in common. */
export interface BatchParts {
  text: OutputText;
  encoderFor: (columns: readonly string[]) => Encoder;
  inputColumns: readonly string[] | undefined;
  /** A schema makes the rows that the function gets. */
  isOfSchema: boolean;
  /** Knows which fields a row lacks, where rows may be short and their function may carry them whole. */
  shortRows: ShortRows | undefined;
  /** The keys of all results, in order, where the code says them. */
  resultKeys: readonly string[] | undefined;
  /** A batch ends behind so many failed rows. */
  stopsAt: number;
  marks: MarkedRows;
}

/** Where the rows of a batch come from. */
export interface BatchOrigin {
  file: string;
  /** How failed rows can be read again, for their records; undefined when no records are kept. */
  records: { reading: RowReading | undefined } | undefined;
  /** The batch ends with so many rows of output, and may be cut behind any of them; undefined where all are wanted. */
  mostOut: number | undefined;
}

export class WrittenRows {
  readonly #parts: BatchParts;
  readonly #origin: BatchOrigin;
  readonly #counts: RowCounts = { ...NO_ROWS };
  readonly #marks: RowMark[] = [];
  readonly #cuts: number[] = [];
  #failure: RowFailure | undefined;
  #records = "";
  #recordBytes = 0;

  constructor(parts: BatchParts, origin: BatchOrigin) {
    this.#parts = parts;
    this.#parts.text.clear();
    this.#origin = origin;
  }

  get rowsIn(): number {
    return this.#counts.rowsIn;
  }

  get rowsFailed(): number {
    return this.#counts.rowsFailed;
  }

  /** So many rows have failed, or come out, that no further one is taken. */
  get isFull(): boolean {
    const { rowsFailed, rowsOut } = this.#counts;
    return rowsFailed >= this.#parts.stopsAt || (this.#origin.mostOut !== undefined && rowsOut >= this.#origin.mostOut);
  }

  add({ outcomes, from, placed, isEnd }: PlacedOutcomes, encoder: Encoder | undefined): "as a block" | "row by row" {
    const { text, marks } = this.#parts;
    const hasMarks = marks === "thousandth" && hasThousandth(placed.firstRow, outcomes.length);
    const { copies, comments, count } = placed.block;
    const isPlain = copies === undefined && comments === undefined && this.#origin.mostOut === undefined;
    const isBlock = encoder !== undefined && !hasMarks && isPlain && from === 0;
    if (this.isFull) return "row by row";
    if (isBlock && this.#addBlock(outcomes, encoder)) return "as a block";
    const counts = this.#counts;
    for (let row = from; row < outcomes.length; row++) {
      const outcome = outcomes[row];
      this.#addComments(comments?.get(row));
      if (hasMarks && (placed.firstRow + row) % CHECKED_ROWS === 0) this.#mark(placed.firstRow + row, undefined);
      let failed = outcome instanceof Failed ? outcome : undefined;
      try {
        if (failed !== undefined) {
          // Nothing is written.
        } else if (outcome === undefined || encoder === undefined) {
          counts.rowsDropped++;
        } else if (outcome instanceof Many) {
          this.#addMany(outcome.values, encoder);
        } else {
          if (copies === undefined || !text.copy(copies, row, encoder.copyEnd)) text.add(encoder.encode(outcome));
          counts.rowsMapped++;
          this.#countOut();
        }
      } catch (thrown) {
        failed = new Failed({ thrown: encodeError(thrown, outcome) });
      }
      if (failed !== undefined) this.#fail(placed, row, failed);
      counts.rowsIn++;
      if (this.isFull) return "row by row";
    }
    if (isEnd && outcomes.length === count) this.#addComments(comments?.get(count));
    return "row by row";
  }

  #addComments(lines: Uint8Array | undefined): void {
    if (lines !== undefined) this.#parts.text.addBytes(lines);
  }

  addShort(placed: PlacedBlock, { bytes, rowsIn, rowsOut, failures }: ShortBlock): void {
    const counts = this.#counts;
    this.#parts.text.addBytes(bytes);
    counts.rowsIn += rowsIn;
    counts.rowsOut += rowsOut;
    counts.rowsMapped += rowsOut;
    counts.rowsDropped += rowsIn - rowsOut - failures.length;
    for (const { row, failed } of failures) this.#fail(placed, row, failed);
  }

  finish(
    end: ErrorWire | undefined,
  ): Omit<BatchResult, "firstRow" | "columns" | "concurrency" | "retries" | "times" | "isProvisional" | "blocks"> {
    return {
      ...this.#counts,
      output: this.#parts.text.take(),
      failure: this.#failure,
      rejects: new TextEncoder().encode(this.#records),
      marks: this.#marks,
      ...(this.#origin.mostOut !== undefined && { cuts: this.#cuts }),
      end: this.isFull ? undefined : end,
    };
  }

  /** One of them may fail: none is written before all are encoded. */
  #addMany(values: readonly unknown[], encoder: Encoder): void {
    const { text } = this.#parts;
    const counts = this.#counts;
    const encode = (value: unknown): string => {
      try {
        return encoder.encode(value);
      } catch (thrown) {
        throw encodeError(thrown, value);
      }
    };
    const texts = values.map(encode);
    if (values.length === 0) counts.rowsDropped++;
    else counts.rowsMapped++;
    if (this.#origin.mostOut === undefined) {
      text.add(texts.join(""));
      counts.rowsOut += values.length;
      return;
    }
    for (const one of texts) {
      text.add(one);
      this.#countOut();
    }
  }

  /** One row more has come out of the row that is being taken. */
  #countOut(): void {
    const counts = this.#counts;
    counts.rowsOut++;
    if (this.#origin.mostOut === undefined) return;
    const { rowsIn, rowsMapped, rowsDropped, rowsFailed } = counts;
    // In the order of CUT_PARTS.
    this.#cuts.push(rowsIn + 1, rowsMapped, rowsDropped, rowsFailed, this.#parts.text.flush(), this.#recordBytes);
  }

  /** Writes all outcomes at once where that can be proven to be right; false when they must be written one by one. */
  #addBlock(outcomes: Outcome[], { block, delimiter }: Encoder): boolean {
    const counts = this.#counts;
    if (block === undefined || !block.isPromising(outcomes.length)) return false;
    const plain = block.encode(outcomes);
    const isWritten =
      plain !== undefined && this.#parts.text.addIf(plain.text, delimiter, (bytes) => block.isPlain(bytes, plain.rows));
    if (plain === undefined || !isWritten) return false;
    counts.rowsIn += outcomes.length;
    counts.rowsOut += plain.rows;
    counts.rowsMapped += plain.rows;
    counts.rowsDropped += outcomes.length - plain.rows;
    return true;
  }

  #fail({ block, firstRow, lineOf }: PlacedBlock, row: number, failed: Failed): void {
    const { file, records } = this.#origin;
    const marksFailed = this.#parts.marks === "failed";
    if (this.#failure === undefined || records !== undefined || marksFailed) {
      const place = { row: firstRow + row, file, line: lineOf(row), text: block.text(row) };
      const failure = describeFailure(failed, place);
      this.#failure ??= failure;
      if (marksFailed) {
        this.#mark(place.row, { ...failure, error: { ...failure.error, stack: undefined, cause: undefined } });
      }
      if (records !== undefined) {
        const reading = block.reading === undefined ? records.reading : block.reading(row);
        this.#record(rejectRecord(failure, block.bytes?.(row) ?? place.text, reading));
      }
    }
    this.#counts.rowsFailed++;
  }

  #mark(row: number, failure: RowFailure | undefined): void {
    const outputBytes = this.#parts.text.flush();
    this.#marks.push({ row, failure, counts: { ...this.#counts }, outputBytes, rejectsBytes: this.#recordBytes });
  }

  #record(record: string): void {
    this.#records += record;
    this.#recordBytes += Buffer.byteLength(record);
  }
}

/** Whether a thousandth row of the run is among `count` rows from `first` on. */
function hasThousandth(first: number, count: number): boolean {
  return Math.ceil(first / CHECKED_ROWS) * CHECKED_ROWS < first + count;
}
