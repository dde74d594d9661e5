/** Profiles: whatever the workers had, together they have seen what one would have. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import * as zod from "zod";
import { commentText, keyLiteral, textLiteral } from "../../../src/generated-code.ts";
import { mergeObjects } from "../../../src/stages/profile/merge-profiles.ts";
import { MAX_DISTINCT, MAX_KEYS, type ObjectProfile } from "../../../src/stages/profile/profile.ts";
import { RowProfiler } from "../../../src/stages/profile/row-profiler.ts";
import { IMPLIED, SHAPES, type TextShape, shapeTests } from "../../../src/stages/profile/text-shapes.ts";
import { validator } from "../../../src/fields/schema/validator.ts";
import type { StandardSchema } from "../../../src/fields/standard-schema.ts";
import { rowsCode } from "../../../src/stages/profile/zod-code.ts";

const tests = shapeTests(zod);
type JsonRow = Record<string, unknown>;

function profileOf(rows: readonly (readonly [index: number, row: JsonRow])[]): ObjectProfile {
  const profiler = new RowProfiler(tests, false);
  for (const [index, row] of rows) profiler.look(row, index);
  // As it would come from a worker.
  return structuredClone(profiler.result.rows);
}

const AS = { isText: false, keepsEmpty: false, isLoose: false };

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.bigInt(),
  fc.constantFrom("2024-01-01", "10:00", "007", "1", "", "true", "a", "b", null),
);
const rowsArbitrary = fc.array(
  fc.dictionary(fc.constantFrom("a", "b", "c", "0", "__proto__", "constructor"), values, { noNullPrototype: true }),
  { maxLength: 40 },
);

test("the profiles of several workers make that of all rows, in any order", () => {
  fc.assert(
    fc.property(
      rowsArbitrary,
      fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }),
      fc.boolean(),
      (rows, owners, isReversed) => {
        const indexed = rows.map((row, index) => [index, row] as const);
        const parts = [0, 1, 2].map((worker) => profileOf(indexed.filter(([index]) => owners[index] === worker)));
        if (isReversed) parts.reverse();
        const merged: ObjectProfile = { count: 0, keys: new Map(), values: undefined };
        for (const part of parts) mergeObjects(merged, part);
        expect(rowsCode(merged, AS)).toBe(rowsCode(profileOf(indexed), AS));
        expect(merged).toEqual(profileOf(indexed));
      },
    ),
    { numRuns: 300 },
  );
});

test("a text is a number where JavaScript writes its number so", () => {
  const digits = fc.stringMatching(/^-?\d{0,17}(?:\.\d{0,17})?$/);
  const small = fc
    .tuple(fc.constantFrom("0.", "-0.", "."), fc.nat(9), fc.nat())
    .map(([sign, zeros, rest]) => `${sign}${"0".repeat(zeros)}${rest}`);
  const fixed = fc
    .tuple(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.nat(12))
    .map(([x, places]) => x.toFixed(places));
  const odd = fc.constantFrom(
    "-0",
    "0",
    "-0.0",
    "0.10",
    "1e5",
    "+1",
    " 1",
    "",
    "-",
    "0.000001",
    "0.0000001",
    "999999999999999",
    "9007199254740993",
  );
  fc.assert(
    fc.property(
      fc.oneof(digits, small, fixed, odd, fc.double().map(String), fc.maxSafeInteger().map(String)),
      (text) => {
        const value = Number(text);
        const isNumber =
          String(value) === text && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
        expect([text, tests.number(text)]).toEqual([text, isNumber]);
      },
    ),
    { numRuns: 20_000 },
  );
});

test("keys of several objects in one row have an order, whoever saw them first", () => {
  const rows = [{}, { a: [{ " ": 0 }, { "": null }] }, { a: [{ "": 0 }] }];
  const indexed = rows.map((row, index) => [index, row] as const);
  const merged: ObjectProfile = { count: 0, keys: new Map(), values: undefined };
  for (const [at] of indexed.toReversed()) mergeObjects(merged, profileOf([indexed[at] ?? [0, {}]]));
  expect(rowsCode(merged, AS)).toBe(rowsCode(profileOf(indexed), AS));
});

test("the schema of rows takes them and changes nothing", () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const code = rowsCode(profileOf(rows.map((row, index) => [index, row])), AS);
      // oxlint-disable-next-line no-implied-eval -- the code is what is to be tested
      const schema = new Function("z", `return ${code}`)(zod.z) as StandardSchema;
      const validate = validator(schema, "schema");
      for (const row of rows) expect(validate(row)).toEqual(row);
    }),
    { numRuns: 300 },
  );
});

test("what is kept is bounded", () => {
  const rows = Array.from({ length: 3000 }, (_, at) => ({
    t: `text ${at}`,
    long: "x".repeat(100),
    o: { [`k${at}`]: 1 },
  }));
  const { keys } = profileOf(rows.map((row, index) => [index, row]));
  expect(keys.get("t")?.profile.texts).toMatchObject({ count: 3000, distinct: undefined, length: { min: 6, max: 9 } });
  expect(keys.get("long")?.profile.texts?.distinct).toBeUndefined();
  expect(keys.get("o")?.profile.objects).toMatchObject({ keys: new Map(), values: { count: 3000 } });
  const few = profileOf(rows.slice(0, Math.min(MAX_DISTINCT, MAX_KEYS)).map((row, index) => [index, row])).keys;
  expect(few.get("t")?.profile.texts?.distinct?.size).toBe(MAX_DISTINCT);
  expect(few.get("o")?.profile.objects?.keys.size).toBe(MAX_KEYS);
});

describe("shapes", () => {
  const texts = [
    "1",
    "-0",
    "1.5",
    "1e21",
    "007",
    "true",
    "2024-01-01",
    "2024-01-01T10:00:00Z",
    "2024-01-01T10:00:00+01:00",
    "2024-01-01T10:00",
    "2024-01-01T10:00:00.000Z",
    "10:00",
    "a@b.de",
    "x",
  ];

  test("a shape that implies others is one of those too", () => {
    for (const [shape, others] of Object.entries(IMPLIED)) {
      for (const text of texts.filter((candidate) => tests[shape as TextShape](candidate))) {
        for (const other of others) expect(tests[other](text)).toBe(true);
      }
    }
  });

  test("numbers and dates are written back as they were", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.double().map(String),
          fc.date({ noInvalidDate: true }).map(String),
          fc.constantFrom(...texts),
        ),
        (text) => {
          if (tests.number(text)) expect(String(Number(text))).toBe(text);
          if (tests.timestamp(text)) expect(new Date(text).toISOString()).toBe(text);
          if (tests.boolean(text)) expect(SHAPES.filter((shape) => tests[shape](text))).toEqual(["boolean"]);
        },
      ),
    );
  });
});

function evaluate(code: string): unknown {
  // oxlint-disable-next-line no-implied-eval -- the code is what is to be tested
  return new Function(`return ${code}`)();
}

describe("names and texts from data", () => {
  test("are one literal, one key, one comment", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.constantFrom("\u2028", "\u2029", "\u202e", "__proto__", "*/", "${a}", "`"),
        ),
        (text) => {
          expect(evaluate(textLiteral(text))).toBe(text);
          expect(Object.entries(evaluate(`({ ${keyLiteral(text)}: 1 })`) as object)).toEqual([[text, 1]]);
          expect(evaluate(`1 // ${commentText(text)}\n + 1`)).toBe(2);
        },
      ),
    );
  });
});
