/** Code that may be called for what is no row, and twice: what is proven to have no effect, and what is not. */
import { describe, expect, test } from "bun:test";
import { isPureExpression, isPureFunction } from "../../src/code/pure.ts";
import { treeOfExpression } from "../../src/code/expression.ts";

const COLUMNS = ["a", "b", "name"];

describe("an expression without an effect", () => {
  const pure = [
    "a > 5",
    "({ ...row, c: a * 2 })",
    "({ a, n: name.length, up: name.toUpperCase().slice(0, 3) })",
    "Math.max(a, b) + Math.PI",
    "Number(a) > Number.MAX_SAFE_INTEGER ? a : `${b}`",
    "r.name ?? args.name",
    "name.split(' ').map((word) => word.trim()).filter(Boolean => Boolean).join('-')",
    "row => ({ ...row, d: new Date(row.a).getFullYear() })",
    "({ name }) => { const parts = name.split(','); let n = 0; for (const part of parts) n += part.length; return { n }; }",
    "name.padStart(5, '0')",
    "Number(/n=(\\d+)/.exec(name)?.[1]) > 5",
  ];
  for (const text of pure) test(text, () => expect(isPureExpression(treeOfExpression(text), COLUMNS)).toBe(true));
});

describe("an expression that may have one, or of which that is not known", () => {
  const others = [
    "console.log(a)",
    "({ a, i })",
    "ctx.index",
    "({ a, at: Date.now() })",
    "({ a, at: new Date() })",
    "Math.random() > 0.5",
    "fetch(a)",
    "row => { while (row.a) row.a--; return row; }",
    "row => { for (let i = 0; i < row.a; i++) row.b += i; return row; }",
    "(row, ctx) => ({ a: row.a, line: ctx.line })",
    "a.constructor('return this')()",
    "row.__proto__.x = 1",
    "row['__proto__'].x = 1",
    "(globalThis.n = 1)",
    "args.n = 1",
    "name.repeat(a)",
    "name.padStart(a)",
    "async (row) => row",
    "row => this",
    "row => { total += row.a; const more = [1].map((total) => total); return { more }; }",
    "({ get a() { return 1; } })",
    "nameless",
    "import('x')",
    "row => arguments",
    "process.exit()",
    "structuredClone(row)",
  ];
  for (const text of others) test(text, () => expect(isPureExpression(treeOfExpression(text), COLUMNS)).toBe(false));
});

function isPure(text: string, params: number): boolean {
  return isPureFunction(treeOfExpression(text), params);
}

test("functions of a module: what its other names stand for is not known", () => {
  expect(isPure("(row) => row.a > 2", 1)).toBe(true);
  expect(isPure("(row) => seen.add(row.a)", 1)).toBe(false);
  expect(isPure("(row) => clean(row.a)", 1)).toBe(false);
  const counting = "(all, row) => { all.set(row.a, (all.get(row.a) ?? 0) + 1); all.n++; return all; }";
  expect(isPure(counting, 2)).toBe(true);
  expect(isPure(counting, 1)).toBe(false);
  expect(isPure("() => new Map()", 0)).toBe(true);
  expect(isPure("() => shared", 0)).toBe(false);
});
