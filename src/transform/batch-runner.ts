/**
 * Takes a batch all the way in the worker: bytes, rows, function, text, bytes. Keeps the results of a batch that had to
 * guess its output columns until the parent says which they are.
 */
import { readSync } from "node:fs";
import { RowmillError, placeAt } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { rowDecoder } from "../formats/decoder.ts";
import { type Encoder, hasColumns, resultEncoder } from "../formats/encoder.ts";
import type { DecodedBlock, Decoder } from "../formats/format.ts";
import { INPUT, type Kernel } from "../formats/kernel/host.ts";
import type { Served, ServedTask } from "../scheduler/serve-tasks.ts";
import { Batch, type BatchParts, type KeptBatch, encodeAgain } from "./batch.ts";
import { type BatchRows, type PlacedBlock, mapBlock } from "./block-mapper.ts";
import { OutputText } from "./output-text.ts";
import type { Reads } from "./reads.ts";
import type { RecordColumns } from "./reject-record.ts";
import type { Outcome } from "./row-function.ts";
import type { Weaving } from "./weaving.ts";
import type { BatchResult, RowTask, RunSetup } from "./wire.ts";
import { WovenRows } from "./woven-rows.ts";

const LF = 10;

/** What all batches of a run share. */
interface RunRows extends Pick<BatchRows, "call" | "context" | "progress" | "rate"> {
  /** The input columns that must be decoded, undefined for all. */
  reads: Reads;
  /** Rows leave as they came, or not at all. */
  copiesRows: boolean;
  /** How blocks take the short way, where they can. */
  weaving: Weaving | undefined;
  /** Calls beyond the first that rows have needed so far. */
  retries: { count: number };
}

export class BatchRunner {
  readonly #kernel: Kernel;
  readonly #setup: RunSetup;
  readonly #rows: RunRows;
  readonly #decoders = new Map<number, Decoder>();
  readonly #kept = new Map<number, KeptBatch>();
  /** By file; undefined where its rows cannot be woven. */
  readonly #woven = new Map<number, WovenRows | undefined>();
  #columns: string[] | undefined;
  readonly #parts: BatchParts;
  #encoder: Encoder | undefined;

