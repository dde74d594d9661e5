/**
 * The whole way of the data on one screen: source → batches → workers → reorder → sink.
 *
 * The parent finds batch boundaries, schedules and writes; workers read, decode, transform and encode. What one row does
 * is in transform/, how tasks are spread is in scheduler/, what rows look like in bytes is in formats/.
 */
import { fromWire } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { hasColumns } from "../formats/encoder.ts";
import { ClosedPipeError, type Sink, fileSink, stdoutSink } from "../io/sink.ts";
import { BatchSize } from "../scheduler/batch-size.ts";
import { runBatches } from "../scheduler/run-batches.ts";
import type { BatchResult, RowTask } from "../transform/wire.ts";
import { type Framing, outputFraming } from "./framing.ts";
import { type RunOptions, jobsOf } from "./options.ts";
import { OutputColumns } from "./output-columns.ts";
import { type Crew, MAX_BATCH_BYTES, type Prepared, REAL_PARTS, type RunParts, openCrew, prepare } from "./prepare.ts";
import type { RowSource } from "./row-source.ts";
import type { TransformWorkers } from "./transform-workers.ts";

/** What came of a run. Rows in = rows mapped + dropped + failed. */
export interface RunSummary {
  rowsIn: number;
  rowsOut: number;
  rowsDropped: number;
  /** The reader of standard output went away before the end. */
  isCutShort: boolean;
}

/** In flight at most, for each worker: two batches under way and two that wait for an earlier one. */
const WINDOW_BYTES = 4 * MAX_BATCH_BYTES;
/** Results that wait for an earlier one may hold so many bytes of output before dispatch stops. */
const WAITING_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Batches that keep their results, because their columns are a guess, may hold so many bytes of input. */
const GUESSED_BYTES = 1024 * 1024;
/** An input of this size is worth all workers from the start. */
const ALL_WORKERS_BYTES = 512 * 1024;

/**
 * Runs a transform over inputs and writes the results, in input order.
 *
 * @returns Row counts.
 * @throws {UsageError} If the options are wrong; nothing was done.
 * @throws {RowmillError} If the run failed: the input, the transform or one of its rows, or the output. An output file
 * is then as it was before.
 */
export async function run(options: RunOptions): Promise<RunSummary> {
  return await runWith(options, REAL_PARTS);
}

/** As {@linkcode run}, with other workers and batch sizes: for tests. */
export async function runWith(options: RunOptions, parts: RunParts): Promise<RunSummary> {
  return await new Run(options, parts).run();
}

class Run {
  readonly #given: RunOptions;
  readonly #parts: RunParts;
  readonly #workers: TransformWorkers;
  readonly #pool: Crew["pool"];
  readonly #summary: RunSummary = { rowsIn: 0, rowsOut: 0, rowsDropped: 0, isCutShort: false };

  constructor(options: RunOptions, parts: RunParts) {
    const { pool, workers } = openCrew(options, parts);
    this.#given = options;
    this.#parts = parts;
    this.#workers = workers;
    this.#pool = pool;
  }

  async run(): Promise<RunSummary> {
    let source: RowSource | undefined;
    try {
      // The input may be a terminal that waits for its first line: an interrupt must end that as well.
      const prepared = await Promise.race([
        prepare(this.#given, { pool: this.#pool, workers: this.#workers }),
        aborted(this.#given.signal),
      ]);
      source = prepared.source;
      await this.#stream(prepared);
      return this.#summary;
    } finally {
      this.#pool.terminate();
      source?.close();
    }
  }

  async #stream({ options, source, output, outputColumns, emptyColumns, hasTeardown }: Prepared): Promise<void> {
    const jobs = jobsOf(options);
    const total = source.remaining;
    if (total !== undefined && total > ALL_WORKERS_BYTES) this.#pool.start(jobs);
    const size = new BatchSize({ ...this.#parts.batchBytes, jobs }, total);
    const columns = new OutputColumns(hasColumns(output.format) ? outputColumns : []);
    const sink = openSink(options);
    const framing = outputFraming(output);
    const guesses = new Map<number, RowTask>();
    let guessedBytes = 0;
    let waitingBytes = 0;
    const stream = runBatches<RowTask, BatchResult>({
      pool: this.#pool,
      window: WINDOW_BYTES * jobs,
      isUnordered: options.unordered === true,
      pull: () => {
        // While columns are a guess, results are kept: small batches keep few.
        const bytes = size.next(source.remaining);
        const isGuess = columns.value === undefined;
        const wanted = { bytes: isGuess ? Math.min(bytes, this.#parts.batchBytes.first) : bytes, rows: options.batch };
        return source.pull(wanted).then((pulled) => {
          if (isGuess && pulled?.kind === "task") guesses.set(pulled.payload.batch, pulled.payload);
          return pulled;
        });
      },
      isHeld: () =>
        waitingBytes > WAITING_OUTPUT_BYTES || (columns.value === undefined && guessedBytes > GUESSED_BYTES * jobs),
      arrived: (index, result, timing) => {
        if (timing.ms > 0) size.observe(timing.size, timing.ms / result.concurrency);
        waitingBytes += result.output.length;
        if (result.isProvisional) guessedBytes += timing.size;
        if (!columns.offer(index, result.columns) || columns.value === undefined) return;
        this.#workers.settle(columns.value);
        settled.resolve();
      },
      deliver: async (index, result) => {
        waitingBytes -= result.output.length;
        // Out of order, a batch may come before the columns are known.
        if (result.isProvisional && columns.value === undefined) await settled.promise;
        const isRight = !result.isProvisional || sameColumns(result.columns ?? [], columns.value ?? []);
        await this.#write(isRight ? result : await this.#reencoded(index, guesses), { sink, framing, columns });
        guesses.delete(index);
      },
    });
    const settled = Promise.withResolvers<void>();
    try {
      options.signal?.addEventListener("abort", () => stream.stop(options.signal?.reason));
      await stream.done;
      // Without a row no worker has answered yet: what is wrong with the transform must be said all the same.
      await this.#workers.planned();
      if (hasTeardown) await this.#workers.finish();
      await sink.write(await framing.end(columns.value ?? emptyColumns));
      await sink.commit();
    } catch (error) {
      this.#pool.terminate();
      await sink.abandon();
      if (!(error instanceof ClosedPipeError)) throw error;
      this.#summary.isCutShort = true;
    }
  }

  /** A batch with the right columns: from the worker that kept it, or run again when that worker has died. */
  async #reencoded(batch: number, guesses: ReadonlyMap<number, RowTask>): Promise<BatchResult> {
    try {
      return await this.#workers.reencoded(batch);
    } catch (error) {
      const task = guesses.get(batch);
      if (task === undefined) throw error;
      return (await this.#pool.submit(task)).value;
    }
  }

  /** Writes a batch's output; a row that failed ends the run behind what came before it. */
  async #write(result: BatchResult, to: { sink: Sink; framing: Framing; columns: OutputColumns }): Promise<void> {
    this.#summary.rowsIn += result.rowsIn;
    this.#summary.rowsOut += result.rowsOut;
    this.#summary.rowsDropped += result.rowsDropped;
    if (result.rowsOut > 0) await to.sink.write(await to.framing.batch(result.output, to.columns.value));
    const [failure] = result.failures;
    if (failure !== undefined) throw fromWire(failure.error);
  }
}

function openSink({ output }: RunOptions): Sink {
  return output === undefined || output === "-" ? stdoutSink() : fileSink(output);
}

/** Rejects when the signal says so. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return;
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
