import { afterAll, describe, expect, test } from "bun:test";

import { ItemError } from "../../src/pool/item-error.ts";
import { Pool } from "../../src/pool/pool.ts";

const pool = new Pool({ jobs: 2 });
afterAll(() => pool.close());

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function* brokenInput(): AsyncGenerator<number> {
  yield 1;
  throw new Error("connection lost");
}

/** The error of an item, as far as it is data. */
async function itemError(call: Promise<unknown>): Promise<object | string> {
  try {
    return `no error, but ${JSON.stringify(await call)}`;
  } catch (error) {
    if (!(error instanceof ItemError)) return String(error);
    const { index, code, message, cause } = error;
    return { index, code, message, ...(cause instanceof Error && { cause: String(cause) }) };
  }
}

describe("the first failing item in input order rejects a call", () => {
  test("when its function throws, with the original error as the cause", async () => {
    const call = pool.map(
      (n: number) => {
        if (n >= 3) throw new TypeError(`cannot take ${n}`);
        return n;
      },
      range(50),
      { batch: 2 },
    );
    expect(await itemError(call)).toEqual({
      index: 3,
      code: "row-function",
      message: "item 3: cannot take 3",
      cause: "TypeError: cannot take 3",
    });
  });

  test("when its promise rejects, although a later one rejected sooner", async () => {
    const call = pool.map(
      async (n: number) => {
        await Bun.sleep(20 - n);
        if (n > 0) throw new Error(`number ${n}`);
      },
      range(10),
      { batch: 10 },
    );
    expect(await itemError(call)).toMatchObject({ index: 1, message: "item 1: number 1" });
  });

  test("when it throws what is no error, undefined included", async () => {
    const throwUndefined = pool.map(() => {
      throw undefined;
    }, [1]);
    expect(await itemError(throwUndefined)).toMatchObject({
      index: 0,
      message: "item 0: a thrown value that is no Error: undefined",
    });
    const rejectText = pool.map(() => Promise.reject("text"), [1]); // oxlint-disable-line
    expect(await itemError(rejectText)).toMatchObject({ message: 'item 0: a thrown value that is no Error: "text"' });
  });

  test("when the item or its result cannot be copied, unless one before it failed", async () => {
    const items = [1, 2, (): number => 3, (): number => 4];
    expect(await itemError(pool.map((item) => typeof item, items, { batch: 4 }))).toMatchObject({
      index: 2,
      message: expect.stringMatching(/^item 2: the item cannot be copied: .*cloned/),
    });
    const throwing = pool.map(
      (item) => {
        if (item === 2) throw new Error("two");
      },
      items,
      { batch: 4 },
    );
    expect(await itemError(throwing)).toMatchObject({ index: 1, message: "item 1: two" });
    const results = pool.map((n: number) => (n === 2 ? (): number => n : n), range(4), { batch: 4 });
    expect(await itemError(results)).toMatchObject({ index: 2, code: "row-result" });
  });
});

