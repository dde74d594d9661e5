import { describe, expect, test } from "bun:test";
import { parseExpressionAt } from "acorn";
import { newResults } from "../../src/code/new-results.ts";

/** What is proven of code: names that may hold objects, `…` for any others, or undefined. */
function proven(code: string): string[] | undefined {
  const result = newResults(parseExpressionAt(code, 0, { ecmaVersion: "latest", sourceType: "module" }));
  return result && [...result.unsure, ...(result.hasOthers ? ["…"] : [])];
}

describe("newResults() proves that a result is made for its row", () => {
  test.each<[string, string[]]>([
    ["(r) => ({ a: 1, b: `x${r.b}`, c: r.c - 1, d: !r.d, e: -r.e, f: r.a + r.b })", []],
    ["(r) => ({ a: r.a, b: f(r) })", ["a", "b"]],
    ["(r) => ({ a: r.x ? 1 : 'two', b: r.y && 2, c: r.z ?? 3 })", ["c"]],
    ["(r) => ({ a: /x/ })", ["a"]],
    ["(r) => ({ ...r, a: 1 })", ["…"]],
    ["(r) => ({ [r.k]: r.v })", ["…"]],
    ["(r) => r.a > 1 ? { a: r.a } : null", ["a"]],
    ["(r) => r.a > 1 && { a: 1 }", []],
    ["(r) => [{ a: r.a }, null, { b: 1 }]", ["a"]],
    ["async (r) => { await f(r); return { a: 1 }; }", []],
    ["function (r) { if (r.a) return; return { a: 1 }; }", []],
    ["(r) => { const out = { a: 1 }; out.b = r.b; return out; }", ["…"]],
    ["(r) => { const out = {}; for (const k of r.ks) out[k] = 1; return r.a ? out : undefined; }", ["…"]],
    ["(r) => { const out = {}; out.a = 1; return { ...out }; }", ["…"]],
    ["({ a: 1, b })", ["b"]],
    ["(r) => 5", []],
  ])("%s", (code, unsure) => {
    expect(proven(code)).toEqual(unsure);
  });
});

describe("newResults() proves that results are rows", () => {
  test.each<[string, boolean]>([
    ["(r) => ({ a: r.a })", true],
    ["({ a, 'b c': 1 })", true],
    ["(r) => r.a ? { a: r.a } : null", true],
    ["(r) => { if (r.a) return null; return { a: 1 }; }", true],
    ["(r) => { if (r.a) return; return { a: 1 }; }", true],
    ["(r) => r.a && { a: 1 }", false],
    ["(r) => r.a ? { a: 1 } : undefined", false],
    ["(r) => r.a ? { a: 1 } : 5", false],
    ["(r) => [{ a: 1 }]", false],
    ["(r) => []", false],
    ["async (r) => ({ a: 1 })", false],
    ["(r) => ({ then: r.then })", false],
    ["(r) => ({ [r.k]: 1 })", false],
    ["(r) => ({ __proto__: null })", false],
    ["(r) => ({ ...r })", false],
    ["(r) => { const out = {}; out.then = r.f; return out; }", false],
  ])("%s: %p", (code, areRows) => {
    const tree = parseExpressionAt(code, 0, { ecmaVersion: "latest", sourceType: "module" });
    expect(newResults(tree)?.areRows ?? false).toBe(areRows);
  });
});

describe("newResults() proves nothing of", () => {
  test.each([
    "(r) => r",
    "(r) => out",
    "(r) => f(r)",
    "(r) => new Row(r)",
    "(r) => Object.assign(out, r)",
    "(r) => r.a ? { a: 1 } : out",
    "(r) => out ?? { a: 1 }",
    "(r) => [...rows]",
    "(r) => [out]",
    "(r) => ({ get a() { return 1; } })",
    "(r) => ({ __proto__: shared, a: 1 })",
    "(r) => { out.a = 1; return out; }",
    "(r) => { const out = shared; return out; }",
    "(r) => { var out = {}; return out; }",
    "(r) => { const out = {}; keep(out); return out; }",
    "(r) => { const out = {}; kept = out; return out; }",
    "(r) => { const out = {}; kept.push({ out }); return out; }",
    "(r) => { const out = {}; later(() => { out.a = 1; }); return out; }",
    "(r) => { let out = {}; out = shared; return out; }",
    "(r) => { const out = {}; out.keep(); return out; }",
    "(r) => { const out = {}; eval(r.code); return out; }",
    "(r) => { const out = {}; return [out, out]; }",
    "(r) => { { const out = {}; } return out; }",
    "function* (r) { yield { a: 1 }; }",
    "async (r) => await f(r)",
    "r",
  ])("%s", (code) => {
    expect(proven(code)).toBeUndefined();
  });
});
