/**
 * What Rowmill makes of CSV texts under a schema is what the schema answers on the values that a person would read in them.
 * Each schema of a field is held against texts of all kinds, each with the value that it stands for where a number, a
 * boolean, a date and so on is asked for; each schema of a row against rows with what they should come to.
 */
import { describe, expect, test } from "bun:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import * as mini from "zod/mini";
import { RowmillError } from "../../../src/errors.ts";
import type { Row } from "../../../src/formats/format.ts";
import { schemaFieldsReader } from "../../../src/fields/schema/field-reading.ts";
import { validator } from "../../../src/fields/schema/validator.ts";
import type { SchemaResult, StandardSchema } from "../../../src/fields/standard-schema.ts";

const FAILS = "fails";

function rowmill(schema: StandardSchema, texts: Record<string, string>): unknown {
  const row: Row = { ...texts };
  schemaFieldsReader(schema)?.(row);
  try {
    return validator(schema, "schema")(row);
  } catch (error) {
    if (error instanceof RowmillError) return FAILS;
    throw error;
  }
}

function library(schema: StandardSchema, value: unknown): unknown {
  const result = schema["~standard"].validate(value) as SchemaResult;
  return result.issues === undefined ? result.value : FAILS;
}

type Kind = "text" | "number" | "bigint" | "boolean" | "date" | "json";

/** What a person reads in a text, where such a value is asked for; undefined where it is none. */
const READ: Record<Exclude<Kind, "text">, Record<string, unknown>> = {
  number: { "5": 5, "-2.5": -2.5, "1e3": 1000, "0": 0, "1": 1, "2017": 2017, " 7 ": 7, "-0": -0, "007": 7, "1.0": 1 },
  bigint: {
    "5": 5n,
    "0": 0n,
    "1": 1n,
    "2017": 2017n,
    " 7 ": 7n,
    "-0": 0n,
    "007": 7n,
    "12345678901234567890": 12345678901234567890n,
  },
  boolean: { true: true, FALSE: false, "1": true, "0": false },
  date: { "2017-05-26": new Date("2017-05-26"), "2017": new Date("2017") },
  json: {
    "5": 5,
    "-2.5": -2.5,
    "1e3": 1000,
    "0": 0,
    "1": 1,
    "2017": 2017,
    " 7 ": 7,
    "-0": -0,
    "1.0": 1,
    true: true,
    "[1,2]": [1, 2],
    '{"a":1}': { a: 1 },
    null: null,
  },
};
READ.number["12345678901234567890"] = Number("12345678901234567890");

const TEXTS = [
  ...new Set([
    ...Object.values(READ).flatMap((texts) => Object.keys(texts)),
    "abc",
    "a@b.de",
    "n/a",
    "Infinity",
    "NaN",
    "0x10",
    "1,5",
  ]),
];

/** What stands for nothing: as a schema says that a value may be missing. */
type Empty = "text" | "undefined" | "null";

interface FieldCase {
  schema: StandardSchema;
  kind: Kind;
  empty: Empty;
}

type Fields = Record<string, [field: unknown, kind: Kind, empty?: Empty]>;

function sensible(text: string, kind: Kind, empty: Empty): unknown {
  if (text === "") return empty === "text" ? "" : empty === "null" ? null : undefined;
  return kind !== "text" && Object.hasOwn(READ[kind], text) ? READ[kind][text] : text;
}

