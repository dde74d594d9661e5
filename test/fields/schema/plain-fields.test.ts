/** Which fields are texts or numbers, perhaps checked, and nothing else. */
import { expect, test } from "bun:test";
import * as v from "valibot";
import { z } from "zod";
import { plainFields } from "../../../src/fields/schema/plain-fields.ts";

test.each<[string, z.ZodType, string]>([
  ["z.string()", z.string(), "text"],
  ["z.number()", z.number(), "decimal"],
  ["z.number().int()", z.number().int(), "whole"],
  ["z.int()", z.int(), "whole"],
  ["z.int32()", z.int32(), "decimal, checked"],
  ["z.string().describe()", z.string().describe("a name"), "text"],
  ["z.string().brand()", z.string().brand("Name"), "text"],
  ["z.string().min(1)", z.string().min(1), "text, checked"],
  ["z.number().min(1)", z.number().min(1), "decimal, checked"],
  ["z.int().min(1)", z.int().min(1), "whole, checked"],
  ["a pattern", z.string().regex(/a/), "text, checked"],
  ["z.email()", z.email(), "text, checked"],
  ["z.string().email()", z.string().email(), "text, checked"],
  ["z.iso.date()", z.iso.date(), "text, checked"],
  ["z.enum()", z.enum(["a"]), "text, checked"],
  ["z.literal()", z.literal("a"), "text, checked"],
])("%s beside a plain text", (_, field, wanted) => {
  const fields = plainFields(z.object({ name: z.string(), field }));
  const shown = [...(fields ?? [])].map(([name, { number = "text", check }]) => [
    name,
    check === undefined ? number : `${number}, checked`,
  ]);
  expect(shown).toEqual([
    ["name", "text"],
    ["field", wanted],
  ]);
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
  ["a format that changes the text", z.object({ a: z.string(), b: z.url() })],
  ["a format of its own", z.object({ a: z.string(), b: z.stringFormat("email", () => true) })],
  ["an optional field", z.object({ a: z.string().optional() })],
  ["a nullable field", z.object({ a: z.number().nullable() })],
  ["a boolean", z.object({ a: z.boolean() })],
  ["a bigint", z.object({ a: z.bigint() })],
  ["a date", z.object({ a: z.date() })],
  ["a literal that is no text", z.object({ a: z.literal(["1", 1]) })],
  ["a field that is changed", z.object({ a: z.string(), b: z.string().trim() })],
  ["a transformed field", z.object({ a: z.string(), b: z.string().transform(Number) })],
  ["a default", z.object({ a: z.string(), b: z.number().default(1) })],
  ["a catch", z.object({ a: z.string(), b: z.number().catch(1) })],
  ["a list", z.object({ a: z.string(), b: z.array(z.string()) })],
])("nothing is known with %s", (_, schema) => {
  expect(plainFields(schema)).toBeUndefined();
});
