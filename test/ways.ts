/**
 * Writes docs/ways.md: `bun test/ways.ts`. Which way the rows of a run take comes from the plans of the runs themselves;
 * ways.test.ts holds the page against that.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import type { InputFormat, OutputFormat } from "../src/formats/registry.ts";
import type { RunOptions } from "../src/options/run-options.ts";
import { plan } from "../src/pipeline/plan.ts";
import { WAY_NAMES } from "../src/transform/plan/ways.ts";
import type { RowsExplained } from "../src/transform/wire.ts";

export const WAYS_PAGE: string = join(import.meta.dir, "../docs/ways.md");

const REDUCE = `export const reduce = {
  init: () => 0,
  step: (sum: number, { born }: { born: number }) => sum + born,
  merge: (a: number, b: number) => a + b,
  finish: (sum: number) => ({ sum }),
};
`;
const MAP_AND_REDUCE = `export default ({ born }: { born: number }) => ({ born: born + 1 });\n${REDUCE}`;
const BATCH = "export const batch = (rows: object[]) => rows;\n";
const SCHEMA = `import { z } from "zod";
export const schema = z.object({ name: z.string(), born: z.number().int() });
export default ({ name, born }: z.infer<typeof schema>) => ({ name, age: 2017 - born });
`;

const ROWS = [
  { name: "Ada", born: 1815, city: "London" },
  { name: "Emmy", born: 1882, city: "Erlangen" },
];

/** The same rows in every format that is read. */
const INPUTS: Partial<Record<InputFormat, string>> = {
  csv: fields(","),
  tsv: fields("\t"),
  "tsv-escaped": fields("\t"),
  jsonl: ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""),
  json: JSON.stringify(ROWS),
};

const OUTPUTS: readonly OutputFormat[] = ["csv", "tsv", "jsonl", "json"];

function fields(delimiter: string): string {
  const header = Object.keys(ROWS[0] ?? {});
  return [header, ...ROWS.map((row) => Object.values(row))].map((row) => `${row.join(delimiter)}\n`).join("");
}

/** What rows go through: a name for the table, and options. */
type Stages = [name: string, options: (at: (file: string) => string) => Partial<RunOptions>];

const MAPS: readonly Stages[] = [
  ["`-e '{ name, age: 2017 - born }'`", () => ({ expression: "{ name, age: 2017 - born }" })],
  ["`--filter`", () => ({ filter: "born > 1850" })],
  ["`-e '{ ...row, n: 1 }'`", () => ({ expression: "{ ...row, n: 1 }" })],
  ["zod schema", (at) => ({ transform: at("schema.ts") })],
  ["`-e 'r => f(r)'`", () => ({ expression: "r => Object.assign({}, r)" })],
  ["`batch`", (at) => ({ transform: at("batch.ts") })],
  ["`--join`", (at) => ({ join: [{ file: at("cities.csv"), on: "city" }] })],
];

const FOLDS: readonly Stages[] = [
  ["`--group-by`", () => ({ groupBy: ["city"], figures: [{ kind: "mean", column: "born" }] })],
  [
    "`--median --quantile --stddev`",
    () => ({
      figures: [
        { kind: "median", column: "born" },
        { kind: "quantile", column: "born", at: 0.95 },
        { kind: "stddev", column: "born" },
      ],
    }),
  ],
  [
    "`--mode --first-value --collect`",
    () => ({
      figures: [
        { kind: "mode", column: "name" },
        { kind: "first-value", column: "name" },
        { kind: "collect", column: "name" },
      ],
    }),
  ],
  ["`--count-distinct`", () => ({ countDistinct: ["city"] })],
  ["`--group-by --filter`", () => ({ groupBy: ["city"], figures: [{ kind: "count" }], filter: "born > 1850" })],
  ["`reduce`", (at) => ({ transform: at("reduce.ts") })],
  ["function and `reduce`", (at) => ({ transform: at("map-and-reduce.ts") })],
];

/** Options of a run from CSV to CSV that could be in the way. */
const OPTIONS: readonly [name: string, options: Partial<RunOptions>][] = [
  ["`--crlf --bom`", { crlf: true, bom: true }],
  ["`--on-error skip`", { onError: "skip" }],
  ["`--ragged`", { ragged: true }],
  ["`--types born=int`", { types: { born: "int" } }],
  ["`--types born=date`", { types: { born: "date" } }],
  ["`--null NA`", { null: ["NA"] }],
  ["`--trim`", { trim: true }],
  ["`--comment '#'`", { comment: ["#"] }],
  ["`--lazy-quotes`", { lazyQuotes: true }],
  ['`--quote "\'"`', { quote: "'" }],
  ["`--extra-fields keep`", { extraFields: "keep" }],
  ["`--encoding-errors replace`", { encodingErrors: "replace" }],
  ["`--out-delimiter ';'`", { outDelimiter: ";" }],
  ["`--quote-all`", { quoteAll: true }],
  ["`--escape-formulas`", { escapeFormulas: true }],
  ["`--retries 2`", { retries: 2 }],
  ["`--timeout 5s`", { timeout: "5s" }],
  ["`--rate 100/s`", { rate: "100/s" }],
  ["`--on-error skip --max-errors 5`", { onError: "skip", maxErrors: "5" }],
  ["`--sort-by -age`", { sortBy: ["-age"] }],
  ["`--top 3 --by name`", { top: 3, by: ["name"] }],
  ["`--distinct=name`", { distinct: ["name"] }],
  ["`--distinct`", { distinct: true }],
  ["`--tail 3 --shuffle`", { tail: 3, shuffle: true }],
];

