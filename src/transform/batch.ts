/**
 * One batch under way in a worker: collects text or a part of a fold, counts and failed rows, and what must be kept while
 * the output columns are a guess.
 */
import { type ErrorWire, toWire } from "../errors.ts";
import { columnsOfFirstRow } from "../formats/columns.ts";
import type { DecodedBlock, Encoder, Row } from "../formats/format.ts";
import type { RowGrouper } from "../formats/row-groups.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { taskLines } from "./line-counter.ts";
import { Emitting } from "./emitted.ts";
import { Failed, Many, type Outcome, writtenValue } from "./outcome.ts";
import { type BlocksByWay, type Way, countBlock, noBlocks } from "./plan/ways.ts";
import type { ShortBlock } from "./short-way.ts";
import { NO_TIMES, StageClock } from "./stage-clock.ts";
import type { BatchResult, RowTask } from "./wire.ts";
import type { NoteCollector } from "../stages/stage.ts";
import type { BatchOrigin, BatchParts, OutcomeSink, PlacedOutcomes } from "./outcome-sink.ts";
import { PartRows } from "./part-rows.ts";
import { WrittenRows } from "./written-rows.ts";

/** Outcomes of a batch that guessed its columns. */
export interface KeptBatch {
  columns: string[];
  /** Number in the run of the first row. */
  firstRow: number;
  blocks: PlacedOutcomes[];
  end: ErrorWire | undefined;
  origin: BatchOrigin;
}

/** What came of a batch, or of a part of it. */
export interface FinishedBatch {
  result: Omit<BatchResult, "retries" | "times">;
  /** Where the columns are a guess. */
  kept: KeptBatch | undefined;
}

/** Up to where a part goes, and the columns of the run's results, where they are known. */
interface PartEnd {
  end: number;
  columns: string[] | undefined;
}

/** Rows of a batch, by number. */
export interface RowRange {
  from: number;
  /** The first that does not belong to it. */
  to: number;
}

/** One batch under way. */
export class Batch {
  readonly task: RowTask;
  readonly clock: StageClock = new StageClock();
  /** Its rows are not written, but become a part of a fold. */
  readonly isFolded: boolean;
  /** Rows under way at once; set when the function turns out to be asynchronous. */
  concurrency = 1;
  /** The way of blocks whose outcomes come one by one. */
  longWay: Extract<Way, "rows" | "rows-async" | "rows-folded" | "batch"> = "rows";
  #blocks: BlocksByWay = noBlocks();
  readonly #range: RowRange;
  /** The first row that no part was made of. */
  #from: number;
  readonly #origin: BatchOrigin;
  readonly #parts: BatchParts;
  readonly #makeSink: () => OutcomeSink;
  #sink: OutcomeSink;
  #kept: KeptBatch["blocks"] | undefined;
  #guessed: string[] | undefined;
  #encoder: Encoder | undefined;
  #end: ErrorWire | undefined;
  /** Rows and lines of the blocks that are done. */
  #rows = 0;
  #lines = 0;
  /** Rows that failed whatever the output columns are: counted while these are a guess. */
  #failedRows = 0;

  /**
   * @param range The rows of the batch that are to be run: those before were done earlier.
   * @param to What takes their outcomes; for rows that are written, an encoder, undefined while the columns are a guess.
   */
  constructor(
    task: RowTask,
    range: RowRange,
    origin: BatchOrigin,
    to: (() => OutcomeSink) | { encoder: Encoder | undefined; grouper: RowGrouper | undefined },
    parts: BatchParts,
  ) {
    this.task = task;
    this.#range = range;
    this.#from = range.from;
    this.#origin = origin;
    this.#parts = parts;
    this.#makeSink = typeof to === "function" ? to : () => new WrittenRows(parts, origin, to.grouper);
    this.#sink = this.#makeSink();
    this.isFolded = this.#sink instanceof PartRows;
    if (this.isFolded) this.longWay = "rows-folded";
    if (typeof to === "function") return;
    this.#encoder = to.encoder;
    this.#kept = to.encoder === undefined ? [] : undefined;
  }

