/**
 * Steps that rewrite rows, among others: the same bytes for every jobs × batch size × block size × file or stream × order in
 * which workers answer, and those of plain loops over all rows.
 */
import { beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { type KeyedRow, askedRun, compareTexts, mapped, runOptions, writeMany } from "./many-rows.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261130));

setUpShapedRuns();
beforeAll(writeMany);
beforeAll(() => {
  writeFileSync(
    ALL,
    "export const reduce = { init: () => [], step: (all, row) => [...all, row], merge: (a, b) => [...a, ...b], finish: (all) => all };\n",
  );
});

/** A table as plainly as can be: null is nothing. */
interface Table {
  names: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

type Cell = Table["rows"][number][number];

interface Step {
  options: RunOptions;
  of: (table: Table, per: readonly string[]) => Table;
  /** Columns that must hold numbers. */
  numbers?: readonly string[];
  /** All rows wait for the last. */
  isLate?: boolean;
  /** Rows behind it have no k and no n: it stands last. */
  hidesColumns?: boolean;
}

const isEmpty = (cell: Cell | undefined): cell is null | undefined | "" =>
  cell === null || cell === undefined || cell === "";

/** All rows of the group of a row, by the place of that. */
function groupOf({ names, rows }: Table, per: readonly string[], at: number): Table["rows"] {
  const keyOf = (row: readonly Cell[]): string => JSON.stringify(per.map((name) => row[names.indexOf(name)]));
  const key = keyOf(rows[at] ?? []);
  return rows.filter((row) => keyOf(row) === key);
}

/** Those up to the row itself. */
function groupUpTo(table: Table, per: readonly string[], at: number): Table["rows"] {
  return groupOf({ ...table, rows: table.rows.slice(0, at + 1) }, per, at);
}

/** Adds a column whose field is made of the values of its column in the rows of the group up to its own. */
function added(name: string, column: string, field: (values: readonly Cell[]) => Cell): Step["of"] {
  return (table, per) => ({
    names: [...table.names, name],
    rows: table.rows.map((row, at) => [
      ...row,
      field(groupUpTo(table, per, at).map((one) => one[table.names.indexOf(column)] ?? null)),
    ]),
  });
}

/** All numbers have two decimals at most. */
const hundredths = (cell: Cell | undefined): number => Math.round(Number(cell) * 100);

const numbersOf = (values: readonly Cell[]): number[] => values.filter((cell) => !isEmpty(cell)).map(hundredths);
const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);

const meanOf = (values: readonly number[]): Cell =>
  values.length === 0 ? null : sumOf(values) / (100 * values.length);

/** The least or the greatest, as it is written; of equal ones the first. */
function bestOf(values: readonly Cell[], sign: 1 | -1): Cell {
  const held = values.filter((cell) => !isEmpty(cell));
  const best = Math.max(...held.map((cell) => Number(cell) * sign));
  return held.find((cell) => Number(cell) * sign === best) ?? null;
}

/** Numbers stand before texts, and what is empty behind all. */
function ranksBefore(a: Cell | undefined, b: Cell | undefined, isDown: boolean): boolean {
  if (isEmpty(a) || isEmpty(b)) return !isEmpty(a);
  const [x, y] = [Number(a), Number(b)];
  const before = Number.isNaN(x) || Number.isNaN(y) ? [Number.isNaN(x), Number.isNaN(y)] : [x, y];
  const [one = 0, other = 0] = isDown ? before.toReversed() : before;
  return one < other;
}

const column = fc.constantFrom<"k" | "n">("k", "n");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(column, fc.integer({ min: 1, max: 3 })).map<Step>(([of, rows]) => ({
    options: { lag: [`${of}:${rows}`] },
    of: added(rows === 1 ? `${of}_lag` : `${of}_lag_${rows}`, of, (values) => values.at(-1 - rows) ?? null),
  })),
  fc.constant<Step>({
    options: { cumsum: ["n"] },
    numbers: ["n"],
    of: added("n_cumsum", "n", (values) => {
      const numbers = numbersOf(values);
      return numbers.length === 0 ? null : sumOf(numbers) / 100;
    }),
  }),
  fc.tuple(column, fc.integer({ min: 1, max: 3 })).map<Step>(([of, rows]) => ({
    options: { lead: [`${of}:${rows}`] },
    of: (table, per) => ({
      names: [...table.names, rows === 1 ? `${of}_lead` : `${of}_lead_${rows}`],
      rows: table.rows.map((row, at) => {
        const behind = groupOf(table, per, at).slice(groupUpTo(table, per, at).length);
        return [...row, behind[rows - 1]?.[table.names.indexOf(of)] ?? null];
      }),
    }),
  })),
  fc.constantFrom<Step>(
    {
      options: { cummean: ["n"] },
      numbers: ["n"],
      of: added("n_cummean", "n", (values) => meanOf(numbersOf(values))),
    },
    {
      options: { movingMean: ["n:3"] },
      numbers: ["n"],
      of: added("n_moving_mean_3", "n", (values) => meanOf(numbersOf(values.slice(-3)))),
    },
    { options: { cummin: ["n"] }, numbers: ["n"], of: added("n_cummin", "n", (values) => bestOf(values, -1)) },
    { options: { cummax: ["n"] }, numbers: ["n"], of: added("n_cummax", "n", (values) => bestOf(values, 1)) },
    { options: { cumcount: true }, of: added("cumcount", "k", (values) => values.length) },
    {
      options: { share: ["n"] },
      numbers: ["n"],
      isLate: true,
      of: (table, per) => ({
        names: [...table.names, "n_share"],
        rows: table.rows.map((row, at) => {
          const place = table.names.indexOf("n");
          const total = sumOf(numbersOf(groupOf(table, per, at).map((one) => one[place] ?? null)));
          return [...row, isEmpty(row[place]) || total === 0 ? null : Number(row[place]) / (total / 100)];
        }),
      }),
    },
    {
      options: { unpivot: ["k", "n"], unpivotNames: ["column", "held"] },
      hidesColumns: true,
      of: ({ names, rows: all }) => ({
        names: [...names.filter((name) => name !== "k" && name !== "n"), "column", "held"],
        rows: all.flatMap((row) => {
          const others = row.filter((_, at) => names[at] !== "k" && names[at] !== "n");
          return ["k", "n"].map((name) => others.concat([name, row[names.indexOf(name)] ?? null]));
        }),
      }),
    },
  ),
  fc.boolean().map<Step>((isDown) => ({
    options: { rank: [isDown ? "-n:num" : "n:num"] },
    isLate: true,
    of: (table, per) => ({
      names: [...table.names, "n_rank"],
      rows: table.rows.map((row, at) => {
        const place = table.names.indexOf("n");
        const better = groupOf(table, per, at).filter((one) => ranksBefore(one[place], row[place], isDown));
        return [...row, better.length + 1];
      }),
    }),
  })),
  fc.subarray(["k", "n"], { minLength: 1 }).map<Step>((filled) => ({
    options: { fillDown: filled },
    of: (table, per) => ({
      names: table.names,
      rows: table.rows.map((row, at) =>
        row.map((cell, place) =>
          filled.includes(table.names[place] ?? "")
            ? (groupUpTo(table, per, at).findLast((one) => !isEmpty(one[place]))?.[place] ?? cell)
            : cell,
        ),
      ),
    }),
  })),
  fc.boolean().map<Step>((isDown) => ({
    options: { sortBy: [isDown ? "-k" : "k"] },
    isLate: true,
    of: ({ names, rows }) => ({
      names,
      rows: rows.toSorted((one, other) => {
        const [a, b] = [one[names.indexOf("k")], other[names.indexOf("k")]];
        if (isEmpty(a) || isEmpty(b)) return Number(isEmpty(a)) - Number(isEmpty(b));
        return compareTexts(String(a), String(b)) * (isDown ? -1 : 1);
      }),
    }),
  })),
  fc.constant<Step>({
    options: { headBy: ["k"] },
    of: ({ names, rows }) => {
      const place = names.indexOf("k");
      return { names, rows: rows.filter((row, at) => rows.findIndex((one) => one[place] === row[place]) === at) };
    },
  }),
  fc.integer({ min: 0, max: 12 }).map<Step>((most) => ({
    options: { tail: most },
    isLate: true,
    of: ({ names, rows }) => ({ names, rows: rows.slice(Math.max(0, rows.length - most)) }),
  })),
);
/** Each step once, in any order. */
const steps = fc
  .uniqueArray(step, { minLength: 1, maxLength: 4, selector: ({ options }) => Object.keys(options)[0] })
  .map((all) => all.toSorted((a, b) => Number(a.hidesColumns === true) - Number(b.hidesColumns === true)));

