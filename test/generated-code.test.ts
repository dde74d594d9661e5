/** Every piece of generated code, with names of columns that would be code, end a literal or name what objects inherit. */
import { beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import * as zod from "zod";
import { jsonSchema } from "../src/cli/schema-file.ts";
import { compileFieldsReader } from "../src/fields/fields-reader.ts";
import { generate, keyLiteral, memberOf, objectLiteral, ownMemberOf } from "../src/generated-code.ts";
import { recordReader } from "../src/fields/record-type/record-rows.ts";
import { csvBlockEncoder } from "../src/formats/csv/block-encoder.ts";
import { csvRowEncoder } from "../src/formats/csv/encoder.ts";
import { PLAIN_CSV } from "../src/formats/text/output-dialect.ts";
import { Kind, objectCode, objectStride, placeOf } from "../src/formats/indexed/object-code.ts";
import { jsonBlockEncoder } from "../src/formats/values/json-block-encoder.ts";
import { ANYTHING, lastingRows } from "../src/transform/lasting-results.ts";
import { sentValues, takenValues } from "../src/pool/columns.ts";
import type { RunOptions } from "../src/options/run-options.ts";
import { shapeTests } from "../src/stages/profile/text-shapes.ts";
import { RowProfiler } from "../src/stages/profile/row-profiler.ts";
import { csvLine } from "./pipeline/plain-loop.ts";
import { folder, runShaped, setUpShapedRuns } from "./pipeline/shaped-run.ts";

setUpShapedRuns();

const NAMES = [
  "a",
  'quote"',
  "it's",
  "back\\slash",
  "\\",
  "line\nfeed",
  "\r\n",
  "\u2028\u2029",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "then",
  "length",
  "*/",
  "//",
  "`${x}`",
  '"]; throw 1; //',
  "class",
  "row",
  "f0",
  "0",
];
const ROWS = [1, 2, 3].map((row) => NAMES.map((_, at) => String(row * 100 + at)));
const OBJECTS = ROWS.map((values) => Object.fromEntries(NAMES.map((name, at) => [name, values[at] ?? ""])));
const CSV = [NAMES, ...ROWS].map((cells) => csvLine(cells)).join("");
const JSONL = OBJECTS.map((row) => `${JSON.stringify(row)}\n`).join("");

beforeAll(() => {
  writeFileSync(
    join(folder, "fold.ts"),
    `export const reduce = {
      init: () => [],
      step: (all, row) => [...all, row],
      merge: (a, b) => [...a, ...b],
      finish: (all) => all,
    };\n`,
  );
  writeFileSync(
    join(folder, "given.ts"),
    `export default (row: { ${NAMES.filter((name) => name !== "__proto__")
      .map((name) => `${keyLiteral(name)}: string`)
      .join("; ")} }) => ({ ...row });\n`,
  );
});

const SHAPE = {
  jobs: 1,
  batchBytes: 10_000,
  growth: 1,
  batchRows: undefined,
  blockBytes: undefined,
  pieces: [],
  concurrency: 1,
  picks: [0],
  isAsked: false,
};

async function run(from: "csv" | "jsonl", options: Partial<RunOptions>): Promise<string> {
  const bytes = Buffer.from(from === "csv" ? CSV : JSONL);
  const ran = await runShaped({ format: from, bytes }, { from, types: "text", ...options }, SHAPE);
  expect(ran.failure).toBeUndefined();
  return ran.output;
}

/** A row as the key of an object would read it is none: keys that are numbers come first in objects. */
const rowsOf = (text: string): unknown[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

test("names go through every generator unharmed", async () => {
  const all = `{ ${NAMES.map((name) => `${keyLiteral(name)}: ${memberOf("row", name)}`).join(", ")} }`;
  const texts = OBJECTS.map((row) => JSON.stringify(row, Object.keys(row).toSorted()));
  const same = (output: string, name: string): void =>
    expect([name, rowsOf(output).map((row) => JSON.stringify(row, Object.keys(row as object).toSorted()))]).toEqual([
      name,
      texts,
    ]);
  for (const from of ["csv", "jsonl"] as const) {
    for (const to of ["csv", "jsonl"] as const) {
      // Passed on, made anew, filtered by each, computed, folded.
      const runs: Record<string, Partial<RunOptions>> = {
        plain: { expression: "row" },
        copied: { filter: `${memberOf("row", "length")} !== ""` },
        renewed: { expression: all },
        spread: { expression: `({ ...row })` },
        computed: { expression: `({ ...row, "a": ${memberOf("row", "a")} + "" })` },
        folded: { transform: join(folder, "fold.ts") },
        called: { expression: `[row].map((one) => ({ ...one }))` },
        given: { transform: join(folder, "given.ts"), types: { ["__proto__"]: "text" } },
        typed: { types: { "*": "text", a: "string" } },
      };
      for (const [name, options] of Object.entries(runs)) {
        const output = await run(from, { to, ...options });
        const place = `${name}, ${from} to ${to}`;
        if (to === "jsonl") same(output, place);
        else expect([place, output.length]).toEqual([place, CSV.length]);
      }
    }
    for (const name of NAMES) {
      const grouped = await run(from, { groupBy: [name], figures: [{ kind: "sum", column: name }], to: "jsonl" });
      expect(rowsOf(grouped).length).toBe(3);
      expect(rowsOf(await run(from, { headBy: [name], to: "jsonl" })).length).toBe(3);
    }
  }
});

test("names of rows that are woven", async () => {
  const names = NAMES.filter((name) => !["__proto__", "0", "then"].includes(name));
  const fields = names.map((name) => `${keyLiteral(name)}: ${memberOf("row", name)}`).join(", ");
  const looks = names.map((name) => `(${memberOf("row", name)} ? 1 : 0)`).join(" + ");
  for (const from of ["csv", "jsonl"] as const) {
    const bytes = Buffer.from(from === "csv" ? CSV : JSONL);
    const options = { from, types: "text", to: "jsonl", expression: `{ ${fields}, n: ${looks} }` } as const;
    const { output } = await runShaped({ format: from, bytes }, options, { ...SHAPE, blockBytes: 10_000 });
    const wanted = OBJECTS.map((row) => ({
      ...Object.fromEntries(names.map((name) => [name, row[name]])),
      n: names.length,
    }));
    expect(rowsOf(output)).toEqual(wanted);
  }
});

/** The values of rows but those of their keys. */
function valuesOf(output: string): string[] {
  return rowsOf(output).map((row) => {
    const { k: _, ...others } = row as Record<string, string>;
    return JSON.stringify(Object.values(others).toSorted());
  });
}

test("names of tables that are joined, and looked up in", async () => {
  const lines = CSV.split(/\n(?=\d+,)/);
  const file = join(folder, "names.csv");
  // What precedes its rows is a header that holds a line feed.
  writeFileSync(file, lines.map((line, at) => `${at === 0 ? "k" : `k${at}`},${line}`).join("\n"));
  const values = OBJECTS.map((row) => JSON.stringify(Object.values(row).toSorted()));
  for (const from of ["csv", "jsonl"] as const) {
    const bytes = Buffer.from(from === "csv" ? "k\nk1\nk2\nk3\n" : '{"k":"k1"}\n{"k":"k2"}\n{"k":"k3"}\n');
    const options = { from, to: "jsonl", types: "text" } as const;
    const joined = await runShaped({ format: from, bytes }, { ...options, join: [{ file, on: "k" }] }, SHAPE);
    expect(valuesOf(joined.output)).toEqual(values);
    const lookup = { t: { file, key: "k" } };
    const expression = 'lookup("t").get(row.k)';
    const looked = await runShaped({ format: from, bytes }, { ...options, lookup, expression }, SHAPE);
    expect(rowsOf(looked.output).map((row) => Object.keys(row as object).toSorted())).toEqual(
      OBJECTS.map(() => ["k", ...NAMES].toSorted()),
    );
  }
});

function sorted(one: object): object[] {
  return Object.entries(one).toSorted(([, a], [, b]) => a - b);
}

test("what is generated of names alone", async () => {
  const row = Object.fromEntries(NAMES.map((name) => [name, "7"]));
  compileFieldsReader(NAMES.map((name) => ({ name, read: Number, empty: "kept" })))(row);
  for (const name of NAMES) expect(Object.getOwnPropertyDescriptor(row, name)?.value).toBe(7);
  const made = generate("made", `return ${objectLiteral(NAMES.map((name, at) => [name, String(at)]))};`) as object;
  for (const [at, name] of NAMES.entries()) {
    expect(Object.getOwnPropertyDescriptor(made, name)?.value).toBe(at);
    expect(generate("read", `return (row) => ${ownMemberOf("row", name)};`)).toBeFunction();
    expect((generate("read", `return (row) => ${ownMemberOf("row", name)};`) as (row: object) => unknown)({})).toBe(
      undefined,
    );
  }
  const many = Array.from({ length: 100 }, () => OBJECTS[0] ?? {});
  expect(csvBlockEncoder(NAMES, PLAIN_CSV)?.encode(many)?.rows).toBe(100);
  const lines = many.map(csvRowEncoder(NAMES, PLAIN_CSV));
  expect(new Set(lines)).toEqual(new Set([csvLine(ROWS[0] ?? [])]));
  const objects = OBJECTS.map((one) =>
    Object.fromEntries(Object.entries(one).filter(([name]) => !JSON.stringify(name).includes("\\"))),
  );
  for (const keys of [objects, objects.map((one) => ({ a: Object.keys(one).length }))])
    expect(jsonBlockEncoder("\n").encode(keys)?.text ?? "").toBe(
      keys.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
  const last = lastingRows({ format: "jsonl" } as never, ANYTHING, undefined);
  const { __proto__: _, ...others } = Object.fromEntries(NAMES.map((name) => [name, name]));
  for (const kept of [others, row]) {
    const copy = last(kept, {}, undefined);
    expect(copy).not.toBe(kept);
    expect(Object.entries(copy as object)).toEqual(Object.entries(kept));
  }
  for (const again of [undefined, "same"]) {
    // A property of that name is none that could be set.
    const keys = again === undefined ? NAMES : NAMES.filter((name) => name !== "__proto__");
    const { statements, object, scope } = objectCode(keys, { internsTexts: false, again });
    const code = `const same = {}; return (fields) => { const at = 0, numbers = [], text = ""; ${statements} return ${object}; };`;
    const rowOf = generate("rowOf", code, scope) as (found: Int32Array) => object;
    const found = new Int32Array(objectStride(keys.length));
    for (const at of keys.keys()) found.set([Kind.integer, 0, at], placeOf(at));
    const expected = (of: readonly string[]): object[] => of.map((name) => [name, keys.indexOf(name)]);
    expect(sorted(rowOf(found))).toEqual(expected(keys));
    for (const [at, name] of keys.entries()) {
      found[placeOf(at)] = Kind.missing;
      expect(sorted(rowOf(found))).toEqual(expected(keys.filter((one) => one !== name)));
      found[placeOf(at)] = Kind.integer;
    }
  }
  const fields = NAMES.filter((name) => !(name in Object.prototype)).map((name) => ({
    name,
    shape: { kind: "number" } as const,
    isOptional: false,
  }));
  const read = recordReader({ name: "Row", place: "row.ts:1", fields, named: {} });
  expect(() => read(row)).not.toThrow();
  expect(() => read({ ...row, class: "x" })).toThrow("class");
  const sent = sentValues(OBJECTS);
  expect([sent.kind, takenValues(sent)]).toStrictEqual(["columns", OBJECTS]);
  const profiler = new RowProfiler(shapeTests(zod), false);
  for (const [index, one] of OBJECTS.entries()) profiler.look(one, index);
  const { rows } = profiler.result;
  const json = await jsonSchema({ rows, isWhole: true, traits: { values: "typed" } } as never, {});
  const { properties } = JSON.parse(json) as { properties: object };
  expect(Object.keys(properties).toSorted()).toEqual(NAMES.toSorted());
});

test("these are all that there are", () => {
  const src = join(import.meta.dir, "../src");
  const files = [...new Glob("**/*.ts").scanSync(src)].filter((path) =>
    /\bgenerate\(/.test(readFileSync(join(src, path), "utf8")),
  );
  // A new one needs a run above, or a call.
  expect(files.toSorted()).toEqual([
    "cli/schema-file.ts",
    "fields/fields-reader.ts",
    "fields/record-type/record-rows.ts",
    "formats/csv/block-encoder.ts",
    "formats/csv/decoder.ts",
    "formats/indexed/object-code.ts",
    "formats/jsonl/indexed-lines.ts",
    "formats/text/row-line.ts",
    "formats/values/json-block-encoder.ts",
    "generated-code.ts",
    "pool/columns.ts",
    "stages/grouping/row-fields.ts",
    "transform/joined-rows.ts",
    "transform/lasting-results.ts",
    "transform/lookups.ts",
    "transform/row-loop.ts",
    // Fields are numbers in its checks.
    "transform/woven-rows.ts",
  ]);
});
