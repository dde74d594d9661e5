/**
 * Several steps on the rows that come out, one behind the other: the same bytes for every jobs × batch size × block size ×
 * file or stream × order in which workers answer, and those of a plain loop over all rows for each step.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));

setUpShapedRuns();

interface Row {
  k: string;
  n: string;
}

/** A step, as options ask for it, and what it makes of all rows at once. */
interface Step {
  options: RunOptions;
  of: (rows: readonly Row[]) => Row[];
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "many-steps.ts"),
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
    k: fc.constantFrom("", "a", "b", "é", 'q"', "a\nb"),
    n: fc.constantFrom("", "1", "10", "9", "-1", "5", "6", "7", "x"),
  }),
  { maxLength: 40 },
);

function firstOf(all: readonly Row[], key: (row: Row) => string): Row[] {
  const known = new Set<string>();
  return all.filter((row) => {
    const { size } = known;
    return known.add(key(row)).size > size;
  });
}

/** Texts by their code points (those of `rows` have the same order in UTF-16), and what is empty behind all. */
function sortedBy(all: readonly Row[], column: keyof Row, isDown: boolean): Row[] {
  return all.toSorted((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === "" || b === "") return Number(a === "") - Number(b === "");
    if (a === b) return 0;
    return (a < b ? -1 : 1) * (isDown ? -1 : 1);
  });
}

const column = fc.constantFrom<keyof Row>("k", "n");
const most = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(column, fc.boolean()).map(([by, isDown]) => ({
    options: { sortBy: [isDown ? `-${by}` : by] },
    of: (all: readonly Row[]) => sortedBy(all, by, isDown),
  })),
  fc.tuple(column, fc.boolean(), most).map(([by, isDown, count]) => ({
    options: { top: count, by: [isDown ? `-${by}` : by] },
    of: (all: readonly Row[]) => sortedBy(all, by, isDown).slice(0, count),
  })),
  column.map((by) => ({
    options: { headBy: [by] },
    of: (all: readonly Row[]) => firstOf(all, (row) => row[by]),
  })),
  fc.constant({
    options: { distinct: true },
    of: (all: readonly Row[]) => firstOf(all, ({ k, n }) => JSON.stringify([k, n])),
  }),
  most.map((count) => ({
    options: { tail: count },
    of: (all: readonly Row[]) => all.slice(Math.max(0, all.length - count)),
  })),
);
/** Each step once, in any order. */
const steps = fc.uniqueArray(step, {
  minLength: 2,
  maxLength: 4,
  selector: ({ options }) => Object.keys(options)[0],
});
const asked = fc.record({
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  isPlain: fc.boolean(),
});

test("steps run in the order in which they stand", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(rows, steps, asked, shapes, async (all, inTurn, { to, limit, isPlain }, ways) => {
    const outputs = all.map((row) => (isPlain ? [row] : outputsOf(row)));
    const out = outputs.flatMap((of) => (of === "fails" ? [] : of));
    const wanted = inTurn.reduce<Row[]>((before, { of }) => of(before), out).slice(0, limit);
    const run: RunOptions = {
      ...(isPlain ? { expression: "row" } : { transform: join(folder, "many-steps.ts") }),
      from: "csv",
      types: "text",
      to,
      onError: "reject",
      rejects: rejectsFile,
      ...(limit !== undefined && { limit }),
    };
    for (const { options } of inTurn) Object.assign(run, options);
    const body = wanted.map((row) => (to === "csv" ? csvLine([row.k, row.n]) : `${JSON.stringify(row)}\n`)).join("");
    const bytes = Buffer.from(`k,n\n${all.map(({ k, n }) => csvLine([k, n])).join("")}`);
    for (const way of ways) {
      const { output, leftOut, failure } = await runShaped({ format: "csv", bytes }, run, way);
      expect(failure).toBeUndefined();
      expect(to === "csv" ? output.replace(/^k,n\n/, "") : output).toBe(body);
      const isLate = inTurn.some(({ options }) => "sortBy" in options || "top" in options || "tail" in options);
      // Where rows go out as they come, a limit may end the run before a row that fails.
      if (isLate || limit === undefined)
        expect(leftOut).toEqual(outputs.flatMap((of) => (of === "fails" ? ["row-function"] : [])));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 60 });
}, 600_000);

test("behind groups, too", async () => {
  const late = steps.map((all) => all.filter(({ options }) => !("headBy" in options || "distinct" in options)));
  const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
  const property = fc.asyncProperty(rows, late, shapes, async (all, inTurn, ways) => {
    // Groups of both columns, without figures, are the rows, each once.
    const groups = firstOf(all, ({ k, n }) => JSON.stringify([k, n]));
    const wanted = inTurn.reduce<Row[]>((before, { of }) => of(before), groups);
    const run: RunOptions = { groupBy: ["k", "n"], from: "csv", types: "text" };
    for (const { options } of inTurn) Object.assign(run, options);
    const bytes = Buffer.from(`k,n\n${all.map(({ k, n }) => csvLine([k, n])).join("")}`);
    for (const way of ways) {
      const { output, failure } = await runShaped({ format: "csv", bytes }, run, way);
      expect(failure).toBeUndefined();
      expect(output.replace(/^k,n\n/, "")).toBe(wanted.map((row) => csvLine([row.k, row.n])).join(""));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 30 });
}, 600_000);
