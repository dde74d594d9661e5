/** The stream of a run whose batches other processes have done: their results are taken in their order. */
import type { RunningStream } from "../scheduler/run-batches.ts";
import type { BatchResult } from "../transform/wire.ts";
import type { StreamParts } from "./stream-batches.ts";

export function storedStream(
  { prepared, taker, tally, write, written }: StreamParts,
  results: AsyncIterable<BatchResult>,
): RunningStream<BatchResult> {
  const { options, isLate, rewrites } = prepared;
  const limit = isLate || rewrites ? undefined : options.limit;
  let ending: { error: unknown } | undefined;
  let bytes = 0;
  const take = async (): Promise<void> => {
    const reading = results[Symbol.asyncIterator]();
    let next = await reading.next();
    while (next.done !== true && ending === undefined) {
      const result = next.value;
      next = await reading.next();
      const isLast = (): boolean => next.done === true;
      await write(taker?.pick?.(result) ?? result, isLast);
      await taker?.take?.(result, isLast);
      bytes += result.output.length;
      await written({ input: undefined, bytes });
      if (limit !== undefined && tally.counts.rowsOut >= limit) break;
    }
    await reading.return?.();
    if (ending !== undefined) throw ending.error;
  };
  const done = take();
  return {
    done,
    wake: () => {},
    stop: (error) => {
      ending ??= { error };
    },
    finish: () => {},
    drain: () => {},
    delivered: () => done.catch(() => {}),
    undelivered: () => [],
  };
}
