/** Workbooks that are written: the same bytes however rows come, and the same rows for us and for a second reader. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readXlsx } from "hucre/xlsx";
import { cellFinder } from "../../src/formats/xlsx/cell-finder.ts";
import { headerRow, xlsxRowEncoder } from "../../src/formats/xlsx/row-encoder.ts";
import { sheetNames } from "../../src/formats/xlsx/sheet-names.ts";
import { PLAIN_CSV } from "../../src/formats/text/output-dialect.ts";
import { openBook } from "../../src/targets/xlsx/book.ts";
import { Sheet } from "../../src/targets/xlsx/sheet.ts";
import { Spool } from "../../src/targets/xlsx/spool.ts";
import { readBook } from "../sources/xlsx/workbooks.ts";

const COLUMNS = ["id", "text", "number", "flag", "day", "big"];
type Row = Record<string, unknown>;

/** A workbook of rows, which come in pieces of so many. */
function written(rows: readonly Row[], sizes: readonly number[]): Buffer {
  const encode = xlsxRowEncoder(COLUMNS, "");
  const book = openBook({ kind: "xlsx", tempDir: undefined });
  book.write("Rows", Buffer.from(headerRow(COLUMNS)));
  const lines = rows.map((row) => encode(row));
  for (let at = 0, piece = 0; at < lines.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1;
    book.write("Rows", Buffer.from(lines.slice(at, at + size).join("")));
    at += size;
  }
  return Buffer.concat([...book.end()]);
}

const anyText = fc.string({
  unit: fc.constantFrom(
    "a",
    "é",
    "東",
    "😀",
    "&",
    "<",
    ">",
    '"',
    ",",
    " ",
    "\n",
    "\r",
    "\t",
    "\u0001",
    "\u0085",
    "_x0041_",
    "_",
    "\ufffe",
  ),
  maxLength: 8,
});
const moment = fc.integer({ min: -2_203_804_800_000, max: 253_402_300_799_999 });
const row = fc.record({
  text: anyText,
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  flag: fc.boolean(),
  day: moment.map((ms) => new Date(ms)),
  big: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
});
const rows = fc.array(row, { maxLength: 40 }).map((all) => all.map((one, id): Row => ({ id, ...one })));

/** A field of CSV that is read of a date. */
function shownDay(value: Date): string {
  const iso = value
    .toISOString()
    .slice(0, -1)
    .replace(/\.000$/, "");
  return iso.endsWith("T00:00:00") ? iso.slice(0, 10) : iso;
}

