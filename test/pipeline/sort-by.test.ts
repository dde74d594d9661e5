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
function compare(
  a: string,
  b: string,
  { isDown, isNumber = false, locale }: { isDown: boolean; isNumber?: boolean; locale?: string },
): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const sign = isDown ? -1 : 1;
  if (locale !== undefined) return a.localeCompare(b, locale) * sign;
  if (!isNumber) return compareTexts(a, b) * sign;
  const [x, y] = [Number(a), Number(b)];
  const [isX, isY] = [!Number.isNaN(x), !Number.isNaN(y)];
  if (isX !== isY) return (isX ? -1 : 1) * sign;
  return (isX ? Math.sign(x - y) : compareTexts(a, b)) * sign;
}

interface Order {
  by: string[];
  locale?: string;
  compare: (a: KeyedRow, b: KeyedRow) => number;
}

const byText = (a: KeyedRow, b: KeyedRow): number => compare(a.k, b.k, { isDown: false });
const inLanguage =
  (locale: string, isDown: boolean) =>
  (a: KeyedRow, b: KeyedRow): number =>
    compare(a.k, b.k, { isDown, locale });
const byNumber = (a: KeyedRow, b: KeyedRow): number => compare(a.n, b.n, { isDown: false, isNumber: true });
const ORDERS: readonly Order[] = [
  { by: ["k"], compare: byText },
  { by: ["-k", "n:num"], compare: (a, b) => compare(a.k, b.k, { isDown: true }) || byNumber(a, b) },
  { by: ["-n:num"], compare: (a, b) => compare(a.n, b.n, { isDown: true, isNumber: true }) },
  { by: ["k:locale"], compare: inLanguage("en", false) },
  {
    by: ["-k:locale", "n:num"],
    locale: "sv",
    compare: (a, b) => inLanguage("sv", true)(a, b) || byNumber(a, b),
  },
  { by: ["n:num", "k:locale"], locale: "de", compare: (a, b) => byNumber(a, b) || inLanguage("de", false)(a, b) },
];

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
  "A",
  "e\u0301",
  "a\u200bb",
  "ö",
  "10",
);
const number = fc.constantFrom("", "1", "10", "9", "-1", "1.5", "5", "6", "7", "x", "é");
const rows = fc.array(fc.record({ k: text, n: number }), { maxLength: 40 });
/** With so little of it, each batch goes to a file, and runs are merged two by two. */
const memory = fc.constantFrom(undefined, 1, "4K");
const asked = fc.tuple(fc.constantFrom(...ORDERS), askedRun, memory);

test("sorted rows are those of a plain stable sort", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(
    rows,
    asked,
    shapes,
    async (all, [{ by, locale, compare: inOrder }, run, room], ways) => {
      const { out, leftOut } = mapped(all, run);
      const body = bodyOf(out.toSorted(inOrder).slice(0, run.limit), run.to);
      const options = {
        ...runOptions(run),
        sortBy: by,
        ...(locale !== undefined && { locale }),
        ...(room !== undefined && { memory: room }),
      };
      for (const way of ways) {
        const ran = await runShaped({ format: "csv", bytes: csvOf(all) }, options, way);
        expect(ran.failure).toBeUndefined();
        expect(run.to === "csv" ? bodyIn(ran.output) : ran.output).toBe(body);
        expect(ran.leftOut).toEqual(leftOut);
      }
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 60 });
}, 600_000);
