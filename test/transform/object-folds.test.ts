/**
 * Rows of JSONL that are folded straight from the kernel's index, against a plain loop over JSON.parse: by a step, and into
 * groups.
 *
 * ROWMILL_FUZZ_RUNS=200000 makes it look longer, at random; ROWMILL_FUZZ_SEED takes the seed of a failure.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowContext } from "../../src/code/context.ts";
import type { DecodedBlock } from "../../src/formats/format.ts";
import { jsonlDecoder } from "../../src/formats/jsonl/decoder.ts";
import { INPUT, Kernel, MAX_TEXTS } from "../../src/formats/kernel/host.ts";
import { parseJson } from "../../src/formats/values/json.ts";
import { PROGRESS_WORDS } from "../../src/scheduler/messages.ts";
import { Progress } from "../../src/scheduler/serve-tasks.ts";
import { groupStage } from "../../src/stages/grouping/group-stage.ts";
import { type GroupTable, tableOf } from "../../src/stages/grouping/group-table.ts";
import { type Figure, type Grouping, readColumns } from "../../src/stages/grouping/grouping.ts";
import type { CallSetup } from "../../src/transform/call-setup.ts";
import { ObjectGroupFold } from "../../src/transform/grouping/object-group-fold.ts";
import type { PlacedBlock } from "../../src/transform/placed-block.ts";
import { ObjectReading } from "../../src/transform/readings.ts";
import { type ShortFold, StepFold } from "../../src/transform/reduce/short-fold.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));
const runs = (few: number): { seed: number; numRuns: number } => ({ seed: SEED, numRuns: RUNS > 0 ? RUNS : few });

const kernel = new Kernel();
const setup = {
  context: { args: {}, state: undefined, worker: 0, signal: AbortSignal.any([]), log: () => {} },
  file: "-",
  progress: new Progress(new Int32Array(PROGRESS_WORDS)),
} as unknown as CallSetup;

type Values = Record<string, unknown>;

function placed(block: DecodedBlock, firstRow: number): PlacedBlock {
  return {
    block,
    rowInBatch: firstRow,
    firstRow,
    lineOf: () => 0,
    places: undefined,
    stopsAt: Infinity,
    done: 0,
    end: block.count,
  };
}

/** Folds lines by a short way, and blocks that it does not take row by row; counts the blocks that it took. */
function fold(
  lines: readonly string[],
  keys: readonly string[],
  {
    way,
    step,
    init,
    blockBytes,
  }: { way: ShortFold; step: (all: unknown, row: Values) => unknown; init: unknown; blockBytes: number },
): { accumulator: unknown; taken: number; failed: number[] } {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  kernel.reserve(bytes.length + 1);
  kernel.bytes.set(bytes, INPUT);
  const options = { reads: new Set(keys), wantsObjects: true, internsTexts: true, replacesInvalid: false, blockBytes };
  let accumulator = init;
  let taken = 0;
  let firstRow = 0;
  const failed: number[] = [];
  for (const block of jsonlDecoder(kernel, options).blocks(INPUT, INPUT + bytes.length, () => {})) {
    const folded = way.take(setup, placed(block, firstRow), accumulator);
    if (folded === undefined)
      for (const row of block.rows.slice(0, block.count))
        accumulator = row === undefined ? accumulator : step(accumulator, row);
    else {
      taken++;
      accumulator = folded.accumulator;
      failed.push(...folded.failures.map(({ row }) => row + firstRow));
    }
    firstRow += block.count;
  }
  return { accumulator, taken, failed };
}

