/** Schemas: how the text of a CSV field becomes what a zod schema asks for, and what a failure says. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { RowmillError } from "../../src/errors.ts";
import type { Row } from "../../src/formats/format.ts";
import { schemaFieldsReader } from "../../src/transform/schema/field-reading.ts";
import { schemaColumns, strippedColumns } from "../../src/transform/schema/fields.ts";
import { validator } from "../../src/transform/schema/validator.ts";
import { type StandardSchema, isStandardSchema } from "../../src/transform/standard-schema.ts";

// What TypeScript makes of `enum Level { Low, High }`.
const Level = { 0: "Low", 1: "High", Low: 0, High: 1 } as const;

/** What a field of that schema is for the function, or the message of its failure. */
function take(field: z.ZodType, text: string): unknown {
  const schema: StandardSchema = z.object({ field });
  const row: Row = { field: text };
  schemaFieldsReader(schema)?.(row);
  try {
    return (validator(schema, "schema")(row) as Row)["field"];
  } catch (error) {
    return (error as RowmillError).code;
  }
}

const FAILS = "row-schema";

describe("a field of CSV becomes what the schema asks for:", () => {
  const node: z.ZodType = z.lazy(() => z.number());
  test.each<[string, z.ZodType, [text: string, value: unknown][]]>([
    [
      "z.string()",
      z.string(),
      [
        ["0123", "0123"],
        ["", ""],
        ["1e5", "1e5"],
      ],
    ],
    [
      "z.string().min(1)",
      z.string().min(1),
      [
        ["", FAILS],
        ["a", "a"],
      ],
    ],
    [
      "z.string().min(1).optional()",
      z.string().min(1).optional(),
      [
        ["", undefined],
        ["a", "a"],
      ],
    ],
    [
      "z.number()",
      z.number(),
      [
        ["5", 5],
        ["1e3", 1000],
        [" 5 ", 5],
        ["", FAILS],
        ["five", FAILS],
        ["Infinity", FAILS],
      ],
    ],
    [
      "z.number().int()",
      z.number().int(),
      [
        ["5", 5],
        ["5.5", FAILS],
      ],
    ],
    [
      "z.int()",
      z.int(),
      [
        ["5", 5],
        ["5.5", FAILS],
        ["", FAILS],
      ],
    ],
    [
      "z.number().optional()",
      z.number().optional(),
      [
        ["", undefined],
        ["0", 0],
      ],
    ],
    [
      "z.number().nullable()",
      z.number().nullable(),
      [
        ["", null],
        ["0", 0],
      ],
    ],
    [
      "z.number().nullish()",
      z.number().nullish(),
      [
        ["", undefined],
        ["3", 3],
      ],
    ],
    [
      "z.number().default(7)",
      z.number().default(7),
      [
        ["", 7],
        ["0", 0],
        ["x", FAILS],
      ],
    ],
    ["z.number().prefault(7)", z.number().prefault(7), [["", 7]]],
    [
      "z.number().catch(-1)",
      z.number().catch(-1),
      [
        ["", -1],
        ["x", -1],
        ["2", 2],
      ],
    ],
    ["z.number().readonly()", z.number().readonly(), [["2", 2]]],
    [
      "z.number().transform()",
      z.number().transform((n) => n * 2),
      [
        ["2", 4],
        ["", FAILS],
      ],
    ],
    [
      "z.number().nullable().transform()",
      z
        .number()
        .nullable()
        .transform((n) => n ?? "none"),
      [
        ["", "none"],
        ["2", 2],
      ],
    ],
    [
      "z.number().pipe()",
      z.number().pipe(z.number().max(3)),
      [
        ["2", 2],
        ["4", FAILS],
      ],
    ],
    [
      "z.string().pipe(z.coerce.number())",
      z.string().min(1).pipe(z.coerce.number()),
      [
        ["2", 2],
        ["", FAILS],
      ],
    ],
    [
      "z.coerce.number()",
      z.coerce.number(),
      [
        ["2", 2],
        ["", FAILS],
        ["x", FAILS],
      ],
    ],
    [
      "z.coerce.number().optional()",
      z.coerce.number().optional(),
      [
        ["2", 2],
        ["", undefined],
      ],
    ],
    [
      "z.coerce.date()",
      z.coerce.date(),
      [
        ["2017-05-26", new Date("2017-05-26")],
        ["", FAILS],
      ],
    ],
    [
      "z.coerce.bigint()",
      z.coerce.bigint(),
      [
        ["2", 2n],
        ["", FAILS],
      ],
    ],
    [
      "z.boolean()",
      z.boolean(),
      [
        ["true", true],
        ["False", false],
        ["1", true],
        ["0", false],
        ["", FAILS],
        ["yes", FAILS],
      ],
    ],
    [
      "z.stringbool()",
      z.stringbool(),
      [
        ["yes", true],
        ["0", false],
        ["x", FAILS],
      ],
    ],
    [
      "z.date()",
      z.date(),
      [
        ["2017-05-26", new Date("2017-05-26")],
        ["26.5.2017", FAILS],
        ["", FAILS],
      ],
    ],
    [
      "z.iso.date()",
      z.iso.date(),
      [
        ["2017-05-26", "2017-05-26"],
        ["26.5.2017", FAILS],
      ],
    ],
    [
      "z.iso.datetime()",
      z.iso.datetime(),
      [
        ["2017-05-26T10:00:00Z", "2017-05-26T10:00:00Z"],
        ["2017-05-26", FAILS],
      ],
    ],
    [
      "z.bigint()",
      z.bigint(),
      [
        ["12345678901234567890", 12345678901234567890n],
        ["1.5", FAILS],
        ["", FAILS],
      ],
    ],
    [
      "z.literal(1)",
      z.literal(1),
      [
        ["1", 1],
        ["2", FAILS],
      ],
    ],
    [
      "z.literal([1, 2])",
      z.literal([1, 2]),
      [
        ["2", 2],
        ["", FAILS],
      ],
    ],
    ["z.literal('1')", z.literal("1"), [["1", "1"]]],
    [
      "z.literal(true)",
      z.literal(true),
      [
        ["true", true],
        ["false", FAILS],
      ],
    ],
    [
      "z.enum()",
      z.enum(["a", "1"]),
      [
        ["1", "1"],
        ["a", "a"],
        ["", FAILS],
      ],
    ],
    [
      "z.enum() of TypeScript",
      z.enum(Level),
      [
        ["1", Level.High],
        ["High", FAILS],
      ],
    ],
    [
      "z.union() of a number and null",
      z.union([z.number(), z.null()]),
      [
        ["1", 1],
        ["", null],
      ],
    ],
    [
      "z.union() of two kinds of number",
      z.union([z.literal(1), z.number().min(10)]),
      [
        ["1", 1],
        ["12", 12],
        ["5", FAILS],
      ],
    ],
    [
      "z.union() of a number and a string",
      z.union([z.number(), z.string()]),
      [
        ["1", "1"],
        ["", ""],
      ],
    ],
    [
      "z.array()",
      z.array(z.number()),
      [
        ["[1,2]", [1, 2]],
        ["1,2", FAILS],
        ["", FAILS],
      ],
    ],
    [
      "z.object()",
      z.object({ a: z.number() }),
      [
        ['{"a":1}', { a: 1 }],
        ["x", FAILS],
      ],
    ],
    ["z.record()", z.record(z.string(), z.number()), [['{"a":1}', { a: 1 }]]],
    [
      "z.any()",
      z.any(),
      [
        ["1", "1"],
        ["", ""],
      ],
    ],
    [
      "z.unknown()",
      z.unknown(),
      [
        ["1", "1"],
        ["", ""],
      ],
    ],
    [
      "z.lazy()",
      node,
      [
        ["1", 1],
        ["", FAILS],
      ],
    ],
    [
      "z.preprocess()",
      z.preprocess((v) => (v === "" ? undefined : Number(v)), z.number().optional()),
      [
        ["1", 1],
        ["", undefined],
      ],
    ],
    [
      "z.email()",
      z.email(),
      [
        ["a@b.de", "a@b.de"],
        ["a", FAILS],
        ["", FAILS],
      ],
    ],
    [
      "z.null()",
      z.null(),
      [
        ["", null],
        ["x", FAILS],
      ],
    ],
  ])("%s", (_, field, cases) => {
    for (const [text, value] of cases) expect([text, take(field, text)]).toEqual([text, value]);
  });
});

