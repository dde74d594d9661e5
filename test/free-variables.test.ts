import { describe, expect, test } from "bun:test";
import { parseExpressionAt } from "acorn";

import { findOuterUses } from "../src/free-variables.ts";

function hasThis(source: string): boolean {
  return findOuterUses(parseExpressionAt(`(${source})`, 0, { ecmaVersion: "latest" })).hasThis;
}

function namesIn(source: string): string[] {
  return findOuterUses(parseExpressionAt(`(${source})`, 0, { ecmaVersion: "latest", sourceType: "module" })).names;
}

describe("findOuterUses() finds", () => {
  test.each([
    ["a name in a body", "(x) => x + outer", ["outer"]],
    ["each name once, in order", "() => [b, a, b]", ["b", "a"]],
    ["a default of a parameter", "(x = outer) => x", ["outer"]],
    ["a computed key", "(x) => x[key]", ["key"]],
    ["a computed key of a pattern", "({ [key]: x }) => x", ["key"]],
    ["a default in a pattern", "({ a = outer }) => a", ["outer"]],
    ["a shorthand property", "() => ({ outer })", ["outer"]],
    ["an assignment's target", "(x) => { outer = x; }", ["outer"]],
    ["a target in a destructuring assignment", "(x) => { [outer, x.y] = x; }", ["outer"]],
    ["a called name", "(x) => outer(x)", ["outer"]],
    ["a template's value and tag", "() => tag`a${outer}`", ["tag", "outer"]],
    ["a class that is extended", "() => class extends Outer {}", ["Outer"]],
    ["a name that is only tested for", "() => typeof outer", ["outer"]],
    ["a name declared in a block, used outside of it", "() => { { let inner = 1; } return inner; }", ["inner"]],
    ["a name of a loop, used after it", "() => { for (const i of []) {} return i; }", ["i"]],
    ["a name of a catch clause, used after it", "() => { try {} catch (e) {} return e; }", ["e"]],
    ["a name inside of a nested function", "() => { function f() { return outer; } return f; }", ["outer"]],
    ["a nested function's own name, used outside", "() => { (function f() {})(); return f; }", ["f"]],
    ["arguments of an arrow function", "() => arguments.length", ["arguments"]],
    ["a class field's value", "() => class { a = outer }", ["outer"]],
  ])("%s", (_, source, names) => {
    expect(namesIn(source)).toEqual(names);
  });
});

describe("findOuterUses() takes as its own", () => {
  test.each([
    ["parameters", "(a, { b, c: [d, ...e] }, ...f) => [a, b, d, e, f]"],
    ["a parameter that a later default uses", "(a, b = a) => b"],
    ["let, const and class of a block", "() => { let a = 1; const b = a; class C {} return new C(b); }"],
    ["var of an inner block", "() => { if (true) { var a = 1; for (var b in {}) {} } return a + b; }"],
    ["a function declared later", "() => { return f(); function f() { return 1; } }"],
    ["a function declared in a block", "() => { { f(); function f() {} } }"],
    ["its own name", "function f(n) { return n === 0 ? 1 : n * f(n - 1); }"],
    ["arguments of a function", "function () { return () => arguments.length; }"],
    ["names of loops", "() => { for (let i = 0; i < 9; i++) {} for (const [k, v] of []) k + v; }"],
    ["a catch clause's name", "() => { try {} catch ({ message }) { return message; } }"],
    ["names of a switch", "(x) => { switch (x) { case 1: let y = x; return y; } }"],
    ["a class's own name", "() => class C { static make() { return new C(); } }"],
    ["names that are no variables", "(x) => ({ a: x.b, c() {}, get d() { return x?.e; } })"],
    ["labels", "() => { outer: for (;;) { break outer; } }"],
    ["private names", "() => class { #a = 1; b() { return this.#a; } static { this.c = 1; } }"],
    ["a using declaration", "() => { using a = null; return a; }"],
    ["meta properties", "function () { return new.target; }"],
  ])("%s", (_, source) => {
    expect(namesIn(source)).toEqual([]);
  });
});

test("findOuterUses() sees the this around an arrow function, and no other", () => {
  expect(hasThis("() => this.a")).toBe(true);
  expect(hasThis("() => { { () => this; } }")).toBe(true);
  expect(hasThis("function () { return this; }")).toBe(false);
  expect(hasThis("() => class { a = this; b() { return this; } }")).toBe(false);
});
