import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { proofOfExpression } from "../../src/code/expression.ts";
import { type Reads, functionReads, proofReads, schemaReads, unionOfReads } from "../../src/transform/reads.ts";

const COLUMNS = ["name", "born", "r", "class"];

type Any = (...args: never[]) => unknown;

/** Functions as a module would export them; evaluated here so that the text is exactly what stands there. */
function make(source: string): Any {
  // oxlint-disable-next-line no-implied-eval -- the text of each case is part of this file
  return new Function(`return (${source})`)() as Any;
}

function expressionReads(expression: string, columns: readonly string[] | undefined): Reads {
  return proofReads(proofOfExpression(expression, columns));
}

describe("functionReads() proves", () => {
  const proven: [source: string, reads: string[]][] = [
    ["({ name, born }) => ({ name, age: 2017 - born })", ["name", "born"]],
    ["({ name: n }) => n", ["name"]],
    ["({ 'a-b': x, \"__proto__\": y }) => [x, y]", ["a-b", "__proto__"]],
    ["({ name = 'x', born: { length } }) => length", ["name", "born"]],
    ["({ name } = {}) => name", ["name"]],
    ["async ({ name }, ctx) => ({ name, i: ctx.index })", ["name"]],
    ["function ({ name }) { return { name }; }", ["name"]],
    ["function named({ name }) { return named.length + name; }", ["name"]],
    ["function* ({ name }) { yield { name }; }", ["name"]],
    ["({ name }) => { const born = 1; return (({ born }) => born)({ born }) + name; }", ["name"]],
    ["() => ({ a: 1 })", []],
    ["({}) => ({ a: 1 })", []],
    ["(row) => ({ name: row.name })", ["name"]],
    ["(row = {}) => row.name", ["name"]],
    ["(row, ctx) => ctx.index", []],
    ["({ 0: x }) => x", ["0"]],
    ["row => row[2024]", ["2024"]],
  ];
  test.each(proven)("%s", (source, reads) => {
    expect([...(functionReads(make(source)) ?? ["all"])].toSorted()).toEqual(reads.toSorted());
  });
});

describe("functionReads() takes every column for", () => {
  const unproven = [
    "(row) => row",
    "({ name, ...rest }) => ({ name, rest })",
    "({ ['na' + 'me']: x }) => x",
    "([a]) => a",
    "(...all) => all[0]",
    "function ({ name }) { return arguments[0]; }",
    "function ({ name }) { return eval('arg' + 'uments')[0]; }",
    "({ name }) => eval('1')",
    "r => ({ ...r })",
    "r => 'name' in r",
    "r => { delete r.name; return r; }",
    "(r, ctx) => JSON.stringify(r)",
    "Math.max",
    "((row) => row).bind(null)",
    "{ method({ name }) { return arguments; } }.method",
    "class { static f({ name }) { return this; } }.f",
    "new Proxy(({ name }) => name, {})",
  ];
  test.each(unproven)("%s", (source) => {
    expect(functionReads(make(source))).toBeUndefined();
  });

  test("a function whose toString() lies", () => {
    const call = Object.assign((row: unknown) => row, { toString: () => "({ name }) => name" });
    expect(functionReads(call as Any)).toBeUndefined();
  });
});

describe("expressionReads()", () => {
  const cases: [expression: string, reads: string[] | undefined][] = [
    ["{ name, age: 2017 - born }", ["name", "born"]],
    ["name", ["name"]],
    ["'born' + `${name}`", ["name"]],
    ["{ born: 1 }", []],
    ["i + Number(args.x)", []],
    ["r", ["r"]],
    ["row", undefined],
    ["{ ...row, x: 1 }", undefined],
    ["row.name", ["name"]],
    ["eval('row')", undefined],
    ["({ name }) => name", ["name"]],
    ["({ name }) => name + born", ["born", "name"]],
    ["x => x", undefined],
    ["(x, ctx) => ctx.index", []],
    ["({ name, ...rest }) => rest", undefined],
    ["function () { return arguments[0] }", undefined],
    ["((name) => name)(1)", []],
    ["(({ row }) => row)({ row: name })", ["name"]],
  ];
  test.each(cases)("of %s", (expression, reads) => {
    const found = expressionReads(expression, COLUMNS);
    expect(found === undefined ? undefined : [...found].toSorted()).toEqual(reads?.toSorted());
  });

  test("takes r for the whole row where no column has that name", () => {
    expect(expressionReads("r", ["name"])).toBeUndefined();
  });
});

