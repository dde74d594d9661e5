/**
 * The stream of a run whose rows are mapped: batches grow with how fast they are done, and results are kept by their
 * workers while their columns are a guess.
 */
import { sameColumns } from "../formats/columns.ts";
import { BatchSize } from "../scheduler/batch-size.ts";
import { type RunningStream, runBatches } from "../scheduler/run-batches.ts";
import type { TaskDone } from "../scheduler/worker-pool.ts";
import type { BatchResult, RowTask } from "../transform/wire.ts";
import type { InputPosition } from "./checkpoint.ts";
import { batchRowsOf, jobsOf, timeoutMsOf } from "./options.ts";
import type { OutputColumns } from "./output-columns.ts";
import { type Crew, MAX_BATCH_BYTES, type Prepared, type RunParts } from "./prepare.ts";
import type { Tally } from "./summary.ts";

/** In flight at most, for each worker: two batches under way and two that wait for an earlier one. */
export const WINDOW_BYTES: number = 4 * MAX_BATCH_BYTES;
/** Results that wait for an earlier one may hold so many bytes of output before dispatch stops. */
export const WAITING_OUTPUT_BYTES: number = 64 * 1024 * 1024;
/** Batches that keep their results, because their columns are a guess, may hold so many bytes of input. */
const GUESSED_BYTES = 256 * 1024;
/** An input of this size is worth all workers from the start. */
export const ALL_WORKERS_BYTES: number = 512 * 1024;
/** The first batch of a short input is waited for so long: it tells whether the rest is worth a second worker. */
const FIRST_RESULT_MS = 50;

/** Up to where the inputs are done. */
export interface DonePlace {
  /** Undefined where they cannot be read again from there. */
  input: InputPosition | undefined;
  bytes: number;
}

/** What the batches of a run go through. */
export interface Flow {
  prepared: Prepared;
  crew: Crew;
  parts: RunParts;
  columns: OutputColumns;
  tally: Tally;
  /** Writes what came of the next batch in order; throws when the run ends with it. */
  write: (result: BatchResult) => Promise<void>;
  /** The next batch in order is done. */
  written: (place: DonePlace | undefined) => void;
}

/** Starts the stream. */
export function mapBatches({ prepared, crew, parts, columns, tally, write, written }: Flow): RunningStream {
  const { options, source, hasBatch } = prepared;
  const { pool, workers } = crew;
  const jobs = jobsOf(options);
  const timeoutMs = timeoutMsOf(options);
  const total = source.remaining;
  if (total !== undefined && total > ALL_WORKERS_BYTES) pool.start(jobs);
  const size = new BatchSize({ ...parts.batchBytes, jobs }, total);
  const rows = batchRowsOf(options, hasBatch);
  const submit = (task: RowTask): Promise<TaskDone<BatchResult>> => pool.submit(task, { timeoutMs });
  const settled = Promise.withResolvers<void>();
  const guesses = new Map<number, RowTask>();
  const places = new Map<number, DonePlace>();
  let guessedBytes = 0;
  let waitingBytes = 0;
  let pulls = 0;
  let awaitsFirst = size.isShort && rows === undefined && !hasBatch;

  /** A batch with the right columns: from the worker that kept it, or run again when that worker has died. */
  async function reencoded(batch: number, task: RowTask | undefined): Promise<BatchResult> {
    try {
      return await workers.reencoded(batch);
    } catch (error) {
      if (task === undefined) throw error;
      return (await submit(task)).value;
    }
  }

  const stream = runBatches<RowTask, BatchResult>({
    pool: { submit, hasRoom: () => pool.hasRoom() },
    window: WINDOW_BYTES * jobs,
    isUnordered: options.unordered === true,
    pull: () => {
      // While columns are a guess, results are kept: small batches keep few.
      const bytes = size.next(source.remaining);
      const isGuess = columns.value === undefined;
      // What a function gets that takes many rows must not depend on how they come.
      const wanted = hasBatch
        ? { bytes: parts.cellBytes, rows, isCell: true }
        : { bytes: isGuess ? Math.min(bytes, parts.guessBytes) : bytes, rows };
      return source.pull(wanted).then((pulled) => {
        if (isGuess && pulled?.kind === "task") guesses.set(pulled.payload.batch, pulled.payload);
        if (pulled !== undefined) places.set(pulls++, { input: source.position, bytes: source.sums.bytes });
        return pulled;
      });
    },
    isHeld: () =>
      (awaitsFirst && pulls > 0) ||
      waitingBytes > WAITING_OUTPUT_BYTES ||
      (columns.value === undefined && guessedBytes > GUESSED_BYTES * jobs),
    arrived: (index, result, timing) => {
      awaitsFirst = false;
      if (timing.ms > 0) size.observe(timing.size, timing.ms / result.concurrency);
      tally.arrived(result, timing);
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
      await write(isRight ? result : await reencoded(index, guesses.get(index)));
      const place = places.get(index);
      places.delete(index);
      guesses.delete(index);
      written(place);
    },
  });
  if (awaitsFirst) {
    const goOn = setTimeout(() => {
      awaitsFirst = false;
      stream.wake();
    }, FIRST_RESULT_MS);
    goOn.unref();
  }
  return stream;
}
