/** Tables in Markdown: what a reader of GitHub's Markdown makes of them is what stood in the rows. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MarkdownWriter } from "../../src/formats/table/markdown.ts";
import { type Rows, cutAnywhere, drawn } from "./draw.ts";

function markdown(columns: string[], rows: Rows): string {
  return drawn(new MarkdownWriter(), columns, rows);
}

/** The texts of all cells, as a browser shows them: white space counts once. */
function shown(text: string): string[] {
  const cells = [...Bun.markdown.html(text).matchAll(/<t[dh](?: [^>]*)?>(.*?)<\/t[dh]>/gs)];
  return cells.map(([, html = ""]) => plain(html.replaceAll("<br>", "\n").replaceAll(/&\w+;|&#\d+;/g, decoded)));
}

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#39;": "'" };

function decoded(entity: string): string {
  return ENTITIES[entity] ?? `unexpected ${entity}`;
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

describe("a table in Markdown", () => {
  test("has a header, a line that aligns numbers to the right, and a line a row", () => {
    expect(
      markdown(
        ["name", "n"],
        [
          ["Ada", 1.5],
          ["漢字", "-20"],
          ["", ""],
        ],
      ),
    ).toBe(["| name |   n |", "| :--- | --: |", "| Ada  | 1.5 |", "| 漢字 | -20 |", "|      |     |", ""].join("\n"));
  });

  test("has a header without rows, and is nothing at all without columns", () => {
    expect(markdown(["a", "b"], [])).toBe("| a   | b   |\n| :-- | :-- |\n");
    expect(markdown([], [])).toBe("");
  });

  test("shows bars, backslashes, line ends, HTML, entities, code, links and emphasis as text", () => {
    const texts = [
      "a|b",
      "\\",
      "\\|",
      "one\ntwo\r\nthree\rfour",
      "<b>x</b> <!-- y -->",
      "&lt; &#60; & &amp",
      "`a\\|b`",
      "*x* **y** _z_ __w__ ~~v~~",
      "[a](http://b.c) ![d](e)",
      "snake_case 2*3*4",
    ];
    const text = markdown(
      ["texts"],
      texts.map((cell) => [cell]),
    );
    expect(shown(text)).toEqual(["texts", ...texts.map(plain)]);
    // What needs no escape is left readable.
    expect(text).toContain("snake_case");
    expect(text).toContain("one<br>two<br>three<br>four");
  });

  test("any text is shown as it is", () => {
    const alphabet = fc.constantFrom(...Array.from("ab1 |\\`*_[]()<>&;#~!:/.-+=\n\r\"'é漢🫠"));
    const cell = fc.string({ unit: alphabet, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        expect(shown(markdown(["x", "y"], rows))).toEqual(["x", "y", ...rows.flat().map(plain)]);
      }),
      { numRuns: 500 },
    );
  });

  test("a long cell makes its own row longer and no other, and is whole", () => {
    const long = "long ".repeat(100);
    const rows = Array.from({ length: 1200 }, (_, index) => [index === 500 || index === 1100 ? long : "short", "x"]);
    const lines = markdown(["a", "b"], rows).trimEnd().split("\n");
    const lengths = lines.map((line) => line.length);
    expect(new Set(lengths.filter((_, at) => at !== 502 && at !== 1102)).size).toBe(1);
    expect(lines[502]).toBe(`| ${long} | x   |`);
    expect(lines[1102]).toBe(`| ${long} | x   |`);
    expect(lengths[0]).toBeLessThan(80);
  });

  test("does not depend on where the rows are cut into portions", () => {
    const rows = Array.from({ length: 1500 }, (_, index) => [
      index,
      "x".repeat(index % 90),
      index % 7 === 0 ? "|" : "",
    ]);
    const whole = markdown(["i", "x", "y"], rows);
    cutAnywhere(rows, (portions) => {
      expect(drawn(new MarkdownWriter(), ["i", "x", "y"], ...portions)).toBe(whole);
    });
  });
});
