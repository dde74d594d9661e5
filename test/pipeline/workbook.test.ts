/** Workbooks have the same bytes however the work is spread: one sheet, or one for each value of a column. */
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { headerRow, xlsxRowEncoder } from "../../src/formats/xlsx/row-encoder.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import { openBook } from "../../src/targets/xlsx/book.ts";
import { folder, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

const COLUMNS = ["k", "v"];
type Row = Record<"k" | "v", string>;

/** The bytes of a workbook with these sheets. */
function bookOf(sheets: ReadonlyMap<string, readonly Row[]>): Buffer {
  const encode = xlsxRowEncoder(COLUMNS, "");
  const book = openBook({ kind: "xlsx", tempDir: undefined });
  for (const [name, rows] of sheets)
    book.write(name, Buffer.from([headerRow(COLUMNS), ...rows.map((row) => encode(row))].join("")));
  return Buffer.concat([...book.end()]);
}

/** Rows by the names of the sheets in which they are, in the order in which these are met. */
function bySheet(rows: readonly Row[]): Map<string, Row[]> {
  const sheets = new Map<string, Row[]>();
  for (const row of rows) {
    const name = row.k === "" ? "_empty" : row.k;
    sheets.set(name, [...(sheets.get(name) ?? []), row]);
  }
  return sheets;
}

const values = fc.record({
  k: fc.constantFrom("Oslo", "Bergen", "a&b", "ü", ""),
  v: fc.constantFrom("1", "x y", "<", ""),
});
const rows = fc.array(values, { minLength: 1, maxLength: 60 });
const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });

describe("the bytes of a workbook", () => {
  for (const splitBy of [undefined, ["k"]]) {
    test(
      splitBy === undefined ? "of one sheet" : "of a sheet for each value",
      async () => {
        const output = join(folder, "book.xlsx");
        const property = fc.asyncProperty(rows, shapes, async (all, ways) => {
          const input = `k,v\n${all.map(({ k, v }) => `${k},${v}\n`).join("")}`;
          const wanted = bookOf(splitBy === undefined ? new Map([["Sheet1", all]]) : bySheet(all));
          const run: RunOptions = {
            expression: "row",
            from: "csv",
            types: "text",
            output: splitBy === undefined ? output : `${output}#{k}`,
            ...(splitBy !== undefined && { splitBy }),
          };
          for (const way of ways) {
            rmSync(output, { force: true });
            const { failure } = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
            expect(failure).toBeUndefined();
            expect(readFileSync(output).equals(wanted)).toBe(true);
          }
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
      },
      600_000,
    );
  }
});