const NAMES = ["name", "n", "é", "", "0", "__proto__", "constructor", "toString", "a b", 'q"', "\\"];
const text = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "Zoë",
    "漢字",
    "",
    "😀",
    "x".repeat(31),
    "x".repeat(32),
    "x".repeat(33),
    "é".repeat(16),
    "é".repeat(17),
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer(),
  fc.integer({ min: -400, max: 400 }).map((tenths) => tenths / 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0.1, 1e300, 2 ** 53, 4.35, 123456789012345, 0.000001),
);
const spelledNumber = fc.oneof(
  { weight: 8, arbitrary: number.map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("-0", "1.50", "2.0", "-0.0", "1e2", "9007199254740993", "0.1234567890123456789"),
  },
);
const scalar = fc.oneof(
  { weight: 4, arbitrary: text.map((one) => JSON.stringify(one)) },
  { weight: 4, arbitrary: spelledNumber },
  { weight: 1, arbitrary: fc.constantFrom("true", "false", "null") },
);
const value = fc.oneof(
  { weight: 20, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constantFrom("[]", '{"a":1}', '"\\ud800"', '"\\u0061"') },
);
const member = fc.tuple(fc.constantFrom(...NAMES), value).map(([name, one]) => `${JSON.stringify(name)}:${one}`);
const line = fc.oneof(
  { weight: 20, arbitrary: fc.array(member, { maxLength: 5 }).map((all) => `{${all.join(",")}}`) },
  {
    weight: 10,
    arbitrary: fc.tuple(text, spelledNumber).map(([name, n]) => `{"name":${JSON.stringify(name)},"n":${n}}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("{}", '{ "name" : "a" }', '{"n\\u0061me":1}') },
);
const lines = fc.array(line, { minLength: 1, maxLength: 40 });
const blockBytes = fc.constantFrom(1, 100, 65536);

/** A step that notes what it sees of a row: own properties only, with the sign of zero. */
function seen(keys: readonly string[]): (all: unknown, row: Values) => unknown {
  return (all, row) => {
    (all as unknown[]).push(keys.filter((key) => Object.hasOwn(row, key)).map((key) => [key, row[key]]));
    return all;
  };
}

function counted(all: unknown): unknown {
  return Number(all) + 1;
}

function told(table: GroupTable): unknown {
  return { rows: [...table.rows()], unseen: table.unseen?.column, counts: table.pack().counts };
}

describe("a step gets the rows that JSON.parse gives", () => {
  test("of all blocks that the kernel is certain of", () => {
    fc.assert(
      fc.property(
        lines,
        fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 }),
        blockBytes,
        (given, keys, bytes) => {
          const step = seen(keys);
          const make = (): ObjectReading => new ObjectReading(kernel, "steps-objects", keys, { internsTexts: true });
          const readings = [{ name: "steps-objects" as const, make }];
          const way = new StepFold({
            readings,
            functions: { step },
            isAtomic: false,
            prepare: undefined,
            filter: undefined,
          });
          const { accumulator, failed } = fold(given, keys, { way, step, init: [], blockBytes: bytes });
          expect(failed).toEqual([]);
          const wanted = given.map((one) => parseJson(one) as Values).reduce(step as never, []);
          expect(accumulator).toStrictEqual(wanted);
        },
      ),
      runs(1500),
    );
  });

  test("that a filter and what prepares a row let pass; a row that throws fails alone, before the step", () => {
    const given = Array.from({ length: 500 }, (_, at) => `{"name":"n${at % 3}","n":${at}}`);
    const keys = ["name", "n"];
    const make = (): ObjectReading => new ObjectReading(kernel, "steps-objects", keys, { internsTexts: true });
    const way = new StepFold({
      readings: [{ name: "steps-objects", make }],
      functions: { step: (all, row) => [...(all as unknown[]), (row as Values)["n"]] },
      isAtomic: false,
      prepare: (row) => {
        if (row["n"] === 7) throw new TypeError("seven");
        row["n"] = Number(row["n"]) * 2;
      },
      filter: ({ n }) => {
        if (n === 40) throw new TypeError("twenty");
        return Number(n) % 100 === 0;
      },
    });
    const { accumulator, taken, failed } = fold(given, keys, { way, step: (all) => all, init: [], blockBytes: 1000 });
    expect(accumulator).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(failed).toEqual([7, 20]);
    expect(taken).toBeGreaterThan(3);
  });

  test("a filter that turns out to answer with promises leaves all to the long way", () => {
    const keys = ["n"];
    const make = (): ObjectReading => new ObjectReading(kernel, "steps-objects", keys, { internsTexts: true });
    const way = new StepFold({
      readings: [{ name: "steps-objects", make }],
      functions: { step: (all) => all },
      isAtomic: false,
      prepare: undefined,
      filter: async () => true,
    });
    const given = Array.from({ length: 100 }, (_, at) => `{"n":${at}}`);
    const { accumulator, taken } = fold(given, keys, { way, step: counted, init: 0, blockBytes: 100 });
    // The block in which it is found out goes on from where it stands: nothing of it was folded.
    expect(taken).toBe(1);
    expect(accumulator).toBeGreaterThan(80);
  });
});

describe("groups of rows are those that the same rows make one by one", () => {
  const output = { format: "jsonl", dialect: { hasEscapes: false, quote: '"' } } as unknown as Parameters<
    typeof groupStage
  >[1]["output"];
  const name = fc.constantFrom(...NAMES);
  const figure: fc.Arbitrary<Figure> = fc.oneof(
    fc.constant<Figure>({ kind: "count" }),
    fc.record({
      kind: fc.constantFrom("sum", "mean", "min", "max", "median", "stddev"),
      column: fc.oneof(name, fc.constant("n")),
    }),
    fc.record({
      kind: fc.constant("quantile"),
      column: fc.oneof(name, fc.constant("n")),
      at: fc.constantFrom(0.1, 0.95),
    }),
    fc.record({
      kind: fc.constantFrom("mode", "first-value", "last-value", "distinct-count", "collect"),
      column: fc.oneof(name, fc.constant("n")),
    }),
  );
  const grouping: fc.Arbitrary<Grouping> = fc.record({
    by: fc.oneof(fc.uniqueArray(name, { maxLength: 3 }), fc.constant<string[]>(["name"])),
    figures: fc.array(figure, { maxLength: 3 }),
    isApprox: fc.constant(false),
  });

  /** Rows that cannot be folded fail: they are left out here as they are there. */
  const stepOf = (wanted: Grouping): ((all: unknown, row: Values) => unknown) => {
    const stage = groupStage(wanted, { output, columns: "unknown", mostBytes: 1e9 });
    return (all, row) => {
      try {
        return stage.step(all, row, new RowContext(setup.context, "-", 0, () => 0));
      } catch {
        return all;
      }
    };
  };

  test("whatever their values are", () => {
    let taken = 0;
    fc.assert(
      fc.property(lines, grouping, blockBytes, (given, wanted, bytes) => {
        const keys = readColumns(wanted);
        const step = stepOf(wanted);
        const stage = groupStage(wanted, { output, columns: "unknown", mostBytes: 1e9 });
        const way = new ObjectGroupFold(kernel, wanted, keys);
        const found = fold(given, keys, { way, step, init: stage.init(), blockBytes: bytes });
        taken += found.taken;
        const read = (one: string): Values => {
          const row = parseJson(one) as Values;
          return Object.fromEntries(keys.filter((key) => Object.hasOwn(row, key)).map((key) => [key, row[key]]));
        };
        const slow = given.map(read).reduce(step as never, stage.init() as never);
        expect(told(tableOf(found.accumulator))).toStrictEqual(told(tableOf(slow)));
      }),
      runs(2000),
    );
    expect(taken).toBeGreaterThan(500);
  });

  /** Folds lines in both ways. */
  function both(given: readonly string[], wanted: Grouping, bytes: number): { found: unknown; slow: unknown } {
    const keys = readColumns(wanted);
    const step = stepOf(wanted);
    const stage = groupStage(wanted, { output, columns: "unknown", mostBytes: 1e9 });
    const way = new ObjectGroupFold(kernel, wanted, keys);
    const { accumulator, taken } = fold(given, keys, { way, step, init: stage.init(), blockBytes: bytes });
    expect(taken).toBeGreaterThan(2);
    const slow = given.map((one) => parseJson(one) as Values).reduce(step as never, stage.init() as never);
    return { found: told(tableOf(accumulator)), slow: told(tableOf(slow)) };
  }

  const SUMS: Figure[] = [
    { kind: "count" },
    ...(["sum", "min", "max", "mean"] as const).map((kind) => ({ kind, column: "n" })),
  ];

  test("where sums become larger than doubles are exact", () => {
    const numbers = ["999999999999999", "-999999999999998", "99999999999999.5", "0.00000000000001", "7", "null"];
    const given = Array.from(
      { length: 4000 },
      (_, at) => `{"name":"${"abc"[at % 3]}","n":${numbers[(at * (at % 7)) % numbers.length]}}`,
    );
    const { found, slow } = both(given, { by: ["name"], figures: SUMS, isApprox: false }, 10_000);
    expect(found).toStrictEqual(slow);
  });

  test("where some numbers are whole ones that no double holds", () => {
    const given = Array.from(
      { length: 3000 },
      (_, at) => `{"name":"${"abc"[at % 3]}","n":${at % 1000 === 500 ? "90071992547409930" : at}}`,
    );
    const { found, slow } = both(given, { by: ["name"], figures: SUMS, isApprox: false }, 2_000);
    expect(found).toStrictEqual(slow);
  });

  test("by numbers, of which there are more than groups that the kernel counts", () => {
    const given = Array.from({ length: 30_000 }, (_, at) => `{"name":${at % 11_000},"n":${at / 8}}`);
    const { found, slow } = both(given, { by: ["name"], figures: SUMS, isApprox: false }, 65_536);
    expect(found).toStrictEqual(slow);
  });

  test("by more texts than the kernel's table holds", () => {
    const given = Array.from(
      { length: MAX_TEXTS * 3 },
      (_, at) => `{"name":"${at % (MAX_TEXTS + 500)}","é":"${at % 7}","n":${at / 4}}`,
    );
    const wanted: Grouping = {
      by: ["name", "é"],
      figures: [{ kind: "count" }, { kind: "sum", column: "n" }],
      isApprox: false,
    };
    const keys = readColumns(wanted);
    const step = stepOf(wanted);
    const stage = groupStage(wanted, { output, columns: "unknown", mostBytes: 1e9 });
    const way = new ObjectGroupFold(kernel, wanted, keys);
    const { accumulator, taken } = fold(given, keys, { way, step, init: stage.init(), blockBytes: 65536 });
    expect(taken).toBeGreaterThan(5);
    const slow = given.map((one) => parseJson(one) as Values).reduce(step as never, stage.init() as never);
    expect(told(tableOf(accumulator))).toStrictEqual(told(tableOf(slow)));
  });
});
