/**
 * Workers that find the rows of their stretch themselves give what the parent gives that finds them: for all cuts, also
 * within quotes, line ends, characters, rows that are bad and rows that are longer than a stretch.
 *
 * ROWMILL_FUZZ_RUNS=5000 makes it look longer, at random, and say at how many lines; ROWMILL_FUZZ_SEED takes a seed.
 */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { ended } from "./in-process.ts";
import type { RandomInput } from "./inputs.ts";
import { type Shape, folder, rejectsFile, runShaped, setUpShapedRuns, shape, stretched } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));
/** One that goes on behind its time would be in the way of those that follow. */
const MOST_MS = RUNS > 0 ? 2 ** 31 - 1 : 600_000;

setUpShapedRuns();

const LONGEST = `
  export const reduce = {
    init: () => ({ longest: 0, rows: 0, names: {} }),
    step: (all, row) => {
      all.rows++;
      if (row.a.length > all.longest) all.longest = row.a.length;
      all.names[row.b] = (all.names[row.b] ?? 0) + 1;
      return all;
    },
    merge: (all, more) => ({
      longest: Math.max(all.longest, more.longest),
      rows: all.rows + more.rows,
      names: { ...all.names, ...Object.fromEntries(Object.entries(more.names).map(([name, n]) => [name, n + (all.names[name] ?? 0)])) },
    }),
    finish: (all) => [{ longest: all.longest, rows: all.rows, names: JSON.stringify(all.names) }],
  };`;
const reduce = join(folder, "longest.ts");

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(reduce, LONGEST);
});

/** Jobs that may be done before it is known where the rows are. */
const PROGRAMS: Readonly<Record<string, RunOptions>> = {
  "fields handed on, and one computed": { expression: "({ b: row.b, n: row.a.length })", to: "csv" },
  "a number of one": { expression: "({ ...row, c: row.c * 2 })", to: "csv", types: "auto" },
  "to JSON": { expression: "({ a: row.a, b: row.b.toUpperCase() })", to: "jsonl" },
  "a filter": { filter: "row.a !== row.b", to: "csv" },
  groups: { groupBy: ["b"], figures: [{ kind: "count" }], to: "csv" },
  "a reduce": { transform: reduce, to: "jsonl" },
};

const plain = fc.constantFrom("a", "bc", "x y", "7", "0.5", "", "é", "日本", "long ".repeat(12));
const quoted = fc
  .array(fc.constantFrom("a", "\n", "\r\n", '""', ",", "\n\n", "é", "1,2,3\n", '""\n""'), { maxLength: 6 })
  .map((parts) => `"${parts.join("")}"`);
const bad = fc.constantFrom('"a"b', 'a"b', '"open');
const usual = fc.oneof({ arbitrary: plain, weight: 12 }, { arbitrary: quoted, weight: 4 });
const odd = fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: bad, weight: 1 });

/** Rows of three fields; some are quoted, and in some files a few are bad, short, or blank. */
const rows = (field: fc.Arbitrary<string>, others: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: fc.tuple(field, field, field).map((fields) => fields.join(",")), weight: 40 },
        { arbitrary: others, weight: 1 },
      ),
      { minLength: 5, maxLength: 60 },
    )
    .chain((lines) =>
      fc
        .tuple(fc.constantFrom("\n", "\n", "\r\n"), fc.boolean())
        .map(([feed, isOpen]) => `a,b,c${feed}${lines.join(feed)}${isOpen ? "" : feed}`),
    );
const tables = fc.oneof(
  rows(
    plain,
    plain.map((text) => `${text},x,1`),
  ),
  rows(
    usual,
    usual.map((text) => `${text},x,1`),
  ),
  rows(odd, fc.constantFrom("", "a,b", "a,b,c,d")),
);
const objects = fc
  .array(fc.record({ a: plain, b: plain, c: fc.oneof(fc.nat(), plain) }), { minLength: 5, maxLength: 60 })
  .map((all) => all.map((one) => `${JSON.stringify(one)}\n`).join(""));

/** Lengths of the blocks of a packed file, or none. */
const packing = fc.option(fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 5 }), {
  nil: undefined,
});

/** Few bytes, so that rows are longer than stretches, now and then. */
const stretchBytes = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 12 }), weight: 1 },
  { arbitrary: fc.integer({ min: 8, max: 200 }), weight: 5 },
);
/** As in a run, or whatever becomes of guesses. */
const mostWrong = fc.constantFrom(undefined, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);

/** What comes of stretches goes to a pipe, or their workers write it to a file, and may end while they have it. */
const written = fc.record(
  {
    isFile: fc.constantFrom(true, true, true, false),
    keeping: fc.record({
      from: fc.constantFrom(1, 1, 60),
      most: fc.constantFrom(100, 1000, 4000),
      block: fc.integer({ min: 1, max: 100 }),
    }),
    ends: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
  },
  { requiredKeys: ["isFile", "keeping"] },
);

const spread = fc.array(
  fc.tuple(shape, stretchBytes, packing, mostWrong, written).map(([way, bytes, blocks, wrong, to]): Shape =>
    // Inputs that count as short have no stretches.
    Object.assign(
      way,
      {
        batchBytes: bytes,
        mostWrong: wrong,
        pieces: [],
        blocks,
        batchRows: undefined,
        isAsked: false,
        isShort: false,
        declines: false,
      },
      to,
    ),
  ),
  { minLength: 3, maxLength: 3 },
);

