/** Lines that are cut at matches of an expression, or at places: as a plain loop has them, however the work is spread. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { foundPlaces, placesOf } from "../../src/formats/text/cut.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { PlainResult } from "./plain-loop.ts";
import { rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

setUpShapedRuns();

const part = fc.constantFrom("a", "é", "😀", "12", " ", "  ", ",", ";", '"', "\t", "\r", "word", " ");
const line = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(""));
const input = fc.tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 12 }), fc.boolean());

/** Lines as text, without their line ends; those of nothing but white space are no rows. */
function linesOf(text: string): { text: string; number: number }[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines
    .map((raw, at) => ({ text: raw.replace(/\r$/, ""), number: at + 1 }))
    .filter(({ text: one }) => one.trim() !== "");
}

/** The fields between delimiters that are characters of a set; what stands at the ends of a line is white space. */
function between(text: string, delimiters: ReadonlySet<string>): string[] {
  const fields: string[] = [];
  let field = "";
  let isBetween = false;
  for (const point of Array.from(text.trim())) {
    if (!delimiters.has(point)) field += point;
    else if (!isBetween) {
      fields.push(field);
      field = "";
    }
    isBetween = delimiters.has(point);
  }
  return [...fields, field];
}

const BLANKS = new Set([" ", "\t", "\r"]);

/** Four characters, then three, then the rest. */
function atPlaces(text: string): string[] {
  const points = Array.from(text);
  return [points.slice(0, 4), points.slice(4, 7), points.slice(7)].map((some) => some.join("").trim());
}

interface Cutting {
  options: RunOptions;
  header: string;
  cut: (text: string) => string[];
}

const CUTTINGS: Record<string, Cutting> = {
  "runs of white space": {
    options: { from: "csv", delimiter: String.raw`/\s+/` },
    header: "x y z",
    cut: (text) => between(text, BLANKS),
  },
  "the rest of the line in the last column": {
    options: { from: "csv", delimiter: "/[,;]/", extraFields: "join" },
    header: "x,y,z",
    cut: (text) => {
      const [x = "", ...others] = text.split(/[,;]/);
      const [y] = others;
      if (y === undefined) return [x];
      return others.length === 1 ? [x, y] : [x, y, text.slice(x.length + y.length + 2)];
    },
  },
  widths: { options: { widths: "4,3,*" }, header: "x   y  z", cut: atPlaces },
};

function slowRun(text: string, { cut }: Cutting, goesOn: boolean): PlainResult {
  const result: PlainResult = { output: "", leftOut: [], failure: undefined };
  for (const { text: one, number } of linesOf(text).slice(1)) {
    const fields = cut(one);
    if (fields.length === 3) {
      const [x, y, z] = fields;
      result.output += `${JSON.stringify({ x, y, z })}\n`;
    } else if (goesOn) result.leftOut.push("row-field-count");
    else return { ...result, failure: { code: "row-field-count", line: number } };
  }
  return result;
}

describe("rows are those of a plain loop, however the work is spread:", () => {
  for (const [name, cutting] of Object.entries(CUTTINGS)) {
    for (const goesOn of [false, true]) {
      test(`${name}, ${goesOn ? "bad ones left out" : "up to the first bad one"}`, async () => {
        const options: RunOptions = { ...cutting.options, to: "jsonl", types: "text" };
        if (goesOn) Object.assign(options, { onError: "reject", rejects: rejectsFile });
        const property = fc.asyncProperty(
          input,
          fc.array(shape, { minLength: 3, maxLength: 3 }),
          async ([lines, isOpen], ways) => {
            const all = [[cutting.header, "\n"], ...lines].flat().join("");
            const text = isOpen ? all.replace(/\r?\n$/, "") : all;
            const wanted = slowRun(text, cutting, goesOn);
            const bytes = Buffer.from(text);
            for (const way of ways) expect(await runShaped({ format: "jsonl", bytes }, options, way)).toEqual(wanted);
          },
        );
        await fc.assert(property, { seed: 20170526, numRuns: 20 });
      }, 600_000);
    }
  }
});

describe("placesOf()", () => {
  test.each([
    ["10,5,8", "1-10,11-15,16-23"],
    ["10, -2, 5, *", "1-10,13-17,18-"],
    ["1-10,13-17,20-", "1-10,13-17,20-"],
    ["3,10-12,4", "1-3,10-12,13-16"],
    ["auto", "auto"],
  ])("%s is %s", (widths, places) => {
    expect(placesOf(widths)).toBe(places);
  });
});

describe("foundPlaces()", () => {
  test.each([
    [["A  B", "1  2"], "auto", true, "~1-1,4-"],
    [["  A B", "100 2"], "auto", true, "~1-3,5-"],
    [["A B C", "1 x y z"], "auto", true, "~1-1,3-3,5-"],
    [["Used Mounted on", "1    /"], "auto", true, "~1-4,6-"],
    [["Used Mounted  on", "1    /"], "auto", true, "~1-4,6-12,15-"],
    [["a b", "1 2"], "auto", false, "~1-1,3-"],
    [["CONTAINER ID  IMAGE", "x"], "header", true, "~1-13,15-"],
    [["A B", "x y"], "header", true, "~1-1,3-"],
    [["😀  é", "1  2"], "auto", true, "~1-1,4-"],
    [[], "auto", true, "1-"],
  ] as const)("%j by %s", (lines, how, hasHeader, places) => {
    expect(foundPlaces(lines, how, hasHeader)).toBe(places);
  });
});
