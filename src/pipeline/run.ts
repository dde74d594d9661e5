/**
 * The whole way of the data on one screen: source → batches → workers → reorder → sink.
 *
 * The parent finds batch boundaries, schedules and writes; workers read, decode, transform and encode. What one row does
 * is in transform/, how tasks are spread is in scheduler/, what rows look like in bytes is in formats/.
 */
import { RowmillError, fromWire, withDetails } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { hasColumns } from "../formats/encoder.ts";
import { ClosedPipeError } from "../io/write-error.ts";
import { BatchSize } from "../scheduler/batch-size.ts";
import { runBatches } from "../scheduler/run-batches.ts";
import type { TaskDone } from "../scheduler/worker-pool.ts";
import type { BatchResult, RowTask } from "../transform/wire.ts";
import type { Checkpoint, InputPosition } from "./checkpoint.ts";
import { cutAt } from "./failed-rows.ts";
import { type Framing, outputFraming } from "./framing.ts";
import { aborted, canGoOn, interrupted, stillResumable } from "./interrupted.ts";
import { type RunOptions, jobsOf, timeoutMsOf, withInPlace } from "./options.ts";
import { OutputColumns } from "./output-columns.ts";
import { finishCommit, outputTargets } from "./output-targets.ts";
import {
  type Crew,
  MAX_BATCH_BYTES,
  type Prepared,
  REAL_PARTS,
  type RunParts,
  loadTransform,
  openCrew,
  prepare,
} from "./prepare.ts";
import type { RowSource } from "./row-source.ts";
import { type RunIdentity, checkUnchanged, resumeObstacle, runIdentity } from "./run-identity.ts";
import { type RunOutput, openRunOutput } from "./run-output.ts";
import { type RunSummary, Tally, writeSummary } from "./summary.ts";

/** In flight at most, for each worker: two batches under way and two that wait for an earlier one. */
const WINDOW_BYTES = 4 * MAX_BATCH_BYTES;
/** Results that wait for an earlier one may hold so many bytes of output before dispatch stops. */
const WAITING_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Batches that keep their results, because their columns are a guess, may hold so many bytes of input. */
const GUESSED_BYTES = 256 * 1024;
/** An input of this size is worth all workers from the start. */
const ALL_WORKERS_BYTES = 512 * 1024;

/**
 * Runs a transform over inputs and writes the results, in input order.
 *
 * @returns What came of it.
 * @throws {UsageError} If the options are wrong; nothing was done.
 * @throws {RowmillError} If the run failed: the input, the transform or one of its rows, or the output. An output file
 * is then as it was before. After an interrupt, a full disk or too many failed rows, `resume` can go on.
 */
export async function run(options: RunOptions): Promise<RunSummary> {
  return await runWith(options, REAL_PARTS);
}

/** As {@linkcode run}, with other workers and batch sizes: for tests. */
export async function runWith(options: RunOptions, parts: RunParts): Promise<RunSummary> {
  return await new Run(withInPlace(options), parts).run();
}

/** A run that is streaming. */
interface Stream {
  prepared: Prepared;
  output: RunOutput;
  framing: Framing;
  columns: OutputColumns;
  /** What makes it the same run; undefined when nobody needs to know. */
  identity: RunIdentity | undefined;
  /** Why it cannot be resumed. */
  obstacle: string | undefined;
  /** Throws when an input is not what it was at the start. */
  checkInputs: () => void;
}

class Run {
  readonly #given: RunOptions;
  readonly #parts: RunParts;
  readonly #crew: Crew;
  readonly #tally = new Tally();
  #source: RowSource | undefined;
  /** Lets go of what keeps a run that was cut off in its last steps from being forgotten. */
  #release: () => void = () => {};

  constructor(options: RunOptions, parts: RunParts) {
    this.#given = options;
    this.#parts = parts;
    this.#crew = openCrew(options, parts);
  }

