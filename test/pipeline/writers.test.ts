/**
 * Workers that write their output themselves, in threads: what comes out is what the parent writes, whatever happens to
 * them meanwhile.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowmillError } from "../../src/errors.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import { REAL_PARTS, type RunParts } from "../../src/pipeline/prepare.ts";
import { runWith } from "../../src/pipeline/run.ts";
import type { RunSummary } from "../../src/pipeline/summary.ts";
import { spawnWorker } from "../../src/spawn.ts";
import { Random } from "../faults/random.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-writers-"));
const input = join(folder, "in.csv");
const output = join(folder, "out.csv");
const part = `${output}.part`;

/** Small stretches, of which all is kept. */
const PARTS: RunParts = {
  ...REAL_PARTS,
  batchBytes: { first: 2_000, max: 10_000, last: 1 },
  stretchBytes: 1_000,
  keeping: { from: 1, most: 100_000, block: 1_000 },
};
const OPTIONS: RunOptions = {
  expression: "({ id: row.id, name: row.name + row.name, n: row.id * 3 })",
  jobs: 3,
  onLog: () => {},
};
/** In the long form, `ROWMILL_FUZZ_RUNS=100`, workers end many more times. */
const ROUNDS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 2);
let wanted = "";

beforeAll(async () => {
  const random = new Random(20261130);
  let text = "id,name\n";
  for (let id = 0; id < 40_000; id++)
    text += `${id},${random.chance(0.01) ? '"a, ""b"""' : "name".repeat(random.below(9))}\n`;
  writeFileSync(input, text);
  const right = join(folder, "right.csv");
  await runWith({ ...OPTIONS, inputs: [input], output: right }, { ...PARTS, stretchBytes: Number.POSITIVE_INFINITY });
  wanted = readFileSync(right, "utf8");
});

afterAll(() => rmSync(folder, { recursive: true }));

function writes(options: RunOptions = {}, parts: Partial<RunParts> = {}): Promise<RunSummary> {
  return runWith({ ...OPTIONS, inputs: [input], output, ...options }, { ...PARTS, ...parts });
}

function expectWhole(): void {
  expect(readFileSync(output, "utf8") === wanted).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(["in.csv", "out.csv", "right.csv"]);
  rmSync(output);
}

/** The error of a run that fails; what it leaves is removed. */
async function failureOf(run: Promise<RunSummary>): Promise<RowmillError> {
  const error = await run.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof RowmillError)) throw new Error("the run did not fail as it should", { cause: error });
  return error;
}

/** Threads that are ended as soon as they are told where to write: each time after so many places. */
function endedThreads(pause: () => number): { spawn: RunParts["spawn"]; ends: () => number } {
  let left = pause();
  let ends = 0;
  const spawn: RunParts["spawn"] = (options) => {
    const port: ReturnType<RunParts["spawn"]> = spawnWorker(options);
    return {
      ...port,
      tell: (message) => {
        port.tell(message);
        if (Reflect.get(message, "type") !== "place" || --left > 0) return;
        left = pause();
        ends++;
        port.terminate();
      },
    };
  };
  return { spawn, ends: () => ends };
}

test("what workers write is what the parent writes", async () => {
  const { stretches } = await writes();
  expect(stretches.placed).toBeGreaterThan(30);
  expectWhole();
});

test("on the page of a run, batches whose rows workers found are among the slowest", async () => {
  const report = join(folder, "run.html");
  // At many places: the first batches of a worker do not count, and one may come late.
  const slow = 'row.id > 9000 && row.id % 4000 < 3 ? "y".padEnd(3000000).replaceAll(" ", "") : row.name';
  expect((await writes({ report, expression: `({ id: row.id, name: ${slow} })` })).stretches.again).toBe(0);
  const [, slowest = ""] = readFileSync(report, "utf8").split("Slowest batches</h2>");
  rmSync(report);
  rmSync(output);
  const ranges = [...slowest.replaceAll(",", "").matchAll(/>(\d+) to (\d+)</g)];
  const holdSlow = ranges.filter(
    ([, from, to]) => Number(from) > 9000 && Math.floor((Number(to) - 1) / 4000) * 4000 + 2 >= Number(from),
  );
  expect(holdSlow.length).toBeGreaterThan(2);
});

test("of a file of a megabyte they write most, and of a short one nothing", async () => {
  const { spawn, batchBytes, stretchBytes, keeping } = REAL_PARTS;
  const usual = { spawn, batchBytes, stretchBytes, keeping };
  const short = join(folder, "short.csv");
  writeFileSync(short, readFileSync(input, "utf8").slice(0, 300_000));
  expect((await writes({ inputs: [short], onError: "skip" }, usual)).stretches.placed).toBe(0);
  rmSync(short);
  expect((await writes({ onError: "reject" }, usual)).stretches.placed).toBeGreaterThan(2);
  rmSync(`${output}.rejects.jsonl`);
  expectWhole();
});

test("with hardly any room to keep it, the rest is sent", async () => {
  const { stretches } = await writes({}, { keeping: { from: 1, most: 8_000, block: 1_000 } });
  expect(stretches.placed).toBeGreaterThan(0);
  expect(stretches.placed).toBeLessThan(stretches.joined);
  expectWhole();
});

test("what workers have kept when they end, in the middle of a write as well, is written all the same", async () => {
  const random = new Random(7);
  let all = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { spawn, ends } = endedThreads(() => random.between(8, 20));
    const { stretches } = await writes({}, { spawn });
    expect(stretches.placed).toBeGreaterThan(30);
    expectWhole();
    all += ends();
  }
  expect(all).toBeGreaterThan(3 * ROUNDS);
}, 600_000);

test("a stretch that its worker cannot read is read by the parent, which can say what is wrong with it", async () => {
  const unreadable = openSync(join(folder, "unreadable"), "w");
  let stretches = 0;
  const spawn: RunParts["spawn"] = (options) => {
    const port: ReturnType<RunParts["spawn"]> = spawnWorker(options);
    const post: typeof port.post = (message) => {
      const { payload } = message;
      const { bytes } = payload;
      const isBad = bytes.kind === "stretch" && stretches++ % 10 === 3;
      port.post(isBad ? { ...message, payload: { ...payload, bytes: { ...bytes, from: unreadable } } } : message);
    };
    return { ...port, post };
  };
  const { stretches: counts } = await writes({}, { spawn, mostWrong: Number.POSITIVE_INFINITY });
  expect(counts.again).toBeGreaterThan(1);
  closeSync(unreadable);
  rmSync(join(folder, "unreadable"));
  expectWhole();
});

test("interrupted while workers write, and resumed, it gives the same bytes", async () => {
  let kept = 0;
  for (const after of [10, 40]) {
    const abort = new AbortController();
    let seen = 0;
    const onProgress = (): void => {
      if (++seen === after) abort.abort();
    };
    expect((await failureOf(writes({ signal: abort.signal, onProgress }))).code).toBe("interrupted");
    kept += statSync(part).size;
    await writes({ resume: true });
    expectWhole();
  }
  expect(kept).toBeGreaterThan(0);
});

describe("another program that writes to the part", () => {
  for (const [name, change] of Object.entries({
    "makes it shorter": () => truncateSync(part, 100),
    "makes it longer": () => appendFileSync(part, "x".repeat(10_000_000)),
  })) {
    test(name, async () => {
      let seen = 0;
      const onProgress = (): void => {
        if (++seen === 30) change();
      };
      const { message } = await failureOf(writes({ onProgress }));
      expect(message).toContain("another program has written to");
      rmSync(part, { force: true });
      rmSync(`${output}.journal`, { force: true });
    });
  }
});
