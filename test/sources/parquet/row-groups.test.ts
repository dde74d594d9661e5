/** Row groups that a filter skips: none of their rows passes, nothing of the filter is lost, and all else stays as it was. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { compileExpression, treeOfExpression } from "../../../src/code/expression.ts";
import { type TestedColumn, rowTestOf, testedNames } from "../../../src/code/row-test.ts";
import { skippedParts } from "../../../src/pipeline/skipped-parts.ts";
import { openParquet } from "../../../src/sources/parquet/open.ts";
import { installBinary } from "../../cli/binary.ts";
import { type Texts, parquetRows } from "./rows.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));
const settings = (runs: number): fc.Parameters<unknown> => ({ numRuns: RUNS || runs, seed: SEED });

const folder = mkdtempSync(join(tmpdir(), "rowmill-row-groups-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const path = join(folder, "it.parquet");

const WHOLE = [-3, -1, 0, 1, 2, 5, 7, 1980, 2 ** 31 - 1];
const LARGE = [-(2n ** 60n), -5n, 0n, 3n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n];
const DOUBLES = [-1.5, -0, 0, 0.1, 1 / 3, 7, 1e-320, 1e15, 1e20, Number.NaN, Infinity, -Infinity];
const SINGLES = [-1.5, 0, 0.1, 16_777_216, 1e-40, 3.4e38, Number.NaN].map(Math.fround);
const WORDS = [
  "",
  "a",
  "ab",
  "abc",
  "b",
  "Oslo",
  "é",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "𝒳",
  "a𝒳",
  "a\uffff",
  "\ufeffa",
  "1980",
  "true",
];
const DAYS = ["1969-12-31", "1970-01-01", "2020-02-29", "2021-06-01", "+012020-01-01"];
const MOMENTS = [
  "1969-12-31T23:59:59.5Z",
  "1970-01-01T00:00:00.000Z",
  "1970-01-01T00:00:00.250Z",
  "2020-01-01T00:00:00.000Z",
];

/** A column: what hyparquet-writer takes, and what code gets of it. */
const COLUMNS = {
  whole: { type: "INT32", as: "number", values: WHOLE },
  large: { type: "INT64", as: "number", values: LARGE },
  double: { type: "DOUBLE", as: "number", values: DOUBLES },
  single: { type: "FLOAT", as: "number", values: SINGLES },
  word: { type: "STRING", as: "text", values: WORDS },
  ok: { type: "BOOLEAN", as: "boolean", values: [true, false] },
  day: { type: undefined, as: "text", values: DAYS.map((day) => new Date(day)) },
  moment: { type: "TIMESTAMP", as: "text", values: MOMENTS.map((moment) => new Date(moment)) },
} as const;
type Name = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Name[];

type Row = Record<Name, unknown>;

const row: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(
    NAMES.map((name) => [name, fc.option(fc.constantFrom<unknown>(...COLUMNS[name].values), { nil: null, freq: 6 })]),
  ) as { [name in Name]: fc.Arbitrary<unknown> },
);

/** Rows in an order by which groups differ in what they hold. */
const table = fc.record({
  rows: fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 14 }), fc.constantFrom(...NAMES))
    .map(([rows, name]) =>
      rows.toSorted((a, b) => (a[name] === null ? -1 : Number((a[name] as number) > (b[name] as number)) || -1)),
    ),
  groupRows: fc.integer({ min: 1, max: 4 }),
  textBytes: fc.constantFrom(1, 2, 3, 16),
});

const LITERALS: Readonly<Record<Name, readonly string[]>> = {
  whole: ["-1", "0", "2", "1980", "2.5", '"7"', "true"],
  large: ["0", "9007199254740992", "-1e30", "3", "4n"],
  double: ["0", "-0", "0.1", "7", "1e20", "NaN", "Infinity"],
  single: ["0", "0.1", "-1.5", "16777216", "1e-40"],
  word: WORDS.map((word) => JSON.stringify(word)).concat("1980", "`ab`"),
  ok: ["true", "false", "1", '"true"'],
  day: ['"1970-01-01"', '"2020-02-29"', '"2020"', '"1969-12-31"'],
  moment: ['"1970-01-01T00:00:00Z"', '"1970-01-01T00:00:00.25Z"', '"1970-01-01T00:00:00.25"', '"2020"'],
};
const OPERATORS = ["<", "<=", ">", ">=", "==", "===", "!=", "!=="];

const named = fc.constantFrom(...NAMES);
const leaf: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(named, fc.constantFrom(...OPERATORS), fc.nat(), fc.constantFrom("", "row.", "r."), fc.boolean())
      .map(([name, operator, at, by, isTurned]) => {
        const literal = LITERALS[name][at % LITERALS[name].length];
        return isTurned ? `${literal} ${operator} ${by}${name}` : `${by}${name} ${operator} ${literal}`;
      }),
  },
  fc
    .tuple(named, fc.constantFrom("==", "===", "!=", "!=="), fc.constantFrom("null", "undefined"))
    .map((parts) => parts.join(" ")),
  fc.tuple(named, fc.array(fc.nat(), { minLength: 1, maxLength: 3 })).map(([name, at]) => {
    const literals = at.map((one) => LITERALS[name][one % LITERALS[name].length]);
    return `[${literals.join(", ")}].includes(${name})`;
  }),
  fc
    .tuple(
      fc.constantFrom("word", "day", "moment"),
      fc.constantFrom(".", "?."),
      fc.constantFrom(...WORDS, "2020", "1970-01"),
    )
    .map(([name, dot, start]) => `${name}${dot}startsWith(${JSON.stringify(start)})`),
  named,
  // What is not understood, and may fail.
  fc.constantFrom(
    "word.length > 1",
    "Math.abs(whole) > 2",
    "large * 1 > 2",
    "day.slice(0, 4) > '2000'",
    "double < single",
    "i % 2 === 0",
  ),
);
const filter: fc.Arbitrary<string> = fc.letrec<{ all: string; test: string }>((tie) => ({
  test: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc
      .tuple(tie("test"), fc.constantFrom("&&", "||"), tie("test"))
      .map(([one, operator, other]) => `(${one} ${operator} ${other})`),
    tie("test").map((one) => `!(${one})`),
  ),
  all: tie("test").chain((one) => fc.constantFrom(one, one, `r => ${one}`)),
})).all;

