/**
 * Rows under a schema of plain fields come to the same bytes, and to the same failed rows, as under one that takes rows
 * as a whole only: the same schema with a check of the row that always passes.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { RandomInput } from "./inputs.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

const PLAIN = "name: z.string(), n: z.number().int(), x: z.number(), day: z.string()";
const CHECKED = `name: z.string().min(1).max(9), n: z.int().min(-5).max(3000), x: z.number().positive(),
  day: z.iso.date()`;

/** Fields of the schema, and the function. */
const MODULES: Record<string, readonly [fields: string, call: string]> = {
  "two of the columns": ["name: z.string(), n: z.int()", "({ name, n }) => ({ name, next: n + 1 })"],
  "numbers and checks that nobody looks at": [CHECKED, "({ id, name }) => ({ name })"],
  "the row itself": [PLAIN, "(row) => row"],
  "the checked row itself": [CHECKED, "(row) => row"],
  "some of the rows": [CHECKED, "(row) => (row.n > 3 ? row : null)"],
  "every column and one more": [PLAIN, "(row) => ({ ...row, half: row.x / 2 })"],
  "every checked column and its type": [
    CHECKED,
    '(row) => ({ ...row, types: typeof row.n + typeof row.x + typeof row.day + ("id" in row) })',
  ],
  "numbers by other names": [PLAIN, "({ n, x, day }) => ({ x, day, m: n, n: x, sign: Object.is(n, -0) })"],
  "a number carried or computed": [PLAIN, "({ n, x }) => (n > 3 ? { n, x } : { n: -n, x })"],
  "texts that are used as numbers": ["n: z.string(), x: z.string()", "({ n, x }) => ({ sum: n - x, n })"],
  "checked texts that are used as numbers": [
    "n: z.string().min(1), x: z.string().min(2)",
    "({ n, x }) => ({ sum: n - x, n })",
  ],
  "one of some texts": [
    'name: z.enum(["", "Ada"]), day: z.literal("2017-05-26")',
    "({ name, day }) => ({ day, name })",
  ],
  "a column that is not there": ["name: z.string(), nowhere: z.string()", "({ name }) => ({ name })"],
  "a column that the schema leaves out": ["name: z.string()", "(row) => ({ name: row.name, id: row.id })"],
  "an error of the function": [
    PLAIN,
    '({ name, n }) => { if (n === 7) throw new Error("seven"); return { name, n }; }',
  ],
};

const file = (name: string, kind: string): string => join(folder, `${name.replaceAll(" ", "-")}-${kind}.ts`);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [name, [fields, call]] of Object.entries(MODULES)) {
    const text = `import { z } from "zod";\nexport default ${call};\nexport const schema = z.object({ ${fields} })`;
    writeFileSync(file(name, "plain"), `${text};\n`);
    writeFileSync(file(name, "whole"), `${text}.refine(() => true);\n`);
  }
});

/** Mostly such that all rows of a block pass. */
function mostly(easy: readonly string[], hard: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...easy) },
    { weight: 1, arbitrary: fc.constantFrom(...hard) },
  );
}

const row = fc.tuple(
  fc.constantFrom("1", ""),
  mostly(["Ada", "Zoë", '"q,""x"', "漢字"], ["", " ", "more than nine"]),
  mostly(
    ["7", "8", "1815", "007", "-0", '"12"'],
    ["", "x", "1.5", "-9", " 8 ", "+5", "9007199254740993", "1e3", "7,7"],
  ),
  mostly(
    ["1.5", "2.50", "3", "0.1", "100000000000.5"],
    ["", ".5", "-1", "1e400", "NaN", "12345678901234567.5", "\xff"],
  ),
  mostly(["2017-05-26", "2016-02-29"], ["2017-02-29", "2017-5-26", ""]),
);

const input: fc.Arbitrary<RandomInput> = fc.array(row, { maxLength: 40 }).map((rows) => ({
  format: "csv",
  bytes: Buffer.from(["id,name,n,x,day", ...rows.map((fields) => fields.join(",")), ""].join("\n")),
}));

const shapes = fc.tuple(shape, shape, shape);

describe("rows under a schema are the same, whether they go through it one by one or not:", () => {
  for (const name of Object.keys(MODULES)) {
    test(
      name,
      async () => {
        const property = fc.asyncProperty(
          input,
          fc.constantFrom("fail", "reject"),
          shapes,
          async (given, onError, ways) => {
            const options: RunOptions = {
              from: "csv",
              delimiter: ",",
              onError,
              ...(onError === "reject" && { rejects: rejectsFile }),
            };
            const [first] = ways;
            // Run once: it comes to the same in every shape, as the runs that are compared with it do.
            const wanted = await runShaped(given, { ...options, transform: file(name, "whole") }, first);
            for (const way of ways) {
              expect(await runShaped(given, { ...options, transform: file(name, "plain") }, way)).toEqual(wanted);
            }
          },
        );
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 6 });
      },
      600_000,
    );
  }
});
