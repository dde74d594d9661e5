/** How the benchmark compares: agreement of outputs, turns, medians, contenders that fail; and its inputs. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { fingerprint, isSame, printOf, rowSet } from "./agreement.ts";
import { contest, median, type Outcome, runsIn, timedRuns } from "./contest.ts";
import { type InputName, makeInput } from "./generate.ts";
import type { Agreement, Contender, Places, Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function fileOf(content: string | Buffer): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, content);
  return path;
}

async function agree(a: string | Buffer, b: string | Buffer, agreement: Agreement): Promise<boolean> {
  return isSame(await printOf(fileOf(a), agreement), await printOf(fileOf(b), agreement));
}

describe("agreement", () => {
  test("figures agree in any order of rows and columns, but for the noise of adding", async () => {
    const a = "k,mean,max\nx,0.30000000000000004,7\ny,-2,1e3\n";
    expect(await agree(a, "k,max,mean\ny,1000,-2.0\nx,7,0.3\n", "figures")).toBe(true);
    expect(await agree(a, "k,max,mean\ny,1000,-2.0\nx,7,0.300001\n", "figures")).toBe(false);
    expect(await agree(a, "k,max,mean\nx,7,0.3\n", "figures")).toBe(false);
    expect(await agree(a, "k,max,average\ny,1000,-2.0\nx,7,0.3\n", "figures")).toBe(false);
    expect(await agree("k,v\nx,\n", "k,v\nx,nothing\n", "figures")).toBe(false);
  });

  test("rows agree but for zeros at the end of fractions; in a set, in any order and in any files", async () => {
    const [a, b] = ["k,v\nx,0.10\ny,10\n", "k,v\nx,0.1\ny,10\n"];
    expect(await fingerprint(fileOf(a))).toBe(await fingerprint(fileOf(b)));
    expect(await fingerprint(fileOf(a))).not.toBe(await fingerprint(fileOf("k,v\nx,0.1\ny,1\n")));
    const many = mkdtempSync(join(folder, "many-"));
    writeFileSync(join(many, "1.csv"), "v,k\n10,y\n");
    mkdirSync(join(many, "more"));
    writeFileSync(join(many, "more", "2.csv"), 'v,k\n"0.1",x\n');
    expect(await rowSet(many)).toBe(await rowSet(fileOf(a)));
    expect(await rowSet(many)).not.toBe(await rowSet(fileOf("k,v\nx,0.1\n")));
    expect(await rowSet(many)).not.toBe(await rowSet(fileOf("k,w\nx,0.1\ny,10\n")));
    expect(await agree("k\n1\n2\n", "2\nk\n1\n", "csv-set")).toBe(true);
    expect(await agree("k\n1\n2\n", "k\n1\n1\n", "csv-set")).toBe(false);
  });

  test("unpacked bytes agree whatever the members and levels of compression", async () => {
    const whole = gzipSync("a,b\n1,2\n", { level: 9 });
    const members = Buffer.concat([gzipSync("a,b\n", { level: 1 }), gzipSync("1,2\n")]);
    expect(await agree(whole, members, "unpacked-bytes")).toBe(true);
    expect(await agree(whole, gzipSync("a,b\n1,3\n"), "unpacked-bytes")).toBe(false);
    expect(await agree(whole, members, "bytes")).toBe(false);
  });
});

describe("turns", () => {
  test("a median is the middle one, or between the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 5, 2])).toBe(3.5);
  });

  test("a slow contender runs less often, spread over all rounds", () => {
    expect(timedRuns(7, 400)).toBe(7);
    expect(timedRuns(7, 5_000)).toBe(5);
    expect(timedRuns(7, 12_000)).toBe(3);
    expect(timedRuns(2, 12_000)).toBe(2);
    expect(timedRuns(7, 60_000)).toBe(0);
    for (const runs of [0, 1, 3, 5, 7]) {
      const rounds = [0, 1, 2, 3, 4, 5, 6].filter((round) => runsIn(round, runs, 7));
      expect(rounds).toHaveLength(runs);
    }
    expect([0, 1, 2, 3, 4, 5].filter((round) => runsIn(round, 3, 6))).toEqual([1, 3, 5]);
  });
});

/** A contender that a shell runs; "$1" is its output. */
function shell(name: string, script: string): Contender {
  return { name, by: "bun", writes: "file", command: ({ out }: Places) => ["sh", "-c", script, "sh", out] };
}

