/** Lines of text, and the groups of a pattern in them: as a plain loop has them, however the work is spread. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { PlainResult } from "./plain-loop.ts";
import { rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

setUpShapedRuns();

const PATTERN = "^(?<word>[a-zé😀]+)?(?: (?<n>\\d+))?(?<end>[\"',])?$";

const part = fc.constantFrom("a", "é", "😀", "word", " 7", " 12", '"', ",", "'", " ", "\r", "\t", "\0", "\uFFFD");
const line = fc.array(part, { maxLength: 4 }).map((parts) => Buffer.from(parts.join("")));
/** A byte that never stands in UTF-8. */
const broken = line.map((bytes) => Buffer.concat([bytes, Buffer.of(0xff)]));
const lines = fc.array(
  fc.tuple(fc.oneof({ weight: 9, arbitrary: line }, broken), fc.constantFrom("\n", "\n", "\n", "\r\n")),
  { maxLength: 12 },
);
const input = fc.tuple(lines, fc.boolean()).map(([all, isOpen]) => {
  // A return alone, at the start, is taken for the line end of an old Mac.
  const bytes = Buffer.concat([Buffer.from("a\n"), ...all.flatMap(([text, end]) => [text, Buffer.from(end)])]);
  return isOpen ? bytes.subarray(0, bytes.lastIndexOf("\n")) : bytes;
});

/** Reads the bytes one line after another, sharing no code with what it judges. */
function slowRows(bytes: Buffer, pattern: RegExp | undefined): ({ row: object } | { code: string })[] {
  const rows: ReturnType<typeof slowRows> = [];
  for (let at = 0; at < bytes.length;) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed;
    const raw = bytes.subarray(at, end > at && bytes[end - 1] === 0x0d ? end - 1 : end);
    at = end + 1;
    const text = raw.toString("utf8");
    if (!Buffer.from(text).equals(raw)) rows.push({ code: "row-encoding" });
    else if (pattern === undefined) rows.push({ row: { line: text } });
    else {
      const found = pattern.exec(text);
      const { word = "", n = "", end: last = "" } = found?.groups ?? {};
      rows.push(found === null ? { code: "row-pattern" } : { row: { word, n, end: last } });
    }
  }
  return rows;
}

function slowRun(bytes: Buffer, pattern: string | undefined, goesOn: boolean): PlainResult {
  const result: PlainResult = { output: "", leftOut: [], failure: undefined };
  const rows = slowRows(bytes, pattern === undefined ? undefined : new RegExp(pattern, "u"));
  for (const [at, read] of rows.entries()) {
    if ("row" in read) result.output += `${JSON.stringify(read.row)}\n`;
    else if (goesOn) result.leftOut.push(read.code);
    else return { ...result, failure: { code: read.code, line: at + 1 } };
  }
  return result;
}

describe("rows of lines are those of a plain loop, however the work is spread:", () => {
  for (const pattern of [undefined, PATTERN]) {
    for (const goesOn of [false, true]) {
      test(`${pattern === undefined ? "whole lines" : "groups"}, ${goesOn ? "bad ones left out" : "up to the first bad one"}`, async () => {
        const options: RunOptions = { from: "lines", to: "jsonl", types: "text" };
        if (pattern !== undefined) options.pattern = pattern;
        if (goesOn) Object.assign(options, { onError: "reject", rejects: rejectsFile });
        const property = fc.asyncProperty(
          input,
          fc.array(shape, { minLength: 3, maxLength: 3 }),
          async (bytes, ways) => {
            const wanted = slowRun(bytes, pattern, goesOn);
            for (const way of ways) expect(await runShaped({ format: "jsonl", bytes }, options, way)).toEqual(wanted);
          },
        );
        await fc.assert(property, { seed: 20170526, numRuns: 20 });
      }, 600_000);
    }
  }
});
