/** How the text of a CSV field becomes what a schema asks for: every case of the table in docs/expressions.md, for zod, valibot and ArkType. */
import { describe, expect, test } from "bun:test";
import { type } from "arktype";
import * as v from "valibot";
import * as zod from "zod";
import { RowmillError } from "../../../src/errors.ts";
import type { Row } from "../../../src/formats/format.ts";
import { compiledZod } from "../../../src/fields/compiled-zod.ts";
import { schemaFieldsReader } from "../../../src/fields/schema/field-reading.ts";
import { validator } from "../../../src/fields/schema/validator.ts";
import type { StandardSchema } from "../../../src/fields/standard-schema.ts";

const { z } = zod;

const FAILS = "row-schema";
const ABSENT = Symbol("no such key");

function takeRow(schema: StandardSchema, row: Row): unknown {
  schemaFieldsReader(schema)?.(row);
  try {
    return validator(schema, "schema")(row);
  } catch (error) {
    if (error instanceof RowmillError) return error.code;
    throw error;
  }
}

/** What a field of that schema is for the function, or the code of its failure. */
function take(schema: StandardSchema, text: string): unknown {
  const row = takeRow(schema, { field: text });
  if (typeof row === "string") return row;
  return Object.hasOwn(Object(row), "field") ? (row as Row)["field"] : ABSENT;
}

/** Values by text. */
type Cases = Record<string, unknown>;

function expectAll(schema: StandardSchema, cases: Cases): void {
  for (const [text, value] of Object.entries(cases)) expect([text, take(schema, text)]).toEqual([text, value]);
}

// What TypeScript makes of `enum Level { Low, High }`.
const Level = { 0: "Low", 1: "High", Low: 0, High: 1 } as const;
const day = new Date("2017-05-26");
const big = 12345678901234567890n;

interface Category {
  name: string;
  parts: Category[];
}
const category: zod.ZodType<Category> = z.object({ name: z.string(), parts: z.lazy(() => z.array(category)) });

