/**
 * "Bad rows, exactly" (docs/internals.md): rows and failures do not depend on where the bytes are cut, and are those of a
 * slow reference. For longer:
 * `bun test/fuzz/csv.ts --runs 1000000`.
 */
import { describe, expect, spyOn, test } from "bun:test";
import * as fc from "fast-check";
import { INPUT, Kernel } from "../../../src/formats/kernel/host.ts";
import { csvSplitter } from "../../../src/formats/csv/splitter.ts";
import { SLOW_CSV, type SlowDialect, type SlowPiece, readSlowly } from "./slow-csv.ts";
import { TOKENIZER_DIALECTS, cutting, malformed } from "./malformed.ts";
import { type Cuts, WHOLE, allTexts, splitMistake, windows } from "./split-all.ts";

const kernel = new Kernel();
const SEED = 20170526;

const CUTS: Cuts[] = [WHOLE, windows(1), windows(2), windows(3), windows(5, 2), windows(1, 1)];

/** The first mistake over all texts; so many were looked at. */
function firstMistake(texts: Iterable<string>, check: (text: string) => string | undefined): string | undefined {
  for (const text of texts) {
    const mistake = check(text);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

describe('every text over a , " LF CR', () => {
  for (let length = 0; length <= 6; length++) {
    test(`of ${length} characters splits alike in all windows`, () => {
      const mistake = firstMistake(allTexts('a,"\n\r', length), (text) => {
        const pieces = readSlowly(text);
        for (const cuts of length < 6 ? CUTS : CUTS.slice(0, 3)) {
          const found = splitMistake(text, { kernel, dialect: SLOW_CSV, cuts }, pieces);
          if (found !== undefined) return found;
        }
        return undefined;
      });
      expect(mistake).toBeUndefined();
    });
  }

  // The kernel looks at 64 bytes at a time, and carries what came before from block to block.
  const before: Record<string, (length: number) => string> = {
    "a field": (length) => "x".repeat(length),
    "a row": (length) => `${"x".repeat(length - 1)}\n`,
    "a delimiter": (length) => `${"x".repeat(length - 1)},`,
    "an open quote": (length) => `"${"x".repeat(length - 1)}`,
    "a quoted field": (length) => `"${"x".repeat(length - 2)}"`,
    "a quoted field and CR": (length) => `"${"x".repeat(length - 3)}"\r`,
    "a blank line": (length) => `${"x".repeat(length - 2)}\n\n`,
  };
  for (const [name, prefix] of Object.entries(before)) {
    test(`of 4 characters behind ${name} splits alike at every place around the edge of a block`, () => {
      const mistake = firstMistake(allTexts('a,"\n\r', 4), (text) => {
        for (let length = 58; length <= 66; length++) {
          const whole = prefix(length) + text;
          const found = splitMistake(whole, { kernel, dialect: SLOW_CSV, cuts: WHOLE });
          if (found !== undefined) return found;
        }
        return undefined;
      });
      expect(mistake).toBeUndefined();
    });
  }

  test("of 7 characters across the edge of a block splits as the reference does", () => {
    let number = 0;
    const mistake = firstMistake(allTexts('a,"\n\r', 7), (text) => {
      const length = 58 + (number++ % 6);
      return splitMistake(before["a row"]?.(length) + text, { kernel, dialect: SLOW_CSV, cuts: WHOLE });
    });
    expect(mistake).toBeUndefined();
    expect(number).toBe(5 ** 7);
  });

  test("of up to 5 characters splits alike with --max-row-bytes 1 to 5", () => {
    for (let length = 0; length <= 5; length++) {
      const mistake = firstMistake(allTexts('a,"\n\r', length), (text) => {
        for (let maxRowBytes = 1; maxRowBytes <= 5; maxRowBytes++) {
          const pieces = readSlowly(text, SLOW_CSV, maxRowBytes);
          for (const cuts of [WHOLE, windows(1), windows(3)]) {
            const found = splitMistake(text, { kernel, dialect: SLOW_CSV, cuts, maxRowBytes }, pieces);
            if (found !== undefined) return found;
          }
        }
        return undefined;
      });
      expect(mistake).toBeUndefined();
    }
  });
});

for (const [name, dialect] of Object.entries({
  ...TOKENIZER_DIALECTS,
  "no quotes": { ...SLOW_CSV, quote: "", escape: "" },
})) {
  test(`every text of up to 4 characters with ${name} splits alike in all windows`, () => {
    for (let length = 0; length <= 4; length++) {
      const mistake = firstMistake(allTexts('a,"\n\r# \\', length), (text) => {
        for (const maxRowBytes of [Infinity, 3]) {
          const pieces = readSlowly(text, dialect, maxRowBytes);
          for (const cuts of [WHOLE, windows(1), windows(2, 1)]) {
            const found = splitMistake(text, { kernel, dialect, cuts, maxRowBytes }, pieces);
            if (found !== undefined) return found;
          }
        }
        return undefined;
      });
      expect(mistake).toBeUndefined();
    }
  });
}

describe("random malformed files", () => {
  for (const [name, dialect] of Object.entries({ "plain CSV": SLOW_CSV, ...TOKENIZER_DIALECTS })) {
    test(`with ${name} give the same rows and failures however they are cut`, () => {
      const property = fc.property(
        malformed,
        fc.array(cutting, { minLength: 3, maxLength: 3 }),
        fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 300 })),
        (text, cuts, maxRowBytes) => {
          const pieces = readSlowly(text, dialect, maxRowBytes);
          for (const { window, maxRows, step } of cuts) {
            const grow = (bytes: number): number => (step === 0 ? bytes * 2 : bytes + step);
            const mistake = splitMistake(
              text,
              { kernel, dialect, maxRowBytes, cuts: { window, maxRows, grow } },
              pieces,
            );
            if (mistake !== undefined) throw new Error(mistake);
          }
        },
      );
      fc.assert(property, { seed: SEED, numRuns: 1500 });
    });
  }
});

