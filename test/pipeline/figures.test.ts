/**
 * Figures of groups come to the same bytes for every jobs × block size × cut × file or stream, from CSV and JSON lines, as
 * they are, behind a filter and behind an expression, and to those of a plain loop. A row that is no number for a figure
 * of numbers fails, alone, and counts for nothing.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { type Figure, figureColumn } from "../../src/stages/grouping/grouping.ts";
import { slowDeviation, slowNumber, slowQuantile, slowVariance } from "../stages/grouping/slow-figures.ts";
import { slowMean, slowSum } from "../stages/grouping/slow-sum.ts";
import type { RandomInput } from "./inputs.ts";
import { cell, csvLine } from "./plain-loop.ts";
import { rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

const number = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map(String),
  fc.constantFrom("1000000001", "1000000002", "1000000003", "0.1", "0.25", "-33554433", "123456789012345"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom("1e16", "1e308", "-1e308", "007", "+3", " 2", "-0", "9007199254740993", "-12345678901234567890"),
);
const wrong = fc.constantFrom("x", "0x10", "Infinity", " ", "1,5");
const someNumber = fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: fc.constant("") }, wrong);
/** Texts with few that are the same, and none at all. */
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("a", "b", "c d", "", "7", "07", 'q"', "__proto__", "é,😀", "l\n2") },
  fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "漢"), maxLength: 20 }),
);
const key = fc.constantFrom("a", "b", "c d", "", "__proto__");

/** A row: `t` is a text, or in JSON any value. */
interface PlainRow {
  k: string;
  l: string;
  v: string;
  t: unknown;
}

const csvRow: fc.Arbitrary<PlainRow> = fc.record({ k: key, l: key, v: someNumber, t: text });
const jsonRow: fc.Arbitrary<PlainRow> = fc.record({
  k: key,
  l: key,
  v: someNumber,
  t: fc.oneof(
    { weight: 4, arbitrary: text },
    fc.constantFrom<unknown>(null, undefined, 0, 1, 1.5, true, false, [1, "a"], { a: null }, [], {}),
  ),
});

const someFigure: fc.Arbitrary<Figure> = fc.oneof(
  fc.constant<Figure>({ kind: "count" }),
  fc.record({
    kind: fc.constantFrom("sum", "mean", "min", "max", "median", "stddev", "var"),
    column: fc.constant("v"),
  }),
  fc.record({
    kind: fc.constant("quantile"),
    column: fc.constant("v"),
    at: fc.constantFrom(0, 0.01, 0.25, 0.5, 0.95, 0.999, 1),
  }),
  fc.record({
    kind: fc.constantFrom("mode", "first-value", "last-value", "distinct-count", "collect"),
    column: fc.constantFrom("t", "t", "v", "k"),
  }),
);
const figures = fc.uniqueArray(someFigure, { minLength: 1, maxLength: 6, selector: figureColumn });
const by = fc.constantFrom<string[]>([], ["k"], ["l", "k"]);
const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
const cellBytes = fc.integer({ min: 1, max: 400 });
const stages = fc.constantFrom<Partial<RunOptions>>(
  {},
  {},
  { filter: "k != 'b'" },
  { expression: "({ t, v, l, k }) => ({ k, l, v, t })" },
);

