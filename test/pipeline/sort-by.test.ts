/**
 * Sorted rows are the same bytes for every jobs × batch size × block size × file or stream × order in which workers answer,
 * and those of a plain stable sort.
 */
import { beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  type KeyedRow,
  askedRun,
  bodyIn,
  bodyOf,
  compareTexts,
  csvOf,
  mapped,
  runOptions,
  writeMany,
} from "./many-rows.ts";
import { runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20171129));

setUpShapedRuns();

beforeAll(writeMany);

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

const KEYS: Record<string, (a: KeyedRow, b: KeyedRow) => number> = {
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
/** With so little of it, each batch goes to a file, and runs are merged two by two. */
const memory = fc.constantFrom(undefined, 1, "4K");
const asked = fc.tuple(fc.constantFrom(...Object.keys(KEYS)), askedRun, memory);

test("sorted rows are those of a plain stable sort", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(rows, asked, shapes, async (all, [by, run, room], ways) => {
    const { out, leftOut } = mapped(all, run);
    const body = bodyOf(out.toSorted(KEYS[by]).slice(0, run.limit), run.to);
    const options = { ...runOptions(run), sortBy: by.split(","), ...(room !== undefined && { memory: room }) };
    for (const way of ways) {
      const ran = await runShaped({ format: "csv", bytes: csvOf(all) }, options, way);
      expect(ran.failure).toBeUndefined();
      expect(run.to === "csv" ? bodyIn(ran.output) : ran.output).toBe(body);
      expect(ran.leftOut).toEqual(leftOut);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 100 });
}, 600_000);
