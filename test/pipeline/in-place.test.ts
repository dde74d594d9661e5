/** A file that is rewritten in place with all its rows as they are is the file that it was, byte for byte. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { runWith } from "../../src/pipeline/run.ts";
import { type SlowDialect, SLOW_CSV } from "../formats/csv/slow-csv.ts";
import { inProcessWorkers, startAllWorkers } from "./in-process.ts";
import { csvLine } from "./plain-loop.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-in-place-"));
let undo = (): void => {};
beforeAll(() => {
  undo = startAllWorkers();
});
afterAll(() => {
  undo();
  rmSync(folder, { recursive: true });
});

interface Written {
  delimiter: string;
  quote: string;
  escape: string;
  newline: "\n" | "\r\n";
  encoding: "utf-8" | "utf-16le" | "windows-1252";
  hasMark: boolean;
  hasHeader: boolean;
  endsOpen: boolean;
  skipped: string[];
  /** Rows, and comments between them. */
  lines: (string | [string, string])[];
}

const text = fc.string({
  unit: fc.constantFrom("a", "é", " ", ",", ";", "'", '"', "\\", "#", "\n", "\t"),
  maxLength: 4,
});
const plain = fc.string({ unit: fc.constantFrom("a", "é", " ", ",", '"', "#"), maxLength: 6 });
const row = fc.tuple(text, text);

const written: fc.Arbitrary<Written> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "::"),
  quote: fc.constantFrom('"', "'"),
  escape: fc.constantFrom("same", "\\"),
  newline: fc.constantFrom("\n", "\r\n"),
  encoding: fc.constantFrom("utf-8", "utf-16le", "windows-1252"),
  hasMark: fc.boolean(),
  hasHeader: fc.boolean(),
  endsOpen: fc.boolean(),
  skipped: fc.array(plain, { maxLength: 2 }),
  lines: fc.array(fc.oneof({ weight: 2, arbitrary: row }, { weight: 1, arbitrary: plain.map((one) => `#${one}`) }), {
    maxLength: 12,
  }),
});

function dialectOf({ delimiter, quote, escape }: Written): SlowDialect {
  return { ...SLOW_CSV, delimiter, quote, escape: escape === "same" ? quote : escape, comments: ["#"] };
}

function bytesOf(file: Written): Buffer {
  const { newline, encoding, hasMark, hasHeader, endsOpen, skipped, lines } = file;
  const dialect = dialectOf(file);
  const rows = lines.filter((line) => typeof line !== "string");
  // Without a header the first row tells how many columns there are.
  const table = [...(hasHeader || rows.length === 0 ? [["x", "y"] as [string, string]] : []), ...lines];
  const csv = (line: string | [string, string]): string =>
    typeof line === "string" ? line : csvLine(line, dialect).slice(0, -1);
  const all = [...skipped, ...table.map(csv)].map((line) => line + newline).join("");
  const mark = hasMark && encoding !== "windows-1252" ? "\uFEFF" : "";
  const content = mark + (endsOpen ? all.slice(0, -newline.length) : all);
  if (encoding === "utf-16le") return Buffer.from(content, "utf16le");
  return Buffer.from(content, encoding === "utf-8" ? "utf8" : "latin1");
}

test("nothing of it changes: dialect, comments, skipped lines, line ends, encoding", async () => {
  const path = join(folder, "file.csv");
  const property = fc.asyncProperty(
    written,
    fc.constantFrom("row", "{ ...row }"),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 60 }),
    async (file, expression, jobs, batchBytes) => {
      const bytes = bytesOf(file);
      writeFileSync(path, bytes);
      const { delimiter, quote, escape } = dialectOf(file);
      const isNamed = file.hasHeader || file.lines.every((line) => typeof line === "string");
      await runWith(
        {
          expression,
          inputs: [path],
          inPlace: true,
          from: "csv",
          delimiter,
          quote,
          escape,
          comment: "#",
          skipLines: file.skipped.length,
          noHeaders: !isNamed,
          encoding: file.encoding,
          jobs,
        },
        {
          spawn: inProcessWorkers({ picks: [], blockBytes: undefined, isAsked: false }),
          batchBytes: { first: batchBytes, max: batchBytes * 2, last: 1 },
          firstRows: undefined,
          stretchBytes: 1,
          keeping: { from: 1, most: 200, block: 16 },
          guessBytes: batchBytes,
          cellBytes: 100,
        },
      );
      expect(readFileSync(path).toString("latin1")).toBe(bytes.toString("latin1"));
    },
  );
  await fc.assert(property, { seed: 20170526, numRuns: 40 });
}, 120_000);
