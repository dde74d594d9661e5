/** Short runs that do without another thread: which they are, that their results are the same, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOptions } from "../../src/options/run-options.ts";
import { REAL_PARTS } from "../../src/pipeline/prepare.ts";
import { SHORT_PARTS, isShortRun } from "../../src/pipeline/run-thread.ts";
import { runWith } from "../../src/pipeline/run.ts";
import { needsThread } from "../../src/short-line.ts";
import { installBinary } from "../cli/binary.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-short-"));
const file = (name: string): string => join(folder, name);
const binary = installBinary();

beforeAll(() => {
  writeFileSync(file("in.csv"), "name,n\nAda,1\nEmmy,2\nMarie,x\n");
  writeFileSync(file("in.jsonl"), '{"name":"Ada","n":1}\n{"name":"Emmy"}\n');
  writeFileSync(file("long.csv"), `n\n${"1\n".repeat(20_000)}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What comes of a run, and how many threads it has started. */
async function outcome(options: RunOptions, parts: typeof REAL_PARTS): Promise<{ result: unknown; threads: number }> {
  const output = file("out");
  const { spawn } = REAL_PARTS;
  let threads = 0;
  REAL_PARTS.spawn = (asked) => {
    threads++;
    return spawn(asked);
  };
  const notes: string[] = [];
  try {
    const { rowsIn, rowsOut, rowsFailed } = await runWith(
      { ...options, output, restart: true, onNote: (text) => void notes.push(text), onLog: () => {} },
      parts,
    );
    return { result: { rowsIn, rowsOut, rowsFailed, notes, text: readFileSync(output, "utf8") }, threads };
  } catch (error) {
    return { result: { notes, error: String(error), hint: Reflect.get(Object(error), "hint") }, threads };
  } finally {
    REAL_PARTS.spawn = spawn;
  }
}

describe("the result is that of a run with threads, and none is started", () => {
  const runs: RunOptions[] = [
    { expression: "{ name, twice: n + n }" },
    { expression: "row => ({ ...row, up: row.name.toUpperCase() })" },
    { expression: "n + 1" },
    { expression: "{ name: " },
    { expression: "{ name, n: JSON.parse(n).x.y }", onError: "skip" },
    { expression: "{ name, n: JSON.parse(n).x.y }", onError: "fail" },
    { filter: "n > 1", types: "text" },
    { filter: "n > 1", to: "jsonl" },
    { groupBy: ["name"] },
    { sortBy: ["-name"] },
    { limit: 1 },
    {},
  ];
  for (const options of runs) {
    for (const input of ["in.csv", "in.jsonl"]) {
      test(`${JSON.stringify(options)} of ${input}`, async () => {
        const all = { ...options, inputs: [file(input)] };
        const { result, threads } = await outcome(all, SHORT_PARTS);
        expect(threads).toBe(0);
        expect(result).toEqual((await outcome(all, REAL_PARTS)).result);
      });
    }
  }
});

describe("code that may take long, or do anything else, gets a thread", () => {
  const expressions = [
    "{ name: nobody }",
    "{ name, at: ctx.index }",
    "{ name, letters: [...name].map((one) => one + one).join('') }",
    "{ name, is: /A.*a/.test(name) }",
    "{ name, is: name.match('A') === null }",
    "row => { for (const one of row.name) row.name += one; return row }",
    "{ name, n: String(7n ** 20n) }",
    "{ name, n: 'a'.padEnd(100, 'bc').length }",
    "{ name, n: Object.keys(args).length }",
    "{ name, n: console.log(name) }",
    "{ name, n: Math.random() > 2 }",
    "{ name, pid: process.pid > 0 }",
  ];
  for (const expression of expressions) {
    test(expression, async () => {
      const all: RunOptions = { expression, inputs: [file("in.csv")], types: "text" };
      const { result, threads } = await outcome(all, SHORT_PARTS);
      expect(threads).toBe(1);
      expect(result).toEqual((await outcome(all, REAL_PARTS)).result);
    });
  }
});

test("short runs are those of short files without a module", () => {
  const inputs = [file("in.csv")];
  expect(isShortRun({ inputs })).toBe(true);
  expect(isShortRun({ inputs, transform: "t.ts" })).toBe(false);
  expect(isShortRun({ inputs, timeout: "1s" })).toBe(false);
  expect(isShortRun({ inputs: [...inputs, file("long.csv")] })).toBe(false);
  expect(isShortRun({ inputs: ["-"] })).toBe(false);
  expect(isShortRun({ inputs: [folder] })).toBe(false);
  expect(isShortRun({ inputs: [file("nothing")] })).toBe(false);
  expect(isShortRun({})).toBe(false);
});

test("the command line is looked at before it is read", () => {
  const [short, long] = [file("in.csv"), file("long.csv")];
  expect(needsThread(["--version"])).toBe(false);
  expect(needsThread(["-e", "{ name }", short])).toBe(false);
  expect(needsThread(["-e", "{ name }", long])).toBe(true);
  expect(needsThread(["-e", "{ name }"])).toBe(true);
  expect(needsThread(["t.ts", short])).toBe(true);
  expect(needsThread(["-e", "{ i: ctx.index }", short])).toBe(true);
  expect(needsThread(["-e", "x".repeat(10_000), short])).toBe(false);
});

test("an interrupt ends a short run at a full pipe", async () => {
  const path = file("full");
  Bun.spawnSync(["mkfifo", path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(fd, Buffer.alloc(512));
  } catch {
    // It is full.
  }
  const child = Bun.spawn([binary.path, "-e", "{ name }", file("in.csv")], {
    stdout: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK),
    stderr: "ignore",
  });
  // That it has come so far cannot be seen from outside; too early is no harm.
  await Bun.sleep(500);
  expect(child.exitCode).toBeNull();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  closeSync(fd);
});
