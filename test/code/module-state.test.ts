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
  "const s = { n: 0 }; function bump(x) { x.n++; } export default r => { bump(s); return { n: s.n } }",
  "const s = { n: 0 }; export default r => { const t = s; t.n += r.a; return { n: t.n } }",
  "const s = { seen: new Set() }; export default r => { const { seen } = s; if (seen.has(r.k)) return null; seen.add(r.k); return r }",
  "const next = (() => { let n = 0; return () => ++n; })(); export default r => ({ id: next() })",
  "function counter() { let n = 0; return () => n++; } const next = counter(); export default r => ({ id: next() })",
  "function* ids() { let n = 0; for (;;) yield n++; } const it = ids(); export default r => ({ id: it.next().value })",
  "let n = 0; const s = { get next() { return n++; } }; export default r => ({ id: s.next })",
  "let n = 0; const s = { bump() { n++; } }; export default r => { s.bump(); return { n } }",
  "const day = new Date(0); export default r => { day.setDate(day.getDate() + 1); return { day: day.toISOString() } }",
  "export default r => { globalThis.n = (globalThis.n ?? 0) + 1; return { n: globalThis.n } }",
  "const stats = { max: 0 }; export default r => { stats.max = Math.max(stats.max, r.id); return { max: stats.max } }",
  "const best = [0]; export default r => { best[0] = Math.max(best[0], r.id); return { max: best[0] } }",
  "class D { static seen = new Set(); static isNew(x) { const h = D.seen.has(x); D.seen.add(x); return !h } } export default r => D.isNew(r.id) ? r : null",
  "class D { static seen = new Set(); static isNew(x) { const h = this.seen.has(x); this.seen.add(x); return !h } } export default r => D.isNew(r.id) ? r : null",
  "const m = { a: { n: 0 }, b: { n: 0 } }; export default r => { const g = r.id % 2 ? m.a : m.b; g.n += 1; return { n: g.n } }",
  "const list = [{ n: 0 }]; export default r => { for (const b of list) b.n++; return { n: list[0].n } }",
  "const list = [{ n: 0 }]; export default r => { list.forEach(b => { b.n += r.id }); return { n: list[0].n } }",
  "export default (() => { let sum = 0; return r => ({ sum: (sum += r.id) }) })()",
  "export default r => { ++globalThis.n; return { n: globalThis.n } }",
  "const mk = () => { const seen = new Set(); return k => !seen.has(k) && !!seen.add(k); }; const first = mk(); export default r => first(r.k) ? r : null",
  "const re = new RegExp('1', 'g'); export default r => ({ hit: re.test(r.k) })",
  "const S = { list: [] }; const { list } = S; export default r => { list.push(r.id); return { n: S.list.length } }",
  "let n = 0; const add = k => { n += k; return n }; const ops = { add }; export default r => ({ n: ops.add(r.id) })",
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
  "function make() { let db; return () => { if (!db) db = 5; return db; } } const get = make(); export default r => ({ v: get() + r.a })",
  "export default r => { globalThis.cache ??= new Map(); return { v: r.k.length } }",
  "const l = []; export default r => { l[0] = r.a; l[1] = r.b; return { s: l.join('-') } }",
  "const s = { n: 1 }; function twice(x) { const y = { ...x }; y.n *= 2; return y.n; } export default r => ({ v: twice(s) })",
  "const s = { factor: 3 }; export default r => { const { factor } = s; return { v: r.a * factor } }",
  "const d = new Date(0); export default r => { d.setTime(r.id * 864e5); return { d: d.toISOString() } }",
  "const table = [{ k: 'a', v: 1 }]; export default r => { for (const row of table) if (row.k === r.k) return { v: row.v }; return { v: 0 } }",
  "const table = [{ k: 'a', v: 1 }]; export default r => { const found = r.k ? table[0] : table[1]; return { v: found.v, all: table.map(one => one.v) } }",
  "export default (() => { const factor = 3; return r => ({ v: r.a * factor }) })()",
  "const lru = new Map(); export default r => { let v = lru.get(r.k); if (v === undefined) { v = r.k.length; if (lru.size >= 100) lru.delete(lru.keys().next().value); lru.set(r.k, v); } return { v } }",
  "const c = Object.create(null); export default r => ({ v: c[r.k] ?? (c[r.k] = r.k * 2) })",
  "const n = [0, 0, 0]; export default r => { n.fill(0); for (const ch of String(r.id)) n[ch % 3]++; return { n: n.join('') } }",
];

const NOTED = [
  "class Cache { #m = new Map(); get(k) { let v = this.#m.get(k); if (v === undefined) { v = k.length; this.#m.set(k, v); } return v; } } const cache = new Cache(); export default r => ({ v: cache.get(r.k) })",
  "const cache = new Map(); function keep(m, k) { if (!m.has(k)) m.set(k, k.length); return m.get(k); } export default r => ({ v: keep(cache, r.k) })",
  "const b = new Uint8Array(4); export default r => { for (let i = 0; i < 4; i++) b[i] = r.k.charCodeAt(i); return { v: Bun.hash(b) } }",
];

describe("what depends on the rows before is found", () => {
  for (const source of CHANGED)
    test(source, () => expect(changedVariables(source, "ts").map(({ matters }) => matters)).toEqual(["yes"]));
});

describe("of a cache nothing is said", () => {
  for (const source of CACHES) test(source, () => expect(changedVariables(source, "ts")).toEqual([]));
});

describe("where it cannot be told, a note says so", () => {
  for (const source of NOTED)
    test(source, () => expect(changedVariables(source, "ts").map(({ matters }) => matters)).toEqual(["perhaps"]));
});