/** A field as it is, and within each wrapper that leaves its kind alone. */
function zodFields(): Fields {
  const kinds: [name: string, schema: z.ZodType, kind: Kind, empty?: Empty][] = [
    ["string()", z.string(), "text", "text"],
    ["string().min(2)", z.string().min(2), "text"],
    ["email()", z.email(), "text"],
    ["enum()", z.enum(["abc", "5", "n/a"]), "text"],
    ["literal()", z.literal("abc"), "text"],
    ["any()", z.any(), "text", "text"],
    ["number()", z.number(), "number"],
    ["int()", z.int(), "number"],
    ["number().min().max()", z.number().min(1).max(2000), "number"],
    ["number().multipleOf()", z.number().multipleOf(2.5), "number"],
    ["literal(5)", z.literal([5, 7]), "number"],
    ["bigint()", z.bigint(), "bigint"],
    ["bigint().positive()", z.bigint().positive(), "bigint"],
    ["boolean()", z.boolean(), "boolean"],
    ["date()", z.date(), "date"],
    ["array()", z.array(z.number()), "json"],
    ["object()", z.object({ a: z.number() }), "json"],
    ["record()", z.record(z.string(), z.number()), "json"],
    ["tuple()", z.tuple([z.number(), z.number()]), "json"],
    ["refine()", z.number().refine((n) => n > 1), "number"],
    ["transform()", z.number().transform((n) => `${n}!`), "number"],
    ["pipe()", z.number().pipe(z.number().max(9)), "number"],
    ["brand()", z.number().brand("n"), "number"],
    ["lazy()", z.lazy(() => z.boolean()), "boolean"],
    ["union of options", z.union([z.literal(1), z.number().min(100)]), "number"],
  ];
  const fields: Fields = {};
  for (const [name, schema, kind, empty = "undefined"] of kinds) {
    const isText = empty === "text";
    fields[name] = [schema, kind, empty];
    fields[`${name} optional`] = [schema.optional(), kind, isText ? "text" : "undefined"];
    fields[`${name} nullable`] = [schema.nullable(), kind, isText ? "text" : "null"];
    fields[`${name} nullish`] = [schema.nullish(), kind, isText ? "text" : "undefined"];
    fields[`${name} readonly`] = [schema.readonly(), kind, empty];
  }
  return fields;
}

function valibotFields(): Fields {
  const kinds: [name: string, schema: v.GenericSchema, kind: Kind, empty?: Empty][] = [
    ["string()", v.string(), "text", "text"],
    ["minLength()", v.pipe(v.string(), v.minLength(2)), "text"],
    ["picklist()", v.picklist(["abc", "5"]), "text"],
    ["number()", v.number(), "number"],
    ["integer()", v.pipe(v.number(), v.integer()), "number"],
    ["bigint()", v.bigint(), "bigint"],
    ["boolean()", v.boolean(), "boolean"],
    ["date()", v.date(), "date"],
    ["array()", v.array(v.number()), "json"],
    ["object()", v.object({ a: v.number() }), "json"],
    ["record()", v.record(v.string(), v.number()), "json"],
    ["lazy()", v.lazy(() => v.number()), "number"],
    [
      "transform()",
      v.pipe(
        v.number(),
        v.transform((n) => n * 2),
      ),
      "number",
    ],
  ];
  const fields: Fields = {};
  for (const [name, schema, kind, empty = "undefined"] of kinds) {
    const isText = empty === "text";
    fields[name] = [schema, kind, empty];
    fields[`${name} optional`] = [v.optional(schema), kind, isText ? "text" : "undefined"];
    fields[`${name} nullable`] = [v.nullable(schema), kind, isText ? "text" : "null"];
  }
  return fields;
}

const ARK_FIELDS: Fields = {
  string: ["string", "text", "text"],
  "string > 1": ["string > 1", "text"],
  "string.email": ["string.email", "text"],
  "'abc' | '5'": ["'abc' | '5'", "text"],
  number: ["number", "number"],
  "number.integer": ["number.integer", "number"],
  "0 <= number <= 9": ["0 <= number <= 9", "number"],
  "number | null": ["number | null", "number", "null"],
  bigint: ["bigint", "bigint"],
  boolean: ["boolean", "boolean"],
  "boolean | null": ["boolean | null", "boolean", "null"],
  Date: ["Date", "date"],
  "number[]": ["number[]", "json"],
};

const FIELDS: [name: string, FieldCase][] = [
  ...Object.entries(zodFields()).map(([name, [field, kind, empty = "undefined"]]): [string, FieldCase] => [
    `zod ${name}`,
    { schema: z.object({ field: field as z.ZodType }), kind, empty },
  ]),
  ...Object.entries(valibotFields()).map(([name, [field, kind, empty = "undefined"]]): [string, FieldCase] => [
    `valibot ${name}`,
    { schema: v.object({ field: field as v.GenericSchema }), kind, empty },
  ]),
  ...Object.entries(ARK_FIELDS).map(([name, [field, kind, empty = "undefined"]]): [string, FieldCase] => [
    `ArkType ${name}`,
    { schema: type({ field } as never), kind, empty },
  ]),
  ["zod/mini number()", { schema: mini.object({ field: mini.number() }), kind: "number", empty: "undefined" }],
  [
    "zod/mini optional",
    { schema: mini.object({ field: mini.optional(mini.boolean()) }), kind: "boolean", empty: "undefined" },
  ],
  ["zod/mini nullable", { schema: mini.object({ field: mini.nullable(mini.date()) }), kind: "date", empty: "null" }],
];

