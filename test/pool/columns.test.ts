/** Values that go between threads as columns: they arrive as structured clones would, each as if it were sent alone. */
import { afterAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { countOf, sentValues, takenValues } from "../../src/pool/columns.ts";
import { Pool } from "../../src/pool/pool.ts";

const SEED = 20261130;

class Point {
  x = 1;
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.constantFrom("", "\ud83d", "\ude00", "漢字", "x".repeat(100), "x".repeat(101)),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, 2 ** 31, -(2 ** 31), 0.5),
);
const scalar = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 4, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, true, false, 12n) },
);
const NAMES = ["a", "b", "1", "0", "__proto__", "constructor", "a b", "é", 'q"'];
const withKeys = (keys: readonly string[], values: readonly unknown[]): unknown =>
  Object.fromEntries(keys.map((key, at) => [key, values[at]]));
const odd = fc.constantFrom<unknown>(
  [1],
  { a: { b: 1 } },
  new Date(5),
  new Point(),
  Object.assign(Object.create(null), { a: 1 }),
  new Map([[1, 2]]),
  new Error("no"),
  new Uint8Array(2),
  {},
  Object.defineProperty({ a: 1 }, "hidden", { value: 2 }),
  {
    get a() {
      return "read";
    },
  },
  { a: 1, [Symbol("no")]: 2 },
);
/** Lists of values that are mostly of one kind. */
const values = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 }),
    fc.array(fc.constantFrom(text, number, scalar), { minLength: 4, maxLength: 4 }),
  )
  .chain(([keys, kinds]) =>
    fc.array(
      fc.oneof(
        { weight: 60, arbitrary: fc.tuple(...kinds).map((all) => withKeys(keys, all)) },
        { weight: 1, arbitrary: odd },
        { weight: 1, arbitrary: scalar },
        { weight: 1, arbitrary: fc.tuple(...kinds).map((all) => withKeys(keys.toReversed(), all)) },
      ),
      { maxLength: 12 },
    ),
  );
const scalars = fc.constantFrom(text, number, scalar).chain((one) => fc.array(one, { maxLength: 12 }));

/** Signs of zero, and the order of keys, count as well. */
function told(all: readonly unknown[]): string {
  return Bun.inspect(all, { depth: 9 });
}

describe("values that were sent", () => {
  test("are structured clones of what they were", () => {
    let columns = 0;
    fc.assert(
      fc.property(fc.oneof(values, scalars), (given) => {
        const sent = structuredClone(sentValues(given));
        if (sent.kind === "columns") columns++;
        expect(countOf(sent)).toBe(given.length);
        const came = takenValues(sent);
        const clones = given.map((one) => structuredClone(one));
        expect(came).toStrictEqual(clones);
        expect(told(came)).toBe(told(clones));
      }),
      { seed: SEED, numRuns: 2000 },
    );
    expect(columns).toBeGreaterThan(1000);
  });

  test("are of their own, also where one came twice", () => {
    const one = { a: 1 };
    const [first, second] = takenValues(sentValues([one, one]));
    expect(first).toEqual(one);
    expect(first).not.toBe(one);
    expect(first).not.toBe(second);
  });

  test("are as they were when they were taken in, and what cannot be read is left to the copy", () => {
    const bad = {
      get a(): number {
        throw new TypeError("no");
      },
    };
    expect(sentValues([bad]).kind).toBe("plain");
    expect(sentValues([{ a: 1 }, { a: () => 1 }]).kind).toBe("plain");
    expect(sentValues([{ a: Symbol("no") }]).kind).toBe("plain");
  });
});

/** Results of several kinds, some of them promises that are there at once. */
const mixed = (at: number): unknown => {
  if (at % 97 === 96) return Promise.resolve({ at, later: true });
  if (at % 50 === 49) return { at, deep: [at] };
  return at % 40 === 39 ? String(at) : { at, text: `t${at}` };
};

/** The same object each time. */
const counting = (at: number): unknown => {
  const one = ((globalThis as { one?: { at: number } }).one ??= { at: 0 });
  one.at = at;
  return one;
};

const failing = (at: number): number => {
  if (at === 2) throw new RangeError("two");
  return at;
};

describe("results of a pool", () => {
  const pool = new Pool({ jobs: 2 });
  afterAll(() => pool.close());

  test("come in the order of their items, whatever kinds they are of", async () => {
    const items = Array.from({ length: 300 }, (_, at) => at);
    const wanted = await Promise.all(items.map(mixed));
    for (const batch of [1, 7, 300]) expect(await pool.map(mixed, items, { batch })).toEqual(wanted);
  });

  test("of one object that changes are what it was each time", async () => {
    expect(await pool.map(counting, [3, 4, 5], { batch: 3 })).toEqual([{ at: 3 }, { at: 4 }, { at: 5 }]);
  });

  test("with outcomes of their own have them where results are columns, and where one fails", async () => {
    const two = await pool.map(failing, [0, 1], { settle: true, batch: 4 });
    expect(two.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const four = await pool.map(failing, [0, 1, 2, 3], { settle: true, batch: 4 });
    expect(four.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });
});
