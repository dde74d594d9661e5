/**
 * Rows that are folded come to the same bytes for every jobs × block size × file or stream × order in which workers
 * answer, and to those of a plain loop. So do the results of a function that takes many rows at once.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { slowMean, slowSum } from "../stages/grouping/slow-sum.ts";
import { type RandomInput, randomInput } from "./inputs.ts";
import { type PlainRow, cell, csvLine, plainLoop } from "./plain-loop.ts";
import { type Shape, folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

/** Whether a row is one that its function throws at: by its text, so that both sides know. */
const IS_HARD = "(row) => JSON.stringify(row).length % 7 === 3";
const isHard = (row: PlainRow): boolean => JSON.stringify(row).length % 7 === 3;

const MODULES = {
  "keep.ts": `export const reduce = {
    init: () => [],
    step: (rows, row) => { rows.push(row); },
    merge: (a, b) => [...a, ...b],
    finish: (rows) => rows,
  };`,
  "keep-easy.ts": `const isHard = ${IS_HARD};
  export const reduce = {
    init: () => [],
    step(rows, row) { rows.push(row); if (isHard(row)) throw new Error("hard"); },
    merge: (a, b) => [...a, ...b],
    finish: (rows) => rows,
  };`,
  "keep-results.ts": `const isHard = ${IS_HARD};
  export default async (row, { index }) => {
    if (index % 3 === 0) await new Promise(setImmediate);
    if (isHard(row)) throw new Error("hard");
    return index % 4 === 1 ? null : index % 4 === 2 ? [row, row] : row;
  };
  export const reduce = {
    init: () => ({ rows: [] }),
    step: ({ rows }, row) => ({ rows: [...rows, row] }),
    merge: (a, b) => ({ rows: [...a.rows, ...b.rows] }),
    *finish({ rows }) { yield* rows; },
  };`,
  // Every cell, and every merge, shows in the result.
  "brackets.ts": `export const reduce = {
    init: () => 0,
    step: (count) => count + 1,
    merge: (a, b) => "(" + a + "+" + b + ")",
    finish: (tree) => ({ tree }),
  };`,
  "many.ts": `const isHard = ${IS_HARD};
  export const batch = (rows, { index }) => {
    if (rows.length > 1 && rows.some(isHard)) throw new Error("many");
    return rows.map((row) => { if (isHard(row)) throw new Error("hard"); return row; });
  };`,
  "sizes.ts":
    "export const batch = async (rows, { index, line }) => rows.map(() => ({ size: rows.length, index, line }));",
};

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(folder, name), text);
});

const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
const target = fc.constantFrom("csv" as const, "csv" as const, "jsonl" as const, "json" as const);
const cellBytes = fc.integer({ min: 1, max: 300 });

/** Runs a module over an input in a shape. */
async function ran(
  name: keyof typeof MODULES,
  { input, options = {}, way }: { input: RandomInput; options?: RunOptions; way: Shape },
): Promise<Awaited<ReturnType<typeof runShaped>>> {
  const transform = join(folder, name);
  return await runShaped(input, { transform, from: input.format, delimiter: ",", types: "text", ...options }, way);
}

/** The row, if it is none that is thrown at. */
function easily(row: PlainRow): PlainRow {
  if (isHard(row)) throw new Error("hard");
  return row;
}

/** That a module which keeps all rows gives those of a plain loop. */
async function keepsAll(name: keyof typeof MODULES, call: (row: PlainRow, index: number) => unknown): Promise<void> {
  await fc.assert(
    fc.asyncProperty(randomInput, target, cellBytes, shapes, async (input, to, bytes, ways) => {
      const plain = { input: input.bytes, from: input.format, to, isIdentity: false, limit: Infinity, goesOn: true };
      const wanted = await plainLoop({ ...plain, call: (row, { index }) => call(row, index) });
      const options: RunOptions = { to, onError: "reject", rejects: rejectsFile };
      for (const way of ways) {
        const found = await ran(name, { input, options, way: { ...way, cellBytes: bytes } });
        // A column that only a later row has is an error of the run here, not of its row.
        if (wanted.leftOut.includes("row-new-column")) expect(found.failure?.code).toBe("row-new-column");
        else expect(found).toEqual(wanted);
      }
    }),
    { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 },
  );
}

describe("a reduce that keeps all rows gives those of a plain loop,", () => {
  test("of the input", () => keepsAll("keep.ts", (row) => row), 600_000);
  test("of the input but for those at which step threw half-way", () => keepsAll("keep-easy.ts", easily), 600_000);
  test(
    "of the results of an asynchronous function",
    () =>
      keepsAll("keep-results.ts", (row, index) => {
        easily(row);
        return index % 4 === 1 ? null : index % 4 === 2 ? [row, row] : row;
      }),
    600_000,
  );
});

