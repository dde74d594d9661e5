import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { Declined, WorkerPool } from "../../src/scheduler/worker-pool.ts";
import { fakePool, outcomes } from "./fake-workers.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("WorkerPool starts workers", () => {
  test("one with the first task, the others when tasks have waited", () => {
    const { pool, workers, worker } = fakePool({ jobs: 3 });
    expect(workers).toHaveLength(0);
    void pool.submit("a");
    void pool.submit("b");
    expect(workers).toHaveLength(1);
    worker(0).ready();
    expect(worker(0).tasks.map(({ payload }) => payload)).toEqual(["a", "b"]);
    jest.advanceTimersByTime(3);
    expect(workers).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(workers).toHaveLength(2);
    worker(1).ready();
    expect(worker(1).tasks.map(({ payload }) => payload)).toEqual(["b"]);
  });

  test("no second one for what the first does in time", async () => {
    const { pool, workers, worker } = fakePool({ jobs: 2 });
    const tasks = ["a", "b"].map((payload) => pool.submit(payload));
    worker(0).ready().finish();
    worker(0).finish();
    jest.advanceTimersByTime(1000);
    expect(await outcomes(tasks)).toEqual(["A", "B"]);
    expect(workers).toHaveLength(1);
  });

  test("none for a task that may be declined, which waits behind another one", async () => {
    const { pool, workers, worker } = fakePool({ jobs: 2 });
    const first = pool.submit("a");
    const second = pool.submit("b", { afterMs: 5 });
    worker(0).ready();
    jest.advanceTimersByTime(1000);
    expect(workers).toHaveLength(1);
    worker(0).finish();
    worker(0).finish();
    expect(await outcomes([first, second])).toEqual(["A", "B"]);
  });

  test("none from a number on that is held back, however long tasks wait, until these are released", () => {
    const { pool, workers, worker } = fakePool({ jobs: 3 });
    pool.holdBack(2);
    for (const payload of ["a", "b", "c", "d", "e", "f"]) void pool.submit(payload);
    worker(0).ready();
    jest.advanceTimersByTime(1000);
    expect(workers).toHaveLength(2);
    pool.release();
    jest.advanceTimersByTime(4);
    expect(workers).toHaveLength(3);
  });

  test("ahead of any task when told to", () => {
    const { pool, workers } = fakePool({ jobs: 3 });
    pool.start(8);
    expect(workers).toHaveLength(3);
  });

  test("and fails all tasks when one cannot be opened, dies at its start or is broken", async () => {
    const throws = new WorkerPool<string, string>({
      jobs: 1,
      open: () => {
        throw new Error("no threads left");
      },
    });
    expect(await outcomes([throws.submit("a")])).toEqual(["RowmillError: a worker could not be started"]);

    const dies = fakePool({ jobs: 2 });
    const lost = [dies.pool.submit("a"), dies.pool.submit("b")];
    dies.worker(0).die();
    const message = "RowmillError: a worker ended before it was ready: boom";
    expect(await outcomes([...lost, dies.pool.submit("c")])).toEqual([message, message, message]);

    const broken = fakePool({ jobs: 2 });
    const waiting = [broken.pool.submit("a"), broken.pool.submit("b")];
    broken.worker(0).tell({ type: "broken", error: new Error("setup failed") });
    expect(await outcomes(waiting)).toEqual(["Error: setup failed", "Error: setup failed"]);
    expect(broken.worker(0).isTerminated).toBe(true);
    expect(await outcomes([broken.pool.submit("c")])).toEqual(["Error: setup failed"]);
  });
});

