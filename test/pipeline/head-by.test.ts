/**
 * The first rows of groups are the same bytes for every jobs × batch size × block size × file or stream × order in which
 * workers answer, and those of a plain loop.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { OPTION_ENTRIES } from "../../src/options/table.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import { pickedRows } from "../../src/pipeline/picked-rows.ts";
import { stagesOf } from "../../src/stages/registry.ts";
import { type BatchResult, CUT_PARTS } from "../../src/transform/wire.ts";
import { csvLine } from "./plain-loop.ts";
import { FUNCTIONS, type Row, writeFunctions } from "./row-functions.ts";
import { rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

beforeAll(writeFunctions);

/** Texts that are quoted, or no numbers. */
const ODD_FIELDS = ["x", 'q"', "a,b", "line\nfeed", "é", " 1", "true"] as const;

interface Asked {
  /** None: all of them. */
  by: (keyof Row)[];
  as: "headBy" | "distinct";
  to: "csv" | "jsonl" | "json";
  limit: number | undefined;
}

/** One row after the other. */
function plainHeads(
  rows: readonly Row[],
  of: (row: Row) => Row[] | "fails",
  { by, to, limit = Infinity }: Omit<Asked, "as">,
) {
  const known = new Set<string>();
  const out: Row[] = [];
  const leftOut: string[] = [];
  for (const row of rows) {
    if (out.length >= limit) break;
    const results = of(row);
    if (results === "fails") leftOut.push("row-function");
    for (const result of results === "fails" ? [] : results) {
      const key = JSON.stringify(by.length === 0 ? result : by.map((name) => result[name]));
      if (out.length < limit && !known.has(key)) out.push(result);
      known.add(key);
    }
  }
  const texts = out.map((row) => (to === "csv" ? csvLine([row.k, row.l, row.v]) : JSON.stringify(row)));
  if (to === "json")
    return { output: `[${texts.map((text) => `\n${text}`).join(",")}\n]\n`, leftOut, count: out.length };
  return { output: texts.map((text) => (to === "csv" ? text : `${text}\n`)).join(""), leftOut, count: out.length };
}