const rows: fc.Arbitrary<KeyedRow[]> = fc.array(
  fc.record({
    k: fc.constantFrom("", "a", "b", "é", "😀", 'q"', "a\nb"),
    n: fc.constantFrom("", "0.1", "0.20", "10", "-1.5", "5", "6", "7", "x"),
  }),
  { maxLength: 30 },
);

/** A table as it is written. */
function written({ names, rows: all }: Table, to: "csv" | "jsonl"): string {
  if (to === "csv") return [names, ...all].map((row) => csvLine(row.map((cell) => String(cell ?? "")))).join("");
  return all
    .map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])))}\n`)
    .join("");
}

const isWindow = ({ options }: Step): boolean => Object.keys(options).some((name) => WINDOWS.has(name));
const WINDOWS = new Set([
  "lag",
  "lead",
  "cumsum",
  "cummin",
  "cummax",
  "cummean",
  "cumcount",
  "movingMean",
  "rank",
  "share",
  "fillDown",
]);

/** With so little of it, rows that wait do so in files. */
const memory = fc.constantFrom(undefined, 1, "4K");

test("rows are those of plain loops", async () => {
  const shapes = fc.array(fc.tuple(shape, memory), { minLength: 3, maxLength: 3 });
  const grouped = fc.boolean();
  const property = fc.asyncProperty(
    rows,
    steps,
    grouped,
    askedRun,
    shapes,
    async (all, inTurn, isGrouped, asked, ways) => {
      const wantsNumbers = inTurn.some(({ numbers }) => numbers !== undefined);
      // What the function gives for a row with 7 are two rows, both with its number.
      const isBad = ({ n }: KeyedRow): boolean => wantsNumbers && n === "x";
      const codes = all.flatMap((row) => (isBad(row) ? ["row-type"] : mapped([row], asked).leftOut));
      const { out } = mapped(
        all.filter((row) => !isBad(row)),
        asked,
      );
      const per = isGrouped && inTurn.some(isWindow) ? ["k"] : [];
      const table = inTurn.reduce<Table>((before, { of }) => of(before, per), {
        names: ["k", "n"],
        rows: out.map(({ k, n }) => [k, n]),
      });
      const wanted = written({ ...table, rows: table.rows.slice(0, asked.limit) }, asked.to);
      const run = runOptions(asked);
      for (const { options } of inTurn) Object.assign(run, options);
      if (per.length > 0) run.per = per;
      const csv = Buffer.from(written({ names: ["k", "n"], rows: all.map(({ k, n }) => [k, n]) }, "csv"));
      for (const [way, room] of ways) {
        const own = { ...run, ...(room !== undefined && { memory: room }) };
        const ran = await runShaped({ format: "csv", bytes: csv }, own, way);
        expect(ran.failure).toBeUndefined();
        // Without a row nobody knows the columns of a function's results.
        if (asked.to === "csv" && out.length === 0 && !asked.isPlain) expect(ran.output).toBe("");
        else expect(ran.output).toBe(wanted);
        if (inTurn.some(({ isLate }) => isLate) || asked.limit === undefined) expect(ran.leftOut).toEqual(codes);
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

test("behind groups and reduce, too", async () => {
  const shapes = fc.array(fc.tuple(shape, memory), { minLength: 2, maxLength: 2 });
  const to = fc.constantFrom<"csv" | "jsonl">("csv", "jsonl");
  const plain = steps.map((all) => all.filter(({ options }) => !("headBy" in options)));
  const numbers = rows.map((all) => all.map((row) => (row.n === "x" ? { ...row, n: "8" } : row)));
  const property = fc.asyncProperty(
    numbers,
    plain,
    fc.boolean(),
    to,
    shapes,
    async (all, inTurn, folds, format, ways) => {
      // Groups of both columns, without figures, are the rows, each once; the reduce gives them all.
      const first = all.filter((row, at) => all.findIndex(({ k, n }) => k === row.k && n === row.n) === at);
      const table = inTurn.reduce<Table>((before, { of }) => of(before, []), {
        names: ["k", "n"],
        rows: (folds ? all : first).map(({ k, n }) => [k, n]),
      });
      const run: RunOptions = { from: "csv", types: "text", to: format };
      Object.assign(run, folds ? { transform: ALL } : { groupBy: ["k", "n"] });
      for (const { options } of inTurn) Object.assign(run, options);
      const csv = Buffer.from(written({ names: ["k", "n"], rows: all.map(({ k, n }) => [k, n]) }, "csv"));
      for (const [way, room] of ways) {
        const own = { ...run, ...(room !== undefined && { memory: room }) };
        const { output, failure } = await runShaped({ format: "csv", bytes: csv }, own, way);
        expect(failure).toBeUndefined();
        // Its columns are those of the first row that comes out.
        if (format === "csv" && folds && table.rows.length === 0) expect(output).toBe("");
        else expect(output).toBe(written(table, format));
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

const ALL = join(folder, "all-rows.ts");

test("rows of JSON keep their spelling and the order of their keys", async () => {
  const raw = fc.constantFrom("1.50", "1e3", "-0", "null", '"t"', '{"x":1.0,"7":[]}', "9007199254740993", "[]");
  const jsonRows = fc.array(fc.tuple(raw, raw, fc.constantFrom("0.10", "-2", "null", "1E1")), { maxLength: 20 });
  const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
  const format = fc.constantFrom<"csv" | "jsonl">("csv", "jsonl");
  const property = fc.asyncProperty(jsonRows, format, fc.boolean(), shapes, async (all, to, isSorted, ways) => {
    const lines = all.map(([b, year, n]) => `{"b":${b},"2017":${year},"n":${n}}\n`);
    const inTurn = isSorted ? all.toSorted(([, , a], [, , b]) => sortsAs(a) - sortsAs(b)) : all;
    let sum: number | undefined;
    const wanted = inTurn.map(([b, year, n], at) => {
      if (n !== "null") sum = (sum ?? 0) + hundredths(n);
      const total = sum === undefined ? "null" : String(sum / 100);
      const before = inTurn[at - 1]?.[1] ?? "null";
      if (to === "csv") return csvLine([b, year, n, total, before].map(cellOf));
      return `{"b":${b},"2017":${year},"n":${n},"n_cumsum":${total},"2017_lag":${before}}\n`;
    });
    const header = to === "csv" && all.length > 0 ? "b,2017,n,n_cumsum,2017_lag\n" : "";
    const run: RunOptions = { from: "jsonl", to };
    if (isSorted) run.sortBy = ["n"];
    Object.assign(run, { cumsum: ["n"], lag: ["2017"] });
    for (const way of ways) {
      const { output, failure } = await runShaped({ format: "jsonl", bytes: Buffer.from(lines.join("")) }, run, way);
      expect(failure).toBeUndefined();
      expect(output).toBe(header + wanted.join(""));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

const sortsAs = (json: string): number => (json === "null" ? Number.MAX_VALUE : Number(json));
/** A value of JSON as a field of CSV. */
const cellOf = (json: string): string => (json === "null" ? "" : json.startsWith('"') ? json.slice(1, -1) : json);

test("what is wrong with a row is told with its place, and a step with its name", async () => {
  const way = fc.sample(shape, { numRuns: 1, seed: SEED })[0];
  if (way === undefined) throw new Error("there is no shape");
  const input = { format: "csv" as const, bytes: Buffer.from("k,n\na,1\nb,x\n") };
  const failure = async (options: RunOptions): Promise<unknown> =>
    (await runShaped(input, { from: "csv", to: "csv", ...options }, way)).failure;
  expect(await failure({ cumsum: ["n"] })).toEqual({ code: "row-type", line: 3 });
  expect(await failure({ lag: ["k"], share: ["n"] })).toEqual({ code: "row-type", line: 3 });
  expect(await failure({ pivot: { k: "n" }, pivotWith: "sum" })).toEqual({ code: "row-type", line: 3 });
  // Of what a step has made, no place is known.
  expect(await failure({ lag: ["k"], cumsum: ["k_lag"] })).toEqual({ code: "row-type", line: 0 });
});