describe("the text of section 5", () => {
  // The reference itself is shown to be right by hand, once for each sentence.
  test.each([
    ["a quote in the middle of a field", 'a"b\nc\n', ["row-quote 0-4", "row"]],
    ["text behind a closing quote", '"a"b\nc\n', ["row-quote 0-5", "row"]],
    ["a quote that is never closed", 'x\n"a\nb\n', ["row", "row-unclosed-quote 2-5", "row"]],
    [
      "a row of several lines ends with the first when it is bad",
      '"a\nb"c\nd\n',
      ["row-quote 0-3", "row-quote 3-7", "row"],
    ],
    ["two stray quotes make a legal field", '"a\nb"\n', ["row"]],
    ["CR LF behind a closing quote", '"a"\r\nb\r\n', ["row", "row"]],
    ["CR alone behind a closing quote", '"a"\rb\n', ["row-quote 0-6"]],
  ])("%s", (_, text, wanted) => {
    expect(readSlowly(text).map(describePiece)).toEqual(wanted);
    for (const cuts of CUTS) expect(splitMistake(text, { kernel, dialect: SLOW_CSV, cuts })).toBeUndefined();
  });

  test("a last row of exactly --max-row-bytes without a line end is no bad row", () => {
    for (const dialect of [SLOW_CSV, TOKENIZER_DIALECTS["comments"] ?? SLOW_CSV]) {
      for (const cuts of CUTS) {
        expect(splitMistake("abcd", { kernel, dialect, cuts, maxRowBytes: 4 })).toBeUndefined();
        expect(splitMistake("ab\nabcde", { kernel, dialect, cuts, maxRowBytes: 4 })).toBeUndefined();
      }
    }
  });
});

describe("a file of nothing but bad rows", () => {
  const BAD_ROWS = 2000;
  const files: Record<string, string> = {
    "stray quotes": 'some text "with" quotes, in it\n'.repeat(BAD_ROWS),
    "text behind quotes": '"a"b,c\n'.repeat(BAD_ROWS),
    "quotes that open and close in each other's lines": '"a\nb""c\n'.repeat(BAD_ROWS / 2),
    "a good row before each bad one": 'good,row\nbad"row,x\n'.repeat(BAD_ROWS / 2),
    "one quote that never closes": `"a\n${'b""c\n'.repeat(BAD_ROWS - 1)}`,
  };
  for (const [name, text] of Object.entries(files)) {
    for (const [kind, dialect] of Object.entries({ kernel: SLOW_CSV, tokenizer: { ...SLOW_CSV, comments: ["#"] } })) {
      test(`costs the ${kind} a linear number of calls and bytes: ${name}`, () => {
        expect(splitMistake(text, { kernel, dialect, cuts: WHOLE })).toBeUndefined();
        const work = countWork(text, dialect);
        expect(work.decodedBytes).toBeGreaterThan(0);
        expect(work.scans).toBeLessThanOrEqual(4 * BAD_ROWS);
        // The tokenizer is shown 4 KB at first, and at most four times what it needs.
        expect(work.decodedBytes).toBeLessThanOrEqual((4096 * 2 + 100) * BAD_ROWS + 8 * text.length);
      });
    }
  }
});

function describePiece(piece: SlowPiece): string {
  return piece.kind === "bad" ? `${piece.code} ${piece.start}-${piece.end}` : piece.kind;
}

/** Kernel calls, and bytes that were made text, for one walk over the whole file in one window. */
function countWork(text: string, dialect: SlowDialect): { scans: number; decodedBytes: number } {
  const counted = new Kernel();
  counted.reserve(text.length + 1);
  counted.bytes.write(text, INPUT, "latin1");
  const scans = spyOn(counted, "scanCsv");
  const decodes = spyOn(counted.bytes, "toString");
  const splitter = csvSplitter(dialect, 16 * 1024 * 1024);
  const end = INPUT + text.length;
  for (let start = INPUT; start < end;) {
    const split = splitter.split({ memory: counted, start, end, isFinal: true, maxRows: Infinity });
    if (split.kind !== "rows" && split.kind !== "bad") throw new Error(split.kind);
    start = split.end;
  }
  const decodedBytes = decodes.mock.calls.reduce((sum, [, from, to]) => sum + Number(to) - Number(from), 0);
  return { scans: scans.mock.calls.length, decodedBytes };
}
