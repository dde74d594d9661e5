/**
 * Results that are kept: what comes out with a cache, empty or full, is what comes out without one, for rows and functions by
 * chance and any shape of a run; values go into texts and back unchanged; and what the store gives is what it was given.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { packed, unpacked } from "../../src/transform/cache/packed.ts";
import { ResultStore, makeStore } from "../../src/transform/cache/store.ts";
import { runShaped, setUpShapedRuns, shape } from "../pipeline/shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261130));

const root = mkdtempSync(join(tmpdir(), "rowmill-cache-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));

setUpShapedRuns();

/** Functions that hand fields on, compute, drop, give many, change the row, fail, and answer later or not. */
const FUNCTIONS = [
  "{ a, n: b + 1 }",
  "({ ...row, n: b * 2 })",
  "({ ...row, a: a + '!' })",
  "a === 'x' ? null : row",
  "[{ a }, { a: a + b }]",
  "b > 1 ? [] : { a, list: [b, { c }] }",
  "({ a, missing: undefined, when: new Date(0), big: 10n, no: NaN })",
  "(row) => { row.c = row.a; delete row.b; return row; }",
  "(row) => { if (row.b > 2) throw new Error('no ' + row.b); return { ...row, n: 1 }; }",
  "async (row) => ({ ...row, n: (await row.a) + 1 })",
  "async ({ a, c }) => ({ c, upper: a.toUpperCase() })",
  "async (row) => { await 0; return row.b > 1 ? null : row; }",
  "async (row) => { await 0; if (row.b > 2) throw new Error('no ' + row.a); return [row, { a: 1 }]; }",
  "function* (row) { const one = {}; for (const a of [row.a, row.b]) { one.a = a; yield one; } }",
  "async function* (row) { yield { a: row.a }; if (row.b > 1) yield { a: 2 }; }",
];

const field = fc.constantFrom("x", "y", "", "1", "1.0", "007", '"', "ä", "__proto__", "$", "null", "NaN");
const numberText = fc.constantFrom("0", "1", "2", "3", "-0", "1.50", "");
const rows = fc.array(fc.tuple(field, numberText, field), { maxLength: 30 });

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The rows as CSV, or as lines of JSON whose numbers are spelled as they come. */
function inputOf(all: readonly (readonly string[])[], format: "csv" | "jsonl"): Buffer {
  const lines =
    format === "csv"
      ? ["a,b,c", ...all.map((row) => row.map(quoted).join(","))]
      : all.map(
          ([a = "", b = "", c = ""]) => `{"a":${JSON.stringify(a)},"b":${b || "null"},"c":${JSON.stringify([c])}}`,
        );
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

test("with a cache, empty or full, the same comes out as without", async () => {
  const asked = fc.record({
    all: rows,
    format: fc.constantFrom("csv" as const, "jsonl" as const),
    to: fc.constantFrom("csv" as const, "jsonl" as const),
    expression: fc.constantFrom(...FUNCTIONS),
    filter: fc.constantFrom(undefined, "b != 1"),
    ways: fc.tuple(shape, shape, shape),
  });
  const property = fc.asyncProperty(asked, async ({ all, format, to, expression, filter, ways }) => {
    const bytes = inputOf(all, format);
    const options = { from: format, to, expression, onError: "skip" as const, ...(filter !== undefined && { filter }) };
    const [one, two, three] = ways;
    const cache = newFolder();
    const plain = await runShaped({ format, bytes }, options, one);
    const cold = await runShaped({ format, bytes }, { ...options, cache }, two);
    const warm = await runShaped({ format, bytes }, { ...options, cache }, three);
    rmSync(cache, { recursive: true, force: true });
    expect(cold.output).toBe(plain.output);
    expect(warm.output).toBe(plain.output);
    expect(warm.failure).toEqual(plain.failure);
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

describe("values as texts", () => {
  const value = fc.anything({ withBigInt: true, withDate: true });

  test("come back as they were, or are not kept", () => {
    const property = fc.property(value, (given) => {
      const text = packed(given);
      if (text !== undefined) expect(unpacked(text)).toStrictEqual(given);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 1000 });
  });

  test.each([
    { "": undefined },
    { $: "number", value: "1" },
    JSON.parse('{"__proto__":1}') as unknown,
    [undefined, null, -0, NaN, Infinity, 10n ** 30n],
    { nested: [{ $: { $: 1 } }] },
    "\ud800",
  ])("%p is kept", (given) => {
    expect(unpacked(packed(given) ?? "")).toStrictEqual(given);
  });

  test("a date that is none is kept", () => {
    expect(Number(unpacked(packed(new Date(NaN)) ?? ""))).toBeNaN();
  });

  const looped: unknown[] = [];
  looped.push(looped);
  test.each([
    [() => 1],
    [{ toJSON: () => 1 }],
    [new Map()],
    [new URL("http://a.example")],
    [Object.create(null)],
    // oxlint-disable-next-line unicorn/no-new-array, no-sparse-arrays -- it is what is meant
    [[, 1]],
    [looped],
    [
      {
        get a(): number {
          throw new Error("no");
        },
      },
    ],
  ])("%p is not", (given) => {
    expect(packed(given)).toBeUndefined();
  });
});

describe("the store", () => {
  test("gives what it was given, for the whole key alone", () => {
    const folder = newFolder();
    makeStore(folder, "c");
    const store = new ResultStore(folder, "c");
    const entries = Array.from({ length: 1000 }, (_, at) => ({
      id: 2 ** 53 - 1 - at,
      more: at * 2 ** 40,
      text: `V${at}`,
    }));
    store.add(entries);
    for (const { id, more, text } of entries) expect(store.find({ id, more })).toBe(text);
    expect(store.find({ id: 2 ** 53 - 1, more: 1 })).toBeUndefined();
    store.remove({ id: 2 ** 53 - 1, more: 0 });
    expect(store.find({ id: 2 ** 53 - 1, more: 0 })).toBeUndefined();
    expect(store.facts.entries).toBe(999);
    store.close();
  });

  test("drops what was made first until it is small enough", () => {
    const folder = newFolder();
    makeStore(folder, "c");
    const store = new ResultStore(folder, "c");
    const text = "x".repeat(500);
    for (let at = 0; at < 1000; at += 50)
      store.add(Array.from({ length: 50 }, (_, n) => ({ id: at + n + 1, more: 1, text })));
    store.shrinkTo(200_000);
    const { entries, bytes } = store.facts;
    expect(bytes).toBeLessThanOrEqual(200_000);
    expect(entries).toBeGreaterThan(100);
    store.dropBefore(Date.now() + 1000);
    expect(store.facts.entries).toBe(0);
    store.close();
  });
});
