/** Maps and objects of a module in which a row finds what others have left, and caches, in which it finds nothing of them. */
import { describe, expect, test } from "bun:test";
import { changedVariables } from "../../src/code/module-state.ts";

const CHANGED = [
  "const m = new Map(); export default r => { const n = (m.get(r.k) ?? 0) + 1; m.set(r.k, n); return { k: r.k, n } }",
  "const m = new Map(); export default r => { const list = m.get(r.k) ?? []; list.push(r.a); m.set(r.k, list); return { n: list.length } }",
  "const ids = new Map(); const id = k => { const got = ids.get(k) ?? ids.size + 1; ids.set(k, got); return got }; export default r => ({ id: id(r.k) })",
  "const cache = new Map(); export default r => { const hit = cache.has(r.k); if (!hit) cache.set(r.k, r.k.length); return { hit } }",
  "const cache = new Map(); export default r => { if (!cache.has(r.k)) cache.set(r.k, r.k.length); return { size: cache.size } }",
  "const m = {}; export default r => { const n = (m[r.k] || 0) + 1; m[r.k] = n; return { n } }",
  "const m = new Map(); export default r => { let g = m.get(r.k); if (!g) { g = { n: 0 }; m.set(r.k, g); } g.n++; return { n: g.n } }",
  "const m = new Map(); export default r => { const prev = m.get(r.k); m.set(r.k, r.a); return { d: r.a - prev } }",
  "const c = { n: 0, next() { return ++this.n } }; export default r => ({ n: c.next() })",
];

const CACHES = [
  "const cache = new Map(); export default r => { let v = cache.get(r.k); if (v === undefined) { v = r.k.length * 2; cache.set(r.k, v); } return { v } }",
  "const cache = new Map(); export default r => { if (!cache.has(r.k)) cache.set(r.k, r.k.trim()); return { v: cache.get(r.k) } }",
  "const cache = new Map(); export default async r => { const v = cache.get(r.k) ?? await fetch(r.k); cache.set(r.k, v); return { v } }",
  "const cache = {}; export default r => { const v = (cache[r.k] ??= r.k.length); return { v } }",
  "const cache = new Map(); export default r => { const known = cache.get(r.k) ?? r.k.split('-'); cache.set(r.k, known); return { n: known.length } }",
  "const cache = new Map(); export default r => { if (cache.size > 1000) cache.clear(); const v = cache.get(r.k) || r.k.length; cache.set(r.k, v); return { v } }",
  "const cache = new Map(); const f = k => { const hit = cache.get(k); if (hit) return hit; const v = k.length; cache.set(k, v); return v; }; export default r => ({ v: f(r.k) })",
  "const cache = new Map(); export default r => { const has = cache.has(r.k); const v = has ? cache.get(r.k) : r.k.length; if (!has) cache.set(r.k, v); return { v } }",
  "const cache = new Map(); export default r => { const has = cache.has(r.k); const known = has; if (!known) { const has = known; if (!has) cache.set(r.k, r.k.length); } return { v: cache.get(r.k) } }",
];

describe("what depends on the rows before is found", () => {
  for (const source of CHANGED)
    test(source, () => expect(changedVariables(source, "ts").map(({ matters }) => matters)).toEqual(["yes"]));
});

describe("of a cache nothing is said", () => {
  for (const source of CACHES) test(source, () => expect(changedVariables(source, "ts")).toEqual([]));
});
