/** Variances and quantiles are those of slow integers, whatever the order of the numbers and however they are cut into parts. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { groupPlan } from "../../../src/stages/grouping/group-plan.ts";
import { GroupTable } from "../../../src/stages/grouping/group-table.ts";
import { type Grouping, figureColumn } from "../../../src/stages/grouping/grouping.ts";
import { slowDeviation, slowQuantile, slowVariance } from "./slow-figures.ts";

const GROUPING: Grouping = {
  by: [],
  isApprox: false,
  figures: [
    { kind: "median", column: "n" },
    { kind: "quantile", column: "n", at: 0.95 },
    { kind: "quantile", column: "n", at: 0 },
    { kind: "quantile", column: "n", at: 1 },
    { kind: "quantile", column: "n", at: 0.999 },
    { kind: "var", column: "n" },
    { kind: "stddev", column: "n" },
  ],
};

const decimal = fc.oneof(
  fc.integer({ min: -400, max: 400 }).map((tenths) => String(tenths / 10)),
  fc.constantFrom(
    "1000000001",
    "1000000002",
    "1000000003",
    "999999999999999",
    "-33554432",
    "33554431",
    "0.000000000000001",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    "9007199254740993",
    "-9007199254740995",
    "12345678901234567890",
    "1e308",
    "-1e308",
    "5e-324",
    "-0",
    "1e16",
  ),
  fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40)).map(([digits, at]) => `${digits}e-${at}`),
);

function tableOf(texts: readonly string[]): GroupTable {
  const table = new GroupTable(PLAN);
  for (const n of texts) table.add({ n });
  return table;
}

const PLAN = groupPlan(GROUPING, () => () => {});

function figuresOf(table: GroupTable): unknown {
  return [...table.rows()][0];
}

function slowFigures(texts: readonly string[]): unknown {
  const share = (at: string): unknown => slowQuantile(texts, at);
  const values = [...["0.5", "0.95", "0", "1", "0.999"].map(share), slowVariance(texts), slowDeviation(texts)];
  return Object.fromEntries(GROUPING.figures.map((figure, at) => [figureColumn(figure), values[at]]));
}

describe("figures of numbers", () => {
  test("are those of slow integers, of parts that are packed as well", () => {
    const cuts = fc.array(fc.nat({ max: 20 }), { maxLength: 3 });
    const property = fc.property(fc.array(decimal, { maxLength: 20 }), cuts, (texts, places) => {
      const wanted = slowFigures(texts);
      expect(figuresOf(tableOf(texts))).toEqual(wanted);
      const bounds = [0, ...places.toSorted((a, b) => a - b), texts.length];
      const parts = bounds.slice(1).map((end, at) => tableOf(texts.slice(bounds[at], Math.max(end, bounds[at] ?? 0))));
      const [first = tableOf([]), ...others] = parts.map((part) =>
        GroupTable.unpack(PLAN, structuredClone(part.pack())),
      );
      for (const part of others) first.addAll(part);
      expect(figuresOf(first)).toEqual(wanted);
    });
    fc.assert(property, { seed: 20170526, numRuns: 1500 });
  }, 120_000);

  test("of many numbers, which are not all sorted, are those of the sorted ones", () => {
    for (const [seed, spread] of [
      [1, 10],
      [2, 1e6],
      [3, 1],
    ] as const) {
      let state = seed;
      const numbers = Array.from({ length: 30_000 }, (_, at) => {
        state = (state * 48271) % 2147483647;
        return at % 5 === 0 ? at : state % spread;
      });
      const parts = [numbers.slice(0, 10), numbers.slice(10, 20_000), numbers.slice(20_000)].map((part) =>
        GroupTable.unpack(PLAN, structuredClone(tableOf(part.map(String)).pack())),
      );
      const [first = tableOf([]), ...others] = parts;
      for (const part of others) first.addAll(part);
      const sorted = numbers.toSorted((a, b) => a - b);
      const at = (share: number): number => {
        const place = Math.round((numbers.length - 1) * share * 1000);
        const [low = 0, high = 0] = sorted.slice(Math.floor(place / 1000));
        return low + ((high - low) * (place % 1000)) / 1000;
      };
      const found = figuresOf(first) as Record<string, number>;
      expect(found["n_median"]).toBe(at(0.5));
      expect(found["n_p95"]).toBeCloseTo(at(0.95), 9);
      expect(found["n_p0"]).toBe(sorted[0] ?? Number.NaN);
      expect(found["n_p100"]).toBe(sorted.at(-1) ?? Number.NaN);
      expect(found["n_p99.9"]).toBeCloseTo(at(0.999), 9);
    }
  });
});