describe("a field of CSV becomes what zod asks for:", () => {
  const cases: Record<string, [zod.ZodType, Cases]> = {
    // Texts.
    "z.string()": [z.string(), { "0123": "0123", "": "", "1e5": "1e5", " a ": " a " }],
    "z.string().min(1)": [z.string().min(1), { "": FAILS, a: "a" }],
    "z.string().min(1).optional()": [z.string().min(1).optional(), { "": undefined, a: "a" }],
    "z.string().optional()": [z.string().optional(), { "": "" }],
    "z.string().nullable()": [z.string().nullable(), { "": "" }],
    "z.string().min(1).nullable()": [z.string().min(1).nullable(), { "": null }],
    "z.string().default()": [z.string().default("none"), { "": "" }],
    "z.string().min(1).default()": [z.string().min(1).default("none"), { "": "none", a: "a" }],
    "z.string().trim()": [z.string().trim(), { " a ": "a" }],
    "z.coerce.string()": [z.coerce.string(), { "5": "5", "": "" }],
    "z.email()": [z.email(), { "a@b.de": "a@b.de", a: FAILS, "": FAILS }],
    "z.email().optional()": [z.email().optional(), { "": undefined }],
    "z.iso.date()": [z.iso.date(), { "2017-05-26": "2017-05-26", "26.5.2017": FAILS }],
    "z.iso.datetime()": [z.iso.datetime(), { "2017-05-26T10:00:00Z": "2017-05-26T10:00:00Z", "2017-05-26": FAILS }],
    "z.iso.time()": [z.iso.time(), { "10:00": "10:00", "10": FAILS }],
    "z.iso.duration()": [z.iso.duration(), { P1D: "P1D", "1 day": FAILS }],
    "z.templateLiteral()": [z.templateLiteral(["v", z.number()]), { v12: "v12", "12": FAILS, "": FAILS }],
    "z.stringbool()": [z.stringbool(), { yes: true, "0": false, x: FAILS, "": FAILS }],
    // Numbers.
    "z.number()": [
      z.number(),
      {
        "5": 5,
        "1e3": 1000,
        " 5 ": 5,
        "-.5": -0.5,
        "": FAILS,
        five: FAILS,
        Infinity: FAILS,
        NaN: FAILS,
        "0x10": FAILS,
        "1,5": FAILS,
      },
    ],
    "z.number().int()": [z.number().int(), { "5": 5, "5.0": 5, "5.5": FAILS, "9007199254740993": FAILS }],
    "z.int()": [z.int(), { "5": 5, "5.5": FAILS, "": FAILS }],
    "z.int32()": [z.int32(), { "5": 5, "3000000000": FAILS }],
    "z.uint32()": [z.uint32(), { "3000000000": 3000000000, "-1": FAILS }],
    "z.float32()": [z.float32(), { "5.5": 5.5, "1e39": FAILS }],
    "z.float64()": [z.float64(), { "1e39": 1e39 }],
    "z.number().min().max()": [z.number().min(1).max(9), { "5": 5, "0": FAILS, "10": FAILS }],
    "z.number().optional()": [z.number().optional(), { "": undefined, "0": 0, x: FAILS }],
    "z.number().exactOptional()": [z.number().exactOptional(), { "": ABSENT, "0": 0 }],
    "z.number().nullable()": [z.number().nullable(), { "": null, "0": 0 }],
    "z.number().nullish()": [z.number().nullish(), { "": undefined, "3": 3 }],
    "z.number().nullable().exactOptional()": [z.number().nullable().exactOptional(), { "": null }],
    "z.number().default(7)": [z.number().default(7), { "": 7, "0": 0, x: FAILS }],
    "z.number().nullable().default(7)": [z.number().nullable().default(7), { "": 7 }],
    "z.number().prefault(7)": [z.number().prefault(7), { "": 7 }],
    "z.number().catch(-1)": [z.number().catch(-1), { "": -1, x: -1, "2": 2 }],
    "z.number().optional().nonoptional()": [z.number().optional().nonoptional(), { "": FAILS, "2": 2 }],
    "z.number().readonly()": [z.number().readonly(), { "2": 2 }],
    "z.number().brand()": [z.number().brand("Born"), { "2": 2 }],
    "z.number().readonly().optional().readonly()": [
      z.number().readonly().optional().readonly(),
      { "2": 2, "": undefined },
    ],
    "z.number().refine()": [z.number().refine((n) => n % 2 === 0), { "2": 2, "3": FAILS }],
    "z.number().transform()": [z.number().transform((n) => n * 2), { "2": 4, "": FAILS }],
    "z.number().overwrite()": [z.number().overwrite((n) => n + 1), { "2": 3 }],
    "z.number().nullable().transform()": [
      z
        .number()
        .nullable()
        .transform((n) => n ?? "none"),
      { "": "none", "2": 2 },
    ],
    "z.number().pipe()": [z.number().pipe(z.number().max(3)), { "2": 2, "4": FAILS }],
    "z.string().pipe(z.coerce.number())": [z.string().min(1).pipe(z.coerce.number()), { "2": 2, "": FAILS }],
    "z.string().transform(Number)": [z.string().transform(Number), { "2": 2, "": 0 }],
    "z.codec() of texts": [z.codec(z.string(), z.number(), { decode: Number, encode: String }), { "2": 2, x: FAILS }],
    "z.codec() of numbers": [
      z.codec(z.number(), z.date(), { decode: (n) => new Date(n), encode: (d) => d.getTime() }),
      { "0": new Date(0), x: FAILS },
    ],
    "z.preprocess()": [
      z.preprocess((text) => (text === "" ? undefined : Number(text)), z.number().optional()),
      { "1": 1, "": undefined },
    ],
    "z.lazy()": [z.lazy(() => z.number()), { "1": 1, "": FAILS }],
    "z.coerce.number()": [z.coerce.number(), { "2": 2, "": FAILS, x: FAILS, "0x10": 16 }],
    "z.coerce.number().optional()": [z.coerce.number().optional(), { "2": 2, "": undefined }],
    "z.nan()": [z.nan(), { NaN: FAILS }],
    // Other values.
    "z.bigint()": [z.bigint(), { [`${big}`]: big, "1.5": FAILS, "": FAILS }],
    "z.int64()": [z.int64(), { "5": 5n, "9223372036854775808": FAILS }],
    "z.coerce.bigint()": [z.coerce.bigint(), { "2": 2n, "": FAILS }],
    "z.boolean()": [z.boolean(), { true: true, False: false, "1": true, "0": false, "": FAILS, yes: FAILS }],
    "z.boolean().optional()": [z.boolean().optional(), { "": undefined }],
    "z.coerce.boolean()": [z.coerce.boolean(), { false: false, "0": false, "": false, no: true }],
    "z.date()": [z.date(), { "2017-05-26": day, "26.5.2017": FAILS, "": FAILS }],
    "z.date().nullable()": [z.date().nullable(), { "": null }],
    "z.coerce.date()": [z.coerce.date(), { "2017-05-26": day, "": FAILS, yesterday: FAILS }],
    "z.literal(1)": [z.literal(1), { "1": 1, "1.0": 1, "2": FAILS }],
    "z.literal([1, 2])": [z.literal([1, 2]), { "2": 2, "": FAILS }],
    "z.literal('1')": [z.literal("1"), { "1": "1" }],
    "z.literal(true)": [z.literal(true), { true: true, false: FAILS }],
    "z.literal(5n)": [z.literal(5n), { "5": 5n }],
    "z.literal() of several kinds": [
      z.literal(["a", "1", 2, true, null]),
      { a: "a", "1": "1", "2": 2, true: true, "": null, b: FAILS },
    ],
    "z.literal('')": [z.literal(["", "a"]), { "": "" }],
    "z.enum()": [z.enum(["a", "1"]), { "1": "1", a: "a", "": FAILS }],
    "z.enum().optional()": [z.enum(["a", "1"]).optional(), { "": undefined }],
    "z.enum() of TypeScript": [z.enum(Level), { "1": Level.High, High: FAILS }],
    "z.null()": [z.null(), { "": null, x: FAILS }],
    "z.undefined()": [z.undefined(), { "": undefined, x: FAILS }],
    "z.any()": [z.any(), { "1": "1", "": "" }],
    "z.unknown()": [z.unknown(), { "1": "1", "": "" }],
    "z.never()": [z.never(), { "": FAILS, a: FAILS }],
    "z.custom()": [z.custom<string>((text) => text === "a"), { a: "a", b: FAILS }],
    "z.instanceof()": [z.instanceof(Date), { "2017-05-26": FAILS }],
    // Lists and objects.
    "z.array()": [z.array(z.number()), { "[1,2]": [1, 2], "1,2": FAILS, "": FAILS }],
    "z.array().optional()": [z.array(z.number()).optional(), { "": undefined }],
    "z.tuple()": [z.tuple([z.number(), z.string()]), { '[1,"a"]': [1, "a"] }],
    "z.object()": [z.object({ a: z.number() }), { '{"a":1}': { a: 1 }, x: FAILS }],
    "z.object() that holds itself": [category, { '{"name":"a","parts":[]}': { name: "a", parts: [] } }],
    "z.record()": [z.record(z.string(), z.number()), { '{"a":1}': { a: 1 } }],
    "z.map()": [z.map(z.string(), z.number()), { "[]": FAILS }],
    "z.json()": [
      z.json(),
      { '{"a":[1]}': { a: [1] }, "5": 5, null: null, "": null, "0123": "0123", abc: "abc", '"a"': "a" },
    ],
    // Unions.
    "z.union() of a number and null": [z.union([z.number(), z.null()]), { "1": 1, "": null }],
    "z.union() of two kinds of number": [z.union([z.literal(1), z.number().min(10)]), { "1": 1, "12": 12, "5": FAILS }],
    "z.union() of a number and a string": [z.union([z.number(), z.string()]), { "1": "1", "0123": "0123", "": "" }],
    "z.union() of a string and a number": [z.union([z.string(), z.number()]), { "1": "1" }],
    "z.union() of a number and a word": [
      z.union([z.number(), z.literal("n/a")]),
      { "1": 1, "n/a": "n/a", x: FAILS, "": FAILS },
    ],
    "z.union() of a number and an enum": [
      z.union([z.number(), z.enum(["low", "1"])]),
      { "2": 2, "1": "1", low: "low" },
    ],
    "z.union() of a number and a pattern": [
      z.union([z.number(), z.string().regex(/^[A-Z]+$/)]),
      { "2": 2, AB: "AB", ab: FAILS },
    ],
    "z.union() of a number and a longer string": [
      z.union([z.number(), z.string().min(3)]),
      { "12": 12, "0123": "0123" },
    ],
    "z.union() of a number and an email": [z.union([z.number(), z.email()]), { "2": 2, "a@b.de": "a@b.de" }],
    "z.union() of a number and the empty text": [z.union([z.number(), z.literal("")]), { "2": 2, "": "" }],
    "z.union() of a number and a boolean": [z.union([z.number(), z.boolean()]), { "1": 1, true: true, x: FAILS }],
    "z.union() of a boolean and a number": [z.union([z.boolean(), z.number()]), { "1": true, "5": 5 }],
    "z.union() of a date and a number": [z.union([z.date(), z.number()]), { "2017-05-26": day, "2017.5": 2017.5 }],
    "z.union() of a number and a bigint": [z.union([z.number(), z.bigint()]), { "5": 5, [`${big}`]: big, "1.5": 1.5 }],
    "z.union() of a bigint and a number": [z.union([z.bigint(), z.number()]), { "5": 5n, "1.5": 1.5 }],
    "z.union() of a string and a list": [z.union([z.string(), z.array(z.string())]), { '["a"]': '["a"]' }],
    "z.union() of a number and a list": [z.union([z.number(), z.array(z.number())]), { "5": 5, "[5]": [5] }],
    "z.union().optional()": [z.union([z.number(), z.literal("n/a")]).optional(), { "": undefined, "1": 1 }],
    "z.xor()": [z.xor([z.number(), z.boolean()]), { "5": 5, true: true }],
    "z.intersection() of numbers": [z.number().and(z.number().min(3)), { "5": 5, "1": FAILS }],
    "z.intersection() of objects": [
      z.object({ a: z.number() }).and(z.object({ b: z.string() })),
      { '{"a":1,"b":"x"}': { a: 1, b: "x" } },
    ],
    "z.intersection() with anything": [z.intersection(z.any(), z.number()), { "5": 5 }],
  };
  test.each(Object.entries(cases))("%s", (_, [field, texts]) => {
    expectAll(z.object({ field }), texts);
    // Compiled it is the same.
    expectAll(compiledZod(z.object({ field }), zod), texts);
  });

  test("an asynchronous field keeps its empty text", async () => {
    const field = z.string().refine((text) => Promise.resolve(text === ""));
    expect(await takeRow(z.object({ field }), { field: "" })).toEqual({ field: "" });
  });
});