describe("object schemas", () => {
  const shape = { b: z.number(), a: z.string().optional() };

  test.each<[string, StandardSchema, string[] | undefined, string[] | undefined]>([
    ["object", z.object(shape), ["b", "a"], ["b", "a"]],
    ["refined", z.object(shape).refine(() => true), ["b", "a"], ["b", "a"]],
    ["strict", z.strictObject(shape), ["b", "a"], undefined],
    ["loose", z.looseObject(shape), ["b", "a"], undefined],
    ["catchall", z.object(shape).catchall(z.number()), ["b", "a"], undefined],
    ["optional", z.object(shape).optional(), ["b", "a"], undefined],
    ["transformed", z.object(shape).transform((row) => row), ["b", "a"], undefined],
    ["preprocessed", z.preprocess((row) => row, z.object(shape)), undefined, undefined],
    ["record", z.record(z.string(), z.string()), undefined, undefined],
    ["array", z.array(z.object(shape)), undefined, undefined],
  ])("%s: its columns, and whether it strips the others", (_, schema, columns, stripped) => {
    expect(schemaColumns(schema, "schema")).toEqual(columns as string[]);
    expect(strippedColumns(schema)).toEqual(stripped as string[]);
  });

  test("the columns of an output are those of the end of a pipe", () => {
    const schema = z
      .object({ a: z.number() })
      .transform((row) => ({ b: row.a }))
      .pipe(z.object({ b: z.number() }));
    expect(schemaColumns(schema, "output")).toEqual(["b"]);
    expect(schemaColumns(schema, "schema")).toEqual(["a"]);
  });

  test("columns that every object inherits are read only where the row has them", () => {
    const schema = z.object({ toString: z.number().optional(), constructor: z.number().optional() });
    const row: Row = Object.fromEntries([["toString", "5"]]);
    schemaFieldsReader(schema)?.(row);
    expect(Object.entries(row)).toEqual([["toString", 5]]);
  });
});

