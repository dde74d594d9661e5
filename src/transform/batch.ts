/**
 * One batch under way in a worker: collects text, counts and the first failure, and what must be kept while the output
 * columns are a guess.
 */
import { RowmillError, describeThrown, toWire } from "../errors.ts";
import { columnsOfFirstRow } from "../formats/columns.ts";
import type { Encoder } from "../formats/encoder.ts";
import type { DecodedBlock, Row } from "../formats/format.ts";
import { Failed, type PlacedBlock } from "./block-mapper.ts";
import { describeFailure } from "./failure.ts";
import { OutputText } from "./output-text.ts";
import { Many, type Outcome } from "./row-function.ts";
import type { BatchResult, RowFailure, RowTask } from "./wire.ts";

/** Outcomes of a batch that guessed its columns, and what is known of it apart from them. */
export interface KeptBatch {
  columns: string[];
  blocks: { outcomes: Outcome[]; describe: FailureOf }[];
  counts: BatchCounts;
}

interface BatchCounts {
  rowsIn: number;
  rowsOut: number;
  rowsDropped: number;
}

/** Describes what went wrong with a row of a block. */
type FailureOf = (row: number, failed: Failed) => RowFailure;

/** One batch under way: collects text, counts and the first failure. */
export class Batch {
  readonly task: RowTask;
  /** Rows under way at once; set when the function turns out to be asynchronous. */
  concurrency = 1;
  readonly #text: OutputText;
  readonly #failures: RowFailure[] = [];
  readonly #counts: BatchCounts = { rowsIn: 0, rowsOut: 0, rowsDropped: 0 };
  readonly #inputColumns: readonly string[] | undefined;
  readonly #encoderFor: (columns: readonly string[]) => Encoder;
  readonly #kept: KeptBatch["blocks"] | undefined;
  #guessed: string[] | undefined;
  #encoder: Encoder | undefined;
  #rows = 0;
  #lines = 0;

