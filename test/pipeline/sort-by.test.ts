/**
 * Sorted rows are the same bytes for every jobs × batch size × block size × file or stream × order in which workers answer,
 * and those of a plain stable sort.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20171129));

setUpShapedRuns();

interface Row {
  k: string;
  n: string;
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "sort-many.ts"),
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

/** Below 0 where `a` stands before `b`; what is empty is behind all, whatever the direction. */
function compare(a: string, b: string, { isDown, isNumber }: { isDown: boolean; isNumber: boolean }): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const sign = isDown ? -1 : 1;
  if (!isNumber) return compareTexts(a, b) * sign;
  const [x, y] = [Number(a), Number(b)];
  const [isX, isY] = [!Number.isNaN(x), !Number.isNaN(y)];
  if (isX !== isY) return (isX ? -1 : 1) * sign;
  return (isX ? Math.sign(x - y) : compareTexts(a, b)) * sign;
}

function compareTexts(a: string, b: string): number {
  const [as, bs] = [a, b].map((text) => Array.from(text, (one) => one.codePointAt(0) ?? 0));
  for (const [at, one] of (as ?? []).entries()) {
    const other = bs?.[at];
    if (other === undefined) return 1;
    if (one !== other) return one - other;
  }
  return (as?.length ?? 0) - (bs?.length ?? 0);
}

const KEYS: Record<string, (a: Row, b: Row) => number> = {
  k: (a, b) => compare(a.k, b.k, { isDown: false, isNumber: false }),
  "-k,n:num": (a, b) =>
    compare(a.k, b.k, { isDown: true, isNumber: false }) || compare(a.n, b.n, { isDown: false, isNumber: true }),
  "-n:num": (a, b) => compare(a.n, b.n, { isDown: true, isNumber: true }),
};

const text = fc.constantFrom(
  "",
  "a",
  "b",
  "abcdefg",
  "abcdefh",
  "abcdef",
  "é",
  "\uffff",
  "😀",
  'q"',
  "a\nb",
  "Z",
  "10",
);
const number = fc.constantFrom("", "1", "10", "9", "-1", "1.5", "5", "6", "7", "x", "é");
const rows = fc.array(fc.record({ k: text, n: number }), { maxLength: 40 });
const asked = fc.record({
  by: fc.constantFrom(...Object.keys(KEYS)),
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  isPlain: fc.boolean(),
});

test("sorted rows are those of a plain stable sort", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(rows, asked, shapes, async (all, { by, to, limit, isPlain }, ways) => {
    const outputs = all.map((row) => (isPlain ? [row] : outputsOf(row)));
    const out = outputs.flatMap((of) => (of === "fails" ? [] : of));
    const wanted = out.toSorted(KEYS[by]).slice(0, limit);
    const body = wanted.map((row) => (to === "csv" ? csvLine([row.k, row.n]) : `${JSON.stringify(row)}\n`)).join("");
    const input = `k,n\n${all.map(({ k, n }) => csvLine([k, n])).join("")}`;
    const run: RunOptions = {
      ...(isPlain ? { expression: "row" } : { transform: join(folder, "sort-many.ts") }),
      sortBy: by.split(","),
      from: "csv",
      types: "text",
      to,
      onError: "reject",
      rejects: rejectsFile,
      ...(limit !== undefined && { limit }),
    };
    for (const way of ways) {
      const { output, leftOut, failure } = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
      expect(failure).toBeUndefined();
      expect(to === "csv" ? output.replace(/^k,n\n/, "") : output).toBe(body);
      expect(leftOut).toEqual(outputs.flatMap((of) => (of === "fails" ? ["row-function"] : [])));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 100 });
}, 600_000);
