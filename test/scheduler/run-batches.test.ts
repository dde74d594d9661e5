import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { type BatchStream, type Pulled, runBatches } from "../../src/scheduler/run-batches.ts";
import type { TaskDone } from "../../src/scheduler/worker-pool.ts";

/** A pool whose tasks end when the test says so. */
class GatedPool {
  readonly open: { payload: number; resolve(done: TaskDone<number>): void; reject(error: unknown): void }[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  hasRoom(): boolean {
    return this.open.length < this.#most;
  }

  submit(payload: number): Promise<TaskDone<number>> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskDone<number>>();
    this.open.push({ payload, resolve, reject });
    return promise;
  }

  /** Ends the open task number `at`, counted round. */
  finish(at: number): number | undefined {
    const [task] = this.open.splice(at % this.open.length, 1);
    task?.resolve({ value: task.payload, ms: 1, worker: 0 });
    return task?.payload;
  }
}

/** Lets everything run that can run without a further event. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Batches 0, 1, 2… of the given sizes. */
function batchesOf(sizes: readonly number[]): () => Pulled<number, number> | undefined {
  let next = 0;
  return () => {
    const size = sizes[next];
    return size === undefined ? undefined : { kind: "task", payload: next++, size };
  };
}

function streamOf(pool: GatedPool, stream: Partial<BatchStream<number, number>>): BatchStream<number, number> {
  return { pool, window: Infinity, pull: batchesOf([1, 1, 1]), deliver: () => {}, ...stream };
}

const runs = fc.record({
  jobs: fc.integer({ min: 1, max: 6 }),
  window: fc.integer({ min: 1, max: 40 }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
  completions: fc.infiniteStream(fc.nat({ max: 100 })),
  isAsync: fc.boolean(),
  isUnordered: fc.boolean(),
});

describe("runBatches", () => {
  test("delivers all in order, within the window, for any jobs × window × completion order", async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ jobs, window, sizes, completions, isAsync, isUnordered }) => {
        const pool = new GatedPool(jobs * 2);
        const delivered: number[] = [];
        const finished: number[] = [];
        let inFlight = 0;
        let most = 0;
        const pullNext = batchesOf(sizes);
        const stream = streamOf(pool, {
          window,
          isUnordered,
          pull: () => {
            const pulled = pullNext();
            inFlight += pulled?.size ?? 0;
            most = Math.max(most, inFlight);
            return isAsync ? Promise.resolve(pulled) : pulled;
          },
          deliver: async (index, result) => {
            expect(result).toBe(index);
            await Promise.resolve();
            delivered.push(index);
            inFlight -= sizes[index] ?? 0;
          },
        });
        const { done } = runBatches(stream);
        await settle();
        while (pool.open.length > 0) {
          finished.push(pool.finish(completions.next().value ?? 0) ?? -1);
          await settle();
        }
        await done;
        expect(delivered).toEqual(isUnordered ? finished : sizes.map((_, index) => index));
        expect(delivered.toSorted((a, b) => a - b)).toEqual(sizes.map((_, index) => index));
        expect(most).toBeLessThan(window + Math.max(1, ...sizes));
      }),
    );
  });

  test("does not pull while a delivery is slow and the window is full", async () => {
    const pool = new GatedPool(8);
    const gate = Promise.withResolvers<void>();
    let pulls = 0;
    const pullNext = batchesOf(Array.from({ length: 10 }, () => 1));
    const { done } = runBatches(
      streamOf(pool, {
        window: 3,
        pull: () => {
          pulls++;
          return pullNext();
        },
        deliver: (index) => (index === 0 ? gate.promise : undefined),
      }),
    );
    await settle();
    while (pool.open.length > 0) {
      pool.finish(0);
      await settle();
    }
    expect(pulls).toBe(3);
    gate.resolve();
    await settle();
    while (pool.open.length > 0) {
      pool.finish(0);
      await settle();
    }
    await done;
    expect(pulls).toBe(11);
  });

  test("a batch larger than the window goes out alone", async () => {
    const pool = new GatedPool(8);
    const { done } = runBatches(streamOf(pool, { window: 2, pull: batchesOf([5, 5]) }));
    await settle();
    expect(pool.open.map(({ payload }) => payload)).toEqual([0]);
    pool.finish(0);
    await settle();
    expect(pool.open.map(({ payload }) => payload)).toEqual([1]);
    pool.finish(0);
    await done;
  });

  test("results that need no worker keep their place", async () => {
    const pool = new GatedPool(8);
    const delivered: number[] = [];
    const pulled: Pulled<number, number>[] = [
      { kind: "task", payload: 0, size: 1 },
      { kind: "result", result: 1, size: 1 },
      { kind: "task", payload: 2, size: 1 },
    ];
    const { done } = runBatches(
      streamOf(pool, { pull: () => pulled.shift(), deliver: (_, result) => void delivered.push(result) }),
    );
    await settle();
    pool.finish(1);
    await settle();
    expect(delivered).toEqual([]);
    pool.finish(0);
    await done;
    expect(delivered).toEqual([0, 1, 2]);
  });

  test("isHeld stops the pulling, and wake() takes it up again", async () => {
    const pool = new GatedPool(8);
    let isHeld = true;
    const run = runBatches(streamOf(pool, { isHeld: () => isHeld, pull: batchesOf([1]) }));
    await settle();
    expect(pool.open).toHaveLength(0);
    isHeld = false;
    run.wake();
    await settle();
    pool.finish(0);
    await run.done;
  });

  test("a pull that throws rejects done, even with undefined", async () => {
    for (const error of [undefined, new Error("no input")]) {
      const pull = (): never => {
        throw error;
      };
      const { done } = runBatches(streamOf(new GatedPool(2), { pull }));
      expect(await done.catch((thrown: unknown) => ({ thrown }))).toEqual({ thrown: error });
    }
  });

  test("a task that fails rejects done, and nothing more is pulled or delivered", async () => {
    const pool = new GatedPool(3);
    const delivered: number[] = [];
    const { done } = runBatches(
      streamOf(pool, { pull: batchesOf([1, 1, 1, 1, 1]), deliver: (index) => void delivered.push(index) }),
    );
    await settle();
    pool.open[1]?.reject(new Error("lost"));
    expect(done).rejects.toThrow("lost");
    await settle();
    pool.finish(0);
    await settle();
    expect(delivered).toEqual([]);
    expect(pool.open.map(({ payload }) => payload)).toEqual([1, 2]);
  });

  test("a delivery that fails rejects done, and is the last", async () => {
    const pool = new GatedPool(3);
    const delivered: number[] = [];
    const { done } = runBatches(
      streamOf(pool, {
        deliver: (index) => {
          delivered.push(index);
          if (index === 1) throw new Error("disk full");
        },
      }),
    );
    await settle();
    for (const at of [2, 1, 0]) pool.finish(at);
    expect(await done.catch(String)).toBe("Error: disk full");
    expect(delivered).toEqual([0, 1]);
  });

  test("stop() rejects done while a pull waits for input, and what comes then is left", async () => {
    const pool = new GatedPool(3);
    const input = Promise.withResolvers<Pulled<number, number>>();
    const run = runBatches(streamOf(pool, { pull: () => input.promise }));
    await settle();
    run.stop(new Error("interrupted"));
    expect(await run.done.catch(String)).toBe("Error: interrupted");
    input.resolve({ kind: "task", payload: 0, size: 1 });
    await settle();
    expect(pool.open).toHaveLength(0);
  });
});
