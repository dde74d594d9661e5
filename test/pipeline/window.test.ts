/**
 * Windows in code: the same bytes, the same failed rows in the same order, and the same end of the run, for every jobs × batch
 * size × block size × file or stream × order in which workers answer, and those of a plain loop.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { type KeyedRow, compareTexts, csvOf } from "./many-rows.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261202));

setUpShapedRuns();
beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const window of windows) for (const kind of KINDS) writeFileSync(moduleOf(window, kind), codeOf(window, kind));
});

interface Window {
  before: number;
  after: number;
  partition: "none" | "column" | "function";
}

const SIZES: readonly [before: number, after: number][] = [
  [0, 0],
  [2, 0],
  [1, 1],
  [0, 3],
  [Infinity, 0],
  [1, Infinity],
  [Infinity, Infinity],
];
const windows: readonly Window[] = SIZES.flatMap(([before, after]) =>
  (["none", "column", "function"] as const).map((partition) => ({ before, after, partition })),
);
/** The window is the function; it stands behind one; rows are put in an order before. */
const KINDS = ["default", "behind", "sorted"] as const;
type Kind = (typeof KINDS)[number];

function moduleOf({ before, after, partition }: Window, kind: Kind): string {
  return join(folder, `window-${before}-${after}-${partition}-${kind}.ts`);
}

const PARTITIONS: Readonly<Record<Window["partition"], string>> = {
  none: "",
  column: 'partition: "k",',
  function: 'partition: (row) => { if (row.k === "é") throw new Error("é"); return [row.k.length]; },',
};

function codeOf({ before, after, partition }: Window, kind: Kind): string {
  const order = kind === "sorted" ? 'orderBy: "-k",' : "";
  const made = `window({ ${PARTITIONS[partition]} ${order} size: { before: ${before}, after: ${after} } }, (rows, row, { at, index }) => {
    if (row.n === "1") throw new Error("one");
    if (row.n === "10") return { ...row, w: NaN, i: index };
    if (row.n === "9") return null;
    const w = rows.map(({ n }) => n).join("|") + "@" + at;
    return row.n === "-1" ? [{ ...row, w, i: index }, { k: "more", n: row.n, w, i: index }] : { ...row, w, i: index };
  })`;
  const start = `import { window } from ${JSON.stringify(join(import.meta.dir, "../../src/code/window.ts"))};\n`;
  if (kind !== "behind") return `${start}export default ${made};\n`;
  return `${start}export const options = { window: ${made} };
    export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.n === "5") throw new Error("five");
      return row.n === "6" ? null : row.n === "7" ? [row, { ...row, k: "new" }] : row;
    };\n`;
}

interface Made extends KeyedRow {
  index: number;
}

interface Written extends KeyedRow {
  w: string;
  i: number;
}

interface Waiting {
  row: Made;
  group: Made[];
  at: number;
  out: Written[] | undefined;
}

/** What comes out, and the rows that fail, in order; `most` of them end the run. */
interface Plain {
  out: Written[];
  leftOut: string[];
  isOver: boolean;
}

const ENOUGH = Symbol("enough rows have failed");

/** The same by plain loops. */
function plainWindow(all: readonly KeyedRow[], { before, after, partition }: Window, kind: Kind, most: number): Plain {
  const plain: Plain = { out: [], leftOut: [], isOver: false };
  const failed = new Set<number>();
  const fail = (index: number, code: string): void => {
    if (failed.has(index)) return;
    failed.add(index);
    plain.leftOut.push(code);
    if (failed.size > most) throw ENOUGH;
  };
  const groups = new Map<string, Made[]>();
  const waiting: Waiting[] = [];
  const ready: Written[] = [];
  const call = (one: Waiting): void => {
    const { row, group, at } = one;
    const from = Math.max(0, at - before);
    const w = `${group
      .slice(from, at + after + 1)
      .map(({ n }) => n)
      .join("|")}@${at - from}`;
    one.out = [];
    if (row.n === "1") fail(row.index, "row-function");
    else if (row.n === "10") fail(row.index, "row-encode");
    else if (row.n !== "9") {
      const { index: i, ...fields } = row;
      one.out.push({ ...fields, w, i });
      if (row.n === "-1") one.out.push({ k: "more", n: row.n, w, i });
    }
  };
  const flush = (): void => {
    while (waiting[0]?.out !== undefined) ready.push(...(waiting.shift()?.out ?? []));
    plain.out.push(...ready.splice(0));
  };
  const take = (row: Made): void => {
    if (partition === "function" && row.k === "é") {
      fail(row.index, "row-function");
      return;
    }
    const key = partition === "none" ? "" : partition === "column" ? row.k : String(row.k.length);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(row);
    waiting.push({ row, group, at: group.length - 1, out: undefined });
    for (const one of waiting)
      if (one.group === group && one.out === undefined && one.at + after < group.length) call(one);
    flush();
  };
  const sorted: Made[] = [];
  try {
    for (const [index, row] of all.entries()) {
      if (kind === "behind" && row.n === "5") fail(index, "row-function");
      else if (kind !== "behind" || row.n !== "6") {
        const made = [{ ...row, index }, ...(kind === "behind" && row.n === "7" ? [{ ...row, k: "new", index }] : [])];
        if (kind === "sorted") sorted.push(...made);
        // What comes out with a row is written when all that was made of its row of the input was taken.
        else for (const one of made) take(one);
      }
    }
    sorted.sort((a, b) =>
      a.k === "" || b.k === "" ? Number(a.k === "") - Number(b.k === "") : compareTexts(b.k, a.k),
    );
    for (const row of sorted) take(row);
    for (const one of waiting.slice()) {
      if (one.out === undefined) call(one);
      flush();
    }
  } catch (error) {
    if (error !== ENOUGH) throw error;
    plain.isOver = true;
  }
  return plain;
}

