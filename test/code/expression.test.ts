/** Expressions: what names mean, what is refused before anything runs, and what is proven to be read. */
import { describe, expect, test } from "bun:test";
import { RowmillError } from "../../src/errors.ts";
import type { Row } from "../../src/formats/format.ts";
import { RowContext } from "../../src/code/context.ts";
import { compileExpression } from "../../src/code/expression.ts";
import { lookupsOf } from "../../src/transform/lookups.ts";

const context = new RowContext(
  {
    args: { k: "v" },
    state: undefined,
    worker: 0,
    signal: new AbortController().signal,
    log: () => {},
    lookup: lookupsOf({ lookups: {} }),
  },
  "in.csv",
  7,
  () => 9,
);

/** The value of an expression over CSV columns. */
function inColumns(expression: string, row: Row): unknown {
  return compileExpression(expression, Object.keys(row))(row, context);
}

/** The value of an expression over a JSON row. */
function inJson(expression: string, row: Row): unknown {
  return compileExpression(expression, undefined)(row, context);
}

function errorOf(run: () => unknown): RowmillError {
  try {
    run();
  } catch (error) {
    if (error instanceof RowmillError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a name means, in this order,", () => {
  test.each<[string, string, Row, unknown]>([
    ["row before a column of that name", "row.row", { row: "column" }, "column"],
    ["a column", "name", { name: "Ada" }, "Ada"],
    ["a column before r", "r", { r: "column" }, "column"],
    ["a column before i", "i", { i: "column" }, "column"],
    ["a column before args", "args", { args: "column" }, "column"],
    ["a column before a global", "Math", { Math: "column" }, "column"],
    ["a column before undefined", "[undefined, NaN]", { undefined: "u", NaN: "n" }, ["u", "n"]],
    ["the row, as r", "r.a", { a: 1 }, 1],
    ["the index", "i", { a: 1 }, 7],
    ["the arguments", "args.k", { a: 1 }, "v"],
    ["a global", "Math.max(1, 2)", { a: 1 }, 2],
    ["a column called ctx", "[ctx, i]", { ctx: "column" }, ["column", 7]],
    ["columns called globals and ctx_", "[globals, ctx_, ctx, i]", { globals: 1, ctx_: 2, ctx: 3 }, [1, 2, 3, 7]],
  ])("%s", (_, expression, row, value) => {
    expect(inColumns(expression, row)).toEqual(value);
    expect(inJson(expression, row)).toEqual(value);
  });
});

describe("over JSON rows", () => {
  test("a name that the row has not is undefined", () => {
    expect(inJson("[missing, missing?.x, a]", { a: 1 })).toEqual([undefined, undefined, 1]);
  });

  test("only own properties count", () => {
    expect(inJson("[toString, constructor, __proto__]", {})).toEqual([undefined, undefined, undefined]);
    expect(inJson("constructor", { constructor: 1 })).toBe(1);
  });

  test.each(["Object.keys(r)", "globalThis.Object.keys(r)", "Object.hasOwn(r, 'a') && Object.keys(r)"])(
    "%s uses the real globals",
    (expression) => {
      expect(inJson(expression, { a: 1 })).toEqual(["a"]);
    },
  );

  test("a property may be called Object", () => {
    expect(inJson("[Object, a]", { Object: "mine", a: 1 })).toEqual(["mine", 1]);
  });
});

describe("forms", () => {
  const row = { name: "Ada", born: "1815" };
  test.each<[string, string, unknown]>([
    ["an object literal without brackets", "{ name, age: 2017 - born }", { name: "Ada", age: 202 }],
    ["an object literal in brackets", "({ name })", { name: "Ada" }],
    ["a comment at the end", "{ name } // who", { name: "Ada" }],
    ["several lines", "{\n  name,\n  n: 1,\n}", { name: "Ada", n: 1 }],
    ["an arrow function of the row", "r => r.name", "Ada"],
    ["an arrow function that takes the row apart", "({ name }) => name", "Ada"],
    ["an arrow function with a body", "r => { const { name } = r; return { name }; }", { name: "Ada" }],
    ["an arrow function with the context", "(r, ctx) => [ctx.index, ctx.line, ctx.file]", [7, 9, "in.csv"]],
    ["a function expression", "function (r) { return r.name }", "Ada"],
    ["an array of rows", "[{ name }, { name: born }]", [{ name: "Ada" }, { name: "1815" }]],
    ["spread", "{ ...r, n: 1 }", { ...row, n: 1 }],
    ["a template", "`${name}!`", "Ada!"],
    ["a conditional", "born > 1800 ? { name } : null", { name: "Ada" }],
    ["a number with a type", "{ age: (2017 - Number(born)) as number }", { age: 202 }],
    ["a type annotation", "(r: { name: string }): string => r.name", "Ada"],
    ["non-null and satisfies", "({ n: name! } satisfies object)", { n: "Ada" }],
    ["generics", "new Map<string, number>([[name, 1]]).get(name)", 1],
  ])("%s", (_, expression, value) => {
    expect(inColumns(expression, row)).toEqual(value);
  });

  test("names that are bound inside are not looked up", () => {
    const bound = [
      "[1, 2].map((x) => x * 2)",
      "[1, 2].map(function twice(n) { return n * 2; })",
      "((a, { b, ...rest }, [c = a]) => a)(born, {}, [])",
      "(() => { let x = 1; for (const y of [1]) { x += y; } try { throw x } catch (e) { x = e } return x; })()",
      "(() => { function f() { return g(); } function g() { return 1; } return f(); })()",
      "(() => { class C { static d = 1; m() { return C.d; } } return new C().m(); })()",
      "(() => { label: for (;;) { break label; } return { key: 1, [name]: 2 }.key; })()",
    ];
    for (const expression of bound) expect(inColumns(expression, row)).toBeDefined();
  });

  test("an inner parameter hides a column, a default still sees it", () => {
    expect(inColumns("[1, 2].map((born) => born)", row)).toEqual([1, 2]);
    expect(inColumns("((x = born) => x)()", row)).toBe("1815");
    expect(inColumns("(() => { { const name = 1; } return name; })()", row)).toBe("Ada");
  });

  test("this is undefined", () => {
    expect(inColumns("(() => this)()", row)).toBeUndefined();
    expect(inColumns("(function () { return this; })()", row)).toBeUndefined();
  });

  test("a comparison is no type argument", () => {
    expect(inColumns("[born < 5, born > (1)]", row)).toEqual([false, true]);
  });
});

describe("columns of any name", () => {
  const names = [
    "class",
    "a-b",
    "__proto__",
    "constructor",
    "",
    "0",
    'quo"te',
    "line\nbreak",
    "\u2028",
    "`${1}`",
    '"];x//',
  ];
  for (const name of names) {
    test(`${JSON.stringify(name)} is reached by r[…] and breaks nothing`, () => {
      const row = Object.fromEntries([
        ["plain", "p"],
        [name, "odd"],
      ]);
      const key = JSON.stringify(name);
      expect(inColumns(`[r[${key}], plain]`, row)).toEqual(["odd", "p"]);
      expect(inColumns(`(({ [${key}]: odd }) => odd)(r)`, row)).toBe("odd");
      expect(inColumns(`({ ${key}: odd }) => odd`, row)).toBe("odd");
    });
  }

  test("a column called constructor or __proto__ is a name like any other", () => {
    const row = Object.fromEntries([
      ["constructor", "c"],
      ["__proto__", "p"],
    ]);
    expect(inColumns("[constructor, __proto__]", row)).toEqual(["c", "p"]);
  });
});

describe("refused before anything runs:", () => {
  const columns = ["name", "born", "country"];
  const refused = (expression: string): RowmillError => errorOf(() => compileExpression(expression, columns));

  test.each([
    ["{ nmae }", "nmae", "did you mean name?"],
    ["{ age: 2017 - Born }", "Born", "did you mean born?"],
    ["r => ({ ...r, x: contry })", "contry", "did you mean country?"],
    ["{ x: zzzzzz }", "zzzzzz", "the columns are: name, born, country"],
    ["{ f: require('fs') }", "require", "the columns are: name, born, country"],
    ["[1].map((x) => x + y)", "y", "the columns are: name, born, country"],
  ])("%s, with a suggestion", (expression, name, hint) => {
    const error = refused(expression);
    expect(error.code).toBe("transform");
    expect(error.message).toContain(`uses ${name}, which is no column`);
    expect(error.hint).toBe(hint);
  });

  test.each([
    "",
    "  \n",
    "{ name",
    "name born",
    "const x = 1",
    "name; born",
    "name) + (born",
    "}); process.exit(7); ({",
  ])("%j", (expression) => {
    expect(refused(expression).code).toBe("transform");
  });
});
