/**
 * Steps that rewrite rows, among others: the same bytes for every jobs × batch size × block size × file or stream × order in
 * which workers answer, and those of plain loops over all rows.
 */
import { beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { type KeyedRow, askedRun, compareTexts, mapped, runOptions, writeMany } from "./many-rows.ts";
import { csvLine } from "./plain-loop.ts";
import { runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261130));

setUpShapedRuns();
beforeAll(writeMany);

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
}

const isEmpty = (cell: Cell | undefined): cell is null | undefined | "" =>
  cell === null || cell === undefined || cell === "";

/** Rows of a group up to each row, by the place of that. */
function groupUpTo({ names, rows }: Table, per: readonly string[], at: number): Table["rows"] {
  const keyOf = (row: readonly Cell[]): string => JSON.stringify(per.map((name) => row[names.indexOf(name)]));
  const key = keyOf(rows[at] ?? []);
  return rows.slice(0, at + 1).filter((row) => keyOf(row) === key);
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
const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 4, selector: ({ options }) => Object.keys(options)[0] });

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
const WINDOWS = new Set(["lag", "cumsum", "fillDown"]);

test("rows are those of plain loops", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
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
      for (const way of ways) {
        const ran = await runShaped({ format: "csv", bytes: csv }, run, way);
        expect(ran.failure).toBeUndefined();
        // Without a row nobody knows the columns of a function's results.
        if (asked.to === "csv" && out.length === 0 && !asked.isPlain) expect(ran.output).toBe("");
        else expect(ran.output).toBe(wanted);
        if (inTurn.some(({ isLate }) => isLate) || asked.limit === undefined) expect(ran.leftOut).toEqual(codes);
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 100 });
}, 600_000);
