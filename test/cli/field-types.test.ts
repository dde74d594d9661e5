/**
 * The table "What a field is" of docs/reading.md, row by row: what the data say, which types read it, and its bytes. What
 * the data say is asked of the binary; the rest, some thirty runs a row of the table, of runs in this process.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIELD_TYPES, type FieldType } from "../../src/fields/typed-fields.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { PlainResult } from "../pipeline/plain-loop.ts";
import { type Shape, runShaped, setUpShapedRuns } from "../pipeline/shaped-run.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();
setUpShapedRuns();
const DOCUMENT = join(import.meta.dir, "../../docs/reading.md");

interface FieldKind {
  fields: string[];
  byData: string;
  types: string[];
}

function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, code = ""]) => code);
}

/** The rows of the table that begins with this header. */
function tableOf(header: string): FieldKind[] {
  const lines = readFileSync(DOCUMENT, "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith(header));
  const rows = lines.slice(start + 2);
  return rows.slice(0, rows.indexOf("")).map((line) => {
    const [, fields = "", byData = "", types = ""] = line.split("|");
    return { fields: codes(fields), byData: byData.trim(), types: codes(types) };
  });
}

const KINDS = tableOf("| fields of a column ");
const TYPE_NAMES: Readonly<Record<string, string>> = { number: "number", boolean: "boolean", text: "string" };

/** Each is repeated so often: enough rows that each kind of loop is taken. */
const REPEATS = 20;

function cellOf(text: string): string {
  return text.includes(",") ? `"${text}"` : text;
}

function fileOf(fields: readonly string[]): string {
  return `a,b\n${fields
    .map((text) => `${cellOf(text)},x\n`)
    .join("")
    .repeat(REPEATS)}`;
}

/** What comes of `{ t: typeof a }` where it is always this. */
function typeLines(type: string, fields: readonly string[]): string {
  return `t\n${`${type}\n`.repeat(fields.length * REPEATS)}`;
}

/** All rows in one batch, as a worker of its own would get them. */
const WHOLE: Shape = {
  jobs: 1,
  batchBytes: 65_536,
  growth: 1,
  batchRows: undefined,
  blockBytes: undefined,
  pieces: [],
  concurrency: 1,
  picks: [2],
  isAsked: false,
};

async function ran(input: string, options: RunOptions): Promise<PlainResult> {
  return await runShaped({ format: "csv", bytes: Buffer.from(input) }, { from: "csv", ...options }, WHOLE);
}

test("the table has its rows", () => {
  expect(KINDS.length).toBeGreaterThan(20);
});

describe.each(KINDS)("a column of $fields", ({ fields, byData, types }) => {
  const input = fileOf(fields);
  const folder = (): ReturnType<typeof binary.folder> => binary.folder({ "in.csv": input });

  test(`is ${byData} by the data, and by --types text`, async () => {
    (await folder().run(["-e", "{ t: typeof a }", "in.csv"])).expect({
      stdout: typeLines(TYPE_NAMES[byData] ?? "?", fields),
    });
    (await folder().run(["-e", "{ t: typeof a }", "in.csv", "--types", "text"])).expect({
      stdout: typeLines("string", fields),
    });
    const plan = await folder().run(["-e", "{ t: typeof a }", "in.csv", "--dry-run"]);
    const said = byData === "text" ? /^(?!.*types:)/s : new RegExp(`types: +a: ${byData} \\(by the first `);
    plan.expect({ stdout: said });
  });

  test("is read by these types and no others", async () => {
    const read: string[] = [];
    for (const type of FIELD_TYPES.filter((name) => name !== "string")) {
      const { failure } = await ran(input, { expression: "{ t: typeof a }", types: { a: type } });
      if (failure === undefined) read.push(type);
    }
    expect(read).toEqual(types);
  });

  test("keeps its bytes where it is handed on, whatever it is", async () => {
    const keeping = types
      .filter((type) => type !== "date" && type !== "json")
      .map((type) => ({ a: type as FieldType }));
    for (const given of [undefined, "text" as const, ...keeping]) {
      const typed = given === undefined ? {} : { types: given };
      for (const expression of [
        "row",
        "{ ...row }",
        "{ a, b }",
        "r => { const c = { ...r }; return c; }",
        "async (r) => r",
      ]) {
        expect(await ran(input, { ...typed, expression })).toEqual({ output: input, leftOut: [], failure: undefined });
      }
      const filtered = await ran(input, { ...typed, expression: "{ a, t: typeof a }", filter: "a !== null" });
      expect(filtered.failure).toBeUndefined();
      expect(filtered.output).toMatch(
        new RegExp(`^a,t\n(?:(?:${fields.map((text) => RegExp.escape(text)).join("|")}|"1,5"),\\w+\n)+$`),
      );
    }
  });
});
