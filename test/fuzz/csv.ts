/**
 * The long form of test/formats/csv/bad-rows.test.ts: random malformed CSV against the slow reference, for as many runs
 * as one likes.
 *
 *     bun test/fuzz/csv.ts [--runs 100000] [--seed N]
 *
 * Prints the seed; a failure prints the smallest text that shows it, and ends with exit code 1.
 */
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { Kernel } from "../../src/formats/kernel/host.ts";
import { TOKENIZER_DIALECTS, cutting, malformed } from "../formats/csv/malformed.ts";
import { SLOW_CSV, readSlowly } from "../formats/csv/slow-csv.ts";
import { splitMistake } from "../formats/csv/split-all.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
const runs = Number(values.runs);
const kernel = new Kernel();
console.log(`seed ${seed}, ${runs} runs a dialect`);

for (const [name, dialect] of Object.entries({ "plain CSV": SLOW_CSV, ...TOKENIZER_DIALECTS })) {
  const property = fc.property(
    malformed,
    cutting,
    fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 300 })),
    (text, { window, maxRows, step }, maxRowBytes) => {
      const pieces = readSlowly(text, dialect, maxRowBytes);
      const grow = (bytes: number): number => (step === 0 ? bytes * 2 : bytes + step);
      const mistake = splitMistake(text, { kernel, dialect, maxRowBytes, cuts: { window, maxRows, grow } }, pieces);
      if (mistake !== undefined) throw new Error(mistake);
    },
  );
  fc.assert(property, { seed, numRuns: runs });
  console.log(`${name}: ${runs} runs, no difference`);
}
