import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import * as fc from "fast-check";

import { toWire } from "../../src/errors.ts";
import { clock31, elapsed31 } from "../../src/scheduler/messages.ts";
import { type FakeWorker, fakePool, outcomes } from "./fake-workers.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("WorkerPool, when a worker dies", () => {
  test("with one item open, gives the task to another with that item poisoned", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const tasks = ["a", "b"].map((payload) => pool.submit(payload));
    worker(0).ready().begin();
    worker(0).progress.open(3);
    worker(0).die();
    const { payload, poisoned, isSerial } = worker(1).ready().begin();
    expect({ payload, isSerial, items: poisoned.map(({ item }) => item) }).toEqual({
      payload: "a",
      isSerial: false,
      items: [3],
    });
    expect(poisoned[0]?.error).toMatchObject({ code: "row-worker-died", message: "boom" });
    worker(1).finish();
    worker(1).finish();
    expect(await outcomes(tasks)).toEqual(["A", "B"]);
  });

  test("with several items open, has the task run serially until the one at fault is alone", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const task = pool.submit("a");
    worker(0).ready().begin();
    worker(0).progress.openMany(3, 2);
    worker(0).die();
    expect(worker(1).ready().begin()).toMatchObject({ isSerial: true, poisoned: [] });
    worker(1).progress.openMany(1, 1);
    worker(1).die();
    expect(worker(2).ready().begin()).toMatchObject({ isSerial: true, poisoned: [{ item: 1 }] });
    worker(2).finish();
    expect(await outcomes([task])).toEqual(["A"]);
  });

  test("with the last of several open, blames nobody yet: it may be the fault of one that has ended", () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    void pool.submit("a");
    worker(0).ready().begin();
    worker(0).progress.openMany(1, 2);
    worker(0).die();
    expect(worker(1).ready().begin()).toMatchObject({ isSerial: true, poisoned: [] });
  });

  test("with no item open, tries the task three times and then fails it, and no other", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const tasks = ["a", "b"].map((payload) => pool.submit(payload));
    for (let at = 0; at < 3; at++) {
      expect(worker(at).ready().begin().payload).toBe("a");
      worker(at).die();
    }
    worker(3).ready().finish();
    expect(await outcomes(tasks)).toEqual(["RowmillError: 3 workers died with the same batch: boom", "B"]);
  });

  test("before it took up a task, tries that one three times", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const task = pool.submit("a");
    for (let at = 0; at < 3; at++) worker(at).ready().die();
    expect(await outcomes([task])).toEqual(["RowmillError: 3 workers died with the same batch: boom"]);
  });

  test("between tasks, blames none of those that wait", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const payloads = Array.from({ length: 20 }, (_, index) => `task ${index}`);
    const tasks = payloads.map((payload) => pool.submit(payload));
    for (let at = 0; at < 20; at++) {
      worker(at).ready().finish();
      worker(at).die();
    }
    expect(await outcomes(tasks)).toEqual(payloads.map((payload) => payload.toUpperCase()));
  });

  test("while it has nothing to do, opens another for the next task", async () => {
    const { pool, workers, worker } = fakePool({ jobs: 1 });
    const first = pool.submit("a");
    worker(0).ready().finish();
    worker(0).die();
    expect(workers).toHaveLength(1);
    const second = pool.submit("b");
    worker(1).ready().finish();
    expect(await outcomes([first, second])).toEqual(["A", "B"]);
  });

  test("answers every task once, whatever happens to its workers", async () => {
    const events = fc.array(fc.tuple(fc.nat(), fc.constantFrom("ready", "finish", "die", "wait")), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(events, fc.integer({ min: 1, max: 4 }), fc.nat({ max: 20 }), async (moves, jobs, count) => {
        const { pool, workers } = fakePool({ jobs });
        const ready = new Set<FakeWorker>();
        let answers = 0;
        const tasks = Array.from({ length: count }, (_, index) =>
          pool.submit(`task ${index}`).then(({ value }) => {
            answers++;
            return value;
          }),
        );
        const move = (worker: FakeWorker, kind: string): void => {
          if (!ready.has(worker)) {
            worker.ready();
            ready.add(worker);
          } else if (kind === "finish" && worker.tryBegin() !== undefined) {
            worker.finish();
          } else if (kind === "die") {
            if (worker.tryBegin() !== undefined) worker.progress.open(0);
            worker.die();
          }
        };
        for (const [at, kind] of moves) {
          const worker = workers[at % Math.max(1, workers.length)];
          if (worker === undefined || worker.isTerminated) continue;
          if (kind === "wait") jest.advanceTimersByTime(10);
          else move(worker, kind);
        }
        // Whoever is left does the rest.
        for (let turn = 0; turn < 100; turn++) {
          for (const worker of workers.filter(({ isTerminated }) => !isTerminated)) move(worker, "finish");
          jest.advanceTimersByTime(10);
        }
        expect(await Promise.all(tasks)).toEqual(Array.from({ length: count }, (_, index) => `TASK ${index}`));
        expect(answers).toBe(count);
        expect(workers.filter(({ isTerminated }) => !isTerminated).length).toBeLessThanOrEqual(jobs);
      }),
    );
  });
});

