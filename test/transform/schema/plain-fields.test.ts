/** Which fields are nothing but a text or a number. */
import { expect, test } from "bun:test";
import * as v from "valibot";
import { z } from "zod";
import { plainFieldTypes } from "../../../src/transform/schema/plain-fields.ts";

test.each<[string, z.ZodType, string | undefined]>([
  ["z.string()", z.string(), "string"],
  ["z.number()", z.number(), "number"],
  ["z.number().int()", z.number().int(), "int"],
  ["z.int()", z.int(), "int"],
  ["z.string().describe()", z.string().describe("a name"), "string"],
  ["z.string().brand()", z.string().brand("Name"), "string"],
  ["z.string().min(1)", z.string().min(1), undefined],
  ["z.number().min(1)", z.number().min(1), undefined],
  ["z.int().min(1)", z.int().min(1), undefined],
  ["z.int32()", z.int32(), undefined],
  ["z.string().optional()", z.string().optional(), undefined],
  ["z.number().nullable()", z.number().nullable(), undefined],
  ["z.boolean()", z.boolean(), undefined],
  ["z.bigint().min(1n)", z.bigint().min(1n), undefined],
  ["z.date()", z.date(), undefined],
  ["z.enum()", z.enum(["a"]), undefined],
  ["z.literal()", z.literal("a"), undefined],
])("%s beside a plain text", (_, field, type) => {
  const expected = new Map([["name", "string"], ...(type === undefined ? [] : [["field", type] as const])]);
  expect(plainFieldTypes(z.object({ name: z.string(), field }))).toEqual(expected as Map<string, "string">);
});

test.each<[string, unknown]>([
  ["a strict object", z.strictObject({ a: z.string() })],
  ["a loose object", z.looseObject({ a: z.string() })],
  ["a catchall", z.object({ a: z.string() }).catchall(z.string())],
  ["a check of the whole", z.object({ a: z.string() }).refine(() => true)],
  ["a transform of the whole", z.object({ a: z.string() }).transform((row) => row)],
  ["a union", z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
  ["a name that every object inherits", z.object({ constructor: z.string() })],
  ["__proto__", z.object({ ["__proto__"]: z.string() })],
  ["another library", v.object({ a: v.string() })],
  ["no schema", undefined],
  ["a coerced field", z.object({ a: z.string(), b: z.coerce.number() })],
  ["a refined field", z.object({ a: z.string(), b: z.string().refine(() => true) })],
  ["a pattern", z.object({ a: z.string(), b: z.string().regex(/a/) })],
  ["a format", z.object({ a: z.string(), b: z.email() })],
  ["a field that is changed", z.object({ a: z.string(), b: z.string().trim() })],
  ["a transformed field", z.object({ a: z.string(), b: z.string().transform(Number) })],
  ["a default", z.object({ a: z.string(), b: z.number().default(1) })],
  ["a catch", z.object({ a: z.string(), b: z.number().catch(1) })],
  ["a list", z.object({ a: z.string(), b: z.array(z.string()) })],
])("nothing is known with %s", (_, schema) => {
  expect(plainFieldTypes(schema)).toBeUndefined();
});