describe("the first row of each group is that of a plain loop", () => {
  const key = fc.constantFrom("a", "b", "c d", "", "__proto__", 'q"', "7", "1:a");
  const value = fc.constantFrom("1", "2", "5", "6", "7", "8");
  const rows = fc.array(fc.record({ k: key, l: key, v: value }), { maxLength: 40 });
  const asked = fc.record({
    by: fc.constantFrom<(keyof Row)[]>(["k"], ["l", "k"], ["v", "l"], []),
    as: fc.constantFrom("headBy" as const, "distinct" as const),
    to: fc.constantFrom("csv" as const, "jsonl" as const, "json" as const),
    limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  });
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  /** With so little of it, rows whose key has not come wait in a file: all, or those behind eight of them. */
  const memory = fc.constantFrom(undefined, 1, "3K");

  for (const [name, { of, options }] of Object.entries(FUNCTIONS)) {
    test(`of ${name}`, async () => {
      const property = fc.asyncProperty(rows, asked, shapes, memory, async (all, wants, ways, room) => {
        const input = `k,l,v\n${all.map(({ k, l, v }) => csvLine([k, l, v])).join("")}`;
        const wanted = plainHeads(all, of, wants);
        const run: RunOptions = {
          ...options(),
          ...(wants.by.length === 0 ? { distinct: true } : { [wants.as]: wants.by }),
          from: "csv",
          types: "text",
          to: wants.to,
          onError: "reject",
          rejects: rejectsFile,
          ...(wants.limit !== undefined && { limit: wants.limit }),
          ...(room !== undefined && { memory: room }),
        };
        for (const way of ways) {
          const { output, leftOut, failure } = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
          expect(failure).toBeUndefined();
          // The header of no rows is that of the input, where its columns are those of the output.
          const body = wants.to === "csv" ? output.replace(/^k,l,v\n/, "") : output;
          if (wanted.count > 0 || wants.to !== "json") expect(body).toBe(wanted.output);
          // Rows that wait are no reason to read less.
          const read =
            room === undefined || wants.limit === undefined ? leftOut : leftOut.slice(0, wanted.leftOut.length);
          expect(read).toEqual(wanted.leftOut);
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
    }, 600_000);
  }

  test("also where the run ends at its third failed row", async () => {
    const { of, options } = FUNCTIONS["many rows at once"] ?? { of: () => [], options: () => ({}) };
    const property = fc.asyncProperty(rows, shapes, async (all, ways) => {
      const fives = all.flatMap(({ v }, at) => (v === "5" ? [at] : []));
      const last = fives[2];
      const wanted = plainHeads(all.slice(0, last), of, { by: ["k"], to: "csv", limit: undefined });
      const input = `k,l,v\n${all.map(({ k, l, v }) => csvLine([k, l, v])).join("")}`;
      const run: RunOptions = {
        ...options(),
        headBy: ["k"],
        from: "csv",
        types: "text",
        onError: "skip",
        maxErrors: 2,
      };
      for (const way of ways) {
        const ran = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
        expect(ran.failure?.code).toBe(last === undefined ? undefined : "too-many-errors");
        expect(ran.output.replace(/^k,l,v\n/, "")).toBe(wanted.output);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
  }, 600_000);
});

test("fields are told apart by their texts, whichever ways their blocks take and whatever they are read as", async () => {
  const field = fc.constantFrom("1", "1.0", "01", "2", "");
  const odd = fc.constantFrom(...ODD_FIELDS);
  // A row without its last field fails, and the rows around it go row by row.
  const row = fc.tuple(field, field, fc.oneof({ weight: 8, arbitrary: field }, { weight: 1, arbitrary: odd }));
  const rows = fc.array(fc.oneof({ weight: 9, arbitrary: row }, { weight: 1, arbitrary: fc.constant(undefined) }), {
    maxLength: 60,
  });
  const asked = fc.constantFrom<Partial<RunOptions>>(
    { distinct: true },
    { distinct: ["c"] },
    { distinct: ["b", "c"] },
    { headBy: ["a", "c"] },
  );
  const code = fc.constantFrom<Partial<RunOptions>>(
    { expression: "row" },
    { expression: "{ c, a, b }" },
    { filter: 'c !== "2"' },
  );
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(rows, asked, code, shapes, async (all, wants, does, ways) => {
    const lines = all.map((one) => (one === undefined ? "1,1\n" : csvLine([...one])));
    const bytes = Buffer.from(`a,b,c\n${lines.join("")}`);
    const known = new Set<string>();
    const keys = Array.isArray(wants.distinct) ? wants.distinct : (wants.headBy ?? ["a", "b", "c"]);
    let expected = "";
    for (const one of all) {
      if (one === undefined || (does.filter !== undefined && one[2] === "2")) continue;
      const key = JSON.stringify(keys.map((name) => one["abc".indexOf(name)]));
      if (known.has(key)) continue;
      known.add(key);
      const [a, b, c] = one;
      expected += csvLine(does.expression?.startsWith("{") === true ? [c, a, b] : [a, b, c]);
    }
    for (const way of ways) {
      const run: RunOptions = { ...does, ...wants, from: "csv", onError: "skip" };
      const { output, failure } = await runShaped({ format: "csv", bytes }, run, way);
      expect(failure).toBeUndefined();
      expect(output.replace(/^(?:a,b,c|c,a,b)\n/, "")).toBe(expected);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 20 });
}, 600_000);

test("every option that asks for a stage asks for one that there is", async () => {
  const asked = OPTION_ENTRIES.flatMap(([, { stage }]) => (stage === undefined ? [] : [stage]));
  expect(asked.length).toBeGreaterThan(0);
  for (const stage of asked) {
    const columns = {
      namedBy: stage,
      asked: ["a"],
      columns: ["a"],
      isOfWholeRows: false,
      isSorted: false,
      isLate: false,
      most: 3,
      percent: undefined,
      seed: 3,
      areKnown: true,
      areTexts: false,
      emptyIsNothing: false,
      secret: new Uint8Array(16),
      memoryBytes: 1 << 20,
      mostBytes: 1e9,
      tempDir: undefined,
      locale: "en",
      per: [],
      names: [],
      several: undefined,
    };
    const [made] = await stagesOf([{ stage, ...columns }]);
    // What the two are about, their names say.
    expect(`${made?.name} ${made?.what}`).toMatch(/\ba\b|3|flatten/);
  }
});

test("pickedRows() gives what is left of counts, output and places to cut", () => {
  // Of five rows the first gave two, the second failed, the third gave none, the others one each.
  const cuts = [
    [1, 1, 0, 0, 3, 0],
    [1, 1, 0, 0, 5, 0],
    [4, 2, 1, 1, 6, 9],
    [5, 3, 1, 1, 10, 9],
  ];
  expect(CUT_PARTS).toHaveLength(6);
  const counts = { rowsIn: 5, rowsMapped: 3, rowsDropped: 1, rowsFailed: 1, rowsOut: 4 };
  const marks = [
    {
      row: 1,
      failure: undefined,
      counts: { ...counts, rowsIn: 1, rowsMapped: 1, rowsDropped: 0, rowsFailed: 0, rowsOut: 2 },
      outputBytes: 5,
      rejectsBytes: 0,
    },
  ];
  const result = {
    ...counts,
    output: new TextEncoder().encode("aaabbcdddd"),
    cuts: Uint32Array.from(cuts.flat()),
    marks,
  } as unknown as BatchResult;
  const picked = pickedRows(result, [false, true, false, true]);
  expect(new TextDecoder().decode(picked.output)).toBe("bbdddd");
  const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut } = picked;
  expect({ rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut }).toEqual({
    rowsIn: 5,
    rowsMapped: 2,
    rowsDropped: 2,
    rowsFailed: 1,
    rowsOut: 2,
  });
  expect([...(picked.cuts ?? [])]).toEqual([1, 1, 0, 0, 2, 0, 5, 2, 2, 1, 6, 9]);
  expect(picked.marks[0]).toMatchObject({ outputBytes: 2, counts: { rowsIn: 1, rowsMapped: 1, rowsOut: 1 } });
  expect(() => pickedRows(result, [true])).toThrow("other rows");
});
