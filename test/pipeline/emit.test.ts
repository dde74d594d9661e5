/**
 * Rows that are emitted are the same bytes for every jobs × batch size × block size × file or stream × order in which
 * workers answer, and those of a plain loop.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

const out = join(folder, "emitted");

/** What a row does, by its value: whether it fails, and what it emits to each output before. */
const CODE = `
  const what = row.v;
  if (what === "1") ctx.emit("a", { k: row.k, i: ctx.index });
  if (what === "2") { ctx.emit("b", row); ctx.emit("a", { i: ctx.index, k: row.k }); ctx.emit("a", { k: "" }); }
  if (what === "4") ctx.emit("a", { k: row.k, i: 0 });
  if (what === "4") throw new Error("four");
  if (what === "5") { try { ctx.emit("a", 5); } catch { ctx.emit("b", { k: "caught" }); } }
  if (what === "6") return null;
`;

const MODULES = {
  "at once": `export default (row, ctx) => { ${CODE} return row; };\n`,
  "some of them late": `export default async (row, ctx) => {
    if (ctx.index % 3 === 0) await new Promise(setImmediate);
    ${CODE}
    return [row, row];
  };\n`,
  "at first at once, then late": `export default (row, ctx) => {
    ${CODE}
    if (ctx.index % 4 !== 3) return row;
    return new Promise(setImmediate).then(() => { ctx.emit("b", { k: "late" }); return row; });
  };\n`,
  "by a generator": `export default function* (row, ctx) { yield row; ${CODE.replace("return null", "return")} yield row; };\n`,
};

beforeAll(() => {
  mkdirSync(out, { recursive: true });
  for (const [name, code] of Object.entries(MODULES)) writeFileSync(join(folder, `emit ${name}.ts`), code);
});

interface Row {
  k: string;
  v: string;
}

/** What comes out of the rows up to the one that fails too often. */
function plainEmits(
  name: keyof typeof MODULES,
  rows: readonly Row[],
  most: number,
): { a: string; b: string; ends: boolean } {
  let a = "";
  const b: unknown[] = [];
  let failures = 0;
  for (const [index, row] of rows.entries()) {
    const { k, v } = row;
    if (v === "4" && ++failures > most) return { a, b: lines(b), ends: true };
    if (a === "" && (v === "1" || v === "2")) a = v === "1" ? "k,i\n" : "i,k\n";
    const line = (key: string, at: string): string => csvLine(a.startsWith("k") ? [key, at] : [at, key]);
    if (v === "1") a += line(k, String(index));
    if (v === "2") a += line(k, String(index)) + line("", "");
    if (v === "2") b.push(row);
    if (v === "5") b.push({ k: "caught" });
    if (v !== "4" && v !== "6" && index % 4 === 3 && name === "at first at once, then late") b.push({ k: "late" });
  }
  return { a, b: lines(b), ends: false };
}

function lines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

describe("what rows emit is what a plain loop writes", () => {
  const key = fc.constantFrom("a", "b,c", "", 'q"', "two\nlines", "7");
  const value = fc.constantFrom("1", "2", "3", "4", "5", "6");
  const rows = fc.array(fc.record({ k: key, v: value }), { maxLength: 40 });
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const most = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
  const ordered = fc.constantFrom<Partial<RunOptions>>(
    {},
    { sortBy: ["k"] },
    { headBy: ["v"] },
    { groupBy: ["v"], figures: [{ kind: "count" }] },
  );

  for (const name of Object.keys(MODULES) as (keyof typeof MODULES)[]) {
    test(
      name,
      async () => {
        const property = fc.asyncProperty(rows, shapes, most, ordered, async (all, ways, errors, behind) => {
          const input = `k,v\n${all.map(({ k, v }) => csvLine([k, v])).join("")}`;
          const wanted = plainEmits(name, all, errors ?? Infinity);
          const run: RunOptions = {
            ...behind,
            transform: join(folder, `emit ${name}.ts`),
            emit: { a: join(out, "a.csv"), b: join(out, "b.jsonl") },
            output: join(out, "out.csv"),
            from: "csv",
            types: "text",
            onError: "reject",
            rejects: rejectsFile,
            ...(errors !== undefined && { maxErrors: errors }),
          };
          for (const way of ways) {
            rmSync(out, { recursive: true, force: true });
            mkdirSync(out);
            // A run that ends early keeps it.
            rmSync(`${rejectsFile}.part`, { force: true });
            const { failure } = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
            expect(failure?.code).toBe(wanted.ends ? "too-many-errors" : undefined);
            if (wanted.ends) continue;
            expect(readFileSync(join(out, "a.csv"), "utf8")).toBe(wanted.a);
            expect(readFileSync(join(out, "b.jsonl"), "utf8")).toBe(wanted.b);
          }
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
      },
      600_000,
    );
  }
});