describe("a call never hangs on a function that", () => {
  test("exits, at once or after a while, alone or among others", async () => {
    const atOnce = pool.map((n: number) => (n === 5 ? process.exit(3) : n), range(20));
    expect(await itemError(atOnce)).toEqual({
      index: 5,
      code: "row-worker-died",
      message: "item 5: the worker was ended by process.exit(3)",
    });
    const later = pool.map(
      async (n: number) => {
        await Bun.sleep(1);
        return n === 5 ? process.exit(0) : n;
      },
      range(20),
      { batch: 20 },
    );
    expect(await itemError(later)).toMatchObject({ index: 5, code: "row-worker-died" });
  });

  test("leaves a rejection unhandled while it runs", async () => {
    const call = pool.map(
      async (n: number) => {
        if (n === 7) void Promise.reject(new RangeError("stray"));
        await Bun.sleep(1);
      },
      range(20),
      { batch: 20 },
    );
    expect(await itemError(call)).toEqual({
      index: 7,
      code: "row-worker-died",
      message: "item 7: the worker died of an uncaught error: stray",
      cause: expect.stringMatching(/^\w*Error: stray$/),
    });
  });

  test("leaves rejections unhandled that come after it is done", async () => {
    const call = pool.map(
      (n: number) => {
        if (n === 5) void Promise.reject(new Error("stray"));
        return n;
      },
      range(20),
      { batch: 2 },
    );
    // Whether its worker lives on depends: the test runner ends one that has such a rejection.
    expect(await itemError(call)).toMatchObject({ index: 5, message: expect.stringMatching(/stray$/) });
  });

  test("loops without end, if there is a timeout", async () => {
    const call = pool.map(
      (n: number) => {
        if (n === 2) for (;;);
        return n;
      },
      range(10),
      { timeoutMs: 300 },
    );
    expect(await itemError(call)).toEqual({
      index: 2,
      code: "row-timeout",
      message: "item 2: took longer than 300 ms",
    });
  });

  test("loops without end after a while, among others", async () => {
    const call = pool.map(
      async (n: number) => {
        await Bun.sleep(1);
        if (n === 4) for (;;);
        return n;
      },
      range(10),
      { timeoutMs: 300, batch: 10 },
    );
    expect(await itemError(call)).toMatchObject({ index: 4, code: "row-timeout" });
  });

  test("returns a promise that never settles, if there is a timeout", async () => {
    const call = pool.map((n: number) => (n === 3 ? new Promise(() => {}) : n), range(10), {
      timeoutMs: 300,
      batch: 10,
    });
    expect(await itemError(call)).toMatchObject({ index: 3, code: "row-timeout" });
  });

  test("never settles behind one that failed", async () => {
    const call = pool.map(
      (n: number) => (n === 0 ? Promise.reject(new Error("nought")) : new Promise(() => {})),
      range(10),
      { batch: 10 },
    );
    expect(await itemError(call)).toMatchObject({ index: 0, message: "item 0: nought" });
  });
});

describe("a timeout", () => {
  test("is that of a call: another one beside it has none", async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const patient = pool.map((item: Int32Array) => Atomics.wait(item, 0, 0), [words]);
    const hasty = pool.map(() => new Promise(() => {}), [1], { timeoutMs: 20 });
    expect(await itemError(hasty)).toMatchObject({ code: "row-timeout" });
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
    expect(await patient).toHaveLength(1);
  });

  test("aborts ctx.signal of the item", async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const call = pool.map(
      (item: Int32Array, ctx) =>
        new Promise(() => {
          ctx.signal.addEventListener("abort", () => {
            Atomics.store(item, 0, 1);
            Atomics.notify(item, 0);
          });
        }),
      [words],
      { timeoutMs: 20 },
    );
    expect(await itemError(call)).toMatchObject({ code: "row-timeout" });
    await Atomics.waitAsync(words, 0, 0).value;
    expect(words[0]).toBe(1);
  });
});

describe("a signal", () => {
  test("ends a call with its reason, and reads no further; the pool goes on", async () => {
    const controller = new AbortController();
    const words = new Int32Array(new SharedArrayBuffer(4));
    let read = 0;
    const items = function* (): Generator<Int32Array> {
      for (;;) {
        read++;
        yield words;
      }
    };
    const call = pool.map(
      (item: Int32Array) => {
        Atomics.store(item, 0, 1);
        Atomics.notify(item, 0);
        return new Promise(() => {});
      },
      items(),
      { signal: controller.signal },
    );
    await Atomics.waitAsync(words, 0, 0).value;
    controller.abort(new Error("enough"));
    expect(await itemError(call)).toBe("Error: enough");
    const readThen = read;
    expect(await pool.map((n: number) => n, [1, 2])).toEqual([1, 2]);
    expect(read).toBe(readThen);
  });

  test("that is aborted already lets nothing begin", async () => {
    let isRead = false;
    const items = function* (): Generator<number> {
      isRead = true;
      yield 1;
    };
    expect(await itemError(pool.map((n: number) => n, items(), { signal: AbortSignal.abort("no") }))).toBe("no");
    expect(isRead).toBe(false);
  });
});