/** Of all inputs so far, as often as they were run in stretches. */
let lines = 0;

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(
    `rows found by workers are those that the parent finds: ${name}`,
    async () => {
      const inputs = fc.oneof(
        { arbitrary: tables.map((text): RandomInput => ({ format: "csv", bytes: Buffer.from(text) })), weight: 3 },
        { arbitrary: objects.map((text): RandomInput => ({ format: "jsonl", bytes: Buffer.from(text) })), weight: 1 },
      );
      const cells = fc.tuple(fc.integer({ min: 16, max: 300 }), fc.constantFrom(1, 1, 4, 8));
      const property = fc.asyncProperty(inputs, cells, spread, async (input, [cellBytes, growth], ways) => {
        const grid = { cellBytes, mostCellBytes: cellBytes * growth };
        const options: RunOptions = {
          types: "text",
          ...program,
          from: input.format,
          delimiter: ",",
          onError: "reject",
          rejects: rejectsFile,
        };
        const certain = await runShaped(input, options, {
          ...(ways[0] as Shape),
          ...grid,
          stretchBytes: Number.POSITIVE_INFINITY,
        });
        for (const way of ways) expect(await runShaped(input, options, { ...way, ...grid })).toEqual(certain);
        lines += ways.length * input.bytes.toString("latin1").split("\n").length;
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 40 });
    },
    MOST_MS,
  );
}

/** What stands at a cut, as a field, or as what is between two rows. */
const AT_CUTS: Readonly<Record<string, string>> = {
  "a line feed in quotes": '"a\nb"',
  "line feeds in quotes, and what looks like rows": '"\n1,2,3\n4,5,6\n"',
  "a line end of Windows in quotes": '"a\r\nb"',
  "a lone carriage return in quotes": '"a\rb"',
  "doubled quotes": '"a""b"',
  "doubled quotes and line feeds": '"""\n""\n"""',
  "nothing in quotes": '""',
  "a quote within a field": 'a"b',
  "something behind a quote": '"a"b',
  "a quote that nothing closes": '"open',
  "characters of two, three and four bytes": "é日😀é",
  "the same in quotes, with line feeds": '"é\n日\n😀"',
  "a row longer than some stretches": "long ".repeat(30),
  "blank lines": "x,1,2\n\n\ny",
  "blank lines of Windows": "x,1,2\r\n\r\n\r\ny",
  "a short row": "x\ny",
  "a row of more fields": "x,1,2,3\ny",
};
/** Bytes of a stretch, and of the rows: each cut is as far behind the start of a row as the one before. */
const APART = 48;
/** So many rows; the others have nothing odd. */
const PLACED_ROWS = 10;

for (const [name, text] of Object.entries(AT_CUTS)) {
  test(
    `at every place of a cut: ${name}`,
    async () => {
      for (let shift = 0; shift < APART; shift++) {
        for (const isAlone of RUNS > 0 ? [true, false] : [shift % 2 === 0]) {
          const bytes = Buffer.from(placed(text, shift, isAlone));
          const options = { ...PROGRAMS["fields handed on, and one computed"], from: "csv", delimiter: "," } as const;
          await expectSame(
            { format: "csv", bytes },
            { ...options, types: "text", onError: "reject", rejects: rejectsFile },
          );
        }
      }
    },
    MOST_MS,
  );
}

/** Rows at each {@linkcode APART} bytes, with the text in one of them or in every third. */
function placed(text: string, shift: number, isAlone: boolean): string {
  let all = `a,b,c\n${"s".repeat(shift)},0,0\n`;
  for (let row = 0; row < PLACED_ROWS; row++) {
    const isOdd = isAlone ? row === PLACED_ROWS >> 1 : row % 3 === 1;
    const field = isOdd ? text : "plain";
    const rest = `,${row},1\n`;
    const length = Buffer.byteLength(field) + rest.length;
    // Behind a long one the next stands where the grid goes on.
    const more = (APART - (length % APART)) % APART;
    all += `${field},${row},${"1".padStart(1 + more, "0")}\n`;
  }
  return all;
}

/** Workers that find the rows give what the parent gives, in stretches of as many bytes as rows have, and of fewer. */
async function expectSame(input: RandomInput, options: Omit<RunOptions, "inputs">): Promise<void> {
  const way: Shape = { ...SERIAL, batchBytes: APART };
  const certain = await runShaped(input, options, { ...way, stretchBytes: Number.POSITIVE_INFINITY });
  expect(await runShaped(input, options, way)).toEqual(certain);
  expect(await runShaped(input, options, { ...way, batchBytes: 7, jobs: 1 })).toEqual(certain);
}

/** Two workers whose answers come one after the other. */
const SERIAL: Shape = {
  jobs: 2,
  batchBytes: 1,
  growth: 1,
  batchRows: undefined,
  blockBytes: undefined,
  pieces: [],
  concurrency: 1,
  picks: [3, 2],
  isAsked: false,
  mostWrong: Number.POSITIVE_INFINITY,
};

test("and most of them were found that way, others after a wrong guess: thousands of each", () => {
  if (RUNS > 0) console.error(`${lines} lines; stretches: ${stretched.joined} joined, ${stretched.again} read again`);
  expect(stretched.joined).toBeGreaterThan(10_000);
  expect(stretched.again).toBeGreaterThan(5000);
  expect(stretched.placed).toBeGreaterThan(250);
  expect(ended.workers).toBeGreaterThan(20);
});