  constructor(
    task: RowTask,
    encoder: Encoder | undefined,
    inputColumns: readonly string[] | undefined,
    parts: { text: OutputText; encoderFor: (columns: readonly string[]) => Encoder },
  ) {
    this.task = task;
    this.#text = parts.text;
    this.#text.clear();
    this.#encoder = encoder;
    this.#inputColumns = inputColumns;
    this.#encoderFor = parts.encoderFor;
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
    };
  }

  /** Takes the outcomes of a block; false when a row failed and the batch ends there. */
  take(placed: PlacedBlock, outcomes: Outcome[], file: string): boolean {
    const { block, firstRow, lineOf } = placed;
    const describe: FailureOf = (row, failed) =>
      describeFailure(failed, {
        row: firstRow + row,
        file,
        line: lineOf(row),
        text: block.text(row),
      });
    if (this.#encoder === undefined) this.#guess(outcomes);
    if (this.#kept !== undefined) {
      // Failures of encoding may come to light when the columns are settled.
      block.keep();
      this.#kept.push({ outcomes, describe });
    }
    if (this.#failures.length === 0) {
      const failure = this.#write(outcomes, describe);
      if (failure !== undefined) this.#failures.push(failure);
    }
    this.#rows += block.count;
    this.#lines += block.lines;
    if (this.#failures.length === 0) return true;
    // A result that does not fit columns that are a guess may yet be right: then the rows behind it are needed too.
    return this.#kept !== undefined && !(outcomes.at(-1) instanceof Failed);
  }

  /** What is behind the rows so far cannot be read. */
  fail(error: unknown): void {
    this.#failures.push({ row: this.task.firstRow + this.#counts.rowsIn, error: toWire(error) });
  }

  finish(columns: string[] | undefined): { result: BatchResult; kept: KeptBatch | undefined } {
    const isProvisional = this.#guessed !== undefined;
    const result: BatchResult = {
      ...this.#counts,
      output: this.#text.take(),
      failures: this.#failures,
      columns: this.#guessed ?? columns,
      concurrency: this.concurrency,
      isProvisional,
    };
    if (this.#guessed === undefined || this.#kept === undefined) return { result, kept: undefined };
    return { result, kept: { columns: this.#guessed, blocks: this.#kept, counts: { ...this.#counts } } };
  }

  /** The first output row of the batch gives its columns, until it is known better. */
  #guess(outcomes: Outcome[]): void {
    for (const outcome of outcomes) {
      const first: unknown = outcome instanceof Many ? outcome.values[0] : outcome;
      if (first === undefined || first instanceof Failed) continue;
      const columns =
        typeof first === "object" && first !== null ? columnsOfFirstRow(first as Row, this.#inputColumns) : [];
      this.#guessed = columns;
      this.#encoder = this.#encoderFor(columns);
      return;
    }
  }

  #write(outcomes: Outcome[], describe: FailureOf): RowFailure | undefined {
    return writeOutcomes({ outcomes, encoder: this.#encoder, text: this.#text, counts: this.#counts, describe });
  }
}

interface Writing {
  outcomes: Outcome[];
  encoder: Encoder | undefined;
  text: OutputText;
  counts: BatchCounts;
  describe: FailureOf;
}

/** Writes outcomes up to the first failure, and returns that. */
function writeOutcomes({ outcomes, encoder, text, counts, describe }: Writing): RowFailure | undefined {
  if (encoder !== undefined && writeBlock({ outcomes, encoder, text, counts })) return undefined;
  for (let row = 0; row < outcomes.length; row++) {
    const outcome = outcomes[row];
    counts.rowsIn++;
    if (outcome instanceof Failed) return describe(row, outcome);
    if (outcome === undefined || encoder === undefined) {
      counts.rowsDropped++;
      continue;
    }
    try {
      if (outcome instanceof Many) {
        // One of them may fail: none is written before all are encoded.
        text.add(outcome.values.map((value) => encoder.encode(value)).join(""));
        counts.rowsOut += outcome.values.length;
        if (outcome.values.length === 0) counts.rowsDropped++;
      } else {
        text.add(encoder.encode(outcome));
        counts.rowsOut++;
      }
    } catch (thrown) {
      return describe(row, new Failed({ thrown: encodeError(thrown) }));
    }
  }
  return undefined;
}

/** Writes all outcomes at once where that can be proven to be right; false when they must be written one by one. */
function writeBlock({ outcomes, encoder, text, counts }: Omit<Writing, "describe"> & { encoder: Encoder }): boolean {
  const { block, delimiter } = encoder;
  if (block === undefined || !block.isPromising(outcomes.length)) return false;
  const plain = block.encode(outcomes);
  const isWritten =
    plain !== undefined && text.addIf(plain.text, delimiter, (bytes) => block.isPlain(bytes, plain.rows));
  if (plain === undefined || !isWritten) return false;
  counts.rowsIn += outcomes.length;
  counts.rowsOut += plain.rows;
  counts.rowsDropped += outcomes.length - plain.rows;
  return true;
}

function encodeError(thrown: unknown): unknown {
  if (thrown instanceof RowmillError) return thrown;
  return new RowmillError("row-encode", `the result cannot be written: ${describeThrown(thrown)}`, { cause: thrown });
}

/** Encodes the kept results of a batch with the right columns; the function is not run again. */
export function encodeAgain(kept: KeptBatch, columns: string[], encoder: Encoder): BatchResult {
  const text = new OutputText();
  const counts: BatchCounts = { rowsIn: 0, rowsOut: 0, rowsDropped: 0 };
  const failures: RowFailure[] = [];
  for (const { outcomes, describe } of kept.blocks) {
    const failure = writeOutcomes({ outcomes, encoder, text, counts, describe });
    if (failure === undefined) continue;
    failures.push(failure);
    break;
  }
  return { ...counts, output: text.take(), failures, columns, concurrency: 1, isProvisional: false };
}

/** The line of any row of a block; rows asked for in order are counted in one pass. */
function lineCounter(block: DecodedBlock, firstLine: number): (row: number) => number {
  let at = 0;
  let line = firstLine;
  return (row) => {
    const target = block.offset(row);
    if (target < at) {
      at = 0;
      line = firstLine;
    }
    for (let feed = block.source.indexOf("\n", at); feed >= 0 && feed < target; feed = block.source.indexOf("\n", at)) {
      line++;
      at = feed + 1;
    }
    return line;
  };
}
