/** Simulated workers answer as real ones do: a run with them comes to its end, and all that they answer is joined. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeInput } from "./generate.ts";
import { figuresSection, type ScaledLine, scaleTable } from "./scale/figures.ts";
import { makeHollow, repeatedInput, SimulatedWorkers, sampleOf } from "./scale/simulated-run.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-scale-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a run with sixteen simulated workers joins all stretches", async () => {
  const run = { expression: "({ name, age: 2017 - born })" };
  const small = makeInput(folder, "wide", 0.02);
  const output = join(folder, "out.csv");
  const input = join(folder, "in.csv");
  const sample = await sampleOf(run, small, output);
  expect(sample.result.rowsOut).toBeGreaterThan(100);
  const repeated = repeatedInput(small, true);
  makeHollow(repeated, input, 100e6);
  const workers = new SimulatedWorkers();
  try {
    const { bytes, parentMs } = await workers.run(run, { sample, rows: repeated.rows }, { jobs: 16, input, output });
    expect(bytes).toBeGreaterThan(50e6);
    expect(parentMs).toBeGreaterThan(0);
  } finally {
    workers.close();
  }
});

test("the section of the figures takes the place of the one before", () => {
  const point = { jobs: 1, mbPerSecond: 500, parentMsPerMb: 0.1, parentShare: 0.05 };
  const line: ScaledLine = { name: "a", title: "a line", workerMsPerMb: 2, points: [point, { ...point, jobs: 64 }] };
  expect(scaleTable([line]).split("\n").at(-1)).toBe(
    "| a line                    | 0.50 | 0.50 | 0.100 ms    | 2.00 ms  | 20 workers   |",
  );
  const page = "# Figures\n\n## Memory\n\nMuch.\n";
  const once = figuresSection(page, [line], "abc");
  expect(once).toContain("## More cores than here");
  expect(once.endsWith("## Memory\n\nMuch.\n")).toBe(true);
  expect(figuresSection(once, [line], "abc")).toBe(once);
});