describe("cells", () => {
  test("are merged from left to right, the same ones in every shape", async () => {
    const batchRows = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
    const property = fc.asyncProperty(randomInput, cellBytes, batchRows, shapes, async (input, bytes, rows, ways) => {
      const options: RunOptions = { to: "jsonl", onError: "reject", rejects: rejectsFile };
      const found = new Set<string>();
      for (const way of ways) {
        const shaped = { ...way, cellBytes: bytes, batchRows: rows };
        found.add(JSON.stringify(await ran("brackets.ts", { input, options, way: shaped })));
      }
      expect([...found]).toHaveLength(1);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 30 });
  }, 600_000);

  test("hold the rows that end between two lines of the grid", async () => {
    const lengths = fc.array(fc.integer({ min: 8, max: 60 }), { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(lengths, cellBytes, shape, async (rowLengths, bytes, way) => {
      const text = rowLengths.map((length) => `{"a":"${"x".repeat(length - 8)}"}\n`).join("");
      const cells = new Map<number, number>();
      let end = 0;
      for (const length of rowLengths) {
        end += length + 1;
        const at = Math.ceil(end / bytes);
        cells.set(at, (cells.get(at) ?? 0) + 1);
      }
      const [first = 0, ...others] = cells.values();
      const tree = others.reduce((left: number | string, count) => `(${left}+${count})`, first);
      const input: RandomInput = { format: "jsonl", bytes: Buffer.from(text) };
      const shaped = { ...way, cellBytes: bytes, batchRows: undefined };
      const { output } = await ran("brackets.ts", { input, way: shaped });
      expect(output).toBe(`${JSON.stringify({ tree })}\n`);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
  }, 600_000);
});

describe("groups and their figures are those of a plain loop", () => {
  const number = fc.oneof(
    fc.integer({ min: -50, max: 50 }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom("0.1", "0.2", "1e16", "-1e16", "1e308", "-1e308", "1e-300", "007", "+3", " 2", "-0"),
  );
  const wrong = fc.constantFrom("x", "0x10", "Infinity", " ", "1,5", "NaN");
  const value = fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: fc.constant("") }, wrong);
  const key = fc.constantFrom("a", "b", "c d", "", "__proto__", 'q"', "7");
  const rows = fc.array(fc.record({ k: key, l: key, v: value }), { maxLength: 40 });

  for (const by of [[], ["k"], ["l", "k"]]) {
    test(`by ${by.length === 0 ? "nothing" : by.join(" and ")}`, async () => {
      const property = fc.asyncProperty(rows, cellBytes, shapes, async (all, bytes, ways) => {
        const lines = [["k", "l", "v"], ...all.map(({ k, l, v }) => [k, l, v])];
        const input: RandomInput = { format: "csv", bytes: Buffer.from(lines.map((cells) => csvLine(cells)).join("")) };
        const wanted = plainGroups(all, by);
        const options: RunOptions = {
          ...(by.length > 0 && { groupBy: by }),
          figures: [
            { kind: "max", column: "v" },
            { kind: "count" },
            { kind: "sum", column: "v" },
            { kind: "mean", column: "v" },
            { kind: "min", column: "v" },
          ],
          from: "csv",
          types: "text",
          to: "csv",
          onError: "reject",
          rejects: rejectsFile,
        };
        for (const way of ways) expect(await runShaped(input, options, { ...way, cellBytes: bytes })).toEqual(wanted);
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
    }, 600_000);
  }
});

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** What comes of rows whose `v` is a number, empty or wrong. */
function plainGroups(
  all: readonly { k: string; l: string; v: string }[],
  by: string[],
): { output: string; leftOut: string[]; failure: undefined } {
  const good = all.filter(({ v }) => v === "" || NUMBER.test(v));
  const groups = Map.groupBy(good, (row) => JSON.stringify(by.map((name) => Reflect.get(row, name))));
  if (by.length === 0 && good.length === 0) groups.set("[]", []);
  let output = csvLine([...by, "v_max", "count", "v_sum", "v_mean", "v_min"]);
  for (const [key, rows] of groups) {
    const numbers = rows.filter(({ v }) => v !== "").map(({ v }) => Number(v));
    const texts = rows.map(({ v }) => v).filter((text) => text !== "");
    const sum = slowSum(texts);
    const least = numbers.length === 0 ? null : numbers.reduce((a, b) => (b < a ? b : a));
    const most = numbers.length === 0 ? null : numbers.reduce((a, b) => (b > a ? b : a));
    const figures = [most, rows.length, sum, texts.length === 0 ? null : slowMean(texts) + 0, least];
    output += csvLine([...(JSON.parse(key) as string[]), ...figures.map((figure) => cell(figure, 0))]);
  }
  return { output, leftOut: Array(all.length - good.length).fill("row-type"), failure: undefined };
}

describe("a function of many rows", () => {
  test("gives what it gives for one row at a time, whichever rows it fails for", async () => {
    const property = fc.asyncProperty(randomInput, target, shapes, async (input, to, ways) => {
      const plain = { input: input.bytes, from: input.format, to, isIdentity: false, limit: Infinity, goesOn: true };
      const wanted = await plainLoop({ ...plain, call: easily });
      const options: RunOptions = { to, onError: "reject", rejects: rejectsFile };
      for (const way of ways) expect(await ran("many.ts", { input, options, way })).toEqual(wanted);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
  }, 600_000);

  test("gets as many rows as are said, however they come", async () => {
    const count = fc.integer({ min: 0, max: 40 });
    const property = fc.asyncProperty(count, fc.integer({ min: 1, max: 9 }), shape, async (rows, size, way) => {
      const lines = Array.from({ length: rows }, (_, at) => `{"a":${at}}\n\n`);
      const input: RandomInput = { format: "jsonl", bytes: Buffer.from(lines.join("")) };
      const { output } = await ran("sizes.ts", { input, way: { ...way, batchRows: size, cellBytes: 7 } });
      const wanted = Array.from({ length: rows }, (_, at) => {
        const index = at - (at % size);
        return `${JSON.stringify({ size: Math.min(size, rows - index), index, line: 2 * index + 1 })}\n`;
      });
      expect(output).toBe(wanted.join(""));
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
  }, 600_000);
});