test("there are enough of them", () => {
  expect(FIELDS.length).toBeGreaterThan(150);
});

describe("a field is what its schema answers on the value that is meant:", () => {
  for (const [name, { schema, kind, empty }] of FIELDS) {
    test(name, () => {
      for (const text of ["", ...TEXTS]) {
        const answer = library(schema, { field: sensible(text, kind, empty) });
        expect([text, rowmill(schema, { field: text })]).toEqual([text, answer]);
      }
    });
  }
});

const zodKinds = [
  z.object({ t: z.literal("a"), v: z.number() }),
  z.object({ t: z.literal(["b", "c"]), v: z.string() }),
  z.object({ t: z.literal(3), v: z.boolean().optional() }),
] as const;
const keyed = z.discriminatedUnion("t", zodKinds);
const variant = v.variant("t", [
  v.object({ t: v.literal("a"), v: v.number() }),
  v.object({ t: v.picklist(["b", "c"]), v: v.string() }),
  v.object({ t: v.literal(3), v: v.optional(v.boolean()) }),
]);
const miniKeyed = mini.discriminatedUnion("t", [
  mini.object({ t: mini.literal("a"), v: mini.number() }),
  mini.object({ t: mini.literal(["b", "c"]), v: mini.string() }),
  mini.object({ t: mini.literal(3), v: mini.optional(mini.boolean()) }),
]);

describe("a union keeps its key, whatever stands around it:", () => {
  const schemas: Record<string, StandardSchema> = {
    alone: keyed,
    optional: keyed.optional(),
    nullable: keyed.nullable(),
    nullish: keyed.nullish(),
    readonly: keyed.readonly(),
    brand: keyed.brand("kind"),
    default: keyed.default({ t: "a", v: 1 }),
    prefault: keyed.prefault({ t: "a", v: 1 }),
    lazy: z.lazy(() => keyed),
    refine: keyed.refine(() => true),
    superRefine: keyed.superRefine(() => {}),
    nonoptional: keyed.optional().nonoptional(),
    transform: keyed.transform((row) => row),
    pipe: keyed.pipe(z.any()),
    "pipe of pipes": keyed.pipe(z.any()).pipe(z.any()).readonly().optional(),
    codec: z.codec(keyed, z.any(), { decode: (row) => row, encode: (row) => row as never }),
    "several wrappers": z.lazy(() => keyed.readonly().optional().nullable().brand("x")),
    "in an intersection": keyed.and(z.object({ t: z.any() })),
    "in an intersection, behind": z.object({ t: z.any() }).and(keyed.readonly()),
    "in an intersection of three": keyed.and(z.looseObject({})).and(z.record(z.string(), z.any())),
    "in one": z.discriminatedUnion("t", [z.discriminatedUnion("t", [zodKinds[0], zodKinds[1]]), zodKinds[2]]),
    "options read-only": z.discriminatedUnion("t", [zodKinds[0].readonly(), zodKinds[1], zodKinds[2]]),
    "valibot's": variant,
    "valibot's optional": v.optional(variant),
    "valibot's nullable": v.nullable(variant),
    "valibot's nullish": v.nullish(variant),
    "valibot's fallback": v.fallback(variant, { t: "a", v: -1 }),
    "valibot's lazy": v.lazy(() => variant),
    "valibot's check": v.pipe(
      variant,
      v.check(() => true),
    ),
    "valibot's transform": v.pipe(
      variant,
      v.transform((row) => row),
    ),
    "valibot's readonly": v.pipe(variant, v.readonly()),
    "valibot's brand": v.pipe(variant, v.brand("kind")),
    "valibot's intersect": v.intersect([variant, v.looseObject({})]),
    "zod/mini's": miniKeyed,
    "zod/mini's optional": mini.optional(miniKeyed),
    "zod/mini's transform": mini.pipe(
      miniKeyed,
      mini.transform((row) => row),
    ),
    "without a key": z.union(zodKinds),
    "without a key, optional": z.union(zodKinds).optional(),
    "valibot's without a key": v.union([...variant.options]),
    "ArkType's": type({ t: "'a'", v: "number" }).or({ t: "'b' | 'c'", v: "string" }).or({ t: "3", "v?": "boolean" }),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    test(name, () => {
      for (const value of [
        { t: "a", v: 5 },
        { t: "b", v: "5" },
        { t: "c", v: "" },
        { t: "b", v: "true" },
        { t: 3, v: true },
      ]) {
        const texts = { t: String(value.t), v: value.v === true ? "1" : String(value.v) };
        expect([texts, rowmill(schema, texts)]).toEqual([texts, library(schema, value)]);
        expect(library(schema, value)).not.toBe(FAILS);
      }
      const bad = { t: "x", v: "5" };
      expect(rowmill(schema, bad)).toEqual(library(schema, bad));
      const wrong = { t: "a", v: "five" };
      expect(rowmill(schema, wrong)).toEqual(library(schema, wrong));
    });
  }
});

