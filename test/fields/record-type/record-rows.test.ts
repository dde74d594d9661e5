/** How fields are read by the type of a row: as by a schema of zod that asks for the same. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { RowmillError } from "../../../src/errors.ts";
import type { Row } from "../../../src/formats/format.ts";
import { compileFieldsReader } from "../../../src/fields/fields-reader.ts";
import { recordColumns, recordReader } from "../../../src/fields/record-type/record-rows.ts";
import type { RecordType, Shape } from "../../../src/fields/record-type/shape.ts";
import { schemaFieldsReader } from "../../../src/fields/schema/field-reading.ts";

const STRING: Shape = { kind: "string" };
const NUMBER: Shape = { kind: "number" };
const BOOLEAN: Shape = { kind: "boolean" };
const BIGINT: Shape = { kind: "bigint" };
const DATE: Shape = { kind: "date" };
const NULL: Shape = { kind: "null" };
const UNDEFINED: Shape = { kind: "undefined" };

function literal(value: string | number | boolean): Shape {
  return { kind: "literal", value };
}

function union(...options: Shape[]): Shape {
  return { kind: "union", options };
}

function object(fields: Record<string, Shape>, rest?: Shape): Shape {
  return {
    kind: "object",
    fields: Object.entries(fields).map(([name, shape]) => ({ name, shape, isOptional: false })),
    rest,
  };
}

const SHAPES: readonly [name: string, shape: Shape, schema: z.ZodType][] = [
  ["string", STRING, z.string()],
  ["number", NUMBER, z.number()],
  ["boolean", BOOLEAN, z.boolean()],
  ["bigint", BIGINT, z.bigint()],
  ["Date", DATE, z.date()],
  ["string | undefined", union(STRING, UNDEFINED), z.string().optional()],
  ["number | undefined", union(NUMBER, UNDEFINED), z.number().optional()],
  ["boolean | undefined", union(BOOLEAN, UNDEFINED), z.boolean().optional()],
  ["Date | undefined", union(DATE, UNDEFINED), z.date().optional()],
  ["string | null", union(STRING, NULL), z.string().nullable()],
  ["number | null", union(NUMBER, NULL), z.number().nullable()],
  ["bigint | null", union(BIGINT, NULL), z.bigint().nullable()],
  ["number | null | undefined", union(NUMBER, NULL, UNDEFINED), z.number().nullable().optional()],
  ["string | number", union(STRING, NUMBER), z.union([z.string(), z.number()])],
  ["number | boolean", union(NUMBER, BOOLEAN), z.union([z.number(), z.boolean()])],
  ["boolean | number", union(BOOLEAN, NUMBER), z.union([z.boolean(), z.number()])],
  ['"a" | "b"', union(literal("a"), literal("b")), z.enum(["a", "b"])],
  ['"a" | ""', union(literal("a"), literal("")), z.enum(["a", ""])],
  ['"a" | null', union(literal("a"), NULL), z.enum(["a"]).nullable()],
  ["1 | 2", union(literal(1), literal(2)), z.literal([1, 2])],
  ["true", literal(true), z.literal(true)],
  ['number | "n/a"', union(NUMBER, literal("n/a")), z.union([z.number(), z.literal("n/a")])],
  ['1 | "1" | null', union(literal(1), literal("1"), NULL), z.union([z.literal(1), z.literal("1"), z.null()])],
  ["string[]", { kind: "array", items: STRING }, z.array(z.string())],
  ["string[] | undefined", union({ kind: "array", items: STRING }, UNDEFINED), z.array(z.string()).optional()],
  ["(number | null)[]", { kind: "array", items: union(NUMBER, NULL) }, z.array(z.number().nullable())],
  [
    "[number, string]",
    { kind: "tuple", items: [NUMBER, STRING], optional: 0, rest: undefined },
    z.tuple([z.number(), z.string()]),
  ],
  [
    "[number, ...string[]]",
    { kind: "tuple", items: [NUMBER], optional: 0, rest: STRING },
    z.tuple([z.number()], z.string()),
  ],
  ["{ a: number }", object({ a: NUMBER }), z.looseObject({ a: z.number() })],
  ["Record<string, number>", object({}, NUMBER), z.record(z.string(), z.number())],
  [
    "{ a: string } | string[]",
    union(object({ a: STRING }), { kind: "array", items: STRING }),
    z.union([z.looseObject({ a: z.string() }), z.array(z.string())]),
  ],
];

const TEXTS = [
  "",
  " ",
  "a",
  "b",
  "n/a",
  "null",
  "undefined",
  "0",
  "1",
  "2",
  "-1",
  "+1",
  "007",
  "1.50",
  ".5",
  "5.",
  "1e3",
  "1e400",
  "0x10",
  "NaN",
  "Infinity",
  "1,5",
  " 1 ",
  "9007199254740993",
  "12345678901234567890",
  "true",
  "TRUE",
  "false",
  "yes",
  "2024-05-01",
  "2024-05-01T12:00:00Z",
  "2024-05-01T12:00:00",
  "2024-02-30",
  "2024-05-01T12:00:00.123456Z",
  "05/01/2024",
  "[]",
  "[1]",
  '["a"]',
  '[1,"a"]',
  '[1,"a","b"]',
  "[null,1]",
  "{}",
  '{"a":1}',
  '{"a":"x"}',
  '{"a":1,"b":2}',
  '{"a":',
  "[1",
];

const FAILED = "failed";

function typeOf(shape: Shape): RecordType {
  return { name: "A", place: "t.ts:1", fields: [{ name: "x", shape, isOptional: false }], named: {} };
}

function orFailed(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof RowmillError && error.code === "row-schema") return FAILED;
    throw error;
  }
}

function byType(shape: Shape): (text: string) => unknown {
  const columns = recordColumns(typeOf(shape), ["x"], { mayLack: false });
  const read = compileFieldsReader(columns);
  return (text) => {
    const row: Row = { x: text };
    return orFailed(() => {
      read(row);
      return row["x"];
    });
  };
}

function bySchema(schema: z.ZodType): (text: string) => unknown {
  const whole = z.looseObject({ x: schema });
  const read = schemaFieldsReader(whole);
  return (text) => {
    const row: Row = { x: text };
    read?.(row);
    const answer = whole.safeParse(row);
    return answer.success ? answer.data["x"] : FAILED;
  };
}

describe("a field of text is what zod makes of it", () => {
  test.each(SHAPES)("%s", (_, shape, schema) => {
    const [type, zod] = [byType(shape), bySchema(schema)];
    for (const text of TEXTS) expect({ text, value: type(text) }).toEqual({ text, value: zod(text) });
  });
});

describe("a value of JSON is what zod makes of it", () => {
  const values: unknown[] = [
    "",
    "a",
    0,
    1,
    1.5,
    true,
    false,
    null,
    undefined,
    [],
    ["a"],
    [1, "a"],
    [null, 1],
    {},
    { a: 1 },
    { a: "x" },
  ];
  test.each(SHAPES.filter(([name]) => !/Date|bigint/.test(name)))("%s", (_, shape, schema) => {
    const read = recordReader(typeOf(shape));
    for (const value of values) {
      const row: Row = value === undefined ? {} : { x: structuredClone(value) };
      const found = orFailed(() => {
        read(row);
        return row["x"];
      });
      const answer = z.looseObject({ x: schema }).safeParse(value === undefined ? {} : { x: value });
      expect({ value, found }).toEqual({ value, found: answer.success ? answer.data["x"] : FAILED });
    }
  });

  test("dates and whole numbers become what the type says", () => {
    const type: RecordType = {
      name: "A",
      place: "t.ts:1",
      fields: [
        { name: "at", shape: union(DATE, NULL), isOptional: false },
        { name: "all", shape: { kind: "array", items: object({ id: BIGINT }) }, isOptional: false },
        { name: "either", shape: union(DATE, STRING), isOptional: true },
      ],
      named: {},
    };
    const row: Row = { at: "2024-05-01", all: [{ id: 1 }, { id: 12345678901234567890n }], either: "2024-05-01" };
    recordReader(type)(row);
    expect(row).toEqual({
      at: new Date("2024-05-01"),
      all: [{ id: 1n }, { id: 12345678901234567890n }],
      either: "2024-05-01",
    });
  });

  test("what fits one of several objects only in part stays as it was for the next one", () => {
    const shape = union(object({ at: DATE, kind: literal("a") }), object({ at: STRING, kind: literal("b") }));
    const row: Row = { x: { at: "2024-05-01", kind: "b" } };
    recordReader(typeOf(shape))(row);
    expect(row["x"]).toEqual({ at: "2024-05-01", kind: "b" });
  });

  test("a type that holds itself", () => {
    const node: Shape = {
      kind: "object",
      fields: [{ name: "next", shape: { kind: "named", name: "Node" }, isOptional: true }],
      rest: undefined,
    };
    const type: RecordType = { ...typeOf({ kind: "named", name: "Node" }), named: { Node: node } };
    const read = recordReader(type);
    expect(() => read({ x: { next: { next: {} } } })).not.toThrow();
    expect(() => read({ x: { next: { next: 1 } } })).toThrow("column x.next.next holds 1, wanted Node");
  });
});
