/**
 * With `--union` the output is the same bytes for every jobs × batch size × block size × file or stream × order in which workers
 * answer, and those of a plain loop: the columns are all keys of the rows that come out.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { runWith } from "../../src/pipeline/run.ts";
import { inProcessWorkers } from "./in-process.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, releaseKernels, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

type Row = Record<string, unknown>;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "union-many.ts"),
    `export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.a === 5) throw new Error("five");
      return row.a === 6 ? null : row.a === 7 ? [row, { ...row, new: index, none: undefined }] : row;
    };\n`,
  );
  writeFileSync(
    join(folder, "union-fixed.ts"),
    `export const columns = ["z", "b"];
    export default (row) => row;\n`,
  );
  writeFileSync(
    join(folder, "union-reduce.ts"),
    `export const reduce = {
      init: () => [],
      step: (rows, row) => (rows.push(row), rows),
      merge: (a, b) => a.concat(b),
      finish: (rows) => rows,
    };\n`,
  );
});

interface Way {
  /** What becomes of a row. */
  of: (row: Row, index: number) => Row[] | "fails";
  /** What becomes of all. */
  all?: (rows: Row[]) => Row[];
  columns?: string[];
  options: () => Partial<RunOptions>;
}

const WAYS: Record<string, Way> = {
  "rows as they are": { of: (row) => [row], options: () => ({}) },
  "an expression": {
    of: (row) => [{ ...row, n: row["a"] ?? null }],
    options: () => ({ expression: "{ ...row, n: a ?? null }" }),
  },
  "a filter": {
    of: (row) => (row["a"] === undefined ? [row] : []),
    options: () => ({ filter: "row.a === undefined" }),
  },
  "many, none and failures, some of them late": {
    of: (row, index) =>
      row["a"] === 5
        ? "fails"
        : row["a"] === 6
          ? []
          : row["a"] === 7
            ? [row, { ...row, new: index, none: undefined }]
            : [row],
    options: () => ({ transform: join(folder, "union-many.ts") }),
  },
  "columns that are said": {
    of: (row) => [row],
    columns: ["z", "b"],
    options: () => ({ transform: join(folder, "union-fixed.ts") }),
  },
  "rows at the end": { of: (row) => [row], options: () => ({ transform: join(folder, "union-reduce.ts") }) },
  "the last of them": { of: (row) => [row], all: (rows) => rows.slice(-3), options: () => ({ tail: 3 }) },
  "the first of groups": {
    of: (row) => [row],
    all: (rows) => rows.filter((row, at) => rows.findIndex((one) => groupOf(one) === groupOf(row)) === at),
    options: () => ({ headBy: ["a"] }),
  },
  "the first of them": { of: (row) => [row], all: (rows) => rows.slice(0, 4), options: () => ({ limit: 4 }) },
};

function groupOf(row: Row): string {
  return JSON.stringify(row["a"] ?? null);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One row after the other, and the columns at the end. */
function plainUnion(rows: readonly Row[], { of, all = (same) => same, columns = [] }: Way) {
  const results: Row[] = [];
  const leftOut: string[] = [];
  for (const [index, row] of rows.entries()) {
    const found = of(row, index);
    if (found === "fails") leftOut.push("row-function");
    else results.push(...found);
  }
  const out = all(results);
  const names = [...new Set([...columns, ...out.flatMap((row) => Object.keys(row))])];
  if (names.length === 0 && out.length === 0) return { output: "", leftOut };
  const lines = out.map((row) => csvLine(names.map((name) => cell(Object.hasOwn(row, name) ? row[name] : undefined))));
  return { output: csvLine(names) + lines.join(""), leftOut };
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom<unknown>(null, true, "x", "", 'a "q", b', "two\nlines", 1.5, [1, "b"], { x: { y: 1 } }),
);
const row = fc.dictionary(fc.constantFrom("a", "b", "c", "d e", "__proto__", "constructor", "ü"), value, {
  minKeys: 1,
  maxKeys: 5,
});

describe("the columns of all rows", () => {
  for (const [name, way] of Object.entries(WAYS)) {
    test(
      name,
      async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(row, { maxLength: 25 }), shape, async (rows, how) => {
            // A column that no row has is none to make groups by.
            fc.pre(name !== "the first of groups" || rows.length === 0 || rows.some((one) => Object.hasOwn(one, "a")));
            const bytes = Buffer.from(rows.map((one) => `${JSON.stringify(one)}\n`).join(""));
            const found = await runShaped(
              { bytes } as Parameters<typeof runShaped>[0],
              { from: "jsonl", to: "csv", union: true, onError: "reject", rejects: rejectsFile, ...way.options() },
              how,
            );
            const parsed = rows.map((one) => JSON.parse(JSON.stringify(one)) as Row);
            expect(found.failure).toBeUndefined();
            const { output, leftOut } = plainUnion(parsed, way);
            // Behind the last row that is wanted, others may have failed or not.
            expect(found).toMatchObject(way.all === undefined ? { output, leftOut } : { output });
          }),
          { numRuns: RUNS > 0 ? RUNS : 30, seed: SEED },
        );
      },
      60_000 + RUNS * 1000,
    );
  }
});