  async run(): Promise<RunSummary> {
    let failure: { error: unknown } | undefined;
    let stream: Stream | undefined;
    try {
      // The input may be a terminal that waits for its first line: an interrupt must end that as well.
      stream = await Promise.race([this.#open(), aborted(this.#given.signal)]);
      if (stream !== undefined) await this.#stream(stream);
    } catch (error) {
      failure = { error: this.#given.resume === true ? stillResumable(error) : error };
    }
    this.#crew.pool.terminate();
    this.#tally.noteFirst(stream?.prepared.failed.first);
    const inputs = this.#source?.sums.hashes ?? [];
    this.#source?.close();
    if (this.#given.summary !== undefined) {
      const options = stream?.prepared.options ?? this.#given;
      try {
        const modules = stream?.identity?.modules;
        writeSummary(this.#given.summary, this.#tally.describe({ options, modules, inputs, failure }));
      } catch (error) {
        failure ??= { error };
      }
    }
    this.#release();
    if (failure !== undefined) throw failure.error;
    return this.#tally.summary;
  }

  /** Opens all that the run reads and writes; undefined when an earlier run had finished but for the renaming. */
  async #open(): Promise<Stream | undefined> {
    const loaded = await loadTransform(this.#given, this.#crew, this.#parts.look);
    const { options } = loaded;
    const targets = outputTargets(options);
    this.#tally.rejects = targets.rejectsPath;
    const finished = options.resume === true ? finishCommit(targets) : undefined;
    if (finished !== undefined) {
      this.#tally.resume(finished.ending.counts, 0);
      this.#tally.noteFirst(finished.ending.firstFailure);
      this.#release = finished.release;
      return undefined;
    }
    const needsIdentity = targets.output !== undefined || options.summary !== undefined;
    const identity = needsIdentity ? runIdentity(options, loaded.exports.modules) : undefined;
    const obstacle = identity === undefined ? undefined : resumeObstacle(options, identity);
    const prepared = await prepare(loaded, this.#crew);
    this.#parts.look?.opened(prepared);
    this.#source = prepared.source;
    options.signal?.throwIfAborted();
    const compression = prepared.output.compression && {
      compression: prepared.output.compression,
      threads: jobsOf(options),
    };
    const output = openRunOutput(options, { targets, identity, obstacle, compression });
    const { resumed } = output;
    const fixed = hasColumns(prepared.output.format) ? prepared.outputColumns : [];
    const stream: Stream = {
      prepared,
      output,
      framing: outputFraming(prepared.output, resumed?.hasBegun ?? false),
      columns: new OutputColumns(resumed?.columns ?? fixed),
      identity,
      obstacle,
      checkInputs: () => checkUnchanged(identity),
    };
    if (resumed !== undefined) await this.#resume(stream, resumed);
    return stream;
  }

  async #resume({ prepared, output }: Stream, { input, counts, firstFailure, columns }: Checkpoint): Promise<void> {
    try {
      await prepared.source.resume(input);
    } catch (error) {
      await output.abandon(true);
      throw error;
    }
    if (columns !== undefined) this.#crew.workers.settle(columns);
    this.#tally.resume(counts, prepared.source.sums.bytes);
    prepared.failed.first = firstFailure;
  }

  async #stream(to: Stream): Promise<void> {
    const { options, source, emptyColumns, hasTeardown, failed } = to.prepared;
    const { output, framing, columns } = to;
    const { pool, workers } = this.#crew;
    const jobs = jobsOf(options);
    const timeoutMs = timeoutMsOf(options);
    const total = source.remaining;
    if (total !== undefined && total > ALL_WORKERS_BYTES) pool.start(jobs);
    const size = new BatchSize({ ...this.#parts.batchBytes, jobs }, total);
    const submit = (task: RowTask): Promise<TaskDone<BatchResult>> => pool.submit(task, { timeoutMs });
    const guesses = new Map<number, RowTask>();
    const places = new Map<number, { input: InputPosition | undefined; bytes: number }>();
    let guessedBytes = 0;
    let waitingBytes = 0;
    let pulls = 0;
    const stream = runBatches<RowTask, BatchResult>({
      pool: { submit, hasRoom: () => pool.hasRoom() },
      window: WINDOW_BYTES * jobs,
      isUnordered: options.unordered === true,
      pull: () => {
        // While columns are a guess, results are kept: small batches keep few.
        const bytes = size.next(source.remaining);
        const isGuess = columns.value === undefined;
        const wanted = { bytes: isGuess ? Math.min(bytes, this.#parts.guessBytes) : bytes, rows: options.batch };
        return source.pull(wanted).then((pulled) => {
          if (isGuess && pulled?.kind === "task") guesses.set(pulled.payload.batch, pulled.payload);
          if (pulled !== undefined) places.set(pulls++, { input: source.position, bytes: source.sums.bytes });
          return pulled;
        });
      },
      isHeld: () =>
        waitingBytes > WAITING_OUTPUT_BYTES || (columns.value === undefined && guessedBytes > GUESSED_BYTES * jobs),
      arrived: (index, result, timing) => {
        if (timing.ms > 0) size.observe(timing.size, timing.ms / result.concurrency);
        this.#tally.arrived(result, timing);
        waitingBytes += result.output.length + result.rejects.length;
        if (result.isProvisional) guessedBytes += timing.size;
        if (!columns.offer(index, result.columns) || columns.value === undefined) return;
        workers.settle(columns.value);
        settled.resolve();
      },
      deliver: async (index, result) => {
        waitingBytes -= result.output.length + result.rejects.length;
        // Out of order, a batch may come before the columns are known.
        if (result.isProvisional && columns.value === undefined) await settled.promise;
        const isRight = !result.isProvisional || sameColumns(result.columns ?? [], columns.value ?? []);
        await this.#write(isRight ? result : await this.#reencoded(index, guesses.get(index), submit), to);
        const place = places.get(index);
        places.delete(index);
        guesses.delete(index);
        this.#written(place, to);
      },
    });
    const settled = Promise.withResolvers<void>();
    try {
      options.signal?.addEventListener("abort", () => stream.stop(options.signal?.reason));
      await stream.done;
      // Without a row no worker has answered yet: what is wrong with the transform must be said all the same.
      await workers.planned();
      const seen = hasTeardown ? await workers.finish() : [];
      const end = failed.end(this.#tally.counts);
      if (end !== undefined) throw end.error;
      this.#tally.check(source.rows);
      this.#parts.look?.seen(seen);
      await output.write(await framing.end(columns.value ?? emptyColumns), NO_BYTES);
      this.#tally.notices = framing.notices ?? [];
      await output.commit({ counts: this.#tally.counts, firstFailure: failed.first }, to.checkInputs);
      this.#release = () => output.release();
    } catch (error) {
      await this.#end(error, to);
    }
  }

  /** A batch was written, up to this place in the inputs. */
  #written(place: { input: InputPosition | undefined; bytes: number } | undefined, to: Stream): void {
    if (place === undefined) return;
    const { input, bytes } = place;
    const { counts } = this.#tally;
    const { options, failed } = to.prepared;
    this.#tally.bytes = bytes;
    options.onProgress?.({ ...counts, bytes });
    if (input === undefined || to.obstacle !== undefined) return;
    const { hasBegun } = to.framing;
    to.output.checkpoint({ input, counts, firstFailure: failed.first, columns: to.columns.value, hasBegun });
  }

  /** Ends a run that did not come to its end. */
  async #end(error: unknown, { output, prepared, obstacle }: Stream): Promise<void> {
    this.#crew.pool.terminate();
    const isInterrupted = prepared.options.signal?.aborted === true;
    const isKept = await output.abandon(isInterrupted || canGoOn(error));
    if (error instanceof ClosedPipeError) this.#tally.isCutShort = true;
    else if (isInterrupted) {
      const isFile = output.isFile && !isKept;
      const hint = `nothing was kept${obstacle === undefined ? "" : `: ${obstacle}`}`;
      throw interrupted(this.#tally.counts, { cause: error, isResumable: isKept, ...(isFile && { hint }) });
    } else throw isKept && error instanceof RowmillError ? withDetails(error, { isResumable: true }) : error;
  }

  /** A batch with the right columns: from the worker that kept it, or run again when that worker has died. */
  async #reencoded(
    batch: number,
    task: RowTask | undefined,
    submit: (task: RowTask) => Promise<TaskDone<BatchResult>>,
  ): Promise<BatchResult> {
    try {
      return await this.#crew.workers.reencoded(batch);
    } catch (error) {
      if (task === undefined) throw error;
      return (await submit(task)).value;
    }
  }

  /** Writes a batch's output, up to the row that ends the run if there is one. */
  async #write(result: BatchResult, { prepared, output, framing, columns }: Stream): Promise<void> {
    const { failed } = prepared;
    const end = failed.take(result, this.#tally.counts);
    const taken = end?.mark === undefined ? result : cutAt(result, end.mark);
    this.#tally.add(taken);
    const begun = performance.now();
    const bytes = taken.rowsOut > 0 ? await framing.batch(taken.output, columns.value) : NO_BYTES;
    await output.write(bytes, taken.rejects);
    this.#tally.times.write += performance.now() - begun;
    if (end !== undefined) throw end.error;
    if (result.end !== undefined) throw fromWire(result.end);
  }
}

const NO_BYTES = new Uint8Array(0);