/** The text that stands for a number in JSON, where it is one there. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/;

function jsonLine({ k, l, v, t }: PlainRow): string {
  const told = JSON_NUMBER.test(v) ? v : JSON.stringify(v);
  return `{"k":${JSON.stringify(k)},"l":${JSON.stringify(l)},"v":${told}${t === undefined ? "" : `,"t":${JSON.stringify(t)}`}}\n`;
}

describe("figures of groups are those of a plain loop,", () => {
  test("of CSV", async () => {
    const rows = fc.array(csvRow, { maxLength: 40 });
    const property = fc.asyncProperty(rows, by, figures, stages, cellBytes, shapes, async (all, ...rest) => {
      const lines = [["k", "l", "v", "t"], ...all.map(({ k, l, v, t }) => [k, l, v, String(t)])];
      const bytes = Buffer.from(lines.map((cells) => csvLine(cells)).join(""));
      await areThose({ format: "csv", bytes }, all, ...rest);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 70 });
  }, 600_000);

  test("of JSON lines", async () => {
    const rows = fc.array(jsonRow, { maxLength: 40 });
    const property = fc.asyncProperty(rows, by, figures, stages, cellBytes, shapes, async (all, ...rest) => {
      // A column that no row has is an error.
      if (!all.some(({ t }) => t !== undefined)) all.push({ k: "a", l: "a", v: "", t: null });
      await areThose({ format: "jsonl", bytes: Buffer.from(all.map(jsonLine).join("")) }, all, ...rest);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 70 });
  }, 600_000);
});

describe("figures that need not be exact", () => {
  const wanted: Figure[] = [
    { kind: "count" },
    { kind: "median", column: "v" },
    { kind: "quantile", column: "v", at: 0.9 },
    { kind: "distinct-count", column: "t" },
    { kind: "sum", column: "v" },
  ];
  const rows = Array.from({ length: 6000 }, (_, at) => ({
    k: at % 5 === 0 ? "few" : "many",
    v: ((at * 7919) % 5003) / 4,
    t: `user ${(at * 31) % 4001}`,
  }));
  const inputs: readonly RandomInput[] = [
    {
      format: "csv",
      bytes: Buffer.from(
        [["k", "v", "t"], ...rows.map(({ k, v, t }) => [k, String(v), t])].map((cells) => csvLine(cells)).join(""),
      ),
    },
    { format: "jsonl", bytes: Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join("")) },
  ];
  const big = shape.map((way) => ({
    ...way,
    batchRows: undefined,
    blockBytes: undefined,
    pieces: [],
    batchBytes: 20_000,
  }));

  for (const input of inputs) {
    test(`are the same however rows are cut, and near to the exact ones: ${input.format}`, async () => {
      const options = { groupBy: ["k"], figures: wanted, from: input.format, to: "jsonl", types: "text" } as const;
      const asked = { ...options, groupBy: [...options.groupBy], figures: [...wanted] };
      const property = fc.asyncProperty(big, fc.constantFrom(500, 3000, 40_000, 1_000_000), async (way, bytes) => {
        const about = rowsOf(await runShaped(input, { ...asked, approx: true }, { ...way, cellBytes: bytes }));
        known ??= about;
        expect(about).toEqual(known);
        // Behind an expression rows are folded one by one.
        const slow = { ...asked, approx: true, expression: "({ k, v, t }) => ({ t, v, k })" };
        expect(rowsOf(await runShaped(input, slow, { ...way, cellBytes: bytes }))).toEqual(known);
      });
      let known: Record<string, unknown>[] | undefined;
      await fc.assert(property, { seed: SEED, numRuns: 12 });
      const exact = rowsOf(
        await runShaped(input, asked, { ...fc.sample(big, { seed: SEED, numRuns: 1 })[0]!, cellBytes: 10_000 }),
      );
      for (const [group, row] of exact.entries()) {
        for (const [name, value] of Object.entries(row)) {
          const found = known?.[group]?.[name];
          if (typeof value !== "number" || name === "count" || name === "v_sum") expect(found).toBe(value);
          else expect(Math.abs(Number(found) / value - 1)).toBeLessThan(name === "t_distinct_count" ? 0.03 : 0.01);
        }
      }
    }, 120_000);
  }

  test("are refused where there is none", async () => {
    const way = fc.sample(shape, { seed: SEED, numRuns: 1 })[0];
    if (way === undefined) throw new Error("there is no shape");
    const options = { figures: [{ kind: "count" }], approx: true, from: "csv", to: "csv" } as const;
    const ran = await runShaped(
      { format: "csv", bytes: Buffer.from("v\n1\n") },
      { ...options, figures: [...options.figures] },
      way,
    );
    expect(ran.failure?.code).toBe("usage");
  });
});

describe("figures that are none", () => {
  const none: readonly [what: string, figure: unknown][] = [
    ["of a kind that there is not", { kind: "medain", column: "v" }],
    ["without a column", { kind: "median" }],
    ["a quantile without a share", { kind: "quantile", column: "v" }],
    ["a quantile beyond all numbers", { kind: "quantile", column: "v", at: 95 }],
    ["a quantile at NaN", { kind: "quantile", column: "v", at: Number.NaN }],
    ["a word", "median"],
  ];
  for (const [what, one] of none) {
    test(`are refused: ${what}`, async () => {
      const input: RandomInput = { format: "csv", bytes: Buffer.from("v\n1\n") };
      const way = fc.sample(shape, { seed: SEED, numRuns: 1 })[0];
      if (way === undefined) throw new Error("there is no shape");
      const options = { figures: [one as Figure], from: "csv", to: "csv" } as const;
      expect((await runShaped(input, { ...options, figures: [...options.figures] }, way)).failure?.code).toBe("usage");
    });
  }
});

/** The rows of a run. */
function rowsOf({ output, failure }: Awaited<ReturnType<typeof runShaped>>): Record<string, unknown>[] {
  expect(failure).toBeUndefined();
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Whether a figure is one of numbers. */
function isOfNumbers({ kind }: Figure): boolean {
  return ["sum", "mean", "min", "max", "median", "stddev", "var", "quantile"].includes(kind);
}

async function areThose(
  input: RandomInput,
  all: readonly PlainRow[],
  groupBy: string[],
  wanted: Figure[],
  stage: Partial<RunOptions>,
  bytes: number,
  ways: readonly Parameters<typeof runShaped>[2][],
): Promise<void> {
  const options: RunOptions = {
    ...stage,
    ...(groupBy.length > 0 && { groupBy }),
    figures: wanted,
    from: input.format,
    types: "text",
    to: input.format === "csv" ? "csv" : "jsonl",
    onError: "reject",
    rejects: rejectsFile,
  };
  const plain = plainFigures(all, { groupBy, wanted, stage, isJson: input.format !== "csv" });
  for (const way of ways) expect(await runShaped(input, options, { ...way, cellBytes: bytes })).toEqual(plain);
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

function plainFigures(
  all: readonly PlainRow[],
  {
    groupBy,
    wanted,
    stage,
    isJson,
  }: { groupBy: string[]; wanted: readonly Figure[]; stage: Partial<RunOptions>; isJson: boolean },
): Awaited<ReturnType<typeof runShaped>> {
  const passed = stage.filter === undefined ? all : all.filter(({ k }) => k !== "b");
  const areNumbers = wanted.some(isOfNumbers);
  const good = passed.filter(({ v }) => !areNumbers || v === "" || NUMBER.test(v));
  const groups = Map.groupBy(good, (row) => JSON.stringify(groupBy.map((name) => Reflect.get(row, name))));
  if (groupBy.length === 0 && good.length === 0) groups.set("[]", []);
  const columns = [...groupBy, ...wanted.map(figureColumn)];
  let output = isJson ? "" : csvLine(columns);
  for (const [group, rows] of groups) {
    const values = [...(JSON.parse(group) as unknown[]), ...wanted.map((one) => plainFigure(one, { rows, isJson }))];
    output += isJson
      ? `{${columns.map((name, at) => `${JSON.stringify(name)}:${json(values[at])}`).join(",")}}\n`
      : csvLine(values.map((one) => cell(one, 0)));
  }
  return { output, leftOut: Array(passed.length - good.length).fill("row-type"), failure: undefined };
}

function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** One figure of the rows of a group. */
function plainFigure(figure: Figure, { rows, isJson }: { rows: readonly PlainRow[]; isJson: boolean }): unknown {
  if (figure.kind === "count") return rows.length;
  const { column } = figure;
  const texts = rows.map(({ v }) => v).filter((one) => one !== "");
  const numbers = texts.map(slowNumber);
  const values = rows
    .map((row) => (isJson && column === "v" && JSON_NUMBER.test(row.v) ? slowNumber(row.v) : Reflect.get(row, column)))
    .filter((one) => one !== "" && one !== null && one !== undefined);
  switch (figure.kind) {
    case "sum":
      return slowSum(texts);
    case "mean":
      return texts.length === 0 ? null : slowMean(texts) + 0;
    case "min":
      return numbers.length === 0 ? null : numbers.reduce((a, b) => (b < a ? b : a));
    case "max":
      return numbers.length === 0 ? null : numbers.reduce((a, b) => (b > a ? b : a));
    case "median":
      return slowQuantile(texts, "0.5");
    case "quantile":
      return slowQuantile(texts, String(figure.at));
    case "var":
      return slowVariance(texts);
    case "stddev":
      return slowDeviation(texts);
    case "first-value":
      return values[0] ?? null;
    case "last-value":
      return values.at(-1) ?? null;
    case "collect":
      return values;
    case "distinct-count":
      return new Set(values.map(json)).size;
    case "mode":
      return commonest(values);
  }
}

/** Of the values that are there most often, the one that is there first. */
function commonest(values: readonly unknown[]): unknown {
  const counts = Map.groupBy(values, json);
  const most = Math.max(0, ...[...counts.values()].map(({ length }) => length));
  return [...counts.values()].find(({ length }) => length === most)?.[0] ?? null;
}