interface TextTable {
  columns: string[];
  rows: string[][];
}

/** What is done with the rows of several tables, and the same as a loop. */
const OF_TABLES: Record<string, { options: () => Partial<RunOptions>; plain: (rows: Row[]) => Row[] }> = {
  "as they are": { options: () => ({}), plain: (rows) => rows },
  "a filter": { options: () => ({ filter: 'b !== "1"' }), plain: (rows) => rows.filter((one) => one["b"] !== "1") },
  "an expression": {
    options: () => ({ expression: '{ b: b ?? "none", x: a, ...row }' }),
    plain: (rows) => rows.map((one) => ({ b: one["b"] ?? "none", x: one["a"], ...one })),
  },
  "some columns": {
    options: () => ({ expression: "{ b, a }" }),
    plain: (rows) => rows.map(({ a, b }) => ({ b, a })),
  },
  groups: {
    options: () => ({ groupBy: ["a"], figures: [{ kind: "count" }] }),
    plain: (rows) => {
      const groups = new Map<unknown, number>();
      // What a table does not have is null, and no empty text.
      for (const { a = null } of rows) groups.set(a, (groups.get(a) ?? 0) + 1);
      return [...groups].map(([a, count]) => ({ a, count }));
    },
  },
  "rows in an order": {
    options: () => ({ sortBy: ["c"] }),
    plain: (rows) =>
      rows.toSorted((one, other) => {
        const [a, b] = [cell(one["c"]), cell(other["c"])];
        // What has no value comes last.
        return a === b ? 0 : a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1;
      }),
  },
};

const textTable = fc
  .tuple(fc.shuffledSubarray(["a", "b", "c"], { minLength: 1 }), fc.boolean())
  .chain(([columns, isLong]) =>
    fc
      .array(fc.tuple(...columns.map(() => fc.constantFrom("1", "x", "", "é, ü"))), {
        minLength: isLong ? 40 : 0,
        maxLength: isLong ? 60 : 6,
      })
      .map((rows): TextTable => ({ columns, rows })),
  );

describe("tables with different columns", () => {
  for (const [name, { options, plain }] of Object.entries(OF_TABLES)) {
    for (const to of ["csv", "jsonl"] as const) {
      test(
        `${name}, to ${to}`,
        async () => {
          const first = textTable.filter(({ columns }) => columns.includes("a") && columns.includes("b"));
          const tables = fc.tuple(first, fc.array(textTable, { minLength: 1, maxLength: 2 }));
          await fc.assert(
            fc.asyncProperty(tables, shape, async ([one, others], how) => {
              const all = [one, ...others];
              // By a column that no row has nothing is sorted.
              fc.pre(
                name !== "rows in an order" ||
                  all.some(({ columns, rows }) => columns.includes("c") && rows.length > 0),
              );
              const files = all.map((_, at) => join(folder, `table-${at}.csv`));
              for (const [at, { columns, rows }] of all.entries())
                writeFileSync(files[at] ?? "", [columns, ...rows].map((cells) => csvLine(cells)).join(""));
              const { jobs, batchBytes, growth, picks, blockBytes } = how;
              const output = join(folder, "united");
              try {
                await runWith(
                  {
                    inputs: files,
                    delimiter: ",",
                    types: "text",
                    union: true,
                    to,
                    output,
                    jobs,
                    restart: true,
                    ...options(),
                  },
                  {
                    spawn: inProcessWorkers({ picks, blockBytes, isAsked: false }),
                    batchBytes: { first: batchBytes, max: batchBytes * growth, last: 1 },
                    firstRows: undefined,
                    stretchBytes: 1,
                    keeping: { from: 1, most: 200, block: 16 },
                    guessBytes: batchBytes,
                    cellBytes: 100,
                  },
                );
              } finally {
                await new Promise(setImmediate);
                releaseKernels();
              }
              // Columns stand in a row in the order of the first table.
              const order = [...new Set(all.flatMap(({ columns }) => columns))];
              const read = all.flatMap(({ columns, rows }) =>
                rows.map((cells) =>
                  Object.fromEntries(
                    order.filter((key) => columns.includes(key)).map((key) => [key, cells[columns.indexOf(key)]]),
                  ),
                ),
              );
              const out = plain(read);
              const text = readFileSync(output, "utf8");
              if (to === "jsonl") expect(text).toBe(out.map((result) => `${JSON.stringify(result)}\n`).join(""));
              else {
                const isHeader = ["as they are", "a filter", "rows in an order"].includes(name);
                const names = isHeader
                  ? order
                  : name === "groups"
                    ? ["a", "count"]
                    : [...new Set(out.flatMap((result) => Object.keys(result)))];
                const lines = out.map((result) => csvLine(names.map((key) => cell(result[key]))));
                expect(text).toBe(names.length === 0 ? "" : csvLine(names) + lines.join(""));
              }
            }),
            { numRuns: RUNS > 0 ? RUNS : 20, seed: SEED },
          );
        },
        60_000 + RUNS * 1000,
      );
    }
  }
});