describe("a field of CSV becomes what valibot asks for:", () => {
  const cases: Record<string, [v.GenericSchema, Cases]> = {
    "string()": [v.string(), { "0123": "0123", "": "" }],
    "pipe(string(), minLength())": [v.pipe(v.string(), v.minLength(1)), { "": FAILS, a: "a" }],
    "optional(pipe(string(), minLength()))": [v.optional(v.pipe(v.string(), v.minLength(1))), { "": undefined }],
    "pipe(string(), transform())": [v.pipe(v.string(), v.transform(Number), v.number()), { "2": 2, x: FAILS }],
    "number()": [v.number(), { "5": 5, "": FAILS, x: FAILS }],
    "pipe(number(), integer())": [v.pipe(v.number(), v.integer()), { "5": 5, "5.5": FAILS }],
    "pipe(number(), transform())": [v.pipe(v.number(), v.transform(String)), { "5": "5" }],
    "optional(number())": [v.optional(v.number()), { "": undefined, "5": 5 }],
    "optional(number(), 7)": [v.optional(v.number(), 7), { "": 7 }],
    "exactOptional(number())": [v.exactOptional(v.number()), { "": ABSENT, "5": 5 }],
    "nullable(number())": [v.nullable(v.number()), { "": null }],
    "nullish(number())": [v.nullish(v.number()), { "": undefined }],
    "nonOptional()": [v.nonOptional(v.optional(v.number())), { "": FAILS, "5": 5 }],
    "fallback()": [v.fallback(v.number(), 0), { x: 0, "": 0, "5": 5 }],
    "boolean()": [v.boolean(), { true: true, "0": false }],
    "bigint()": [v.bigint(), { [`${big}`]: big }],
    "date()": [v.date(), { "2017-05-26": day, x: FAILS }],
    "picklist()": [v.picklist(["a", 1]), { a: "a", "1": 1, b: FAILS }],
    "enum()": [v.enum(Level), { "1": 1, High: FAILS }],
    "literal()": [v.literal(5), { "5": 5 }],
    "union()": [v.union([v.number(), v.literal("n/a")]), { "5": 5, "n/a": "n/a", x: FAILS }],
    "union() with string()": [v.union([v.number(), v.string()]), { "5": "5" }],
    "intersect()": [v.intersect([v.number(), v.pipe(v.number(), v.minValue(3))]), { "5": 5, "1": FAILS }],
    "array()": [v.array(v.number()), { "[1,2]": [1, 2] }],
    "object()": [v.object({ a: v.number() }), { '{"a":1}': { a: 1 } }],
    "record()": [v.record(v.string(), v.number()), { '{"a":1}': { a: 1 } }],
    "lazy()": [v.lazy(() => v.number()), { "5": 5 }],
    "lazy() by its input": [v.lazy((input) => (typeof input === "string" ? v.string() : v.never())), { "5": "5" }],
    "any()": [v.any(), { "5": "5", "": "" }],
    "null()": [v.null(), { "": null }],
    "custom()": [v.custom<string>((text) => text === "a"), { a: "a", b: FAILS }],
  };
  test.each(Object.entries(cases))("%s", (_, [field, texts]) => expectAll(v.object({ field }), texts));
});