/** The page. */
export async function waysPage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-ways-"));
  try {
    return await pageIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function pageIn(folder: string): Promise<string> {
  const at = (file: string): string => join(folder, file);
  const files = {
    "schema.ts": SCHEMA,
    "batch.ts": BATCH,
    "reduce.ts": REDUCE,
    "map-and-reduce.ts": MAP_AND_REDUCE,
    "cities.csv": "city,country\nLondon,England\n",
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  for (const [format, text] of Object.entries(INPUTS)) writeFileSync(at(`in.${format}`), text);
  const explain = async (input: string, options: Partial<RunOptions>): Promise<RowsExplained> => {
    const { explained } = await plan({ inputs: [at(`in.${input}`)], jobs: 1, ...options });
    if (explained === undefined) throw new Error("the plan was not told");
    return explained;
  };
  const maps: string[][] = [["from", "to", ...MAPS.map(([name]) => name)]];
  const folds: string[][] = [["from", ...FOLDS.map(([name]) => name)]];
  for (const from of Object.keys(INPUTS) as InputFormat[]) {
    const told = async ([, options]: Stages, to: OutputFormat): Promise<string> =>
      WAY_NAMES[(await explain(from, { from, to, ...options(at) })).kind];
    for (const to of OUTPUTS) maps.push([from, to, ...(await inTurn(MAPS, (stages) => told(stages, to)))]);
    folds.push([from, ...(await inTurn(FOLDS, (stages) => told(stages, "csv")))]);
  }
  const options = await inTurn(OPTIONS, async ([name, given]) => {
    const { kind, because } = await explain("csv", { expression: "{ name, age: 2017 - born }", ...given });
    return [name, WAY_NAMES[kind], because];
  });
  return `${TEXT_BEFORE}
## Rows that become rows

${markdownTable(maps)}

## Rows that are folded

To CSV; most other outputs make no difference.

${markdownTable(folds)}

## Options

What they do to \`rowmill -e '{ name, age: 2017 - born }'\` from CSV to CSV; the last column is what \`--dry-run\` says.

${markdownTable([["option", "way", "because"], ...options])}
${TEXT_BEHIND}`;
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await work(one));
  return results;
}

const TEXT_BEFORE: string = `# Which way rows take

The tables are written by \`bun test/ways.ts\` from the plans of the runs, and held by a test; the page is not to be edited.

A worker has several ways to take rows from the bytes of the input to those of the output. All give the same bytes;
some are several times quicker, where the options and what is proven of the code allow them. \`src/transform/plan/\`
decides. \`--dry-run\` tells the way of a run and what stands in that of a quicker one.

${markdownTable([
  ["way", "what it does"],
  [
    "woven",
    "Fields, or values of JSON lines, go from input to output as bytes, or strings of JSON; the function gets only what it looks at",
  ],
  ["copied", "Lines of JSON that are kept go from input to output as bytes"],
  [
    "straight into groups",
    "Fields, or values of JSON, go from the kernel into the table of groups, and no row is made",
  ],
  ["step by step", "The step gets a row of those fields only that it looks at"],
  ["row by row", "Each row is made, goes through the functions, and is written or folded"],
  ["batch by batch", "The function takes all rows of a batch at once"],
])}

A plan says what fits the run. A block of rows (some 192 KB) may still not fit: an uneven row, a field that is no number
where all others are, rows before the output columns are known. It takes the next way, alone; after 16 such blocks one
behind the other no further one is tried. \`--summary\` counts the blocks of each way as \`blocks\`, by names that say how a
block was read, too: \`woven-numbers\`, \`woven-texts\`, \`woven-objects\` (lines of JSON), \`copied\`, \`groups\`, \`steps-interned\`,
\`steps-numbers\`, \`steps-texts\`, \`steps-objects\` (lines of JSON), \`rows-block\` (written at once), \`rows\`, \`rows-async\`,
\`rows-folded\`, \`batch\`. Lines of JSON with spaces between their parts, for one, cannot be copied, as they are written without.

Of a block of JSON lines that is woven, some rows may be odd: one of their values that are handed on cannot be copied (a text
with an escape that is written otherwise, or with any to CSV; an object with spaces in it); beside computed values, a
number is spelled as \`1.0\` or \`1e5\`; or a value is none that the type of the row says. These go row by row, alone, unless they
are more than a quarter of the block.
`;

const TEXT_BEHIND = `
## How often the functions of a \`reduce\` are called

\`init\` once for each cell of the grid (a row that is quoted wrongly or too long ends its cell), and \`step\` once for each
row that comes to it, whatever way the blocks took: one with an uneven row in it goes on row by row from where the fold
stands. A row that fails before its step (it is uneven, the filter or a function throws) changes nothing of that. Only when \`step\` itself throws, and the run goes on
(\`--on-error skip\` or \`reject\`), are rows of its cell folded again, with a new accumulator or a copy of an earlier one:
then \`init\`, and \`step\` for the rows before it, are called again.
`;

if (import.meta.main) writeFileSync(WAYS_PAGE, await waysPage());
