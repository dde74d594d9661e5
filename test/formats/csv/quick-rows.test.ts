// Rows at the start of an input are the ones that the tokenizer reads.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CSV } from "../../../src/formats/text/dialect.ts";
import { QuickRows } from "../../../src/formats/text/quick-rows.ts";
import { Tokenizer } from "../../../src/formats/text/tokenizer.ts";

const piece = fc.constantFrom(
  "a",
  "bc",
  "",
  ",",
  ";",
  '"',
  '""',
  "\n",
  "\r\n",
  "\r",
  " ",
  '"x"',
  '"x,y"',
  "#",
  '"1\n2"',
);
const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
const dialects = fc.record({
  delimiter: fc.constantFrom(",", ";"),
  comments: fc.constantFrom([], ["#"]),
  quote: fc.constantFrom('"', ""),
});

/** What the tokenizer reads, a row after the other, with its place. */
function readSlowly(text: string, dialect: typeof CSV, isWhole: boolean): unknown[] {
  const tokenizer = new Tokenizer(dialect);
  const rows: unknown[] = [];
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") return rows;
    if (token === "bad") rows.push(["bad", at, tokenizer.end]);
    if (token === "row") rows.push([[...tokenizer.fields], at, tokenizer.end]);
  }
}

describe("QuickRows reads what the tokenizer does", () => {
  test("row by row", () => {
    fc.assert(
      fc.property(texts, dialects, fc.boolean(), (text, given, isWhole) => {
        const dialect = { ...CSV, ...given, escape: given.quote };
        const reader = new QuickRows(text, { dialect, isWhole });
        const rows: unknown[] = [];
        for (let row = reader.next(); row !== undefined; row = reader.next())
          rows.push([row === "bad" ? row : [...row], reader.start, reader.end]);
        expect(rows).toEqual(readSlowly(text, dialect, isWhole));
      }),
      { numRuns: 3000 },
    );
  });

  test("and how many fields each has", () => {
    fc.assert(
      fc.property(texts, dialects, fc.boolean(), (text, given, isWhole) => {
        const dialect = { ...CSV, ...given, escape: given.quote };
        const [rows, widths] = [new QuickRows(text, { dialect, isWhole }), new QuickRows(text, { dialect, isWhole })];
        for (let row = rows.next(); row !== undefined; row = rows.next())
          expect(widths.nextWidth()).toBe(row === "bad" ? 0 : row.length);
        expect(widths.nextWidth()).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