describe("expressionReads() of rows without a header", () => {
  const cases: [expression: string, reads: string[] | undefined][] = [
    ["{ name, age: 2017 - born }", ["name", "born"]],
    ["Math.abs(born) > 3 && name !== undefined", ["Math", "born", "name", "undefined"]],
    ["i + args.x", ["i", "args"]],
    ["constructor.name + born", ["constructor", "born"]],
    ["row.born > 1900", ["born"]],
    ["row.toString() + born", undefined],
    ["row.constructor", undefined],
    ["r", undefined],
    ["r.born", undefined],
    ["{ ...row }", undefined],
    ["r => r.born + x", ["born", "x"]],
    ["({ born, constructor: c }) => [born, c]", ["born", "constructor"]],
    ["row => row[born]", undefined],
    ["(row => row.name)({ name: born })", ["born"]],
    ["eval('row')", undefined],
  ];
  test.each(cases)("%s", (expression, reads) => {
    const found = expressionReads(expression, undefined);
    expect(found === undefined ? undefined : [...found].toSorted()).toEqual(reads?.toSorted());
  });
});

describe("schemaReads()", () => {
  test("gives the columns of an object schema that strips others", () => {
    expect([...(schemaReads(z.object({ name: z.string(), born: z.number() })) ?? [])]).toEqual(["name", "born"]);
    expect([...(schemaReads(z.object({ name: z.string() }).refine((row) => row.name !== "")) ?? [])]).toEqual(["name"]);
  });

  test("gives the columns of all options, and of all parts, of such objects", () => {
    const [name, born] = [z.object({ name: z.string() }), z.object({ born: z.number() })];
    expect([...(schemaReads(z.union([name, born])) ?? [])]).toEqual(["name", "born"]);
    expect([...(schemaReads(name.and(born)) ?? [])]).toEqual(["name", "born"]);
    const kinds = [z.object({ kind: z.literal("a"), a: z.string() }), z.object({ kind: z.literal("b") })] as const;
    expect([...(schemaReads(z.discriminatedUnion("kind", kinds)) ?? [])]).toEqual(["kind", "a"]);
  });

  const looking = {
    "strict objects": z.strictObject({ name: z.string() }),
    "loose objects": z.looseObject({ name: z.string() }),
    "a catchall": z.object({ name: z.string() }).catchall(z.string()),
    "a transform over the object": z.object({ name: z.string() }).transform((row) => row),
    "a preprocess": z.preprocess((row) => row, z.object({ name: z.string() })),
    "a union of which one is loose": z.union([z.object({ name: z.string() }), z.looseObject({ born: z.string() })]),
    "a union with what is no object": z.union([z.object({ name: z.string() }), z.record(z.string(), z.string())]),
    "a record": z.record(z.string(), z.string()),
  };
  for (const [name, schema] of Object.entries(looking)) {
    test(`proves nothing for ${name}`, () => {
      expect(schemaReads(schema)).toBeUndefined();
    });
  }
});

test("unionOfReads() is all columns as soon as one part is", () => {
  expect(unionOfReads([new Set(["a"]), undefined])).toBeUndefined();
  expect([...(unionOfReads([new Set(["a"]), new Set(["b", "a"])]) ?? [])]).toEqual(["a", "b"]);
});