/** A row as CSV: what is empty is null. */
function csvOf({ id, text, number, flag, day, big }: Row): string {
  const quoted =
    text === "" ? "" : /[",\r\n]/.test(String(text)) ? `"${String(text).replaceAll('"', '""')}"` : String(text);
  return `${[id, quoted, number, flag, shownDay(day as Date), big].map(String).join(",")}\n`;
}

describe("a workbook that is written", () => {
  test("is read again as the rows that it was", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        const { text, columns } = await readBook(written(all, [3]));
        expect(columns.map(({ name }) => name)).toEqual(COLUMNS);
        expect(text).toBe(all.map(csvOf).join(""));
      }),
      { numRuns: 60 },
    );
  });

  test("has the same bytes however rows come", () => {
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (all, sizes) => {
        // Several stretches, too.
        const many = Array.from({ length: 40 }, () => all).flat();
        expect(written(many, sizes).equals(written(many, [1000]))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test("is read by another reader", async () => {
    const day = new Date("2024-02-29T18:30:00Z");
    const all: Row[] = [
      { id: 1, text: 'a <b> & "c"\n', number: 12.5, flag: true, day, big: 2n ** 60n },
      { id: 2, text: " =1+1", number: -1e-7, flag: false, day: new Date("2024-03-01"), big: 5n },
      { id: 3, text: null, number: undefined, flag: null, day: null, big: null },
    ];
    const { sheets } = await readXlsx(written(all, [1]));
    expect(sheets.map(({ name }) => name)).toEqual(["Rows"]);
    expect(sheets[0]?.rows.slice(0, 3)).toEqual([
      COLUMNS,
      [1, 'a <b> & "c"\n', 12.5, true, day, "1152921504606846976"],
      [2, " =1+1", -1e-7, false, new Date("2024-03-01"), 5],
    ]);
  });

  test("has days and times of Temporal", async () => {
    const { Temporal } = globalThis as unknown as { Temporal: Record<string, { from(text: string): unknown }> };
    const all = [
      { id: 1, day: Temporal["PlainDate"]?.from("2024-02-29"), text: Temporal["PlainTime"]?.from("18:30:00.5") },
      {
        id: 2,
        day: Temporal["PlainDateTime"]?.from("2024-02-29T18:30"),
        text: Temporal["PlainDate"]?.from("1800-01-01"),
      },
    ];
    const { text } = await readBook(written(all, [1]));
    expect(text).toBe("1,18:30:00.500,,,2024-02-29,\n2,1800-01-01,,,2024-02-29T18:30:00,\n");
  });
});

describe("what Excel does not hold", () => {
  const encode = xlsxRowEncoder(["a"], "");

  test.each([
    [{ a: "x".repeat(32_768) }, "column a: a text has 32768 characters, and a cell of Excel at most 32767"],
    [{ a: "\ud800" }, "column a: a text that holds half of a surrogate pair has no form in UTF-8"],
    [{ a: Number.NaN }, "column a: NaN is no number: a text that is no number, or 0 / 0"],
  ])("fails its row", (value, message) => {
    expect(() => encode(value)).toThrow(`the result cannot be written: ${message}`);
  });

  test("so many columns", () => {
    const columns = Array.from({ length: 16_385 }, (_, at) => `c${at}`);
    expect(() => xlsxRowEncoder(columns, "")).toThrow(
      "there are 16385 columns, and a sheet of Excel has at most 16384",
    );
  });

  test("so many rows", () => {
    const sheet = new Sheet("S", new Spool(undefined));
    const line = Buffer.from('<row r="\x01"></row>\n'.repeat(1024));
    for (let rowsIn = 0; rowsIn < 1_048_576; rowsIn += 1024) sheet.write(line);
    expect(() => sheet.write(Buffer.from("<row/>\n"))).toThrow("sheet S would have more than 1048576 rows");
  });
});

describe("cells are found in rows", () => {
  test("by their columns", () => {
    fc.assert(
      fc.property(rows, fc.subarray(COLUMNS, { minLength: 1 }), (all, wanted) => {
        const encode = xlsxRowEncoder(COLUMNS, "");
        const bytes = Buffer.from(all.map((one) => encode(one)).join(""));
        const finder = cellFinder({ format: "xlsx", dialect: PLAIN_CSV }, COLUMNS, wanted);
        let at = 0;
        for (const one of all) {
          at = finder.next(bytes, at, bytes.length);
          const found = wanted.map((_, slot) => finder.text(bytes, finder.from[slot] ?? -1, finder.to[slot] ?? -1));
          expect(found).toEqual(
            wanted.map((name) => {
              const value = one[name];
              return value instanceof Date ? shownDay(value) : String(value);
            }),
          );
        }
        expect(at).toBe(bytes.length);
      }),
    );
  });
});

describe("names of sheets", () => {
  test.each([
    ["Oslo", "", "Oslo"],
    ["", "", "_"],
    ["a/b:c", "", "a_b_c"],
    ["'quoted'", "", "_quoted_"],
    ["History", "", "History_"],
    ["x".repeat(40), " (2)", `${"x".repeat(27)} (2)`],
    [`${"x".repeat(30)}😀`, "", "x".repeat(30)],
    [`${"x".repeat(30)}'y`, "", `${"x".repeat(30)}_`],
  ])("%p becomes a name", (wanted, suffix, name) => {
    expect(sheetNames.like(wanted, suffix)).toBe(name);
    expect(sheetNames.fault(name)).toBeUndefined();
  });
});
