/** Tables for people: straight lines whatever is in the cells, whatever the terminal, in any number of portions. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fitColumns } from "../../src/formats/drawing/column-widths.ts";
import { TableWriter } from "../../src/formats/drawing/table.ts";
import { type Rows, cutAnywhere, drawn } from "./draw.ts";

function table(columns: string[], rows: Rows, terminalWidth?: number): string {
  return drawn(new TableWriter(terminalWidth), columns, rows);
}

function lineWidths(text: string): number[] {
  const lines = text.trimEnd().split("\n");
  return [...new Set(lines.map((line) => Bun.stringWidth(line)))];
}

describe("a table", () => {
  test("aligns numbers to the right, by the width of the text on a terminal", () => {
    const rows = [
      ["Ada", 1.5, "1e-7"],
      ["漢字🫠", -20, "+.5"],
      ["e\u0301a\u0301", "", "12345678901234567890"],
      ["👩‍👩‍👧‍👦", 7, ""],
    ];
    expect(table(["name", "n", "m"], rows)).toBe(`┌────────┬─────┬──────────────────────┐
│ name   │   n │                    m │
├────────┼─────┼──────────────────────┤
│ Ada    │ 1.5 │                 1e-7 │
│ 漢字🫠 │ -20 │                  +.5 │
│ e\u0301a\u0301     │     │ 12345678901234567890 │
│ 👩‍👩‍👧‍👦     │   7 │                      │
└────────┴─────┴──────────────────────┘
`);
  });

  test("has straight lines and one line a row, whatever the texts", () => {
    const cell = fc.oneof(fc.string({ unit: "grapheme", maxLength: 100 }), fc.string({ unit: "binary" }), fc.integer());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
        const text = table(["a", "数字"], rows);
        expect(text.trimEnd().split("\n")).toHaveLength(rows.length + 4);
        expect(lineWidths(text)).toHaveLength(1);
      }),
    );
  });

  test("shows control characters as what they are", () => {
    expect(table(["a"], [["\u001b[31mx\r\ny\tz\u2028"]])).toContain("│ ·[31mx⏎y z· │");
  });

  test("cuts a cell at 80 characters where there is no terminal, between characters", () => {
    expect(table(["a"], [["x".repeat(81)]])).toContain(`│ ${"x".repeat(79)}… │`);
    expect(table(["a"], [["x".repeat(80)]])).toContain(`│ ${"x".repeat(80)} │`);
    expect(table(["a"], [["字".repeat(41)]])).toContain(`│ ${"字".repeat(39)}…  │`);
  });

  test("has straight lines also where any text is cut", () => {
    const character = fc.oneof(
      fc.constantFrom(...Array.from("a字🫠é👩🇩\u0301\u200d")),
      fc.string({ unit: "grapheme", maxLength: 1 }),
    );
    const cell = fc.array(character, { maxLength: 60 }).map((characters) => characters.join(""));
    fc.assert(
      fc.property(fc.tuple(cell, cell), fc.integer({ min: 20, max: 60 }), (row, width) => {
        const widths = lineWidths(table(["a", "b"], [row], width));
        expect(widths).toHaveLength(1);
        expect(widths[0]).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("cuts names that begin alike in their middle, so that they are told apart", () => {
    const names = ["answer to question 1", "answer to question 2", "a"];
    expect(table(names, [["x", 1, ""]], 33)).toContain("│ answe…ion 1 │ answe…ion 2 │ a │");
    expect(table(["answer to question 1", "another one that is long", "a"], [["x", 1, ""]], 33)).toContain(
      "│ answer to … │ another on… │ a │",
    );
  });

  test("is as wide as the first 1,000 rows need and a little more; what is wider later is cut", () => {
    const rows = Array.from({ length: 1002 }, (_, index) => [index]);
    const text = drawn(new TableWriter(undefined), ["n"], rows, [[12345678]]);
    expect(text).toContain("│     999 │\n│    1000 │\n│    1001 │\n│ 123456… │\n");
    expect(lineWidths(text)).toEqual([11]);
    // All rows are known: nothing grows.
    expect(table(["n"], rows.slice(0, 1000))).toContain("│ 999 │\n└");
  });

  test("lays out sooner when the first rows are very long", () => {
    const rows = Array.from({ length: 20 }, () => ["x".repeat(1024 * 1024)]);
    const writer = new TableWriter(undefined);
    const first = writer.rows(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join("")), ["a"]);
    expect(Buffer.from(first).toString().split("\n")).toHaveLength(3 + rows.length + 1);
  });

  test("does not depend on where the rows are cut into portions", () => {
    const rows = Array.from({ length: 1500 }, (_, index) => [index, "x".repeat(index % 90), index % 7 ? "" : "é"]);
    const whole = table(["i", "x", "y"], rows);
    cutAnywhere(rows, (portions) => {
      expect(drawn(new TableWriter(undefined), ["i", "x", "y"], ...portions)).toBe(whole);
    });
  });
});

describe("on a terminal", () => {
  test("wide columns are cut to the same width, narrow ones stay whole", () => {
    const text = table(["id", "a", "b"], [["1", "x".repeat(100), "y".repeat(30)]], 40);
    expect(lineWidths(text)).toEqual([40]);
    expect(text).toContain(`│  1 │ ${"x".repeat(13)}… │ ${"y".repeat(13)}… │`);
  });

  test("a cell may be as long as the line has room, and a table is no wider than it must be", () => {
    expect(table(["a"], [["x".repeat(150)]], 200)).toContain(`│ ${"x".repeat(150)} │`);
    expect(lineWidths(table(["a", "b"], [["1", "2"]], 200))).toEqual([9]);
  });

  test("columns that do not fit are left out, and named", () => {
    const columns = Array.from({ length: 40 }, (_, index) => `column${index}`);
    const writer = new TableWriter(60);
    const text = drawn(writer, columns, [columns]);
    expect(lineWidths(text)[0]).toBeLessThanOrEqual(60);
    expect(text).toMatch(/│ column0 {1,2}│ column1 .* │ … │\n/);
    expect(writer.notices).toEqual([
      "35 of 40 columns do not fit: column5, column6, column7, column8, column9, …; " +
        "-e '{ a, b }' chooses, a pipe into less -S shows all",
    ]);
  });

  test("many rows come with a word on --limit; without a terminal nothing is said", () => {
    const rows = Array.from({ length: 1001 }, (_, index) => [index]);
    for (const [width, notices] of [
      [80, ["1001 rows: --limit 20 shows the first ones, a pipe into less -S pages through them"]],
      [undefined, []],
    ] as const) {
      const writer = new TableWriter(width);
      drawn(writer, ["n"], rows);
      expect(writer.notices).toEqual([...notices]);
    }
  });

  test("any columns fit any line that has room for one", () => {
    const widths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(widths, fc.integer({ min: 20, max: 250 }), (wanted, lineWidth) => {
        const { widths: fitted, hasRest } = fitColumns(wanted, lineWidth);
        const all = hasRest ? [...fitted, 1] : fitted;
        expect(all.reduce((sum, width) => sum + width + 3, 1)).toBeLessThanOrEqual(lineWidth);
        expect(hasRest).toBe(fitted.length < wanted.length);
        // Whoever is cut is not narrower than whoever is not.
        const isCut = (width: number, at: number): boolean => width < (wanted[at] ?? 0);
        const cut = fitted.filter(isCut);
        const whole = fitted.filter((width, at) => !isCut(width, at));
        if (cut.length > 0) expect(Math.min(...cut)).toBeGreaterThanOrEqual(Math.max(...whole, 0) - 1);
      }),
    );
  });
});