function bodyOf(out: readonly Written[], to: "csv" | "jsonl"): string {
  if (to === "jsonl") return out.map((row) => `${JSON.stringify(row)}\n`).join("");
  return out.length === 0 ? "" : ["k,n,w,i\n", ...out.map(({ k, n, w, i }) => csvLine([k, n, w, String(i)]))].join("");
}

const rows = fc.array(
  fc.record({
    k: fc.constantFrom("", "a", "b", "é", "😀", 'q"', "a\nb"),
    n: fc.constantFrom("", "1", "10", "9", "-1", "5", "6", "7", "x", "2", "3"),
  }),
  { maxLength: 30 },
);
const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });

interface Asked {
  window: Window;
  kind: Kind;
  to: "csv" | "jsonl";
  /** So many rows may fail. */
  most: number;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  window: fc.constantFrom(...windows),
  kind: fc.constantFrom(...KINDS),
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  most: fc.constantFrom(Infinity, Infinity, 0, 1, 3),
});

function optionsOf({ window, kind, to, most }: Asked): RunOptions {
  const usual = { transform: moduleOf(window, kind), from: "csv", types: "text", to } as const;
  if (most === 0) return usual;
  const limit = most === Infinity ? {} : { maxErrors: most };
  return { ...usual, onError: "reject", rejects: rejectsFile, ...limit };
}

test("windows in code are those of plain loops", async () => {
  const property = fc.asyncProperty(rows, asked, shapes, async (all, of, ways) => {
    const plain = plainWindow(all, of.window, of.kind, of.most);
    const body = bodyOf(plain.out, of.to);
    for (const way of ways) {
      const ran = await runShaped({ format: "csv", bytes: csvOf(all) }, optionsOf(of), way);
      expect(ran.failure !== undefined).toBe(plain.isOver);
      expect(ran.output).toBe(body);
      if (!plain.isOver) expect(ran.leftOut).toEqual(plain.leftOut);
      else if (of.most === 0) expect(ran.failure?.code).toBe(plain.leftOut.at(-1) as never);
      else expect(ran.failure?.code).toBe("too-many-errors");
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 80 });
}, 600_000);

/** Of many rows, more at once. */
const BIG = { batchRows: undefined, blockBytes: undefined, pieces: [] };

test("a share of rows that may fail ends a run at the same row", async () => {
  const many = Array.from({ length: 4000 }, (_, at) => ({
    k: at % 5 === 0 ? "a" : "b",
    n: at > 1500 && at % 9 === 0 ? "1" : at > 2500 && at % 4 === 0 ? "5" : "2",
  }));
  const window: Window = { before: 1, after: 1, partition: "column" };
  const seen = new Set<string>();
  const property = fc.asyncProperty(shape, fc.constantFrom(300, 5000, 100_000), async (way, batchBytes) => {
    const options = { ...optionsOf({ window, kind: "behind", to: "csv", most: Infinity }), maxErrors: "6%" };
    const ran = await runShaped({ format: "csv", bytes: csvOf(many) }, options, { ...way, ...BIG, batchBytes });
    expect(ran.failure?.code).toBe("too-many-errors");
    seen.add(ran.output);
  });
  await fc.assert(property, { seed: SEED, numRuns: 12 });
  expect(seen.size).toBe(1);
}, 120_000);
