/**
 * The whole way of the data on one screen: source → batches → workers → reorder → sink.
 *
 * The parent finds batch boundaries, schedules and writes; workers read, decode, transform and encode. What one row does
 * is in transform/, how tasks are spread is in scheduler/, what rows look like in bytes is in formats/.
 */
import { RowmillError, fromWire } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { hasColumns } from "../formats/encoder.ts";
import { STDIN } from "../io/files.ts";
import { ClosedPipeError, type Sink, fileSink, stdoutSink } from "../io/sink.ts";
import { BatchSize, type BatchSizeLimits } from "../scheduler/batch-size.ts";
import { runBatches } from "../scheduler/run-batches.ts";
import { WorkerPool } from "../scheduler/worker-pool.ts";
import { spawnWorker } from "../spawn.ts";
import { userFrames } from "../transform/frames.ts";
import { isIdentity } from "../transform/identity.ts";
import type { BatchResult, RowTask, RunSetup, TransformExports, TransformSource } from "../transform/wire.ts";
import { type Framing, outputFraming } from "./framing.ts";
import {
  type InputPlan,
  type OutputPlan,
  type RunOptions,
  checkOptions,
  concurrencyOf,
  inputPlan,
  jobsOf,
  moduleOptions,
  outputPlan,
} from "./options.ts";
import { OutputColumns } from "./output-columns.ts";
import { RowSource } from "./row-source.ts";
import { type SpawnTransform, TransformWorkers } from "./transform-workers.ts";

/** What came of a run. Rows in = rows mapped + dropped + failed. */
export interface RunSummary {
  rowsIn: number;
  rowsOut: number;
  rowsDropped: number;
  /** The reader of standard output went away before the end. */
  isCutShort: boolean;
}

/** What a run would do, for `--dry-run`. */
export interface RunPlan {
  inputs: string[];
  input: InputPlan;
  /** Column names, for formats that have a header. */
  columns: string[] | undefined;
  /** Those that the transform can read, as far as that is proven. */
  reads: string[] | undefined;
  output: OutputPlan;
  /** Output columns, where they are known before the first row. */
  outputColumns: string[] | undefined;
  jobs: number;
  /** Size of the first batch: rows where it is fixed, else bytes. */
  firstBatch: { rows: number } | { bytes: number };
}

/** What a run is made of beside its options. */
export interface RunParts {
  spawn: SpawnTransform;
  /** Sizes of batches, in bytes. */
  batchBytes: Omit<BatchSizeLimits, "jobs">;
}

/**
 * The largest batch. Batches of 4 MiB are not faster, and on a 4 GB file with two workers they take a peak memory of
 * 380 MB in place of 245 MB.
 */
const MAX_BATCH_BYTES = 1024 * 1024;

const REAL: RunParts = {
  spawn: (options) => spawnWorker(options),
  batchBytes: {
    // Every worker gets a first batch soon.
    first: 64 * 1024,
    max: MAX_BATCH_BYTES,
    last: 64 * 1024,
  },
};

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
  return await runWith(options, REAL);
}

/** As {@linkcode run}, with other workers and batch sizes: for tests. */
export async function runWith(options: RunOptions, parts: RunParts): Promise<RunSummary> {
  return await new Run(options, parts).run();
}

/** Finds out what a run would do, without running it. */
export async function plan(options: RunOptions): Promise<RunPlan> {
  return await new Run(options, REAL).plan();
}

class Run {
  readonly #given: RunOptions;
  readonly #parts: RunParts;
  readonly #workers: TransformWorkers;
  readonly #summary: RunSummary = { rowsIn: 0, rowsOut: 0, rowsDropped: 0, isCutShort: false };
  #pool: WorkerPool<RowTask, BatchResult>;