function workloadOf(contenders: Contender[], rest: Partial<Workload> = {}): Workload {
  return { name: "w", title: "work", inputs: [], agreement: "csv-rows", ratios: [], contenders, ...rest };
}

function placesOf({ name }: Contender): Places {
  return {
    ours: [],
    peer: (peer) => [peer],
    input: (input) => input,
    transform: (file) => file,
    script: (file) => file,
    count: (items) => items,
    out: join(folder, `out-${name}`),
  };
}

async function outcomeOf(workload: Workload): Promise<Outcome> {
  return await contest(workload, workload.contenders, { runs: 3, places: placesOf });
}

describe("contest()", () => {
  test("takes outputs that differ in their quotes, and notes times and sizes", async () => {
    const { results, faults } = await outcomeOf(
      workloadOf([shell("a", `printf 'x\\n"1"\\n' > "$1"`), shell("b", `printf 'x\\r\\n1\\r\\n' > "$1"`)]),
    );
    expect(faults).toEqual([]);
    expect([...results].map(([name, { runs, outputBytes }]) => [name, runs, outputBytes])).toEqual([
      ["a", 3, 6],
      ["b", 3, 6],
    ]);
  });

  test("says whose output differs, and where; a floor is not compared", async () => {
    const floor: Contender = { ...shell("floor", `echo 12 > "$1"`), isFloor: true };
    const { faults } = await outcomeOf(
      workloadOf([floor, shell("a", `printf 'x\\n1\\n' > "$1"`), shell("b", `printf 'x\\n2\\n' > "$1"`)]),
    );
    expect(faults).toEqual([`outputs of a and b differ at line 2: "1" and "2"`]);
  });

  test("says what is not the expected output", async () => {
    const { faults } = await outcomeOf(workloadOf([shell("a", `echo 1 > "$1"`)], { expected: "2\n" }));
    expect(faults).toEqual(["a did not give the expected output"]);
  });

  test("drops one that fails, and one that gives another output later", async () => {
    const count = fileOf("");
    const { faults, results } = await outcomeOf(
      workloadOf([
        shell("fails", "echo broken >&2; exit 3"),
        shell("changes", `echo >> ${count}; wc -l < ${count} > "$1"`),
      ]),
    );
    expect(faults).toEqual(["fails left with 3: broken", "changes gave another output than in its first run"]);
    expect(results.size).toBe(0);
  });
});

function rowsOf(name: InputName): string[][] {
  return parse(readFileSync(makeInput(folder, name, 0.0001)));
}

/** Whether a row is ASCII. */
function isPlain(row: readonly string[]): boolean {
  return /^[\n -~]*$/.test(row.join(""));
}

describe("the workloads", () => {
  test("have names of their own, and bounds on contenders that there are", () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
    for (const { contenders, ratios, times = [], sizes = [] } of WORKLOADS) {
      const names = contenders.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { ours, other } of [...ratios, ...sizes]) expect(names).toEqual(expect.arrayContaining([ours, other]));
      for (const { ours } of times) expect(names).toContain(ours);
    }
  });

  test("have inputs that differ in what they say they differ in", () => {
    const [wide, quoted, ascii, accented] = [rowsOf("wide"), rowsOf("quoted"), rowsOf("ascii"), rowsOf("accented")];
    expect(wide).toHaveLength(201);
    expect(quoted).toEqual(wide);
    expect(ascii.every(isPlain)).toBe(true);
    expect(accented.slice(1).some(isPlain)).toBe(false);
  });
});