function failure(schema: StandardSchema, value: unknown, side: "schema" | "output" = "schema"): RowmillError {
  try {
    validator(schema, side)(value);
  } catch (error) {
    return error as RowmillError;
  }
  throw new Error("nothing was thrown");
}

describe("validator()", () => {
  test("names column, value, and what was expected", () => {
    const { code, message, place } = failure(z.object({ born: z.number() }), { born: "x" });
    expect(code).toBe("row-schema");
    expect(message).toContain('column born holds "x": ');
    expect(message).toContain("expected number");
    expect(place?.column).toBe("born");
  });

  test("counts further failures, and goes down paths", () => {
    const schema = z.object({ a: z.object({ b: z.number() }), c: z.number() });
    expect(failure(schema, { a: { b: "x" } }).message).toMatch(/column a\.b holds "x": .*\(and 1 more\)/);
  });

  test("says which side failed", () => {
    expect(failure(z.object({ a: z.number() }), {}, "output").code).toBe("row-output-schema");
  });

  test("waits for an asynchronous schema", async () => {
    const schema = z.object({ a: z.string().refine((text) => Promise.resolve(text === "x")) });
    expect(await validator(schema, "schema")({ a: "x" })).toEqual({ a: "x" });
    const late = Promise.resolve(validator(schema, "schema")({ a: "y" }));
    expect(await late.catch((error: RowmillError) => error.code)).toBe("row-schema");
  });

  test("takes any Standard Schema, whose paths may hold objects", () => {
    const schema: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "no good", path: [{ key: "a" }, "b"] }] }),
      },
    };
    expect(isStandardSchema(schema)).toBe(true);
    expect(failure(schema, { a: { b: 5 } }).message).toBe("column a.b holds 5: no good");
  });

  test.each([undefined, null, 1, {}, { "~standard": 1 }, () => 1])("%p is no schema", (value) => {
    expect(isStandardSchema(value)).toBe(false);
  });
});

describe("a field called __proto__", () => {
  const schema: StandardSchema = z.object({ a: z.string(), ["__proto__"]: z.coerce.number(), b: z.string() });
  const row = JSON.parse('{"a":"x","__proto__":"5","b":"y"}') as Row;

  test("is validated and kept at its place, as an own property", () => {
    const value = validator(schema, "schema")(row) as Row;
    expect(Object.entries(value)).toEqual([
      ["a", "x"],
      ["__proto__", 5],
      ["b", "y"],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("fails its row, by its name, when it is not valid or missing", () => {
    const validate = validator(schema, "schema");
    expect(() => validate(JSON.parse('{"a":"x","__proto__":"five","b":"y"}'))).toThrow("column __proto__: ");
    expect(() => validate({ a: "x", b: "y" })).toThrow("column __proto__: ");
  });

  test("may be asynchronous", async () => {
    const late: StandardSchema = z.object({
      ["__proto__"]: z.string().refine((text) => Promise.resolve(text !== "bad")),
    });
    expect(Object.entries((await validator(late, "schema")(row)) as Row)).toEqual([["__proto__", "5"]]);
    const bad = validator(late, "schema")(JSON.parse('{"__proto__":"bad"}') as Row);
    expect(Promise.resolve(bad)).rejects.toThrow("column __proto__: ");
  });
});