  constructor(options: RunOptions, parts: RunParts) {
    checkOptions(options);
    this.#given = options;
    this.#parts = parts;
    const onLog = options.onLog ?? ((text: string) => process.stderr.write(`${text}\n`));
    const workers = new TransformWorkers(onLog, parts.spawn);
    this.#workers = workers;
    this.#pool = new WorkerPool<RowTask, BatchResult>({
      jobs: jobsOf(options),
      open: (index, progress, onEvent) => workers.open(index, progress, onEvent),
      onStrayDeath: (error) => onLog(strayWarning(error)),
    });
  }

  async run(): Promise<RunSummary> {
    let source: RowSource | undefined;
    try {
      // The input may be a terminal that waits for its first line: an interrupt must end that as well.
      const prepared = await Promise.race([this.#prepare(), aborted(this.#given.signal)]);
      source = prepared.source;
      await this.#stream(prepared);
      return this.#summary;
    } finally {
      this.#pool.terminate();
      source?.close();
    }
  }

  async plan(): Promise<RunPlan> {
    try {
      const { options, source, output, outputColumns } = await this.#prepare();
      const reads = await this.#workers.planned();
      source.close();
      const jobs = jobsOf(options);
      const total = source.remaining;
      return {
        inputs: inputsOf(options),
        input: { ...inputPlan(options), dialect: source.dialect },
        columns: source.columns,
        reads: reads === undefined ? source.columns : source.columns?.filter((name) => reads.includes(name)),
        output,
        outputColumns,
        jobs,
        firstBatch:
          options.batch === undefined ? { bytes: this.#batchSize(jobs, total).next(total) } : { rows: options.batch },
      };
    } finally {
      this.#pool.terminate();
    }
  }

  /** Loads the transform, opens the input, and hands the workers all they need. */
  async #prepare(): Promise<Prepared> {
    // The first worker starts while the input is opened; the others follow when there is work for them.
    this.#pool.start(1);
    const transform = transformSource(this.#given);
    const exports = transform.kind === "module" ? await this.#workers.load(transform) : NO_EXPORTS;
    const options = mergeOptions(this.#given, exports);
    this.#pool.resize(jobsOf(options));
    const input = inputPlan(options);
    const source = new RowSource(inputsOf(options), input, options.limit);
    try {
      await source.open();
      const output = outputPlan(options, input);
      const setup = runSetup({ options, transform, source, input, output });
      const outputColumns = hasColumns(output.format) ? exports.columns : undefined;
      this.#workers.setUp(setup, outputColumns);
      return { options, source, output, outputColumns, transform, hasTeardown: exports.hasTeardown };
    } catch (error) {
      source.close();
      throw error;
    }
  }

  async #stream({ options, source, output, outputColumns, transform, hasTeardown }: Prepared): Promise<void> {
    const jobs = jobsOf(options);
    const total = source.remaining;
    if (total !== undefined && total > ALL_WORKERS_BYTES) this.#pool.start(jobs);
    const size = this.#batchSize(jobs, total);
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
      if (hasTeardown) await this.#workers.finish();
      const known = columns.value ?? identityColumns(transform, this.#given, source);
      await sink.write(await framing.end(known));
      await sink.commit();
    } catch (error) {
      this.#pool.terminate();
      await sink.abandon();
      if (!(error instanceof ClosedPipeError)) throw error;
      this.#summary.isCutShort = true;
    }
  }

  #batchSize(jobs: number, total: number | undefined): BatchSize {
    return new BatchSize({ ...this.#parts.batchBytes, jobs }, total);
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

interface Prepared {
  options: RunOptions;
  source: RowSource;
  output: OutputPlan;
  outputColumns: string[] | undefined;
  transform: TransformSource;
  hasTeardown: boolean;
}

const NO_EXPORTS: TransformExports = { columns: undefined, hasSchema: false, hasTeardown: false, options: undefined };

function inputsOf(options: RunOptions): string[] {
  return options.inputs === undefined || options.inputs.length === 0 ? [STDIN] : options.inputs;
}

function transformSource({ transform, expression }: RunOptions): TransformSource {
  return transform === undefined ? { kind: "expression", expression } : { kind: "module", path: transform };
}

/** What the caller said wins over what the transform says of itself. */
function mergeOptions(given: RunOptions, exports: TransformExports): RunOptions {
  const merged = { ...moduleOptions(exports.options, given.transform ?? ""), ...given };
  checkOptions(merged);
  return merged;
}

function runSetup(parts: {
  options: RunOptions;
  transform: TransformSource;
  source: RowSource;
  input: InputPlan;
  output: OutputPlan;
}): RunSetup {
  const { options, transform, source, input, output } = parts;
  checkTypes(options, source.columns);
  return {
    source: transform,
    filter: options.filter,
    input: {
      format: input.format,
      dialect: source.dialect,
      columns: source.columns,
      isRagged: options.ragged ?? false,
      types: options.types ?? {},
      infersNumbers: options.infer ?? false,
      nullText: options.null,
    },
    output: { format: output.format, dialect: output.dialect },
    args: options.args ?? {},
    files: inputsOf(options),
    concurrency: concurrencyOf(options),
  };
}

function checkTypes({ types }: RunOptions, columns: readonly string[] | undefined): void {
  if (columns === undefined) return;
  const unknown = Object.keys(types ?? {}).find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  throw new RowmillError("input", `--types names ${unknown}, which is no column of the input`, {
    hint: `the columns are: ${columns.slice(0, 20).join(", ")}`,
  });
}

function openSink({ output }: RunOptions): Sink {
  return output === undefined || output === "-" ? stdoutSink() : fileSink(output);
}

/** An error that came when its row was long done (a timer, a stray promise): it costs a worker, and no row. */
function strayWarning(error: Error): string {
  const frames = userFrames(error.cause ?? error);
  return `warning: ${error.message}, outside of any row${frames === undefined ? "" : `\n${frames}`}`;
}

/** Rejects when the signal says so. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return;
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** With no row at all, the header of the input is that of the output where every row would have passed as it is. */
function identityColumns(transform: TransformSource, options: RunOptions, source: RowSource): string[] | undefined {
  const isPassedOn =
    transform.kind === "expression" && (transform.expression === undefined || isIdentity(options.expression ?? ""));
  return isPassedOn ? source.columns : undefined;
}