function write({ rows, groupRows, textBytes }: { rows: Row[]; groupRows: number; textBytes: number }): void {
  const schema = [
    { name: "root", num_children: NAMES.length },
    ...NAMES.map((name) => {
      const { type } = COLUMNS[name];
      const occurs = { name, repetition_type: "OPTIONAL" } as const;
      if (type === undefined) return { ...occurs, type: "INT32", converted_type: "DATE" } as const;
      if (type === "STRING") return { ...occurs, type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
      if (type === "TIMESTAMP") return { ...occurs, type: "INT64", converted_type: "TIMESTAMP_MILLIS" } as const;
      return { ...occurs, type } as const;
    }),
  ];
  const columnData = NAMES.map((name) => ({ name, data: rows.map((one) => one[name]) }));
  const bytes = parquetWriteBuffer({
    columnData,
    schema,
    rowGroupSize: groupRows,
    statisticsTruncateLength: textBytes,
    codec: "UNCOMPRESSED",
  });
  writeFileSync(path, new Uint8Array(bytes));
}

/** What code gets of a field. */
function valueOf(text: string | null, { as, nothing }: TestedColumn, form: number): unknown {
  if (text === null) {
    const kind = nothing[form % nothing.length];
    return kind === "empty" ? "" : kind === "null" ? null : undefined;
  }
  if (as === "boolean") return text === "true";
  if (as === "text") return text;
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text) : Number(text);
}

const known = new Map(
  NAMES.map((name): [string, TestedColumn] => {
    const { as } = COLUMNS[name];
    return [name, { name, as, nothing: as === "text" ? ["null", "undefined", "empty"] : ["null", "undefined"] }];
  }),
);

const binary = installBinary();

describe("row groups that a filter skips", () => {
  test("hold no row for which it is true, or could do anything else", () => {
    let skips = 0;
    const property = fc.property(
      table,
      fc.array(filter, { minLength: 30, maxLength: 30 }),
      fc.nat(),
      (given, filters, form) => {
        write(given);
        const rows = parquetRows(path);
        const source = openParquet({ kind: "parquet", input: { name: path, path }, settings: {} });
        for (const text of filters) {
          const asked = rowTestOf(treeOfExpression(text), NAMES, known);
          const names = testedNames(asked);
          const parts = source.ranges?.(names.map((name) => NAMES.indexOf(name as Name))) ?? [];
          const skipped = skippedParts(asked, parts, (name) => names.indexOf(name));
          const keeps = compileExpression(text, NAMES);
          let first = 0;
          for (const [part, { rows: count }] of parts.entries()) {
            const ofPart: Texts[] = rows.slice(first, first + count);
            first += count;
            if (!skipped.has(part)) continue;
            skips++;
            for (const [at, texts] of ofPart.entries()) {
              const values = NAMES.map((name) => [
                name,
                valueOf(texts[name] ?? null, known.get(name) ?? fail(), form + at),
              ]);
              const context = { index: first - count + at, args: {} } as unknown as Parameters<typeof keeps>[1];
              expect([text, Boolean(keeps(Object.fromEntries(values), context))]).toEqual([text, false]);
            }
          }
          expect(first).toBe(rows.length);
        }
        source.close();
      },
    );
    fc.assert(property, settings(50));
    expect(skips).toBeGreaterThan(300);
  });

  test("change nothing of what comes out", async () => {
    let skips = 0;
    const property = fc.asyncProperty(
      table,
      filter,
      fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      async (given, text, first) => {
        write(given);
        const run = binary.folder({ "it.parquet": readFileSync(path) });
        const outcomeOf = async (tested: string): Promise<unknown> => {
          const asked = [
            "--filter",
            tested,
            "-e",
            "(row, ctx) => ({ index: ctx.index, line: ctx.line, ...row })",
            "--to",
            "csv",
          ];
          const limits = first === undefined ? [] : ["--first", String(first)];
          const { code, stdout, stderr } = await run.run([...asked, ...limits, "it.parquet", "--summary", "s.json"]);
          const { rows, rowGroups } = JSON.parse(run.read("s.json")) as Summary;
          skips += rowGroups?.skipped ?? 0;
          // Of a run that fails, how far it had come is chance.
          return code === 0 ? { stdout, rows } : { code, stderr };
        };
        // What is handed to a function is not looked into.
        const asRead = await outcomeOf(text.startsWith("r =>") ? `r => Boolean(${text.slice(5)})` : `Boolean(${text})`);
        expect([text, await outcomeOf(text)]).toEqual([text, asRead]);
      },
    );
    await fc.assert(property, settings(14));
    expect(skips).toBeGreaterThan(2);
  });
});

interface Summary {
  rows: unknown;
  rowGroups?: { skipped: number };
}

function fail(): never {
  throw new Error("there is no such column");
}
