/** Random malformed CSV, and ways to cut it: for bad-rows.test.ts and test/fuzz/csv.ts. */
import * as fc from "fast-check";
import { SLOW_CSV, type SlowDialect } from "./slow-csv.ts";

/** Dialects that the tokenizer reads on the parent's side too. */
export const TOKENIZER_DIALECTS: Record<string, SlowDialect> = {
  comments: { ...SLOW_CSV, comments: ["#"] },
  "another escape": { ...SLOW_CSV, escape: "\\" },
  "lazy quotes": { ...SLOW_CSV, lazyQuotes: true },
  "trimming as in @std/csv": { ...SLOW_CSV, trim: "std" },
  trimming: { ...SLOW_CSV, trim: "both" },
  "trimming where blanks delimit": { ...SLOW_CSV, delimiter: " ", trim: "both" },
  "all of them": { ...SLOW_CSV, comments: ["#", "//"], escape: "\\", lazyQuotes: true, trim: "both" },
};

/** Malformed files: pieces that go wrong in each other's company. */
export const malformed: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ",",
        '"',
        '""',
        "\n",
        "\r\n",
        "\r",
        '"a"',
        '"b\nc"',
        '"\n',
        ',"',
        '",',
        'a"b',
        '"a"b',
        "#",
        " ",
        "\\",
        '\\"',
      ),
      fc.string({ unit: fc.constantFrom("x", "y", "é", "."), maxLength: 90 }),
    ),
    { maxLength: 60 },
  )
  // One character a byte, as the splitter sees it.
  .map((parts) => Buffer.from(parts.join("")).toString("latin1"));

/** How a file is cut: `step` 0 doubles a window that is too small. */
export const cutting: fc.Arbitrary<{ window: number; maxRows: number; step: number }> = fc.record({
  window: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(1)),
  maxRows: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 5 })),
  step: fc.constantFrom(1, 2, 0),
});
