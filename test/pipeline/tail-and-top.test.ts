/**
 * The last rows, and the first ones of an order, are the same bytes for every jobs × batch size × block size × file or stream
 * × order in which workers answer: those of a plain loop.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20180607));

setUpShapedRuns();

interface Row {
  k: string;
  n: string;
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "tail-many.ts"),
    `export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.n === "5") throw new Error("five");
      return row.n === "6" ? null : row.n === "7" ? [row, { ...row, k: "new" }] : row;
    };\n`,
  );
});

/** What the function makes of a row. */
function outputsOf(row: Row): Row[] | "fails" {
  if (row.n === "5") return "fails";
  return row.n === "6" ? [] : row.n === "7" ? [row, { ...row, k: "new" }] : [row];
}

const rows = fc.array(
  fc.record({
    k: fc.constantFrom("", "a", "b", "é", "\uffff", "😀", 'q"', "a\nb"),
    n: fc.constantFrom("", "1", "10", "9", "-1", "5", "6", "7", "x"),
  }),
  { maxLength: 40 },
);
const asked = fc.record({
  most: fc.integer({ min: 0, max: 12 }),
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  isPlain: fc.boolean(),
});
const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });

/** Columns to sort by, and how: code points, so that of two texts one comes first whose UTF-16 comes last. */
const ORDERS = ["k", "-k,n:num", "-n:num", "n:natural,-k"];

test("the first rows of an order are those of --sort-by and --limit", async () => {
  const wants = fc.tuple(asked, fc.constantFrom(...ORDERS));
  const property = fc.asyncProperty(rows, wants, shapes, async (all, [{ most, to, limit, isPlain }, by], ways) => {
    const run: RunOptions = {
      ...(isPlain ? { expression: "row" } : { transform: join(folder, "tail-many.ts") }),
      from: "csv",
      types: "text",
      to,
      onError: "reject",
      rejects: rejectsFile,
    };
    const bytes = Buffer.from(`k,n\n${all.map(({ k, n }) => csvLine([k, n])).join("")}`);
    const [first] = ways;
    if (first === undefined) return;
    const sort = { sortBy: by.split(","), limit: Math.min(most, limit ?? most) };
    const wanted = await runShaped({ format: "csv", bytes }, { ...run, ...sort }, first);
    expect(wanted.failure).toBeUndefined();
    for (const way of ways) {
      const top = { top: most, by: by.split(","), ...(limit !== undefined && { limit }) };
      expect(await runShaped({ format: "csv", bytes }, { ...run, ...top }, way)).toEqual(wanted);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

test("the last rows are those of a plain loop", async () => {
  const property = fc.asyncProperty(rows, asked, shapes, async (all, { most, to, limit, isPlain }, ways) => {
    const outputs = all.map((row) => (isPlain ? [row] : outputsOf(row)));
    const out = outputs.flatMap((of) => (of === "fails" ? [] : of));
    const wanted = out.slice(Math.max(0, out.length - most)).slice(0, limit);
    const run: RunOptions = {
      ...(isPlain ? { expression: "row" } : { transform: join(folder, "tail-many.ts") }),
      tail: most,
      from: "csv",
      types: "text",
      to,
      onError: "reject",
      rejects: rejectsFile,
      ...(limit !== undefined && { limit }),
    };
    const body = wanted.map((row) => (to === "csv" ? csvLine([row.k, row.n]) : `${JSON.stringify(row)}\n`)).join("");
    const bytes = Buffer.from(`k,n\n${all.map(({ k, n }) => csvLine([k, n])).join("")}`);
    for (const way of ways) {
      const { output, leftOut, failure } = await runShaped({ format: "csv", bytes }, run, way);
      expect(failure).toBeUndefined();
      expect(to === "csv" ? output.replace(/^k,n\n/, "") : output).toBe(body);
      expect(leftOut).toEqual(outputs.flatMap((of) => (of === "fails" ? ["row-function"] : [])));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 60 });
}, 600_000);
