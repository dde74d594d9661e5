import { describe, expect, test } from "bun:test";
import { parseExpressionAt } from "acorn";
import type { RowContext } from "../../src/code/context.ts";
import { RefilledObject } from "../../src/code/refilled.ts";
import { proveTree } from "../../src/code/proof.ts";

/** The fields that a function is proven to fill, each with the column that it hands on in it, or `=`; and what it looks at. */
function filled(code: string): [Record<string, string>, string[]] | undefined {
  const tree = parseExpressionAt(code, 0, { ecmaVersion: "latest", sourceType: "module" });
  const proof = proveTree(tree, code, ["a", "b", "c"])?.refilled;
  if (proof === undefined) return undefined;
  const fields = [...proof.fields].map(([name, source]) => [name, source.kind === "carried" ? source.column : "="]);
  return [Object.fromEntries(fields) as Record<string, string>, [...proof.looksAt]];
}

describe("an object is filled anew for each row", () => {
  test.each<[string, Record<string, string>, string[]]>([
    ["(r) => { out.x = r.a; return out; }", { x: "a" }, []],
    ["(r) => { out.x = r.a; out['y z'] = 2017 - r.b; return out; }", { x: "a", "y z": "=" }, ["b"]],
    ["({ a, b }) => { out.a = a; out.b = `${b}!`; return out; }", { a: "a", b: "=" }, ["b"]],
    ["function f(r, ctx) { out.x = r.a ? 1 : -limit; return out; }", { x: "=" }, ["a"]],
    ["(r) => { out.x = r.a; out.y = r.a; return out; }", { x: "a", y: "a" }, []],
    ["(r) => { out.x = r.a; out.y = r.a === 'x'; return out; }", { x: "a", y: "=" }, ["a"]],
  ])("%s", (code, fields, looksAt) => {
    expect(filled(code)).toEqual([fields, looksAt]);
  });
});

describe("nothing of the kind is proven of", () => {
  test.each([
    "(r) => { out.x = r.a; return other; }",
    "(r) => { out.x = r.a; }",
    "(r) => { return out; }",
    "(r) => { out.x = r.a; out.x = r.b; return out; }",
    "(r) => { out.n = out.n + 1; return out; }",
    "(r) => { out.n += 1; return out; }",
    "(r) => { out.n = count++; return out; }",
    "(r) => { out.n = next(); return out; }",
    "(r) => { out.n = other.n; return out; }",
    "(r) => { if (r.a) out.x = r.a; return out; }",
    "(r) => { out[r.a] = r.b; return out; }",
    "(r) => { out.toJSON = r.a; return out; }",
    "(r) => { out.then = r.a; return out; }",
    "(r) => { out.__proto__ = r.a; return out; }",
    "(r) => { out.x = () => r.a; return out; }",
    "(r) => { r.x = r.a; return r; }",
    "(r, out) => { out.x = r.a; return out; }",
    "(r, n = next()) => { out.x = r.a; return out; }",
    "({ a = next() }) => { out.x = a; return out; }",
    "function out(r) { out.x = r.a; return out; }",
    "(r) => { const out = {}; out.x = r.a; return out; }",
    "async (r) => { out.x = r.a; return out; }",
    "(r) => { out.x = r; return out; }",
    "(r) => { out.x = [r.a]; return out; }",
    "(r) => { out.x = delete r.a; return out; }",
    "(r) => { out.x = eval('1'); return out; }",
  ])("%s", (code) => {
    expect(filled(code)).toBeUndefined();
  });
});

/** Whether rows whose results were these may be followed by woven ones. */
function isPlain(...results: unknown[]): boolean {
  const object = new RefilledObject(["a", "b"]);
  const call = object.noting((row) => row["result"]);
  for (const result of results) call({ result }, {} as RowContext);
  return object.plain !== undefined;
}

describe("the object must be what it seems", () => {
  test("a plain object with these fields", () => {
    expect(isPlain({ b: 1, a: 2 })).toBe(true);
    expect(isPlain({ c: 1 }, { b: 1, a: 2 })).toBe(true);
  });

  test("nothing is known before the first row", () => {
    expect(isPlain()).toBe(false);
  });

  test.each<[string, unknown]>([
    ["a field more", { a: 1, b: 2, c: 3 }],
    ["a field less", { a: 1 }],
    ["a field that is a symbol", { a: 1, [Symbol.iterator]: 2 }],
    ["a setter", { a: 1, set b(_: unknown) {} }],
    [
      "one of a class",
      new (class {
        a = 1;
        b = 2;
      })(),
    ],
    ["one that inherits", Object.assign(Object.create({ toJSON: () => 1 }) as object, { a: 1, b: 2 })],
    ["a proxy", new Proxy({ a: 1, b: 2 }, {})],
    ["no object", 5],
  ])("not %s", (_, result) => {
    expect(isPlain(result)).toBe(false);
  });
});