  /** Says where the rows of the next block lie. */
  place(block: DecodedBlock): PlacedBlock {
    const { from, to } = this.#range;
    return {
      block,
      rowInBatch: this.#rows,
      firstRow: this.task.firstRow + this.#rows,
      lineOf: taskLines(this.task, block, { lines: this.#lines, rows: this.#rows }),
      places: this.task.place,
      stopsAt: this.#parts.stopsAt - (this.#kept === undefined ? this.#sink.rowsFailed : this.#failedRows),
      done: Math.min(Math.max(from - this.#rows, 0), block.count),
      end: Math.min(Math.max(to - this.#rows, 0), block.count),
    };
  }

  /** Takes the outcomes of a block; false when the batch ends there, because too many rows failed. */
  take(placed: PlacedBlock, outcomes: Outcome[]): boolean {
    const { block } = placed;
    this.#add({ outcomes, from: placed.done, placed, isEnd: true });
    this.#rows += block.count;
    this.#lines += block.lines;
    // Rows that came out by a guess may fail in the end.
    if (this.#kept === undefined) return !this.#sink.isFull;
    // A result that does not fit columns that are a guess may yet be right: then the rows behind it are needed too.
    for (const outcome of outcomes) if (outcome instanceof Failed) this.#failedRows++;
    return this.#failedRows < this.#parts.stopsAt;
  }

  #add(given: PlacedOutcomes): void {
    const part = withEmitted(given);
    if (this.#kept !== undefined && this.#guessed === undefined) this.#guess(part.placed, part.outcomes);
    if (this.#kept !== undefined) {
      // Failures of encoding may come to light when the columns are settled.
      part.placed.block.keep();
      this.#kept.push(part);
    }
    const isBlock = this.#sink.add(part, this.#encoder) === "as a block";
    if (part.isEnd) countBlock(this.#blocks, isBlock && this.longWay === "rows" ? "rows-block" : this.longWay);
  }

  /**
   * What came of the rows since the last part, up to row `end` of the block that is under way; what follows goes on
   * behind them.
   */
  part(placed: PlacedBlock, outcomes: Outcome[], { end, columns }: PartEnd): FinishedBatch {
    const from = placed.done;
    if (end > from) this.#add({ outcomes: outcomes.slice(0, end), from, placed, isEnd: false });
    placed.done = end;
    return this.#startAgain(placed, columns);
  }

  /** Rows behind others that are not done: nothing more comes of the batch. */
  beside(placed: PlacedBlock, outcomes: Outcome[], { from, ...end }: PartEnd & { from: number }): FinishedBatch {
    placed.done = from;
    this.#from = this.rowsDone(placed);
    return this.part(placed, outcomes, end);
  }

  /** Takes the first rows of a block, which took the short way; the others follow. */
  takeSome(placed: PlacedBlock, short: ShortBlock): void {
    this.#sink.addShort(placed, short);
    countBlock(this.#blocks, short.way);
    placed.done = short.rowsIn;
  }

  /** Number of the first row of the batch that no part was made of. */
  rowsDone({ rowInBatch, done }: PlacedBlock): number {
    return rowInBatch + done;
  }

  #startAgain(placed: PlacedBlock, columns: string[] | undefined): FinishedBatch {
    const part = this.finish(columns);
    this.#from = this.rowsDone(placed);
    this.#sink = this.#makeSink();
    if (this.#kept !== undefined) this.#kept = [];
    return part;
  }

  /** Takes a block that took the short way; false when the batch ends there, because too many rows failed. */
  takeShort(placed: PlacedBlock, short: ShortBlock): boolean {
    this.#sink.addShort(placed, short);
    countBlock(this.#blocks, short.way);
    this.#rows += placed.block.count;
    this.#lines += placed.block.lines;
    return !this.#sink.isFull;
  }

  /** What is behind the rows so far cannot be read. */
  breakOff(error: unknown): void {
    this.#end = toWire(error);
  }

  /** @param columns Those that the run's results are encoded with, where they are known. */
  finish(columns: string[] | undefined): FinishedBatch {
    const written = this.#sink.finish(this.#end);
    // Behind the last part there may be nothing.
    const guessed = written.rowsIn === 0 ? undefined : this.#guessed;
    const result = {
      ...written,
      firstRow: this.task.firstRow + this.#from,
      columns: guessed ?? columns,
      concurrency: this.concurrency,
      isProvisional: guessed !== undefined,
      blocks: this.#blocks,
    };
    this.#blocks = noBlocks();
    if (guessed === undefined || this.#kept === undefined) return { result, kept: undefined };
    return {
      result,
      kept: { columns: guessed, firstRow: result.firstRow, blocks: this.#kept, end: this.#end, origin: this.#origin },
    };
  }

  /** What is told of rows that come out, where a stage picks or arranges them. */
  get notes(): NoteCollector | undefined {
    return this.#sink.notes;
  }

  /** A row has failed. */
  get hasFailed(): boolean {
    return this.#sink.rowsFailed > 0;
  }

  /** Rows are done that no part was made of. */
  get hasRows(): boolean {
    return this.#sink.rowsIn > 0;
  }

  /** Every row that was to be run was there. */
  get isComplete(): boolean {
    return this.#rows === this.task.rows;
  }

  /** The first output row of the batch gives its columns, until it is known better. */
  #guess({ block }: PlacedBlock, outcomes: Outcome[]): void {
    const { inputColumns, isOfSchema, resultKeys, shortRows } = this.#parts;
    for (const [at, outcome] of outcomes.entries()) {
      const values = (outcome instanceof Many ? outcome.values : [outcome]).map(writtenValue);
      const [first] = values;
      if (first === undefined || first instanceof Failed) continue;
      // What fails whatever the columns are says nothing of them. It fails for its own reason: that is no strange column.
      this.#encoder ??= this.#parts.encoderFor(Object.keys(Object(first)));
      if (!values.every((value) => this.#canBeWritten(value))) continue;
      const reading = block.reading === undefined ? this.task : block.reading(at);
      const lacking = reading && shortRows?.absentFields(block.text(at), reading);
      // Code that writes its keys out has no others.
      const absent = resultKeys === undefined ? lacking : lacking?.intersection(new Set(resultKeys));
      const spelled = block.spellings?.get(at)?.keys;
      const how = { absent, isOfSchema, written: resultKeys, spelled };
      this.#guessed = columnsOfFirstRow(first as Row, inputColumns, how);
      this.#encoder = this.#parts.encoderFor(this.#guessed);
      return;
    }
  }

  /** Whether a value is a row that can be written with columns of its own. */
  #canBeWritten(value: unknown): boolean {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    try {
      this.#parts.encoderFor(Object.keys(value)).encode(value);
      return true;
    } catch {
      // It is said when the row is written.
      return false;
    }
  }
}

/** Outcomes without what their rows have emitted, and that beside them. */
function withEmitted(part: PlacedOutcomes): PlacedOutcomes {
  const emitted = new Map<number, Emitting["rows"]>();
  for (const [at, outcome] of part.outcomes.entries()) if (outcome instanceof Emitting) emitted.set(at, outcome.rows);
  if (emitted.size === 0) return part;
  const outcomes = part.outcomes.map((outcome): Outcome => (outcome instanceof Emitting ? outcome.outcome : outcome));
  return { ...part, outcomes, emitted };
}

/** Encodes the kept results of a batch with the right columns; the function is not run again. */
export function encodeAgain(kept: KeptBatch, columns: string[], parts: BatchParts): BatchResult {
  const written = new WrittenRows(parts, kept.origin);
  const encoder = parts.encoderFor(columns);
  for (const block of kept.blocks) written.add(block, encoder);
  const { firstRow } = kept;
  return {
    ...written.finish(kept.end),
    firstRow,
    columns,
    concurrency: 1,
    retries: 0,
    times: NO_TIMES,
    // They were counted when they were mapped.
    blocks: noBlocks(),
    isProvisional: false,
  };
}
