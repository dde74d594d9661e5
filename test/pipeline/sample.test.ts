/**
 * Rows by chance are the same for every jobs × batch size × block size × file or stream × order in which workers answer: which
 * ones hangs on the seed alone.
 */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { type Shape, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));

setUpShapedRuns();

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const asked: fc.Arbitrary<RunOptions> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 60 }), seed).map(([sample, by]) => ({ sample, seed: by })),
  fc.tuple(fc.integer({ min: 0, max: 100 }), seed).map(([percent, by]) => ({ sample: `${percent}%`, seed: by })),
  seed.map((by) => ({ shuffle: true, seed: by })),
  seed.map((by) => ({ shuffle: true, sample: 5, seed: by })),
);

/** With so little of it, rows wait in a file, a few at a time. */
const memory = fc.constantFrom(undefined, 1, "4K");

/** The rows that come out, by their numbers. */
async function numbers(count: number, options: RunOptions, way: Shape, room?: RunOptions["memory"]): Promise<number[]> {
  const bytes = Buffer.from(`n\n${Array.from({ length: count }, (_, n) => `${n}\n`).join("")}`);
  const { output, failure } = await runShaped(
    { format: "csv", bytes },
    { from: "csv", ...options, ...(room !== undefined && { memory: room }) },
    way,
  );
  expect(failure).toBeUndefined();
  return output.split("\n").slice(1, -1).map(Number);
}

test("some rows, or all in another order", async () => {
  const ways = fc.array(fc.tuple(shape, memory), { minLength: 2, maxLength: 3 });
  const property = fc.asyncProperty(fc.integer({ min: 0, max: 50 }), asked, ways, async (count, options, all) => {
    let first: number[] | undefined;
    for (const [way, room] of all) {
      const found = await numbers(count, options, way, room);
      expect(found).toEqual((first ??= found));
      const inOrder = found.toSorted((a, b) => a - b);
      expect(new Set(inOrder).size).toBe(found.length);
      expect(inOrder.every((n) => n >= 0 && n < count)).toBe(true);
      if (options.shuffle !== true) expect(found).toEqual(inOrder);
      const size = typeof options.sample === "number" ? Math.min(options.sample, count) : count;
      if (typeof options.sample !== "string" || options.sample === "100%") expect(found).toHaveLength(size);
      if (options.sample === "0%") expect(found).toEqual([]);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
}, 600_000);

test("each row has the same chance", async () => {
  const [way] = fc.sample(shape, { seed: 7, numRuns: 1 });
  if (way === undefined) throw new Error("there is no shape");
  const picked = Array.from({ length: 10 }, () => 0);
  const firsts = Array.from({ length: 10 }, () => 0);
  for (let by = 0; by < 300; by++) {
    for (const n of await numbers(10, { sample: 3, seed: by }, way)) picked[n] = (picked[n] ?? 0) + 1;
    const [first = 0] = await numbers(10, { shuffle: true, seed: by }, way);
    firsts[first] = (firsts[first] ?? 0) + 1;
  }
  // The seeds are fixed, so this holds or does not: 90 and 30 are expected, four standard deviations are 32 and 21.
  for (const times of picked) expect(Math.abs(times - 90)).toBeLessThan(32);
  for (const times of firsts) expect(Math.abs(times - 30)).toBeLessThan(21);
}, 600_000);
