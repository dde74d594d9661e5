/**
 * A schema inferred from all rows of a file takes that file, and the rows that come out are the same: for random CSV, and
 * for the CSV files of vega-datasets. csv-parse decides what the rows are.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();
const VEGA = resolve(import.meta.dir, "../../node_modules/vega-datasets/data");

/** The rows of `input` as they come out of the transform that was inferred from all of them. */
async function throughItsSchema(folder: Folder, input: string): Promise<string> {
  (await folder.run(["schema", "--all", input, "-o", "s.ts", "--force"])).expect({});
  const ran = await folder.run(["run", "s.ts", input]);
  ran.expect({ stdout: /^/ });
  return ran.stdout;
}

/** Rows as lists of fields, the header first. */
function rowsOf(csv: string): string[][] {
  return parse(csv, { bom: true, skip_empty_lines: true });
}

// Each kind of column is mostly of one kind, with something else now and then.
const kinds = [
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-12-31") })
    .map((date) => date.toISOString()),
  fc
    .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.constantFrom(
    "2024-02-29T10:00:00Z",
    "2024-02-29T10:00:00+01:00",
    "2024-02-29T10:00",
    "10:00",
    "25:00",
    "2023-02-29",
  ),
  fc.boolean().map(String),
  fc.constantFrom(
    "a",
    "b",
    "c",
    "007",
    "1.0",
    "-0",
    "1e5",
    " 1",
    "1 ",
    "+1",
    "True",
    "null",
    "NaN",
    "Infinity",
    "{}",
    "[1]",
  ),
  fc.string({ unit: "binary" }),
  fc.uuid(),
  fc.emailAddress(),
] as const;

const field = fc.oneof(...kinds);

/** A column: its name, and a way to make its fields. */
const column = fc.record({
  name: fc.oneof(
    fc.constantFrom("__proto__", "constructor", "0", "1", "", "a b", 'q"', "valueOf"),
    fc.string({ unit: "binary" }),
  ),
  kind: fc.nat(kinds.length - 1),
  isMixed: fc.boolean(),
  hasEmpty: fc.boolean(),
});

const table = fc.uniqueArray(column, { minLength: 1, maxLength: 6, selector: ({ name }) => name }).chain((columns) => {
  const cells = columns.map(({ kind, isMixed, hasEmpty }) => {
    const of = kinds[kind] ?? field;
    return fc.oneof(
      { weight: 8, arbitrary: of },
      { weight: hasEmpty ? 2 : 0, arbitrary: fc.constant("") },
      { weight: isMixed ? 1 : 0, arbitrary: field },
    );
  });
  return fc.array(fc.tuple(...cells), { maxLength: 30 }).map((rows) => [columns.map(({ name }) => name)].concat(rows));
});

/** Every field quoted, so that nothing is a blank line. */
function write(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((text) => `"${text.replaceAll('"', '""')}"`).join(",")}\n`).join("");
}

/** Whether it may be taken for no text: a file of which a tenth is control characters is refused. */
function isHardlyText(csv: string): boolean {
  return (csv.match(/[\0-\x08\x0e-\x1a]/g)?.length ?? 0) > csv.length / 11;
}

test("random tables come through their schema as they are", async () => {
  const folder = binary.folder();
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const csv = write(rows);
      fc.pre(!isHardlyText(csv));
      folder.write({ "a.csv": csv });
      expect(rowsOf(await throughItsSchema(folder, "a.csv"))).toEqual(rowsOf(csv));
    }),
    { numRuns: Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 25) },
  );
}, 3_600_000);

describe("the files of vega-datasets", () => {
  const names = readdirSync(VEGA).filter((name) => name.endsWith(".csv"));

  test("are there", () => {
    expect(names.length).toBeGreaterThan(20);
  });

  test.each(names)("%s", async (name) => {
    const folder = binary.folder();
    const path = join(VEGA, name);
    expect(rowsOf(await throughItsSchema(folder, path))).toEqual(rowsOf(readFileSync(path, "utf8")));
  });
});
