import { afterAll, describe, expect, expectTypeOf, test } from "bun:test";
import { spawnSync } from "node:child_process";

import { Pool } from "../../src/pool/pool.ts";

const SCIENTISTS = [
  { name: "Ada Lovelace", born: 1815 },
  { name: "Emmy Noether", born: 1882 },
  { name: "Marie Curie", born: 1867 },
  { name: "Tu Youyou", born: 1930 },
  { name: "Ada Yonath", born: 1939 },
  { name: "Vera Rubin", born: 1928 },
  { name: "Sally Ride", born: 1951 },
];
const AGES = [202, 135, 150, 87, 78, 89, 66];

const pool = new Pool({ jobs: 2 });
afterAll(() => pool.close());

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function* neverComes(): AsyncGenerator<number> {
  yield await new Promise<number>(() => {});
}

/** A gate that workers can wait at, and that the test opens. */
function gate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function openGate(words: Int32Array): void {
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
}

describe("Pool.map()", () => {
  test("gives the seven scientists their ages, in order", async () => {
    const people = await pool.map(({ name, born }) => ({ name, age: 2017 - born }), SCIENTISTS);
    expectTypeOf(people).toEqualTypeOf<{ name: string; age: number }[]>();
    expect(people).toEqual(SCIENTISTS.map(({ name }, index) => ({ name, age: AGES[index] ?? 0 })));
  });

  test("keeps the order for every size of batch", async () => {
    for (const batch of [undefined, 1, 2, 7, 100]) {
      const results = await pool.map((n: number) => n * n, range(50), batch === undefined ? {} : { batch });
      expect(results).toEqual(range(50).map((n) => n * n));
    }
  });

  test("waits for asynchronous functions, several at once in a worker", async () => {
    const results = await pool.map(
      async (n: number) => {
        // The later items of a batch are done first.
        await Bun.sleep(20 - (n % 20));
        return n;
      },
      range(40),
      { batch: 20 },
    );
    expect(results).toEqual(range(40));
    // Only an item that another one lets go can end: they must be under way together.
    const together = await pool.map(
      async (n: number) => {
        const waiting = ((globalThis as { waiting?: PromiseWithResolvers<void> }).waiting ??=
          Promise.withResolvers<void>());
        if (n === 7) waiting.resolve();
        await waiting.promise;
        return n;
      },
      range(8),
      { batch: 8 },
    );
    expect(together).toEqual(range(8));
  });

  test("reads iterables of both kinds", async () => {
    const asynchronous = async function* (): AsyncGenerator<number> {
      for (const n of range(30)) yield n;
    };
    expect(await pool.map((n: number) => n, new Set(range(30)))).toEqual(range(30));
    expect(await pool.map((n: number) => n, asynchronous())).toEqual(range(30));
    expect(await pool.map((n: number) => n, new Float64Array(range(30)))).toEqual(range(30));
    expect(await pool.map((n: number) => n, [])).toEqual([]);
  });

  test("does not hold items back until their batch is full", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const items = async function* (): AsyncGenerator<number> {
      yield 1;
      await promise;
      yield 2;
    };
    const results: number[] = [];
    for await (const result of pool.imap((n: number) => n, items())) {
      results.push(result);
      resolve();
    }
    expect(results).toEqual([1, 2]);
  });

  test("calls the default export of a module", async () => {
    const ages = await pool.map<{ age: number }>(new URL("./modules/age.ts", import.meta.url), SCIENTISTS);
    expect(ages.map(({ age }) => age)).toEqual(AGES);
  });

  test("passes undefined on, both ways", async () => {
    expect(await pool.map((value: unknown) => value, [undefined, null, 0])).toEqual([undefined, null, 0]);
  });

  test("tells how far it is", async () => {
    const told: (number | undefined)[][] = [];
    await pool.map((n: number) => n, range(10), { batch: 5, onProgress: (...progress) => told.push(progress) });
    expect(told).toEqual([
      [5, 10],
      [10, 10],
    ]);
  });

  test("serves two calls at once, none waiting for the other", async () => {
    const words = gate();
    const held = pool.map(
      (item: { words: Int32Array; n: number }) => {
        if (item.n === 0) Atomics.wait(item.words, 0, 0);
        return item.n;
      },
      range(20).map((n) => ({ words, n })),
      { batch: 1 },
    );
    expect(await pool.map((n: number) => n + 1, range(20), { batch: 1 })).toEqual(range(20).map((n) => n + 1));
    openGate(words);
    expect(await held).toEqual(range(20));
  });
});

