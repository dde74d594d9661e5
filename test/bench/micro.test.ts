/** The micro benchmark still measures what there is: each line once, over few rows. No time is judged. */
import { describe, expect, test } from "bun:test";
import { WAYS } from "../../src/transform/plan/ways.ts";
import type { KernelExports, FieldLoops } from "../../src/formats/kernel/exports.ts";
import { type Bench, measure, type Work } from "./micro/bench.ts";
import { BENCHES, benchesNamed, cellsOf, measureAll } from "./micro/micro.ts";
import { makeTexts } from "./micro/texts.ts";

const ONCE = { rounds: 1, roundMs: 0, warmUpMs: 0 };
const ROWS = 300;

describe("every line gives what a slow reading gives, and has a time", () => {
  for (const bench of BENCHES) {
    test(bench.name, async () => {
      const [measured] = await measureAll([bench], { rows: ROWS, timing: ONCE });
      expect(measured?.medianMs).toBeGreaterThan(0);
      expect(measured?.rows).toBeGreaterThan(0);
    });
  }
});

test("all ways have a line", () => {
  const names = BENCHES.map(({ name }) => name);
  expect(WAYS.filter((way) => !names.some((name) => name === `way ${way}` || name.startsWith(`way ${way},`)))).toEqual(
    [],
  );
});

test("all functions of the kernel have one", () => {
  const functions = {
    scanCsv: 0,
    scanLines: 0,
    scanJson: 0,
    scanValues: 0,
    lineUpJson: 0,
    countBytes: 0,
    indexCsv: 0,
    indexJsonl: 0,
    isRectangular: 0,
    internFields: 0,
    gatherText: 0,
    gatherNumbers: 0,
    gatherDecimals: 0,
    weave: 0,
    hashFields: 0,
    weaveJoined: 0,
    weaveObjects: 0,
    copyObjects: 0,
    markOddObjects: 0,
    weaveLinesToFields: 0,
    weaveLinesToObjects: 0,
    gatherObjectDecimals: 0,
    gatherObjectIds: 0,
    groupsOfIds: 0,
    countGroups: 0,
    foldDecimals: 0,
    digestFields: 0,
    digestTexts: 0,
    mergeRows: 0,
    hashColumn: 0,
    tellApart: 0,
    lookAtValues: 0,
    summarize: 0,
  } satisfies Record<
    Exclude<
      keyof (KernelExports & FieldLoops),
      | "memory"
      | "jsonScratchBytes"
      | "clearTexts"
      | "playRun"
      | "undoubleFields"
      | "enterAll"
      | "placesAbove"
      | "countPiles"
      | "fillPiles"
      | "findEqual"
      | "noteHashes"
      | "spread"
    >,
    0
  >;
  const measured = new Set(BENCHES.map(({ name }) => /^kernel (\w+)/.exec(name)?.[1]));
  expect(Object.keys(functions).filter((name) => !measured.has(name))).toEqual([]);
});

describe("a line is not timed", () => {
  const work: Work = { bytes: 1, rows: 1, run: (seen) => void seen?.push(1, 2), expected: () => [1, 2] };
  const timed = (change: Partial<Work>): Promise<unknown> => {
    const bench: Bench = { name: "one", open: () => ({ ...work, ...change }) };
    return measure(bench, makeTexts(1), ONCE);
  };

  const faultOf = (change: Partial<Work>): Promise<string> => timed(change).then(() => "none", String);

  test("but where it is right", async () => {
    expect(await timed({})).toMatchObject({ name: "one", rows: 1 });
  });

  test("where something else came out", async () => {
    expect(await faultOf({ expected: () => [1, 3] })).toContain("first at 1 of 2 (2 came): 2 in place of 3");
  });

  test("where less came out, or more", async () => {
    expect(await faultOf({ expected: () => [1, 2, 3] })).toContain("undefined in place of 3");
    expect(await faultOf({ expected: () => [1] })).toContain("2 in place of undefined");
  });

  test("where nothing is expected", async () => {
    expect(await faultOf({ expected: () => [] })).toContain("nothing is checked");
  });
});

test("--only takes parts of names", () => {
  expect(benchesNamed("scanCsv,way copied").map(({ name }) => name)).toEqual([
    "kernel scanCsv",
    "kernel scanCsv, all quoted",
    "way copied",
  ]);
  expect(benchesNamed("nothing of that name")).toEqual([]);
});

test("a line of the table", () => {
  expect(cellsOf({ name: "one", medianMs: 2, spread: 0.014, bytes: 1_000_000, rows: 4000 })).toEqual([
    "one",
    "500",
    "500",
    "1",
  ]);
});
