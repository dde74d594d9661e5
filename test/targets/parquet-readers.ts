/**
 * Parquet that Rowmill writes, for others: DuckDB and polars read the same values, in every codec, and DuckDB counts the same
 * rows where it may leave out row groups by their statistics.
 *
 *     bun test/targets/parquet-readers.ts [--seed N]
 *
 * Runs the compiled binary, and installs the two into a folder for the moment. Ends with exit code 1 where something differs.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import { Random } from "../faults/random.ts";
import type { Texts } from "../sources/parquet/rows.ts";
import { isSameText } from "../sources/parquet/same-text.ts";
import { SecondReaders } from "../sources/parquet/second-readers.ts";

const ROWMILL = resolve(import.meta.dir, "../../dist/rowmill");
const TYPES = "dec=decimal(12,2),day=date,at=instant,local=datetime,nano=datetime(9),clock=time,json=json";

const { values } = parseArgs({ options: { seed: { type: "string", default: String(Date.now() % 2 ** 31) } } });
console.log(`seed ${values.seed}`);
const random = new Random(Number(values.seed));

/** What DuckDB may tell by statistics. */
const CONDITIONS: [string, (row: Record<string, unknown>) => boolean][] = [
  ["id >= 130000", ({ id }) => Number(id) >= 130_000],
  ["id = 77", ({ id }) => id === 77],
  ["big < -4611686018427387000", ({ big }) => typeof big === "bigint" && big < -4_611_686_018_427_387_000n],
  ["text = 'plain'", ({ text }) => text === "plain"],
  ["code > '9'", ({ code }) => typeof code === "string" && code > "9"],
  ["day < DATE '1000-01-01'", ({ day }) => typeof day === "string" && day < "1000-01-01"],
  ["price > 300000", ({ price }) => Number(price) > 300_000],
  ["none IS NOT NULL", () => false],
];

const WORDS = ["", "plain", 'quoted "a", b', "two\nlines", "東京 😀", "{", "long ".repeat(500)];

/** A row, as JSON has it: what is no number or boolean is a text. */
function someRow(id: number): Record<string, unknown> {
  const maybe = <Value>(value: Value): Value | null => (random.chance(0.1) ? null : value);
  const at = new Date(Math.floor(random.between(-62e12, 2.5e14)));
  const iso = at.toISOString();
  return {
    id,
    small: maybe(random.below(5)),
    big: maybe((BigInt(random.below(2 ** 31)) << 32n) - (1n << 62n)),
    price: maybe(random.between(-1e6, 1e6) / 3),
    dec: maybe((random.between(-1e9, 1e9) / 100).toFixed(2)),
    ok: maybe(random.chance(0.5)),
    text: maybe(random.pick(WORDS)),
    code: maybe(`${random.below(1e9)}-${id}`),
    day: maybe(iso.slice(0, 10)),
    at: maybe(iso),
    local: maybe(`${iso.slice(0, -1)}456`),
    nano: maybe(`2024-02-29T${iso.slice(11, -1)}456789`),
    clock: maybe(iso.slice(11, -1)),
    json: maybe({ id, list: [random.below(9), "x"] }),
    none: null,
  };
}

const readers = await SecondReaders.install();
let differences = 0;
try {
  // More than two row groups, and few rows of every codec.
  for (const [codec, count] of [
    ["snappy", 260_000],
    ["zstd", 3000],
    ["gzip", 3000],
    ["lz4", 3000],
    ["none", 3000],
  ] as const)
    differences += await compare(codec, count);
} finally {
  readers.remove();
}
console.log(differences === 0 ? "all is the same" : `${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;

async function compare(codec: string, count: number): Promise<number> {
  const rows = Array.from({ length: count }, (_, id) => someRow(id));
  const [input, output] = ["in.jsonl", `${codec}.parquet`].map((name) => join(readers.folder, name)) as [
    string,
    string,
  ];
  const lines = rows.map((row) =>
    Object.entries(row).map(([key, value]) => `${JSON.stringify(key)}:${spelled(value)}`),
  );
  writeFileSync(input, lines.map((members) => `{${members.join(",")}}\n`).join(""));
  await $`${ROWMILL} -e row ${input} --parquet-types ${TYPES} --parquet-codec ${codec} -o ${output}`;
  const wanted = rows.map(textsOf);
  let wrong = difference(`${codec}, DuckDB`, await readers.byDuckDb(output), wanted);
  // Its texts of times have no fraction.
  const coarse = wanted.map((row) => Object.assign({}, row, { clock: row["clock"]?.slice(0, 8) ?? null }));
  wrong += difference(`${codec}, polars`, readers.byPolars(output), coarse);
  for (const [where, is] of CONDITIONS) {
    const found = await readers.duckDb.runAndReadAll(`SELECT count(*)::VARCHAR AS n FROM '${output}' WHERE ${where}`);
    const [{ n } = { n: null }] = found.getRowObjectsJson();
    if (Number(n) === rows.filter(is).length) continue;
    wrong++;
    console.log(`${codec}: ${n} rows with ${where}, wanted ${rows.filter(is).length}`);
  }
  console.log(`${codec}: ${count} rows`);
  return wrong;
}

function spelled(value: unknown): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function textsOf(row: Record<string, unknown>): Texts {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null) return [name, null];
      return [name, typeof value === "string" ? value : spelled(value)];
    }),
  );
}

function difference(who: string, found: readonly Texts[], wanted: readonly Texts[]): number {
  let wrong = found.length === wanted.length ? 0 : 1;
  for (const [at, row] of wanted.entries()) {
    for (const [name, text] of Object.entries(row)) {
      const other = found[at]?.[name] ?? null;
      if (isSameText(text, other)) continue;
      if (wrong++ < 5)
        console.log(`${who}: row ${at + 1}, ${name}: ${JSON.stringify(other)}, wanted ${JSON.stringify(text)}`);
    }
  }
  return wrong;
}