describe("a call is refused", () => {
  test("for a closure, before a worker starts or anything is read", async () => {
    const outer = Math.random();
    let isRead = false;
    const items = function* (): Generator<number> {
      isRead = true;
      yield 1;
    };
    const own = new Pool({ jobs: 1, setup: new URL("./modules/throws.ts", import.meta.url) });
    expect(await itemError(own.map((n: number) => n + outer, items()))).toContain("it uses outer");
    expect(isRead).toBe(false);
    own.terminate();
  });

  test("for a module without a function, or one that throws", async () => {
    const none = new URL("./modules/no-function.ts", import.meta.url);
    expect(await itemError(pool.map(none, [1]))).toBe(
      `RowmillError: cannot use ${none.href}: its default export is no function`,
    );
    const throws = new URL("./modules/throws.ts", import.meta.url);
    expect(await itemError(pool.map(throws, [1]))).toBe(`RowmillError: cannot load ${throws.href}: no such database`);
  });

  test("for a setup that fails", async () => {
    const own = new Pool({
      jobs: 2,
      setup: () => {
        throw new Error("no licence");
      },
    });
    expect(await itemError(own.map((n: number) => n, [1, 2, 3]))).toBe("RowmillError: setup failed: no licence");
    await own.close();
  });

  test("for options that make no sense, and items that are none", async () => {
    expect(await itemError(pool.map((n: number) => n, [1], { batch: 0 }))).toBe(
      "RangeError: Cannot use batch: want a positive integer, got 0",
    );
    expect(await itemError(pool.map((n: number) => n, [1], { timeoutMs: Infinity }))).toStartWith(
      "RangeError: Cannot use timeoutMs",
    );
    expect(await itemError(pool.map((n: number) => n, 3 as unknown as number[]))).toBe(
      "TypeError: Cannot read items: want an iterable or async iterable, got 3",
    );
  });

  test("when its input fails, with the input's error", async () => {
    expect(await itemError(pool.map((n: number) => n, brokenInput()))).toBe("Error: connection lost");
  });

  test("when onProgress throws", async () => {
    const call = pool.map((n: number) => n, [1], {
      onProgress: () => {
        throw new Error("terminal gone");
      },
    });
    expect(await itemError(call)).toBe("Error: terminal gone");
  });
});

const wait = (): Promise<void> => new Promise(() => {});

function sleep(ms: number): number {
  Bun.sleepSync(ms);
  return ms;
}

describe("no call waits for ever", () => {
  test("for a worker that is stuck with an item of a call that was aborted", async () => {
    await using one = new Pool({ jobs: 1 });
    const loop = one.map(
      () => {
        for (;;);
      },
      [1],
      { signal: AbortSignal.timeout(50) },
    );
    expect(loop).rejects.toThrow(/timed ?out|timeout/);
    await loop.catch(() => {});
    expect(await one.map((n: number) => n + 1, [1], { timeoutMs: 20_000 })).toEqual([2]);
  });

  test("for a setup that never ends: timeoutMs covers it, for each call anew", async () => {
    await using one = new Pool({ jobs: 2, setup: wait });
    for (let call = 0; call < 2; call++) {
      expect(one.map((n: number) => n, [1], { timeoutMs: 100 })).rejects.toThrow(
        "no worker was ready: its setup took longer than 100 ms",
      );
      await one.map((n: number) => n, [1], { timeoutMs: 100 }).catch(() => {});
    }
  });

  test("for a worker that others have, longer than timeoutMs; but its own items may take their turn", async () => {
    await using one = new Pool({ jobs: 1 });
    const long = one.map(sleep, [600, 600], { batch: 1 });
    await Bun.sleep(100);
    const refused = await one.map(sleep, [1], { timeoutMs: 150 }).catch(String);
    expect(refused).toContain("no worker was free: the wait for one took longer than 150 ms");
    expect(await long).toEqual([600, 600]);
    const own = range(12).map(() => 50);
    expect(await one.map(sleep, own, { timeoutMs: 400, batch: 2 })).toEqual(own);
  });
});