describe("WorkerPool, with a timeout", () => {
  test("ends a worker that has an item open for too long, and poisons the item", async () => {
    const { pool, workers, worker } = fakePool({ jobs: 1 });
    const task = pool.submit("a", { timeoutMs: 1000 });
    expect(worker(0).ready().begin().timeoutMs).toBe(1000);
    worker(0).progress.openTimed(5);
    jest.advanceTimersByTime(900);
    expect(workers).toHaveLength(1);
    jest.advanceTimersByTime(500);
    expect(worker(0).isTerminated).toBe(true);
    const { poisoned } = worker(1).ready().begin();
    expect(poisoned).toMatchObject([{ item: 5, error: { code: "row-timeout", message: "took longer than 1000 ms" } }]);
    worker(1).finish();
    expect(await outcomes([task])).toEqual(["A"]);
  });

  test("leaves the tasks of those who gave none alone, however long they take", () => {
    const { pool, workers, worker } = fakePool({ jobs: 1 });
    void pool.submit("a");
    void pool.submit("b", { timeoutMs: 10 });
    worker(0).ready().begin();
    worker(0).progress.open(0);
    jest.advanceTimersByTime(100_000);
    expect(workers).toHaveLength(1);
    expect(worker(0).isTerminated).toBe(false);
  });

  test("takes the time of an item, not of its task", () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    void pool.submit("a", { timeoutMs: 1000 });
    worker(0).ready().begin();
    for (let item = 0; item < 10; item++) {
      worker(0).progress.openTimed(item);
      jest.advanceTimersByTime(900);
    }
    expect(worker(0).isTerminated).toBe(false);
  });

  test("looks soon enough when a short timeout comes after a long one", () => {
    const { pool, worker } = fakePool({ jobs: 2 });
    pool.start(2);
    worker(0).ready();
    worker(1).ready();
    void pool.submit("a", { timeoutMs: 60_000 });
    void pool.submit("b", { timeoutMs: 20 });
    worker(1).begin();
    worker(1).progress.openTimed(0);
    jest.advanceTimersByTime(40);
    expect([worker(0).isTerminated, worker(1).isTerminated]).toEqual([false, true]);
  });

  test("reads the clock right across its overflow", () => {
    expect(elapsed31(2 ** 31 - 10, 5)).toBe(15);
    expect(elapsed31(100, 50)).toBe(-50);
    expect(clock31()).toBeLessThan(2 ** 31);
  });
});

test("a failed item's wire form keeps the cause of the death", () => {
  const { pool, worker } = fakePool({ jobs: 1 });
  void pool.submit("a");
  worker(0).ready().begin();
  worker(0).progress.open(0);
  const cause = new TypeError("undefined is not a function");
  worker(0).tell({ type: "died", error: new Error("the worker died", { cause }) });
  expect(worker(1).ready().begin().poisoned[0]?.error.cause).toMatchObject({ ...toWire(cause), stack: cause.stack });
});

describe("WorkerPool, when a task takes long", () => {
  test("asks for what is done, once until that has come, and goes on behind it when the worker dies", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const parts: string[] = [];
    const task = pool.submit("a", { onPart: ({ value }) => parts.push(value) });
    const { id } = worker(0).ready().begin();
    jest.advanceTimersByTime(400);
    expect(worker(0).progress.isWanted).toBe(false);
    jest.advanceTimersByTime(2000);
    expect({ isWanted: worker(0).progress.isWanted, wants: worker(0).wants }).toEqual({ isWanted: true, wants: 1 });
    worker(0).progress.handedIn();
    worker(0).tell({ type: "part", id, value: "first", done: 3, ms: 2400 });
    worker(0).progress.open(4);
    worker(0).die();
    expect(worker(1).ready().begin()).toMatchObject({ payload: "a", done: 3, poisoned: [{ item: 4 }] });
    worker(1).finish();
    expect(await outcomes([task])).toEqual(["A"]);
    expect(parts).toEqual(["first"]);
    pool.terminate();
  });

  test("that was stopped is answered no more, and nothing further is begun", async () => {
    const { pool, worker, workers } = fakePool({ jobs: 1 });
    const tasks = ["a", "b", "c"].map((payload) => pool.submit(payload));
    const { id } = worker(0).ready().begin();
    pool.stop();
    expect(worker(0).progress.isStopped).toBe(true);
    worker(0).tell({ type: "stopped", id });
    await pool.quiet();
    expect(worker(0).tasks.length).toBe(2);
    worker(0).tasks.shift();
    expect(worker(0).tryBegin()).toBeUndefined();
    expect(workers.length).toBe(1);
    for (const task of tasks) task.catch(() => {});
    pool.terminate();
  });

  test("code that belongs to no item fails the pool when it takes longer than an item may", async () => {
    const { pool, worker } = fakePool({ jobs: 1, outside: { name: "init", afterMs: 3000, onWait: () => {} } });
    const task = pool.submit("a", { timeoutMs: 100 });
    worker(0).ready().begin();
    worker(0).progress.outside();
    jest.setSystemTime(Date.now() + 200);
    jest.advanceTimersByTime(200);
    expect(await outcomes([task])).toEqual(["RowmillError: init took longer than 100 ms"]);
  });
});