describe("the schema of a row:", () => {
  const shapes = z.union([
    z.object({ id: z.number(), size: z.number() }),
    z.object({ id: z.string(), size: z.literal("n/a") }),
    z.object({ id: z.string(), day: z.date() }),
  ]);
  const rows: [name: string, StandardSchema, Record<string, string>, unknown][] = [
    ["a union, first option", shapes, { id: "7", size: "5", day: "" }, { id: 7, size: 5 }],
    ["a union, second option", shapes, { id: "7", size: "n/a", day: "" }, { id: "7", size: "n/a" }],
    [
      "a union, third option",
      shapes,
      { id: "7", size: "", day: "2017-05-26" },
      { id: "7", day: new Date("2017-05-26") },
    ],
    ["a union, no option", shapes, { id: "7", size: "", day: "soon" }, FAILS],
    [
      "a union in a pipe",
      shapes.transform((row) => [row]),
      { id: "7", size: "n/a", day: "" },
      [{ id: "7", size: "n/a" }],
    ],
    ["valibot's union", v.union([v.object({ a: v.number() }), v.object({ a: v.string() })]), { a: "x1" }, { a: "x1" }],
    [
      "valibot's union, first",
      v.union([v.object({ a: v.number() }), v.object({ a: v.string() })]),
      { a: "1" },
      { a: 1 },
    ],
    [
      "ArkType's union",
      type({ a: "number", b: "number" }).or({ a: "string", b: "boolean" }) as StandardSchema,
      { a: "1", b: "true" },
      { a: "1", b: true },
    ],
    [
      "a union of strict ones",
      z.union([z.strictObject({ a: z.number() }), z.strictObject({ a: z.number(), b: z.date() })]),
      { a: "1", b: "2017-05-26" },
      { a: 1, b: new Date("2017-05-26") },
    ],
    [
      "a catchall",
      z.object({ id: z.string() }).catchall(z.number()),
      { id: "07", x: "5", y: "-2.5" },
      { id: "07", x: 5, y: -2.5 },
    ],
    ["a catchall that fails", z.object({ id: z.string() }).catchall(z.number()), { id: "07", x: "five" }, FAILS],
    [
      "a catchall and an empty field",
      z.object({ id: z.string() }).catchall(z.number().optional()),
      { id: "07", x: "" },
      { id: "07", x: undefined },
    ],
    [
      "a catchall and an empty field, null",
      z.object({ id: z.string() }).catchall(z.number().nullable()),
      { id: "07", x: "" },
      { id: "07", x: null },
    ],
    [
      "a catchall of booleans",
      z.object({ id: z.string() }).catchall(z.boolean()),
      { id: "1", x: "1" },
      { id: "1", x: true },
    ],
    [
      "a catchall of dates, in a pipe",
      z
        .object({ id: z.string() })
        .catchall(z.date())
        .transform((row) => row),
      { id: "1", x: "2017-05-26" },
      { id: "1", x: new Date("2017-05-26") },
    ],
    [
      "a catchall of a union",
      z.object({ id: z.string() }).catchall(z.union([z.number(), z.literal("n/a")])),
      { id: "1", x: "n/a", y: "2" },
      { id: "1", x: "n/a", y: 2 },
    ],
    ["a loose object", z.looseObject({ id: z.number() }), { id: "1", x: "5" }, { id: 1, x: "5" }],
    ["a strict object", z.strictObject({ id: z.number() }), { id: "1", x: "5" }, FAILS],
    ["a record", z.record(z.string(), z.number()), { a: "1", b: "2.5" }, { a: 1, b: 2.5 }],
    ["a record of an enum", z.record(z.enum(["a", "b"]), z.number()), { a: "1", b: "2" }, { a: 1, b: 2 }],
    ["a partial record", z.partialRecord(z.enum(["a", "b"]), z.number()), { a: "1" }, { a: 1 }],
    ["a record, optional", z.record(z.string(), z.boolean()).optional(), { a: "0" }, { a: false }],
    ["a record of texts", z.record(z.string(), z.string()), { a: "01", b: "" }, { a: "01", b: "" }],
    [
      "a record and an object",
      z.record(z.string(), z.any()).and(z.object({ n: z.number() })),
      { n: "1", x: "2" },
      { n: 1, x: "2" },
    ],
    [
      "valibot's objectWithRest",
      v.objectWithRest({ id: v.string() }, v.number()),
      { id: "07", x: "5" },
      { id: "07", x: 5 },
    ],
    [
      "valibot's objectWithRest in a pipe",
      v.pipe(
        v.objectWithRest({ id: v.string() }, v.date()),
        v.check(() => true),
      ),
      { id: "07", x: "2017-05-26" },
      { id: "07", x: new Date("2017-05-26") },
    ],
    ["valibot's looseObject", v.looseObject({ id: v.number() }), { id: "1", x: "5" }, { id: 1, x: "5" }],
    ["valibot's record", v.record(v.string(), v.number()), { a: "1" }, { a: 1 }],
    [
      "valibot's record of a picklist",
      v.record(v.picklist(["a", "b"]), v.number()),
      { a: "1", b: "2" },
      { a: 1, b: 2 },
    ],
    [
      "valibot's variant with one value twice",
      v.variant("t", [v.object({ t: v.literal("a"), v: v.number() }), v.object({ t: v.literal("a"), v: v.boolean() })]),
      { t: "a", v: "true" },
      { t: "a", v: true },
    ],
    ["ArkType's index", type({ "[string]": "number" }) as StandardSchema, { a: "1", b: "2" }, { a: 1, b: 2 }],
    [
      "ArkType's pattern",
      type({ id: "string", "[/^x/]": "number" }) as StandardSchema,
      { id: "1", x1: "2" },
      { id: "1", x1: 2 },
    ],
    [
      "zod/mini's catchall",
      mini.catchall(mini.object({ id: mini.string() }), mini.number()),
      { id: "07", x: "5" },
      { id: "07", x: 5 },
    ],
    ["zod/mini's record", mini.record(mini.string(), mini.boolean()), { a: "1" }, { a: true }],
    [
      "a key that is a number",
      z.discriminatedUnion("t", [
        z.object({ t: z.literal(1), v: z.number() }),
        z.object({ t: z.literal(2), v: z.string() }),
      ]),
      { t: "2.0", v: "5" },
      { t: 2, v: "5" },
    ],
    [
      "a key that is a boolean",
      z.discriminatedUnion("t", [
        z.object({ t: z.literal(true), v: z.number() }),
        z.object({ t: z.literal(false), v: z.string() }),
      ]),
      { t: "FALSE", v: "5" },
      { t: false, v: "5" },
    ],
    [
      "a key that may be missing",
      z.discriminatedUnion("t", [
        z.object({ t: z.literal("a").optional(), v: z.number() }),
        z.object({ t: z.literal("b"), v: z.string() }),
      ]),
      { t: "", v: "5" },
      { t: undefined, v: 5 },
    ],
    [
      "a key that may be null",
      z.discriminatedUnion("t", [
        z.object({ t: z.null(), v: z.number() }),
        z.object({ t: z.literal("b"), v: z.string() }),
      ]),
      { t: "", v: "5" },
      { t: null, v: 5 },
    ],
    [
      "a union in an intersection",
      z.object({ id: z.number() }).and(z.union([z.object({ a: z.number() }), z.object({ a: z.literal("x") })])),
      { id: "1", a: "x" },
      { id: 1, a: "x" },
    ],
  ];
  test.each(rows)("%s", (_, schema, texts, value) => expect(rowmill(schema, texts)).toEqual(value));
});
