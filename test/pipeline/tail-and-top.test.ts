/**
 * The last rows, and the first ones of an order, are the same bytes for every jobs × batch size × block size × file or stream
 * × order in which workers answer: those of a plain loop.
 */
import { beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { askedRun, bodyIn, bodyOf, csvOf, keyedRows, mapped, runOptions, writeMany } from "./many-rows.ts";
import { runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20180607));

setUpShapedRuns();

beforeAll(writeMany);

const most = fc.integer({ min: 0, max: 12 });
const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });

/** With so little of it, rows wait in files, a few at a time. */
const memory = fc.constantFrom(undefined, 1, "4K");

/** Columns to sort by, and how: code points, so that of two texts one comes first whose UTF-16 comes last. */
const ORDERS = ["k", "-k,n:num", "-n:num", "n:natural,-k", "-k:locale,n", "k:locale,-k"];

test("the first rows of an order are those of --sort-by and --limit", async () => {
  const wants = fc.tuple(most, askedRun, fc.constantFrom(...ORDERS));
  const property = fc.asyncProperty(keyedRows, wants, shapes, async (all, [top, asked, by], ways) => {
    const run = runOptions(asked);
    const bytes = csvOf(all);
    const [first] = ways;
    if (first === undefined) return;
    const sort = { sortBy: by.split(","), limit: Math.min(top, asked.limit ?? top) };
    const wanted = await runShaped({ format: "csv", bytes }, { ...run, ...sort }, first);
    expect(wanted.failure).toBeUndefined();
    for (const way of ways) {
      expect(await runShaped({ format: "csv", bytes }, { ...run, top, by: by.split(",") }, way)).toEqual(wanted);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
}, 600_000);

test("the last rows are those of a plain loop", async () => {
  const wants = fc.tuple(most, askedRun, memory);
  const property = fc.asyncProperty(keyedRows, wants, shapes, async (all, [tail, asked, room], ways) => {
    const { out, leftOut } = mapped(all, asked);
    const body = bodyOf(out.slice(Math.max(0, out.length - tail)).slice(0, asked.limit), asked.to);
    for (const way of ways) {
      const options = { ...runOptions(asked), tail, ...(room !== undefined && { memory: room }) };
      const ran = await runShaped({ format: "csv", bytes: csvOf(all) }, options, way);
      expect(ran.failure).toBeUndefined();
      expect(asked.to === "csv" ? bodyIn(ran.output) : ran.output).toBe(body);
      expect(ran.leftOut).toEqual(leftOut);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
}, 600_000);