describe("a field of CSV becomes what ArkType asks for:", () => {
  const cases: Record<string, [StandardSchema, Cases]> = {
    string: [type({ field: "string" }), { "0123": "0123", "": "" }],
    "string > 0": [type({ field: "string > 0" }), { "": FAILS, a: "a" }],
    "string.email": [type({ field: "string.email" }), { "a@b.de": "a@b.de", a: FAILS }],
    "string.numeric.parse": [type({ field: "string.numeric.parse" }), { "5": 5, x: FAILS }],
    number: [type({ field: "number" }), { "5": 5, x: FAILS, "": FAILS }],
    "number.integer": [type({ field: "number.integer" }), { "5": 5, "5.5": FAILS }],
    "1 <= number <= 9": [type({ field: "1 <= number <= 9" }), { "5": 5, "10": FAILS }],
    "an optional number": [type({ "field?": "number" }), { "": ABSENT, "5": 5 }],
    "number = 7": [type({ field: "number = 7" }), { "": 7, "5": 5 }],
    "number | null": [type({ field: "number | null" }), { "": null, "5": 5 }],
    boolean: [type({ field: "boolean" }), { true: true, "0": false }],
    bigint: [type({ field: "bigint" }), { [`${big}`]: big }],
    "bigint | null": [type({ field: "bigint | null" }), { "5": 5n, "": null }],
    Date: [type({ field: "Date" }), { "2017-05-26": day, x: FAILS }],
    "'a' | 'b' | 3": [type({ field: "'a' | 'b' | 3" }), { a: "a", "3": 3, c: FAILS }],
    "number | 'n/a'": [type({ field: "number | 'n/a'" }), { "5": 5, "n/a": "n/a", x: FAILS }],
    "number | string": [type({ field: "number | string" }), { "5": "5" }],
    "number[]": [type({ field: "number[]" }), { "[1,2]": [1, 2] }],
    "an object": [type({ field: { a: "number" } }), { '{"a":1}': { a: 1 } }],
    "Record<string, number>": [type({ field: "Record<string, number>" }), { '{"a":1}': { a: 1 } }],
    unknown: [type({ field: "unknown" }), { "5": "5", "": "" }],
  };
  test.each(Object.entries(cases))("%s", (_, [schema, texts]) => expectAll(schema, texts));
});

