/**
 * The stream of a run whose rows are folded. Its batches are the cells of a fixed grid of the input, and what comes of
 * them is merged from left to right: the result is the same bytes for every number of workers.
 */
import { type RunningStream, runBatches } from "../scheduler/run-batches.ts";
import type { BatchResult, ReducedRows, RowTask } from "../transform/wire.ts";
import {
  type DonePlace,
  type StreamParts,
  ALL_WORKERS_BYTES,
  WAITING_OUTPUT_BYTES,
  WINDOW_BYTES,
} from "./map-batches.ts";
import { Merger } from "./merger.ts";
import { batchRowsOf, jobsOf, timeoutMsOf } from "./options.ts";

/** A stream, and what comes out behind its last batch. */
interface Folding {
  stream: RunningStream<BatchResult>;
  /** The output rows, when the stream is done. */
  rows(): AsyncGenerator<ReducedRows>;
}

/** Starts the stream. */
export function foldBatches({ prepared, runWorkers, parts, tally, write, written }: StreamParts): Folding {
  const { options, source, hasBatch } = prepared;
  const { pool, workers } = runWorkers;
  const jobs = jobsOf(options);
  const timeoutMs = timeoutMsOf(options);
  const total = source.remaining;
  if (total !== undefined && total > ALL_WORKERS_BYTES) pool.start(jobs);
  const merger = new Merger(workers, jobs);
  const wanted = { bytes: parts.cellBytes, rows: batchRowsOf(options, hasBatch), isCell: true };
  const places = new Map<number, DonePlace>();
  let waitingBytes = 0;
  let pulls = 0;
  const stream = runBatches<RowTask, BatchResult>({
    pool: { submit: (task) => pool.submit(task, { timeoutMs }), hasRoom: () => pool.hasRoom() },
    window: WINDOW_BYTES * jobs,
    pull: async () => {
      const pulled = await source.pull(wanted);
      if (pulled !== undefined) places.set(pulls++, { input: undefined, bytes: source.sums.bytes });
      return pulled;
    },
    isHeld: () => waitingBytes > WAITING_OUTPUT_BYTES,
    arrived: (_, result, timing) => {
      tally.arrived(result, timing);
      waitingBytes += result.output.length + result.rejects.length;
    },
    deliver: async (index, result) => {
      waitingBytes -= result.output.length + result.rejects.length;
      await write(result);
      const isLast = (): boolean => source.remaining === 0 && index === pulls - 1;
      if (result.output.length > 0) await merger.merge(result.output, isLast);
      written(places.get(index));
      places.delete(index);
    },
  });
  return { stream, rows: () => merger.rows() };
}
