/** Compiled schemas of zod against zod itself: the same values, in the same order, and the same words for a failure. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import * as zod from "zod";
import { compiledZod } from "../../../src/fields/compiled-zod.ts";
import { type StandardSchema, standardAccepts } from "../../../src/fields/standard-schema.ts";

const { z } = zod;

const texts = fc.oneof(
  fc.constantFrom("", "a", "ab", "abc", "1", "true", "2017-05-26", "a@b.de", "😀😀", "__proto__"),
  fc.string({ maxLength: 5 }),
);
const numbers = fc.oneof(
  fc.constantFrom(0, -0, 1, 3, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 53 - 1, -(2 ** 31), 2 ** 32, 1e39),
  fc.double(),
  fc.integer(),
);
const anything: fc.Arbitrary<unknown> = fc.oneof(
  texts,
  numbers,
  fc.boolean(),
  fc.constantFrom(null, undefined, [], {}, new Date(0), new Date(NaN), 5n, -1n, 2n ** 64n, Symbol.iterator),
  fc.array(numbers, { maxLength: 2 }),
  fc.record({ a: numbers }),
);

/** Fields as people write them. */
const plain: fc.Arbitrary<zod.ZodType> = fc.oneof(
  fc.constantFrom<zod.ZodType[]>(z.string(), z.string().min(1), z.string().max(2), z.string().length(2), z.email()),
  fc.constantFrom<zod.ZodType[]>(z.string().regex(/^a/), z.string().trim(), z.string().toUpperCase(), z.iso.date()),
  fc.constantFrom<zod.ZodType[]>(z.number(), z.int(), z.number().int(), z.int32(), z.uint32(), z.float32()),
  fc.constantFrom<zod.ZodType[]>(z.number().min(1).max(3), z.number().gt(0).lt(2), z.number().multipleOf(0.5)),
  fc.constantFrom<zod.ZodType[]>(z.boolean(), z.bigint(), z.int64(), z.uint64(), z.bigint().min(0n), z.date()),
  fc.constantFrom<zod.ZodType[]>(z.literal("a"), z.literal([1, "a", null]), z.literal(0), z.enum(["a", "ab"])),
  fc.constantFrom<zod.ZodType[]>(z.null(), z.undefined(), z.any(), z.unknown(), z.coerce.number(), z.nan()),
  fc.constantFrom<zod.ZodType[]>(z.array(z.number()), z.object({ a: z.number() }), z.record(z.string(), z.number())),
);
const field: fc.Arbitrary<zod.ZodType> = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 2, arbitrary: plain.map((of) => of.optional()) },
  plain.map((of) => of.nullable()),
  plain.map((of) => of.nullish()),
  plain.map((of) => of.exactOptional()),
  plain.map((of) => of.default(7)),
  plain.map((of) => of.catch("caught")),
  plain.map((of) => of.readonly()),
  plain.map((of) => of.refine((value) => value !== 1 && value !== "a")),
  plain.map((of) => of.transform((value) => [value])),
  fc.array(plain, { minLength: 1, maxLength: 3 }).map((options) => z.union(options)),
);
const names = fc.constantFrom("a", "b", "0", "10", "", "constructor", "toString", "__proto__", "a-b", '"', "\n");
const shapes = fc.dictionary(names, field, { maxKeys: 5, noNullPrototype: true });
const schemas = fc
  .tuple(shapes, fc.constantFrom("object", "strict", "loose", "catchall", "refined"))
  .map(([shape, kind]): StandardSchema => {
    if (kind === "strict") return z.strictObject(shape);
    if (kind === "loose") return z.looseObject(shape);
    if (kind === "catchall") return z.object(shape).catchall(z.number());
    return kind === "refined" ? z.object(shape).refine((row) => Object.keys(row).length !== 1) : z.object(shape);
  });
const values = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(names, anything, { maxKeys: 6 }) },
  { weight: 1, arbitrary: anything },
);

/** All that can be told of a result; keys in their order. */
function told(result: unknown): unknown {
  const { value, issues } = result as { value?: unknown; issues?: readonly { message: string; path?: unknown }[] };
  if (issues !== undefined) return issues.map(({ message, path }) => [message, path]);
  const isObject = typeof value === "object" && value !== null;
  return isObject ? [Object.getPrototypeOf(value), ...Object.entries(value)] : value;
}

/** Whether zod takes it. */
function expectSame(schema: StandardSchema, value: unknown): boolean {
  const compiled = compiledZod(schema, zod);
  // Neither may change what it is given.
  const before = Object.entries(Object(value));
  const expected = schema["~standard"].validate(value);
  const found = compiled["~standard"].validate(value);
  expect(told(found)).toEqual(told(expected));
  expect(Object.entries(Object(value))).toEqual(before);
  return !(expected instanceof Promise) && expected.issues === undefined;
}

test("a compiled schema gives what zod gives", () => {
  let taken = 0;
  fc.assert(
    fc.property(schemas, fc.array(values, { minLength: 1, maxLength: 4 }), (schema, all) => {
      for (const value of all) if (expectSame(schema, value)) taken++;
    }),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(50);
}, 60_000);

test("and for values that it takes", () => {
  // Of the values tried for a field, those that the field takes.
  const taken = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.tuple(
        ...Object.entries(shape).map(([name, of]) =>
          fc.array(anything, { minLength: 20, maxLength: 20 }).map((tried) => {
            return [name, tried.find((value) => standardAccepts(of, value) === true)] as const;
          }),
        ),
      ),
    ),
  );
  let count = 0;
  fc.assert(
    fc.property(taken, ([shape, row]) => {
      if (expectSame(z.object(shape), Object.fromEntries(row))) count++;
    }),
    { numRuns: 1000 },
  );
  expect(count).toBeGreaterThan(200);
}, 60_000);

describe("compiledZod()", () => {
  const born = z.object({ born: z.number() });

  test("compiles a schema of the very zod, once", () => {
    const compiled = compiledZod(born, zod);
    expect(compiled).not.toBe(born);
    expect(compiled["~standard"].validate({ born: 5, more: 1 })).toEqual({ value: { born: 5 } });
    expect(born["~standard"]).not.toBe(compiled["~standard"]);
  });

  test.each<[string, object]>([
    ["of another version", { ...zod, core: { ...zod.core, version: { major: 4, minor: 0, patch: 0 } } }],
    ["that cannot compile", { core: zod.core }],
  ])("leaves a schema as it is for a zod %s", (_, other) => {
    expect(compiledZod(born, other)).toBe(born);
  });

  test("leaves what zod does not compile", () => {
    const late = z.object({ a: z.string().refine(async (text) => text !== "") });
    expect(compiledZod(late, zod)).toBe(late);
  });

  test("waits for what turns out to be asynchronous, row by row", async () => {
    const schema = z.object({
      a: z.string().refine((text) => (text === "now" ? true : Promise.resolve(text === "ok"))),
    });
    const standard = compiledZod(schema, zod)["~standard"];
    expect(standard.validate({ a: "now" })).toEqual({ value: { a: "now" } });
    expect(await standard.validate({ a: "ok" })).toEqual({ value: { a: "ok" } });
    expect((await standard.validate({ a: "bad" })).issues).toHaveLength(1);
    expect(await standard.validate({ a: "now" })).toEqual({ value: { a: "now" } });
  });

  test("a function of the schema that throws fails as it does in zod", async () => {
    const schema = z.object({
      a: z.string().refine(() => {
        throw new Error("no good");
      }),
    });
    const standard = compiledZod(schema, zod)["~standard"];
    expect(Promise.resolve(standard.validate({ a: "x" }))).rejects.toThrow("no good");
  });
});