describe("the schema of a row may be", () => {
  const kinds = [
    z.object({ kind: z.literal("point"), at: z.number() }),
    z.object({ kind: z.literal(["word", "name"]), at: z.string() }),
    z.object({ kind: z.literal(3), at: z.boolean().optional() }),
  ] as const;
  const variants = v.variant("kind", [
    v.object({ kind: v.literal("point"), at: v.number() }),
    v.object({ kind: v.picklist(["word", "name"]), at: v.string() }),
    v.object({ kind: v.literal(3), at: v.optional(v.boolean()) }),
  ]);

  test.each<[string, StandardSchema]>([
    ["a discriminated union", z.discriminatedUnion("kind", kinds)],
    [
      "a discriminated union in one",
      z.discriminatedUnion("kind", [z.discriminatedUnion("kind", [kinds[0], kinds[1]]), kinds[2]]),
    ],
    ["valibot's variant", variants],
  ])("%s: it is read as the option that its key names", (_, schema) => {
    expect(takeRow(schema, { kind: "point", at: "5" })).toEqual({ kind: "point", at: 5 });
    expect(takeRow(schema, { kind: "name", at: "5" })).toEqual({ kind: "name", at: "5" });
    expect(takeRow(schema, { kind: "3", at: "1" })).toEqual({ kind: 3, at: true });
    expect(takeRow(schema, { kind: "3", at: "" })).toEqual({ kind: 3, at: undefined });
    expect(takeRow(schema, { kind: "line", at: "5" })).toBe(FAILS);
  });

  test("a union: a field is read as what the options make of it together", () => {
    const schema = z.union([
      z.object({ a: z.number(), b: z.number() }),
      z.object({ a: z.literal("n/a"), c: z.boolean() }),
    ]);
    expect(takeRow(schema, { a: "1", b: "2", c: "" })).toEqual({ a: 1, b: 2 });
    expect(takeRow(schema, { a: "n/a", b: "", c: "true" })).toEqual({ a: "n/a", c: true });
    expect(takeRow(type({ a: "number" }).or({ a: "'n/a'" }), { a: "1" })).toEqual({ a: 1 });
  });

  test("an intersection: a field is what the narrower of its schemas asks for", () => {
    const schema = z.object({ a: z.number(), b: z.unknown() }).and(z.object({ b: z.date(), c: z.boolean() }));
    expect(takeRow(schema, { a: "1", b: "2017-05-26", c: "0" })).toEqual({ a: 1, b: day, c: false });
    expect(takeRow(type({ a: "number" }).and({ b: "boolean" }), { a: "1", b: "0" })).toEqual({ a: 1, b: false });
  });

  test("an object in a pipe, read-only, refined, lazy, or transformed", () => {
    const object = z.object({ a: z.number() });
    for (const schema of [object.readonly(), object.refine(() => true), z.lazy(() => object), object.pipe(object)])
      expect(takeRow(schema, { a: "1" })).toEqual({ a: 1 });
    expect(
      takeRow(
        object.transform(({ a }) => ({ b: a })),
        { a: "1" },
      ),
    ).toEqual({ b: 1 });
  });

  test("strict, loose, or with a catchall: columns that it does not name stay texts", () => {
    expect(takeRow(z.strictObject({ a: z.number() }), { a: "1", b: "2" })).toBe(FAILS);
    expect(takeRow(z.looseObject({ a: z.number() }), { a: "1", b: "2" })).toEqual({ a: 1, b: "2" });
    expect(takeRow(z.object({ a: z.number() }).catchall(z.coerce.number()), { a: "1", b: "2" })).toEqual({
      a: 1,
      b: 2,
    });
  });

  test.each<[string, StandardSchema]>([
    [
      "of a library that tells nothing",
      { "~standard": { version: 1, vendor: "none", validate: (value) => ({ value }) } },
    ],
    ["preprocessed", z.preprocess((row) => row, z.object({ a: z.number() }))],
  ])("%s: what cannot be known is a text", (_, schema) => {
    expect(schemaFieldsReader(schema)).toBeUndefined();
  });

  test("of several hundred columns", () => {
    const names = Array.from({ length: 300 }, (_, index) => `c${index}`);
    const schema = z.object(Object.fromEntries(names.map((name) => [name, z.number()])));
    const row = Object.fromEntries(names.map((name, index) => [name, String(index)]));
    expect(takeRow(schema, row)).toEqual(Object.fromEntries(names.entries().map(([index, name]) => [name, index])));
  });
});

const NAMES = ["__proto__", "constructor", "toString", "0", "", "a-b", '"', "\\", "\n", "${name}", "\u2028"];

test("names are data: whatever a column is called, its own field is read", () => {
  const shape = Object.fromEntries(NAMES.map((name) => [name, z.number().optional()]));
  const texts = NAMES.map((name, index) => [name, String(index)] as const);
  const numbers = NAMES.map((name, index) => [name, index] as const);
  const row = takeRow(z.object(shape), Object.fromEntries(texts));
  expect(new Map(Object.entries(Object(row)))).toEqual(new Map(numbers));
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
});

test("columns that every object inherits are read only where the row has them", () => {
  const schema = z.object({ toString: z.number().optional(), constructor: z.number().optional() });
  const row: Row = Object.fromEntries([["toString", "5"]]);
  schemaFieldsReader(schema)?.(row);
  expect(Object.entries(row)).toEqual([["toString", 5]]);
});
