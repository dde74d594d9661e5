/** What the benchmark makes of times: verdicts, what a run says of its workers, the chart, the report. */
import { describe, expect, test } from "bun:test";
import { describeRun } from "../../src/cli/run-report.ts";
import type { RunSummary } from "../../src/pipeline/summary.ts";
import { barsOf, chartSvg } from "./chart.ts";
import type { Outcome } from "./contest.ts";
import type { PeerName, Peers } from "./peers.ts";
import { reportText } from "./report.ts";
import { memoryTable, type Rules, sizeTable, timeTable, type Use, useTable } from "./tables.ts";
import { readShares } from "./utilisation.ts";
import type { Contender, Workload } from "./workload.ts";

const NO_PEERS: Peers = { found: new Map(), missing: new Map(), folder: undefined };
const BUN: Peers = { ...NO_PEERS, found: new Map([["bun", { title: "Bun", version: "1", command: ["bun"] }]]) };

/** An outcome with times in milliseconds by contender. */
function timesOf(times: Record<string, number>, rest: Partial<Workload>, faults: string[] = []): Outcome {
  const contenders = Object.keys(times).map((name): Contender => {
    return { name, by: name === "ours" ? "rowmill" : "bun", writes: "file", command: () => [] };
  });
  const results = new Map(
    Object.entries(times).map(([name, medianMs]) => [name, { medianMs, runs: 7, outputBytes: medianMs }]),
  );
  const workload: Workload = {
    name: "w",
    title: "work",
    inputs: [],
    agreement: "csv-rows",
    ratios: [],
    contenders,
    ...rest,
  };
  return { workload, results, faults };
}

function verdictsOf(outcome: Outcome, rules: Partial<Rules> = {}): string[] {
  return timeTable([outcome], { peers: BUN, isJudged: true, ...rules }).lines.map(({ verdict }) => verdict);
}

describe("verdicts", () => {
  const ratios = [
    { ours: "ours", other: "theirs", atLeast: 2 },
    { ours: "ours", other: "theirs", atLeast: 2.5 },
    { ours: "ours", other: "theirs", atMost: 2 },
    { ours: "ours", other: "theirs", atMost: 1.9 },
    { ours: "ours", other: "theirs" },
  ];

  test("a ratio holds from its bound on", () => {
    const outcome = timesOf({ ours: 100, theirs: 200 }, { ratios });
    expect(verdictsOf(outcome)).toEqual(["holds", "DOES NOT HOLD", "holds", "DOES NOT HOLD", "–"]);
    expect(verdictsOf(outcome, { isJudged: false })).toEqual([...Array.from({ length: 4 }, () => "not judged"), "–"]);
  });

  test("speed with the wrong output is none, and so is that of one that failed", () => {
    const wrong = timesOf({ ours: 100, theirs: 200 }, { ratios }, ["outputs differ"]);
    expect(verdictsOf(wrong).slice(0, 4)).toEqual(Array.from({ length: 4 }, () => "DOES NOT HOLD"));
    const failed = timesOf({ ours: 100, theirs: 200 }, { ratios });
    failed.results.delete("ours");
    expect(verdictsOf(failed)).toEqual(Array.from({ length: 5 }, () => "DOES NOT HOLD"));
  });

  test("a peer that is not installed is skipped", () => {
    const outcome = timesOf({ ours: 100, theirs: 200 }, { ratios });
    outcome.results.delete("theirs");
    expect(new Set(verdictsOf(outcome, { peers: NO_PEERS }))).toEqual(new Set(["skipped"]));
  });

  test("a time and a size have bounds of their own", () => {
    const sizes = [
      { ours: "ours", other: "theirs", atMost: 0.5 },
      { ours: "ours", other: "theirs", atMost: 0.4 },
    ];
    const times = [
      { ours: "ours", belowMs: 101 },
      { ours: "ours", belowMs: 100 },
    ];
    const outcome = timesOf({ ours: 100, theirs: 200 }, { sizes, times });
    expect(verdictsOf(outcome)).toEqual(["holds", "DOES NOT HOLD"]);
    const { lines } = sizeTable([outcome], { peers: BUN, isJudged: true });
    expect(lines.map(({ verdict }) => verdict)).toEqual(["holds", "DOES NOT HOLD"]);
  });

  test("workers may be idle for a twentieth of a run", () => {
    const { workload } = timesOf({ ours: 1 }, {});
    const useOf = (idleShare: number): Use => {
      const utilisation = { idleShare, parentShare: 0.1, parentMsPerMb: 0.2, workersAtLimit: 19.6, isRepeated: false };
      return { workload, ours: "ours", utilisation };
    };
    const { lines } = useTable([useOf(0.049), useOf(0.05)], { peers: BUN, isJudged: true });
    expect(lines.map(({ verdict }) => verdict)).toEqual(["holds", "DOES NOT HOLD"]);
    expect(lines[0]?.cells).toEqual(["work", "ours", "4.9 %", "10.0 %", "0.20 ms", "20 workers", "< 5.0 %"]);
  });
});

