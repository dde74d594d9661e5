/**
 * Several steps on the rows that come out, one behind the other: the same bytes for every jobs × batch size × block size ×
 * file or stream × order in which workers answer, and those of a plain loop over all rows for each step.
 */
import { beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import {
  type KeyedRow,
  askedRun,
  bodyIn,
  bodyOf,
  compareTexts,
  csvOf,
  keyedRows,
  mapped,
  runOptions,
  writeMany,
} from "./many-rows.ts";
import { runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));

setUpShapedRuns();

/** A step, as options ask for it, and what it makes of all rows at once. */
interface Step {
  options: RunOptions;
  of: (rows: readonly KeyedRow[]) => KeyedRow[];
}

beforeAll(writeMany);

function firstOf(all: readonly KeyedRow[], key: (row: KeyedRow) => string): KeyedRow[] {
  const known = new Set<string>();
  return all.filter((row) => {
    const { size } = known;
    return known.add(key(row)).size > size;
  });
}

/** Texts by their code points, and what is empty behind all. */
function sortedBy(all: readonly KeyedRow[], column: keyof KeyedRow, isDown: boolean): KeyedRow[] {
  return all.toSorted((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === "" || b === "") return Number(a === "") - Number(b === "");
    return compareTexts(a, b) * (isDown ? -1 : 1);
  });
}

const column = fc.constantFrom<keyof KeyedRow>("k", "n");
const most = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(column, fc.boolean()).map(([by, isDown]) => ({
    options: { sortBy: [isDown ? `-${by}` : by] },
    of: (all: readonly KeyedRow[]) => sortedBy(all, by, isDown),
  })),
  fc.tuple(column, fc.boolean(), most).map(([by, isDown, count]) => ({
    options: { top: count, by: [isDown ? `-${by}` : by] },
    of: (all: readonly KeyedRow[]) => sortedBy(all, by, isDown).slice(0, count),
  })),
  column.map((by) => ({
    options: { headBy: [by] },
    of: (all: readonly KeyedRow[]) => firstOf(all, (row) => row[by]),
  })),
  fc.constant({
    options: { distinct: true },
    of: (all: readonly KeyedRow[]) => firstOf(all, ({ k, n }) => JSON.stringify([k, n])),
  }),
  most.map((count) => ({
    options: { tail: count },
    of: (all: readonly KeyedRow[]) => all.slice(Math.max(0, all.length - count)),
  })),
);
/** Each step once, in any order. */
const steps = fc.uniqueArray(step, {
  minLength: 2,
  maxLength: 4,
  selector: ({ options }) => Object.keys(options)[0],
});

test("steps run in the order in which they stand", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const rooms = fc.constantFrom(undefined, 1);
  const property = fc.asyncProperty(
    keyedRows,
    steps,
    askedRun,
    shapes,
    rooms,
    async (all, inTurn, asked, ways, room) => {
      const { out, leftOut } = mapped(all, asked);
      const wanted = inTurn.reduce((before, { of }) => of(before), out).slice(0, asked.limit);
      const run: RunOptions = { ...runOptions(asked), ...(room !== undefined && { memory: room }) };
      for (const { options } of inTurn) Object.assign(run, options);
      for (const way of ways) {
        const ran = await runShaped({ format: "csv", bytes: csvOf(all) }, run, way);
        expect(ran.failure).toBeUndefined();
        expect(asked.to === "csv" ? bodyIn(ran.output) : ran.output).toBe(bodyOf(wanted, asked.to));
        const isLate = inTurn.some(({ options }) => "sortBy" in options || "top" in options || "tail" in options);
        // Where rows go out as they come, a limit may end the run before a row that fails.
        if (isLate || asked.limit === undefined) expect(ran.leftOut).toEqual(leftOut);
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
}, 600_000);

test("behind groups, too", async () => {
  const late = steps.map((all) => all.filter(({ options }) => !("headBy" in options || "distinct" in options)));
  const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
  const property = fc.asyncProperty(keyedRows, late, shapes, async (all, inTurn, ways) => {
    // Groups of both columns, without figures, are the rows, each once.
    const groups = firstOf(all, ({ k, n }) => JSON.stringify([k, n]));
    const wanted = inTurn.reduce((before, { of }) => of(before), groups);
    const run: RunOptions = { groupBy: ["k", "n"], from: "csv", types: "text" };
    for (const { options } of inTurn) Object.assign(run, options);
    for (const way of ways) {
      const { output, failure } = await runShaped({ format: "csv", bytes: csvOf(all) }, run, way);
      expect(failure).toBeUndefined();
      expect(bodyIn(output)).toBe(bodyOf(wanted, "csv"));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 30 });
}, 600_000);
