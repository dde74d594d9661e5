/** The short form of kill-files.ts: kills come at changes in the folder, not after a time. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { killFiles } from "./kill-files.ts";

const binary = installBinary();
const PLAN = { runs: 8, rows: 5000, byChangeOnly: true } as const;

test("killed and resumed, a run that writes many files gives the same bytes", async () => {
  const counts = await killFiles({ binary, seed: 20170526 }, { ...PLAN, signal: "SIGKILL" });
  expect(counts.runs).toBe(PLAN.runs);
  expect(counts.cutShort).toBeGreaterThan(0);
});

test("interrupted and resumed, it does, too", async () => {
  const counts = await killFiles({ binary, seed: 20170527 }, { ...PLAN, signal: "SIGINT" });
  expect(counts.runs).toBe(PLAN.runs);
});
