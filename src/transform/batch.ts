/**
 * One batch under way in a worker: collects text, counts and failed rows, and what must be kept while the output columns
 * are a guess.
 */
import { type ErrorWire, toWire } from "../errors.ts";
import { columnsOfFirstRow } from "../formats/columns.ts";
import type { Encoder } from "../formats/encoder.ts";
import type { DecodedBlock, Row } from "../formats/format.ts";
import { Failed, type PlacedBlock } from "./block-mapper.ts";
import { lineCounter } from "./line-counter.ts";
import { Many, type Outcome } from "./outcome.ts";
import type { ShortBlock } from "./short-way.ts";
import { NO_TIMES, StageClock } from "./stage-clock.ts";
import type { BatchResult, RowTask } from "./wire.ts";
import { type BatchOrigin, type BatchParts, type PlacedOutcomes, WrittenRows } from "./written-rows.ts";

/** Outcomes of a batch that guessed its columns. */
export interface KeptBatch {
  columns: string[];
  blocks: PlacedOutcomes[];
  end: ErrorWire | undefined;
  origin: BatchOrigin;
}

/** One batch under way. */
export class Batch {
  readonly task: RowTask;
  readonly clock: StageClock = new StageClock();
  /** Rows under way at once; set when the function turns out to be asynchronous. */
  concurrency = 1;
  readonly #origin: BatchOrigin;
  readonly #parts: BatchParts;
  readonly #written: WrittenRows;
  readonly #kept: KeptBatch["blocks"] | undefined;
  #guessed: string[] | undefined;
  #encoder: Encoder | undefined;
  #end: ErrorWire | undefined;
  #rows = 0;
  #lines = 0;
  /** Rows that failed whatever the output columns are: counted while these are a guess. */
  #failedRows = 0;

  constructor(task: RowTask, origin: BatchOrigin, encoder: Encoder | undefined, parts: BatchParts) {
    this.task = task;
    this.#origin = origin;
    this.#parts = parts;
    this.#written = new WrittenRows(parts, origin);
    this.#encoder = encoder;
    this.#kept = encoder === undefined ? [] : undefined;
  }

  /** Says where the rows of the next block lie. */
  place(block: DecodedBlock): PlacedBlock {
    const firstLine = this.task.firstLine + this.#lines;
    return {
      block,
      rowInBatch: this.#rows,
      firstRow: this.task.firstRow + this.#rows,
      lineOf: lineCounter(block, firstLine),
      stopsAt: this.#parts.stopsAt - (this.#kept === undefined ? this.#written.rowsFailed : this.#failedRows),
    };
  }

  /** Takes the outcomes of a block; false when the batch ends there, because too many rows failed. */
  take(placed: PlacedBlock, outcomes: Outcome[]): boolean {
    const { block } = placed;
    if (this.#encoder === undefined) this.#guess(outcomes);
    if (this.#kept !== undefined) {
      // Failures of encoding may come to light when the columns are settled.
      block.keep();
      this.#kept.push({ outcomes, placed });
    }
    this.#written.add({ outcomes, placed }, this.#encoder);
    this.#rows += block.count;
    this.#lines += block.lines;
    if (this.#kept === undefined) return !this.#written.isFull;
    // A result that does not fit columns that are a guess may yet be right: then the rows behind it are needed too.
    for (const outcome of outcomes) if (outcome instanceof Failed) this.#failedRows++;
    return this.#failedRows < this.#parts.stopsAt;
  }

  /** Takes a block that took the short way; false when the batch ends there, because too many rows failed. */
  takeShort(placed: PlacedBlock, short: ShortBlock): boolean {
    this.#written.addShort(placed, short);
    this.#rows += placed.block.count;
    this.#lines += placed.block.lines;
    return !this.#written.isFull;
  }

  /** What is behind the rows so far cannot be read. */
  breakOff(error: unknown): void {
    this.#end = toWire(error);
  }

  finish(columns: string[] | undefined): {
    result: Omit<BatchResult, "retries" | "times">;
    kept: KeptBatch | undefined;
  } {
    const guessed = this.#guessed;
    const result = {
      ...this.#written.finish(this.#end),
      columns: guessed ?? columns,
      concurrency: this.concurrency,
      isProvisional: guessed !== undefined,
    };
    if (guessed === undefined || this.#kept === undefined) return { result, kept: undefined };
    return { result, kept: { columns: guessed, blocks: this.#kept, end: this.#end, origin: this.#origin } };
  }

  /** The first output row of the batch gives its columns, until it is known better. */
  #guess(outcomes: Outcome[]): void {
    for (const outcome of outcomes) {
      const first: unknown = outcome instanceof Many ? outcome.values[0] : outcome;
      if (first === undefined || first instanceof Failed) continue;
      const columns =
        typeof first === "object" && first !== null ? columnsOfFirstRow(first as Row, this.#parts.inputColumns) : [];
      this.#guessed = columns;
      this.#encoder = this.#parts.encoderFor(columns);
      return;
    }
  }
}

/** Encodes the kept results of a batch with the right columns; the function is not run again. */
export function encodeAgain(kept: KeptBatch, columns: string[], parts: BatchParts): BatchResult {
  const written = new WrittenRows(parts, kept.origin);
  const encoder = parts.encoderFor(columns);
  for (const block of kept.blocks) written.add(block, encoder);
  return { ...written.finish(kept.end), columns, concurrency: 1, retries: 0, times: NO_TIMES, isProvisional: false };
}
