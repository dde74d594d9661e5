import { afterAll, describe, expect, expectTypeOf, test } from "bun:test";

import { ItemError, type Settled } from "../../src/pool/item-error.ts";
import { Pool } from "../../src/pool/pool.ts";

const pool = new Pool({ jobs: 2 });
afterAll(() => pool.close());

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function mostly(n: number): number {
  if (n % 3 === 1) throw new RangeError(`number ${n}`);
  return n;
}

async function* brokenInput(): AsyncGenerator<number> {
  yield 1;
  throw new Error("connection lost");
}

/** Outcomes as data. */
function plain(outcomes: readonly Settled<unknown>[]): unknown[] {
  return outcomes.map((one) => {
    if (one.status === "fulfilled") return one.value;
    const { reason } = one;
    return reason instanceof ItemError ? [reason.index, reason.code, reason.message] : String(reason);
  });
}

describe("a call that settles", () => {
  test("gives an outcome for every item, in order, for every size of batch", async () => {
    for (const batch of [undefined, 1, 4, 100]) {
      const outcomes = await pool.map(
        mostly,
        range(20),
        batch === undefined ? { settle: true } : { settle: true, batch },
      );
      expectTypeOf(outcomes).toEqualTypeOf<Settled<number>[]>();
      const expected = range(20).map((n) => (n % 3 === 1 ? [n, "row-function", `item ${n}: number ${n}`] : n));
      expect(plain(outcomes)).toEqual(expected);
    }
  });

  test("keeps the error that was thrown, as the cause", async () => {
    const [outcome] = await pool.map((n: number) => Promise.reject(new TypeError(`no ${n}`)), [7], { settle: true });
    expect(outcome?.status).toBe("rejected");
    expect(outcome?.status === "rejected" && String(outcome.reason.cause)).toBe("TypeError: no 7");
  });

  test("loses no other item to those that take too long, loop, exit, or wait for ever", async () => {
    const outcomes = await pool.map(
      async (n: number) => {
        if (n === 2) for (;;);
        if (n === 4) process.exit(3);
        if (n === 6) await new Promise(() => {});
        return n * 10;
      },
      range(9),
      { settle: true, timeoutMs: 1500, batch: 9 },
    );
    expect(plain(outcomes)).toEqual([
      0,
      10,
      [2, "row-timeout", "item 2: took longer than 1500 ms"],
      30,
      [4, "row-worker-died", "item 4: the worker was ended by process.exit(3)"],
      50,
      [6, "row-timeout", "item 6: took longer than 1500 ms"],
      70,
      80,
    ]);
  });

  test("has outcomes for items and results that cannot be copied", async () => {
    const items = [1, (): number => 2, 3, 4];
    const outcomes = await pool.map((item): unknown => (item === 3 ? (): number => 3 : typeof item), items, {
      settle: true,
      batch: 4,
    });
    expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code))).toEqual([
      "number",
      "pool",
      "row-result",
      "number",
    ]);
  });

  test("is there for starmap, imap and imapUnordered", async () => {
    const expected = [0, [1, "row-function", "item 1: number 1"], 2];
    expect(plain(await pool.starmap(mostly, [[0], [1], [2]] as [number][], { settle: true }))).toEqual(expected);
    expect(plain(await Array.fromAsync(pool.imap(mostly, range(3), { settle: true })))).toEqual(expected);
    const unordered = await Array.fromAsync(pool.imapUnordered(mostly, range(3), { settle: true, batch: 1 }));
    expect(unordered.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "fulfilled", "rejected"]);
  });

  test("rejects as others do when it is aborted, or its input fails", async () => {
    expect(await pool.map((n: number) => n, brokenInput(), { settle: true }).catch(String)).toBe(
      "Error: connection lost",
    );
    const signal = AbortSignal.abort(new Error("enough"));
    expect(await pool.map((n: number) => n, [1], { settle: true, signal }).catch(String)).toBe("Error: enough");
  });
});

describe("shared", () => {
  test("is the same memory in every worker, and a copy of what was given", async () => {
    const counts = new Int32Array(4);
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const half = bytes.subarray(2);
    await using own = new Pool({
      jobs: 2,
      shared: { counts, bytes, half, names: ["a", "b"], view: new DataView(bytes.buffer) },
    });
    const seen = await own.map(
      (n: number, { shared }) => {
        Atomics.add(shared.counts, 0, n);
        return [
          shared.counts.buffer instanceof SharedArrayBuffer,
          shared.names[1],
          shared.half[0],
          shared.view.getUint8(1),
        ];
      },
      range(10),
      { batch: 1 },
    );
    expect(seen).toEqual(range(10).map(() => [true, "b", 3, 2]));
    expect(await own.map((_: number, { shared }) => shared.counts[0], range(4), { batch: 1 })).toEqual([
      45, 45, 45, 45,
    ]);
    expect(counts[0]).toBe(0);
  });

  test("reaches setup, and views of one buffer stay views of one buffer", async () => {
    const table = new Float64Array([1, 2, 3]);
    await using own = new Pool({
      jobs: 1,
      shared: { table, same: table.subarray(1), bytes: Buffer.from("abc"), raw: table.buffer },
      setup: ({ shared }) => shared.table.buffer === shared.same.buffer,
    });
    const seen = await own.map(
      (_: number, { shared, state }) => [
        state,
        shared.same[0],
        String.fromCharCode(...shared.bytes),
        shared.raw.byteLength,
        shared.bytes.buffer.byteLength,
      ],
      [0],
    );
    expect(seen).toEqual([[true, 2, "abc", 24, 3]]);
  });

  test("is refused when it cannot be copied", () => {
    expect(() => new Pool({ shared: { fn: (): number => 1 } })).toThrow("Cannot copy shared to workers");
  });
});

describe("asynchronous functions", () => {
  test("may give one object again and again, changed", async () => {
    const results = await pool.map(
      async (n: number) => {
        const own = ((globalThis as { own?: { n: number } }).own ??= { n: 0 });
        own.n = n;
        return own;
      },
      range(40),
      { batch: 20 },
    );
    expect(results.map(({ n }) => n)).toEqual(range(40));
  });
});
