/** The short form of kill.ts: kills come at changes in the folder, not after a time. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { killAndResume } from "./kill.ts";

const binary = installBinary();
const PLAN = { runs: 9, rows: 5000, byChangeOnly: true, mostChanges: 15 } as const;

test("killed and resumed, a run gives the same bytes", async () => {
  const counts = await killAndResume({ binary, seed: 20170526 }, { ...PLAN, signal: "SIGKILL", tears: true });
  expect(counts.runs).toBe(PLAN.runs);
  expect(counts.cutShort).toBeGreaterThan(0);
});

test("killed while workers write, a run gives the same bytes", async () => {
  const plan = { ...PLAN, signal: "SIGKILL", tears: true, mostChanges: 40, only: "written by workers" } as const;
  const counts = await killAndResume({ binary, seed: 20170528 }, plan);
  expect(counts.runs).toBe(PLAN.runs);
  expect(counts.cutShort).toBeGreaterThan(3);
});

test("interrupted and resumed, a run gives the same bytes", async () => {
  const counts = await killAndResume({ binary, seed: 20170527 }, { ...PLAN, signal: "SIGINT", tears: false });
  expect(counts.runs).toBe(PLAN.runs);
  expect(counts.cutShort).toBeGreaterThan(0);
});