describe("what a run says of its workers", () => {
  test("is read as it is written", () => {
    const workers = [0.97, 0.93].map((busyShare, worker) => ({ worker, batches: 1, rows: 1, busyMs: 1, busyShare }));
    const times = { read: 1, parse: 1, transform: 1, encode: 1, write: 1 };
    const counts = { rowsIn: 2, rowsMapped: 2, rowsDropped: 0, rowsFailed: 0, rowsOut: 2 };
    const summary: RunSummary = {
      ...counts,
      firstFailure: undefined,
      rejects: undefined,
      blankLines: 0,
      isCutShort: false,
      isResumed: false,
      notices: [],
      stretches: { joined: 0, again: 0, placed: 0 },
      ms: 2000,
      rowsPerSecond: 1,
      bytesPerSecond: 1,
      times,
      parentMs: 84,
      workers,
    };
    const shares = readShares(`progress\r${describeRun(summary)}`);
    expect(shares?.idleShare).toBeCloseTo(0.05, 10);
    expect(shares?.parentShare).toBeCloseTo(0.042, 10);
    expect(readShares("nothing was said")).toBeUndefined();
  });
});

describe("the report", () => {
  const outcome = timesOf(
    { ours: 100, theirs: 1000, slow: 50 },
    {
      title: "a < b",
      ratios: [
        { ours: "ours", other: "theirs" },
        { ours: "ours", other: "slow" },
      ],
    },
  );

  test("has a chart with a bar for each pair, longer the greater the ratio", async () => {
    expect(barsOf([outcome]).map(({ ratio }) => ratio)).toEqual([10, 0.5]);
    expect(barsOf([{ ...outcome, faults: ["outputs differ"] }])).toEqual([]);
    const svg = await chartSvg(barsOf([outcome]));
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain(">10.0</text>");
    expect(svg).toContain(">0.50</text>");
    const widths = [...svg.matchAll(/d="M[\d.]+,[\d.]+h(-?[\d.]+)v[\d.]+h-?[\d.]+Z" fill="#(?:1f883d|cf222e)"/g)];
    expect(widths).toHaveLength(2);
    const [faster = 0, slower = 0] = widths.map(([, width]) => Number(width));
    expect(faster / slower).toBeCloseTo(Math.log(10) / Math.log(2), 2);
  });

  test("holds every table, every command, and what went wrong", () => {
    const rules = { peers: BUN, isJudged: true };
    const missing = new Map<PeerName, { title: string; install: string }>([
      ["jq", { title: "jq", install: "apt-get install jq" }],
    ]);
    const text = reportText({
      time: timeTable([outcome], rules),
      sizes: sizeTable([outcome], rules),
      uses: useTable([], rules),
      memory: memoryTable(new Map(), rules),
      faults: ["w: outputs differ"],
      peers: { ...BUN, missing },
      oursVersion: "0.1.0",
      runs: 7,
      scale: 1,
      chart: "chart.svg",
    });
    expect(text).toContain("| a < b    | ours | theirs  | 100 ms   | 1.00 s     | 7 / 7 | 10.00 |");
    expect(text).toContain("- w: outputs differ");
    expect(text).toContain("- jq was not installed: `apt-get install jq`");
    expect(text).toContain("](chart.svg)");
    expect(text).toContain("    rowmill run ages.ts wide.csv -j 2 -o out.csv\n");
    expect(text).toContain("    node piscina.mjs FOLDER age 1000000 2 > out.txt\n");
  });
});
