/** Which columns a schema names, and whether it looks at others. */
import { describe, expect, test } from "bun:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { schemaColumns, strippedColumns } from "../../../src/fields/schema/fields.ts";
import type { StandardSchema } from "../../../src/fields/standard-schema.ts";

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
    ["union", z.union([z.object(shape), z.object({ c: z.string() })]), ["b", "a", "c"], ["b", "a", "c"]],
    [
      "union with a strict one",
      z.union([z.object(shape), z.strictObject({ c: z.string() })]),
      ["b", "a", "c"],
      undefined,
    ],
    ["union with what is no object", z.union([z.object(shape), z.array(z.string())]), undefined, undefined],
    ["intersection", z.object(shape).and(z.object({ c: z.string() })), ["b", "a", "c"], ["b", "a", "c"]],
    ["valibot's object", v.object({ b: v.number(), a: v.string() }), ["b", "a"], ["b", "a"]],
    [
      "valibot's checked",
      v.pipe(
        v.object({ b: v.number() }),
        v.check(() => true),
      ),
      ["b"],
      ["b"],
    ],
    [
      "valibot's transformed",
      v.pipe(
        v.object({ b: v.number() }),
        v.transform((row) => row),
      ),
      ["b"],
      undefined,
    ],
    ["valibot's strict", v.strictObject({ b: v.number() }), ["b"], undefined],
    ["valibot's variant", v.variant("b", [v.object({ b: v.literal(1), a: v.string() })]), ["b", "a"], ["b", "a"]],
    // ArkType's order is not the one in which they were written.
    ["ArkType's object", type({ b: "number", a: "string" }), undefined, undefined],
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
    const piped = v.pipe(
      v.object({ a: v.number() }),
      v.transform(({ a }) => ({ b: a })),
      v.object({ b: v.number() }),
    );
    expect(schemaColumns(piped, "output")).toEqual(["b"]);
    expect(schemaColumns(piped, "schema")).toEqual(["a"]);
  });
});