describe("WorkerPool dispatches", () => {
  test("to the worker with the fewest tasks, two at most", () => {
    const { pool, worker } = fakePool({ jobs: 2 });
    pool.start(2);
    worker(0).ready();
    worker(1).ready();
    for (const payload of ["a", "b", "c"]) void pool.submit(payload);
    expect(pool.hasRoom()).toBe(true);
    for (const payload of ["d", "e"]) void pool.submit(payload);
    expect(pool.hasRoom()).toBe(false);
    expect(worker(0).tasks.map(({ payload }) => payload)).toEqual(["a", "c"]);
    expect(worker(1).tasks.map(({ payload }) => payload)).toEqual(["b", "d"]);
    worker(1).finish();
    expect(worker(1).tasks.map(({ payload }) => payload)).toEqual(["d", "e"]);
  });

  test("a task that waits behind another one to a worker with nothing to do, unless it has begun", async () => {
    const { pool, worker } = fakePool({ jobs: 2 });
    pool.start(2);
    worker(0).ready();
    worker(1).ready();
    const tasks = ["a", "b", "c", "d"].map((payload) => pool.submit(payload));
    worker(0).begin();
    worker(1).finish();
    worker(1).finish();
    // Worker 0 is still at "a".
    expect(worker(1).begin().payload).toBe("c");
    expect(worker(1).tasks).toHaveLength(1);
    const more = ["e", "f"].map((payload) => pool.submit(payload));
    worker(1).finish();
    worker(0).finish();
    // "c" is gone from worker 0, which goes on with "e".
    expect(worker(0).begin().payload).toBe("e");
    worker(0).finish();
    worker(1).finish();
    expect(await outcomes([...tasks, ...more])).toEqual(["A", "B", "C", "D", "E", "F"]);
  });

  test("and a task that cannot be posted fails alone", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const tasks = ["a", "uncopiable", "b"].map((payload) => pool.submit(payload));
    worker(0).ready().finish();
    worker(0).finish();
    expect(await outcomes(tasks)).toEqual(["A", "Error: cannot be cloned", "B"]);
  });

  test("and a task that the worker fails as a whole rejects", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const task = pool.submit("a");
    const { id } = worker(0).ready().begin();
    worker(0).tell({ type: "result", id, ok: false, error: new Error("no such module") });
    expect(await outcomes([task])).toEqual(["Error: no such module"]);
  });

  test("to fresh workers after maxTasksPerWorker tasks", async () => {
    for (const maxTasksPerWorker of [1, 2, 3]) {
      const { pool, workers, worker } = fakePool({ jobs: 1, maxTasksPerWorker });
      const tasks = ["a", "b", "c", "d", "e", "f"].map((payload) => pool.submit(payload));
      for (let at = 0; at < 6 / maxTasksPerWorker; at++) {
        worker(at).ready();
        for (let n = 0; n < maxTasksPerWorker; n++) worker(at).finish();
        expect(worker(at).tasks).toHaveLength(0);
        expect(worker(at).isTerminated).toBe(true);
      }
      expect(await outcomes(tasks)).toEqual(["A", "B", "C", "D", "E", "F"]);
      expect(workers).toHaveLength(6 / maxTasksPerWorker);
    }
  });

  test("nothing more after terminate(), which rejects what is under way", async () => {
    const { pool, workers, worker } = fakePool({ jobs: 1 });
    const tasks = ["a", "b"].map((payload) => pool.submit(payload));
    worker(0).ready().begin();
    pool.terminate(new Error("interrupted"));
    worker(0).die();
    worker(0).ready();
    jest.advanceTimersByTime(1000);
    expect(await outcomes([...tasks, pool.submit("c")])).toEqual(Array(3).fill("Error: interrupted"));
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true]);
  });
});

describe("WorkerPool.submit rejects a task that may be declined", () => {
  test("when its worker declines it", async () => {
    const { pool, worker } = fakePool({ jobs: 2 });
    const first = pool.submit("a");
    const second = pool.submit("b", { afterMs: 5 });
    worker(0).ready();
    const id = worker(0).tasks[1]?.id ?? -1;
    worker(0).finish(50);
    worker(0).tell({ type: "declined", id });
    expect(await outcomes([first])).toEqual(["A"]);
    expect(await second.catch((error: unknown) => error)).toBeInstanceOf(Declined);
    expect(pool.recall()).toBe(0);
  });

  test("when it is recalled, unless a worker has begun it", async () => {
    const { pool, worker } = fakePool({ jobs: 1 });
    const tasks = [
      pool.submit("a"),
      pool.submit("b", { afterMs: 5 }),
      pool.submit("c"),
      pool.submit("d", { afterMs: 5 }),
    ];
    worker(0).ready().begin();
    expect(pool.recall()).toBe(2);
    expect(await tasks[1]?.catch((error: unknown) => error)).toBeInstanceOf(Declined);
    expect(await tasks[3]?.catch((error: unknown) => error)).toBeInstanceOf(Declined);
    const late = pool.submit("e", { afterMs: 5 });
    worker(0).finish();
    worker(0).finish();
    worker(0).begin();
    expect(pool.recall()).toBe(0);
    worker(0).finish();
    expect(await outcomes([late])).toEqual(["E"]);
  });
});