  /** @param columns The output columns, where they are known from the start. */
  constructor(kernel: Kernel, setup: RunSetup, rows: RunRows, columns: string[] | undefined) {
    this.#kernel = kernel;
    this.#setup = setup;
    this.#rows = rows;
    this.#parts = {
      text: new OutputText(),
      encoderFor: (output) => resultEncoder(setup.output, output),
      inputColumns: setup.input.columns,
      stopsAt: setup.policy.stopsAt,
      marks: setup.policy.marks,
    };
    if (columns !== undefined || !hasColumns(setup.output.format)) this.#settle(columns ?? []);
  }

  /** Runs a batch; at once when its function answers at once. */
  run({
    payload: task,
    poisoned,
    isSerial,
    timeoutMs,
  }: ServedTask<RowTask>): Served<BatchResult> | Promise<Served<BatchResult>> {
    const { files, policy } = this.#setup;
    const { call, context, progress, rate, retries } = this.#rows;
    const file = files[task.file] ?? "-";
    const records = policy.keepsRecords ? { header: this.#header(task) } : undefined;
    const batch = new Batch(task, { file, records }, this.#encoder, this.#parts);
    const concurrency = isSerial ? 1 : policy.concurrency;
    const rows: BatchRows = { call, context, progress, rate, file, poisoned, concurrency, isSerial, timeoutMs };
    retries.count = 0;
    const { clock } = batch;
    const isPlain = poisoned.size === 0 && !isSerial && timeoutMs === undefined;
    const woven = isPlain ? this.#wovenRows(task) : undefined;
    try {
      const end = this.#load(task);
      clock.lap("read");
      const blocks = this.#decoder(task).blocks(INPUT, end)[Symbol.iterator]();
      for (let next = blocks.next(); next.done !== true; next = blocks.next()) {
        clock.lap("parse");
        const placed = batch.place(next.value);
        const done = woven?.map(rows, placed, clock);
        if (done !== undefined) {
          if (!batch.takeWoven(placed, done)) break;
          continue;
        }
        const outcomes = mapBlock(rows, placed);
        if (outcomes instanceof Promise) return this.#finishLater({ batch, blocks, rows, placed, outcomes });
        clock.lap("transform");
        const goesOn = batch.take(placed, outcomes);
        clock.lap("encode");
        if (!goesOn) break;
      }
      return this.#finish(batch);
    } catch (error) {
      return this.#breakOff(batch, error);
    }
  }

  /** The output columns are known: results that were kept for them are encoded again where they were wrong. */
  settleColumns(columns: string[]): { batch: number; result: BatchResult }[] {
    this.#settle(columns);
    // A batch under way is using the text of all others.
    const parts = { ...this.#parts, text: new OutputText() };
    const again = [...this.#kept]
      .filter(([, kept]) => !sameColumns(kept.columns, columns))
      .map(([batch, kept]) => ({ batch, result: encodeAgain(kept, columns, parts) }));
    this.#kept.clear();
    return again;
  }

  #settle(columns: string[]): void {
    this.#columns = columns;
    this.#encoder = this.#parts.encoderFor(columns);
  }

  /** How the fields of a batch's rows are called, for formats that have a header. */
  #header({ columns }: RowTask): RecordColumns | undefined {
    const { input } = this.#setup;
    if (input.columns === undefined) return undefined;
    return { columns: columns ?? input.columns, delimiter: input.dialect.delimiter };
  }

  async #finishLater(work: {
    batch: Batch;
    blocks: Iterator<DecodedBlock>;
    rows: BatchRows;
    placed: PlacedBlock;
    outcomes: Promise<Outcome[]>;
  }): Promise<Served<BatchResult>> {
    const { batch, blocks, rows } = work;
    batch.concurrency = rows.concurrency;
    try {
      const { clock } = batch;
      const first = await work.outcomes;
      clock.lap("transform");
      let goesOn = batch.take(work.placed, first);
      clock.lap("encode");
      while (goesOn) {
        const next = blocks.next();
        if (next.done === true) break;
        clock.lap("parse");
        const placed = batch.place(next.value);
        const outcomes = await mapBlock(rows, placed);
        clock.lap("transform");
        goesOn = batch.take(placed, outcomes);
        clock.lap("encode");
      }
      return this.#finish(batch);
    } catch (error) {
      return this.#breakOff(batch, error);
    }
  }

  #finish(batch: Batch): Served<BatchResult> {
    const { task } = batch;
    const { result, kept } = batch.finish(this.#columns);
    const isWhole = result.end === undefined && result.rowsFailed < this.#parts.stopsAt;
    if (isWhole && result.rowsIn !== task.rows) {
      throw new RowmillError("input", `${this.#setup.files[task.file]} changed while it was read`, {
        hint: "run again when nothing writes to it any more",
      });
    }
    if (kept !== undefined) this.#kept.set(task.batch, kept);
    return {
      value: { ...result, retries: this.#rows.retries.count, times: batch.clock.times },
      transfer: [result.output.buffer, result.rejects.buffer],
    };
  }

  /** The input itself is at fault: it ends the run in its turn, behind the rows before it. */
  #breakOff(batch: Batch, error: unknown): Served<BatchResult> {
    if (!(error instanceof RowmillError)) throw error;
    const { task } = batch;
    batch.breakOff(placeAt(error, this.#setup.files[task.file] ?? "-", task.firstLine));
    return this.#finish(batch);
  }

  #decoder(task: RowTask): Decoder {
    let decoder = this.#decoders.get(task.file);
    if (decoder === undefined) {
      const { input } = this.#setup;
      decoder = rowDecoder(this.#kernel, input, {
        columns: task.columns ?? input.columns ?? [],
        reads: this.#rows.reads,
        copiesRows: this.#rows.copiesRows,
        wantsFields: this.#rows.weaving !== undefined,
      });
      this.#decoders.set(task.file, decoder);
    }
    return decoder;
  }

  /** The short way of a file's rows, once the output columns are known. */
  #wovenRows(task: RowTask): WovenRows | undefined {
    const { weaving } = this.#rows;
    const output = this.#columns;
    if (weaving === undefined || output === undefined) return undefined;
    if (!this.#woven.has(task.file)) {
      const input = task.columns ?? this.#setup.input.columns ?? [];
      this.#woven.set(task.file, WovenRows.of(this.#kernel, weaving, { input, output }));
    }
    return this.#woven.get(task.file);
  }

  /** Brings the bytes into the kernel's memory, a missing last line feed added; returns their end. */
  #load({ bytes, file }: RowTask): number {
    const length = bytes.kind === "copy" ? bytes.data.length : bytes.end - bytes.start;
    this.#kernel.reserve(length + 1);
    const memory = this.#kernel.bytes;
    if (bytes.kind === "copy") memory.set(bytes.data, INPUT);
    else this.#read(bytes, file);
    const end = INPUT + length;
    if (length === 0 || memory[end - 1] === LF || this.#setup.input.format === "json") return end;
    memory[end] = LF;
    return end + 1;
  }

  #read({ fd, start, end }: { fd: number; start: number; end: number }, file: number): void {
    for (let done = start; done < end;) {
      const got = readSync(fd, this.#kernel.bytes, INPUT + done - start, end - done, done);
      if (got === 0) {
        throw new RowmillError("input", `${this.#setup.files[file]} became shorter while it was read`, {
          hint: "run again when nothing writes to it any more",
        });
      }
      done += got;
    }
  }
}