describe("results of Pool.map() that are one object for all items", () => {
  const wanted = range(40).map((n) => ({ n, parts: [n] }));

  test("each is what it was when its call returned", async () => {
    const results = await pool.map(
      (n: number) => {
        const kept = ((globalThis as { kept?: { n: number; parts: number[] } }).kept ??= { n: 0, parts: [] });
        kept.n = n;
        kept.parts[0] = n;
        return kept;
      },
      range(40),
      { batch: 20 },
    );
    expect(results).toEqual(wanted);
    expect(new Set(results).size).toBe(40);
  });

  test("those of an asynchronous function, too", async () => {
    const results = await pool.map(
      async (n: number) => {
        const kept = ((globalThis as { late?: { n: number; parts: number[] } }).late ??= { n: 0, parts: [] });
        kept.n = n;
        kept.parts[0] = n;
        return kept;
      },
      range(40),
      { batch: 20 },
    );
    expect(results).toEqual(wanted);
  });

  test("a result that is changed later has gone by then", async () => {
    const results = await pool.map(
      (n: number) => {
        const all = globalThis as { before?: { n: number } };
        if (all.before !== undefined) all.before.n = -1;
        return (all.before = { n });
      },
      range(40),
      { batch: 40 },
    );
    expect(results.map(({ n }) => n)).toEqual(range(40));
  });
});

describe("Pool.starmap() and Pool.apply()", () => {
  test("spread the arguments", async () => {
    expect(
      await pool.starmap(
        (a: number, b: number) => a ** b,
        [
          [2, 3],
          [3, 2],
        ],
      ),
    ).toEqual([8, 9]);
    const sum = await pool.apply((a: number, b: string) => `${a}${b}`, [1, "x"]);
    expectTypeOf(sum).toEqualTypeOf<string>();
    expect(sum).toBe("1x");
  });

  test("pass nothing but the arguments", async () => {
    expect(await pool.apply((...all: number[]) => all, [1, 2])).toEqual([1, 2]);
    expect(await pool.apply((a: number, b: number = 7) => a + b, [1])).toBe(8);
  });

  test("reject an item that is no array", async () => {
    const items = [[1], 2] as unknown as [number][];
    expect(await pool.starmap((a: number) => a, items).catch(String)).toStartWith("ItemError: item 1: ");
  });
});

describe("Pool.imap()", () => {
  test("reads an endless input only within the window, and stops with the iteration", async () => {
    let read = 0;
    let isFreed = false;
    const endless = function* (): Generator<number> {
      try {
        for (;;) yield read++;
      } finally {
        isFreed = true;
      }
    };
    const results: number[] = [];
    for await (const result of pool.imap((n: number) => n * 2, endless(), { batch: 3 })) {
      results.push(result);
      expect(read).toBeLessThanOrEqual(results.length + 4 * 2 * 3 + 3);
      if (results.length === 100) break;
    }
    expect(results).toEqual(range(100).map((n) => n * 2));
    expect(isFreed).toBe(true);
  });

  test("reads nothing before the first result is asked for", async () => {
    let read = 0;
    const items = function* (): Generator<number> {
      yield read++;
    };
    const results = pool.imap((n: number) => n, items());
    expect(read).toBe(0);
    expect(await Array.fromAsync(results)).toEqual([0]);
    expect(read).toBe(1);
  });

  test("gives the results before a failing item, then throws", async () => {
    const results: number[] = [];
    const iterate = async (): Promise<void> => {
      const items = pool.imap(
        (n: number) => {
          if (n === 17) throw new Error("seventeen");
          return n;
        },
        range(100),
        { batch: 5 },
      );
      for await (const result of items) results.push(result);
    };
    expect(await iterate().catch(String)).toBe("ItemError: item 17: seventeen");
    expect(results).toEqual(range(17));
  });
});

