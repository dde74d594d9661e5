/** Validating one value: what a failure says, and names that every object inherits. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import type { RowmillError } from "../../../src/errors.ts";
import type { Row } from "../../../src/formats/format.ts";
import { validator } from "../../../src/fields/schema/validator.ts";
import { type StandardSchema, isStandardSchema } from "../../../src/fields/standard-schema.ts";

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
