/**
 * Rows of JSON lines that are woven are those of the way row by row, byte by byte, however values are spelled and lines
 * are damaged, whatever jobs, batches, blocks and stretches are.
 *
 * ROWMILL_FUZZ_RUNS=3000 makes it look longer, at random; the seed of a failure is part of its message, and
 * ROWMILL_FUZZ_SEED takes it.
 */
import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { readRecordType } from "../../src/record-type.ts";
import { ObjectWeaver } from "../../src/formats/indexed/object-weaver.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { RandomInput } from "./inputs.ts";
import type { PlainResult } from "./plain-loop.ts";
import { type Shape, folder, rejectsFile, runShaped, setUpShapedRuns, shape, stretched } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20261129));

setUpShapedRuns();

/** How many blocks were woven, and how many of their rows were written as a whole. */
const woven = { blocks: 0, odd: 0 };
beforeAll(() => {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this`
  const { weave } = ObjectWeaver.prototype;
  spyOn(ObjectWeaver.prototype, "weave").mockImplementation(function counted(this: ObjectWeaver, ...block) {
    woven.blocks++;
    woven.odd += block[2].length;
    return weave.apply(this, block);
  });
});
afterAll(() => {
  spyOn(ObjectWeaver.prototype, "weave").mockRestore();
});

function modulePath(name: string): string {
  return join(folder, `${name.replaceAll(" ", "-")}.ts`);
}

beforeAll(() => {
  // Loaded within a run, in the thread of its worker, it would be one of the files of the transform.
  expect(readRecordType).toBeFunction();
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(TYPED)) writeFileSync(modulePath(name), text);
});

/** Programs of which results are proven; the functions are called more often for rows of some values than of others. */
const PROGRAMS: Readonly<Record<string, Partial<RunOptions>>> = {
  "a value handed on, and a number": { expression: "{ name, age: 2017 - born }" },
  "values handed on": { expression: "{ tags, name, n: born }" },
  "one value": { expression: "{ name }" },
  "a value several times": { expression: "{ born, again: born, name, too: name }" },
  "values that are looked at, too": {
    expression: "{ tags, n: tags?.length, born, b: born === null, name, s: `${name}!` }",
  },
  "values of all kinds": {
    expression: "{ name, third: born / 3, list: [born], none: void 0, yes: born > 1900, no: null }",
  },
  "rows that fail": { expression: "{ name, n: city * 1, k: born.k, u: name.toUpperCase() }" },
  "rows that are kept by a number": {
    expression: "({ born, name, 'a b': odd }) => (born > 1900 ? { born, name, 'a b': odd } : null)",
  },
  "names of its own": { expression: "({ born: b, city }) => ({ city, b })" },
  "a value that is changed": {
    expression:
      "(row) => { if (Array.isArray(row.tags)) row.tags.push(1); return { name: row.name, tags: row.tags }; }",
  },
  "one of two": {
    expression: "(row) => (row.born > 1900 ? { v: row.born, name: row.name } : { v: row.city, name: row.name })",
  },
  "a name of the surroundings": { expression: "{ name, i, m: Math.min(born, 1900), at: i % 3, a: args }" },
  "a filter before": { filter: "born > 1900 && city !== ''", expression: "{ city, tags, born }" },
};

/** Modules with a type of the row. */
const TYPED: Readonly<Record<string, string>> = {
  "a typed row": `interface Row { name: string; born: number; city?: string | null }
    export default (row: Row) => ({ name: row.name, age: 2017 - row.born, city: row.city });`,
  "a typed row of which little is said": `interface Row { name: unknown; born: number | string | null; city: boolean | string | number | null }
    export default ({ name, born, city }: Row) => ({ city, name, b: born });`,
};

const OUTPUTS: Readonly<Record<string, Partial<RunOptions>>> = {
  jsonl: { to: "jsonl" },
  json: { to: "json" },
  csv: { to: "csv" },
  tsv: { to: "tsv" },
  "csv with semicolons and returns": { to: "csv", outDelimiter: ";", crlf: true },
};

const USUAL = `
  "Ada" | "Zoë" | "漢字 😀" | "" | "Lovelace, Ada" | "a;b" | " sp " | "=1+2" | "#" | "1" | "a text of more than sixteen bytes" |
  "sixteen bytes, 1" | 1900 | 1901 | 0 | -3 | 12.75 | 1815 | 9007199254740993 | true | false | null`;
const ODD = `
  "say \\"hi\\"" | "a\\nb" | "\\u00e9" | "\\/" | "\\ud800" | "\\\\" | "tab\\t," | "\\u0000" | 1.0 | 1e5 | 1E+2 | -0 | -0.0 | 0.00000012 |
  12345678901234567890123 | 0.12345678901234567 | 1900.00 | 1e400 | [] | {} | [1,2] | [1, 2] | ["a\\"b"] | {"k":1} |
  {"k":1,"k":2} | {"2":1,"1":2} | [1.0] | {"k": null} | ["a,b"]`;
const usual = fc.constantFrom(...USUAL.trim().split(/\s*\|\s*/));
const odd = fc.constantFrom(...ODD.trim().split(/\s*\|\s*/));
/** Seldom enough that their rows are no large share of a block. */
const value = fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: odd, weight: 2 });
const numeric = fc.oneof(
  { arbitrary: fc.integer({ min: 1850, max: 1999 }).map(String), weight: 60 },
  { arbitrary: value, weight: 4 },
);

/** Lines of an object, of whose values most are usual ones. */
const object = fc
  .record(
    {
      name: value,
      born: numeric,
      city: value,
      tags: value,
      odd: value,
      i: fc.constantFrom("7", "1.0", "[1]", '"x"'),
      other: fc.oneof({ arbitrary: usual, weight: 8 }, { arbitrary: odd, weight: 1 }),
    },
    { requiredKeys: ["name", "born", "city", "tags"] },
  )
  .chain((values) =>
    fc.record({
      order: fc.constantFrom("as it is", "as it is", "as it is", "turned", "one less", "one twice"),
      space: fc.constantFrom("", "", "", " "),
      values: fc.constant(values as Record<string, string>),
    }),
  )
  .map(({ order, space, values }) => {
    const members = Object.entries(values).map(([key, text]) => [key === "odd" ? "a b" : key, text] as const);
    if (order === "turned") members.reverse();
    if (order === "one less") members.splice(1, 1);
    if (order === "one twice") members.push(["born", "7"], ["other", "1.0"]);
    return `{${members.map(([key, text]) => `${JSON.stringify(key)}:${space}${text}`).join(`,${space}`)}}`;
  });

const line = fc.oneof(
  { arbitrary: object, weight: 80 },
  { arbitrary: fc.constantFrom("", " ", "\t"), weight: 2 },
  {
    arbitrary: fc.constantFrom("[1]", "7", "null", "{", '{"name":}', '{"name":"\xff"}', '{"n\\u0061me":1}'),
    weight: 1,
  },
);

const input: fc.Arbitrary<RandomInput> = fc
  .record({
    lines: fc.oneof(
      { arbitrary: fc.array(object, { minLength: 8, maxLength: 40, size: "max" }), weight: 3 },
      { arbitrary: fc.array(line, { maxLength: 40, size: "max" }), weight: 1 },
    ),
    feed: fc.constantFrom("\n", "\n", "\n", "\r\n"),
    isCut: fc.boolean(),
    repeats: fc.constantFrom(1, 4, 10),
  })
  .map(({ lines, feed, isCut, repeats }) => {
    const all = Array.from({ length: repeats }, () => lines).flat();
    const text = all.join(feed) + (isCut ? "" : feed);
    const bytes = Buffer.from(text).toString("latin1").replaceAll("\xc3\xbf", "\xff");
    return { format: "jsonl", bytes: Buffer.from(bytes, "latin1") };
  });

/** Without a number of rows batches of a short input have few: of these a single odd row is too large a share. */
const wide = fc
  .record({
    batchBytes: fc.constantFrom(150, 2000, 20_000),
    blockBytes: fc.constantFrom(400, 4000, 4000, 65_536),
    batchRows: fc.constantFrom(undefined, 30, 100),
    isAsked: fc.constantFrom(false, false, true),
    way: shape,
  })
  .map(({ way, ...sizes }): Shape => Object.assign(way, sizes));
const shapes = fc.tuple(wide, wide);

async function resultOf(
  bytes: RandomInput,
  options: RunOptions,
  way: Shape,
): Promise<PlainResult & { records: string }> {
  const result = await runShaped(bytes, options, way);
  // A stream and a file have different names.
  return { ...result, records: readFileSync(rejectsFile, "utf8").replaceAll(/^\{"file":"[^"]*"/gm, "") };
}

async function rowByRow(bytes: RandomInput, options: RunOptions, way: Shape): ReturnType<typeof resultOf> {
  process.env["ROWMILL_WAY"] = "rows";
  try {
    return await resultOf(bytes, options, way);
  } finally {
    delete process.env["ROWMILL_WAY"];
  }
}

test("workers find the rows of JSON lines, whichever of them begins with a stretch", async () => {
  const lines = Array.from({ length: 2000 }, (_, at) => `{"name":"n${at}","born":${1900 + (at % 100)}}\n`);
  const bytes: RandomInput = { format: "jsonl", bytes: Buffer.from(lines.join("")) };
  const sizes = {
    batchBytes: 2000,
    growth: 1,
    batchRows: undefined,
    blockBytes: undefined,
    pieces: [],
    concurrency: 1,
  };
  const way: Shape = { jobs: 4, ...sizes, picks: [1, 2, 3, 5, 7], isAsked: false };
  for (const program of [{ expression: "{ name, age: 2017 - born }" }, { filter: "born > 1950" }]) {
    const before = { ...stretched };
    await runShaped(bytes, { ...program, from: "jsonl", to: "jsonl" }, way);
    expect(stretched.joined).toBeGreaterThan(before.joined + 10);
    expect(stretched.again).toBe(before.again);
  }
});

describe("woven rows of JSON lines are those of the way row by row:", () => {
  const modules = Object.keys(TYPED).map((name) => [name, { transform: modulePath(name) }] as const);
  for (const [name, program] of [...Object.entries(PROGRAMS), ...modules]) {
    test(
      name,
      async () => {
        const before = woven.blocks;
        const outputs = fc.constantFrom(...Object.values(OUTPUTS));
        const property = fc.asyncProperty(input, outputs, shapes, async (bytes, output, ways) => {
          const options: RunOptions = { ...program, ...output, from: "jsonl", onError: "reject", rejects: rejectsFile };
          const wanted = await rowByRow(bytes, options, ways[0]);
          for (const way of ways) expect(await resultOf(bytes, options, way)).toEqual(wanted);
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 6 });
        expect(woven.blocks).toBeGreaterThan(before);
      },
      RUNS > 0 ? 3_600_000 : 60_000,
    );
  }

  test("some of their rows were odd", () => {
    expect(woven.odd).toBeGreaterThan(0);
  });
});