describe("Pool.imapUnordered()", () => {
  test("gives results as they come", async () => {
    const words = gate();
    const results: number[] = [];
    const items = range(6).map((n) => ({ n, words }));
    const iteration = pool.imapUnordered(
      (item: (typeof items)[number]) => {
        if (item.n === 0) Atomics.wait(item.words, 0, 0);
        return item.n;
      },
      items,
      { batch: 1 },
    );
    for await (const result of iteration) {
      results.push(result);
      // Item 0 waits until all the others have come.
      if (results.length === 5) openGate(words);
    }
    expect(results.at(-1)).toBe(0);
    expect(results.toSorted((a, b) => a - b)).toEqual(range(6));
  });
});

describe("new Pool()", () => {
  test("gives args and the state of setup to every function", async () => {
    await using own = new Pool({
      jobs: 2,
      args: { year: 2017, names: new Map([["a", 1]]) },
      setup: async ({ args }) => ({ start: args.year }),
    });
    const seen = await own.map((n: number, { args, state, index, worker }) => {
      return { n, year: args.year, a: args.names.get("a"), start: state.start, index, isWorker: worker < 2 };
    }, range(20));
    expect(seen).toEqual(range(20).map((n) => ({ n, year: 2017, a: 1, start: 2017, index: n, isWorker: true })));
  });

  test("runs setup once in a worker, and replaces workers after maxTasksPerWorker batches", async () => {
    const count = new Int32Array(new SharedArrayBuffer(4));
    await using own = new Pool({
      jobs: 1,
      args: { count },
      setup: ({ args }) => Atomics.add(args.count, 0, 1),
      maxTasksPerWorker: 2,
    });
    const generations = await own.map((_: number, { state }) => state, range(6), { batch: 1 });
    expect(generations).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("refuses options that make no sense", () => {
    expect(() => new Pool({ jobs: 0 })).toThrow(new RangeError("Cannot use jobs: want a positive integer, got 0"));
    expect(() => new Pool({ jobs: 1.5 })).toThrow(RangeError);
    expect(() => new Pool({ maxTasksPerWorker: -1 })).toThrow("Cannot use maxTasksPerWorker");
    expect(() => new Pool({ args: { fn: (): number => 1 } })).toThrow("Cannot copy args to workers");
  });
});

describe("Pool.close()", () => {
  test("waits for what is under way, and refuses what comes after it", async () => {
    const own = new Pool({ jobs: 2 });
    const words = gate();
    const held = own.map((item: Int32Array) => Atomics.wait(item, 0, 0), [words]);
    const closed = own.close();
    expect(await own.map((n: number) => n, [1]).catch(String)).toBe("RowmillError: the pool is closed");
    openGate(words);
    expect(await held).toHaveLength(1);
    await closed;
  });

  test("ends a block with await using", async () => {
    let own: Pool;
    {
      await using inner = (own = new Pool({ jobs: 1 }));
      expect(await inner.apply(() => 1, [])).toBe(1);
    }
    expect(await own.apply(() => 1, []).catch(String)).toBe("RowmillError: the pool is closed");
  });

  test("is not needed for the process to end", async () => {
    const url = new URL("../../src/pool/pool.ts", import.meta.url).href;
    const program = `
      const { Pool } = await import(${JSON.stringify(url)});
      const pool = new Pool({ jobs: 2 });
      console.log((await pool.map((n) => n + 1, [1, 2, 3])).join());
      console.log((await pool.map((n) => n + 2, [1, 2, 3])).join());`;
    const run = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
    expect({ out: run.stdout, error: run.stderr, code: run.status }).toEqual({
      out: "2,3,4\n3,4,5\n",
      error: "",
      code: 0,
    });
  });
});

describe("Pool.terminate()", () => {
  test("rejects calls under way at once, those that wait for input too", async () => {
    const own = new Pool({ jobs: 2 });
    const words = gate();
    const calls = [
      own.map(
        (item: Int32Array) => {
          Atomics.store(item, 0, 1);
          Atomics.notify(item, 0);
          for (;;);
        },
        [words, words, words],
      ),
      own.map((n: number) => n, neverComes()),
    ];
    // Until a worker is in the loop.
    await Atomics.waitAsync(words, 0, 0).value;
    own.terminate();
    const message = "RowmillError: the pool was terminated";
    expect(await Promise.all(calls.map((call) => call.catch(String)))).toEqual([message, message]);
    expect(await own.map((n: number) => n, [1]).catch(String)).toBe(message);
  });
});
