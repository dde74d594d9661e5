/**
 * Workers that find the rows of their stretch themselves give what the parent gives that finds them: for all cuts, also
 * within quotes, line ends, characters, rows that are bad and rows that are longer than a stretch.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { ended } from "./in-process.ts";
import type { RandomInput } from "./inputs.ts";
import { type Shape, folder, rejectsFile, runShaped, setUpShapedRuns, shape, stretched } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));

setUpShapedRuns();

const LONGEST = `
  export const reduce = {
    init: () => ({ longest: 0, rows: 0, names: {} }),
    step: (all, row) => {
      all.rows++;
      if (row.a.length > all.longest) all.longest = row.a.length;
      all.names[row.b] = (all.names[row.b] ?? 0) + 1;
      return all;
    },
    merge: (all, more) => ({
      longest: Math.max(all.longest, more.longest),
      rows: all.rows + more.rows,
      names: { ...all.names, ...Object.fromEntries(Object.entries(more.names).map(([name, n]) => [name, n + (all.names[name] ?? 0)])) },
    }),
    finish: (all) => [{ longest: all.longest, rows: all.rows, names: JSON.stringify(all.names) }],
  };`;
const reduce = join(folder, "longest.ts");

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(reduce, LONGEST);
});

/** Jobs that may be done before it is known where the rows are. */
const PROGRAMS: Readonly<Record<string, RunOptions>> = {
  "fields handed on, and one computed": { expression: "({ b: row.b, n: row.a.length })", to: "csv" },
  "a number of one": { expression: "({ ...row, c: row.c * 2 })", to: "csv", types: "auto" },
  "to JSON": { expression: "({ a: row.a, b: row.b.toUpperCase() })", to: "jsonl" },
  "a filter": { filter: "row.a !== row.b", to: "csv" },
  groups: { groupBy: ["b"], figures: [{ kind: "count" }], to: "csv" },
  "a reduce": { transform: reduce, to: "jsonl" },
};

const plain = fc.constantFrom("a", "bc", "x y", "7", "0.5", "", "é", "日本", "long ".repeat(12));
const quoted = fc
  .array(fc.constantFrom("a", "\n", "\r\n", '""', ",", "\n\n", "é", "1,2,3\n", '""\n""'), { maxLength: 6 })
  .map((parts) => `"${parts.join("")}"`);
const bad = fc.constantFrom('"a"b', 'a"b', '"open');
const usual = fc.oneof({ arbitrary: plain, weight: 12 }, { arbitrary: quoted, weight: 4 });
const odd = fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: bad, weight: 1 });

/** Rows of three fields; some are quoted, and in some files a few are bad, short, or blank. */
const rows = (field: fc.Arbitrary<string>, others: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: fc.tuple(field, field, field).map((fields) => fields.join(",")), weight: 40 },
        { arbitrary: others, weight: 1 },
      ),
      { minLength: 5, maxLength: 60 },
    )
    .chain((lines) =>
      fc
        .tuple(fc.constantFrom("\n", "\n", "\r\n"), fc.boolean())
        .map(([feed, isOpen]) => `a,b,c${feed}${lines.join(feed)}${isOpen ? "" : feed}`),
    );
const tables = fc.oneof(
  rows(
    plain,
    plain.map((text) => `${text},x,1`),
  ),
  rows(
    usual,
    usual.map((text) => `${text},x,1`),
  ),
  rows(odd, fc.constantFrom("", "a,b", "a,b,c,d")),
);
const objects = fc
  .array(fc.record({ a: plain, b: plain, c: fc.oneof(fc.nat(), plain) }), { minLength: 5, maxLength: 60 })
  .map((all) => all.map((one) => `${JSON.stringify(one)}\n`).join(""));

/** Lengths of the blocks of a packed file, or none. */
const packing = fc.option(fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 5 }), {
  nil: undefined,
});

/** What comes of stretches goes to a pipe, or their workers write it to a file, and may end while they have it. */
const written = fc.record(
  {
    isFile: fc.constantFrom(true, true, true, false),
    keeping: fc.record({
      from: fc.constantFrom(1, 1, 60),
      most: fc.constantFrom(100, 1000, 4000),
      block: fc.integer({ min: 1, max: 100 }),
    }),
    ends: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
  },
  { requiredKeys: ["isFile", "keeping"] },
);

const spread = fc.array(
  fc.tuple(shape, fc.integer({ min: 8, max: 200 }), packing, written).map(([way, bytes, blocks, to]): Shape =>
    // Inputs that count as short have no stretches.
    Object.assign(
      way,
      {
        batchBytes: bytes,
        pieces: [],
        blocks,
        batchRows: undefined,
        isAsked: false,
        isShort: false,
        declines: false,
      },
      to,
    ),
  ),
  { minLength: 3, maxLength: 3 },
);

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(`rows found by workers are those that the parent finds: ${name}`, async () => {
    const inputs = fc.oneof(
      { arbitrary: tables.map((text): RandomInput => ({ format: "csv", bytes: Buffer.from(text) })), weight: 3 },
      { arbitrary: objects.map((text): RandomInput => ({ format: "jsonl", bytes: Buffer.from(text) })), weight: 1 },
    );
    const cells = fc.tuple(fc.integer({ min: 16, max: 300 }), fc.constantFrom(1, 1, 4, 8));
    const property = fc.asyncProperty(inputs, cells, spread, async (input, [cellBytes, growth], ways) => {
      const grid = { cellBytes, mostCellBytes: cellBytes * growth };
      const options: RunOptions = {
        types: "text",
        ...program,
        from: input.format,
        delimiter: ",",
        onError: "reject",
        rejects: rejectsFile,
      };
      const certain = await runShaped(input, options, {
        ...(ways[0] as Shape),
        ...grid,
        stretchBytes: Number.POSITIVE_INFINITY,
      });
      for (const way of ways) expect(await runShaped(input, options, { ...way, ...grid })).toEqual(certain);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
  }, 600_000);
}

test("and most of them were found that way, others after a wrong guess", () => {
  expect(stretched.joined).toBeGreaterThan(1000);
  expect(stretched.again).toBeGreaterThan(100);
  expect(stretched.placed).toBeGreaterThan(250);
  expect(ended.workers).toBeGreaterThan(20);
});
