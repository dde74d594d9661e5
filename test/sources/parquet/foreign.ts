/**
 * Parquet files that others have made, value by value against a second reader, DuckDB: files of DuckDB itself, polars,
 * parquetjs and hyparquet-writer, in all codecs and versions of pages.
 *
 *     bun test/sources/parquet/foreign.ts [FILE.parquet …]
 *
 * Every value must also lie between the bounds that are read of the statistics of its row group.
 *
 * Installs their packages into a folder for the moment, and compares further files that are named. Ends with exit code 1
 * where a value differs, or lies elsewhere.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { openParquet } from "../../../src/sources/parquet/open.ts";
import type { ValueRange } from "../../../src/sources/source.ts";
import { type Texts, parquetRows } from "./rows.ts";
import { isSameText } from "./same-text.ts";
import { SecondReaders } from "./second-readers.ts";

/** Made by polars: 3 million flights. */
const FLIGHTS = join(import.meta.dir, "../../../node_modules/vega-datasets/data/flights-3m.parquet");
const ROWS = 20_000;

/** What a row of DuckDB's files has, by its number, i. */
const COLUMNS = `
  i AS id, (i % 200 - 100)::TINYINT AS tiny, (i % 5000)::SMALLINT AS small, (i * 7)::INTEGER AS medium,
  i::BIGINT * 4611686018427 - 4611686018427387904 AS large, (i % 256)::UTINYINT AS byte, i::UBIGINT * 922337203685477 AS unsigned,
  i / 7.0::DOUBLE AS price, (i / 3.0)::FLOAT AS single, (i / 100.0)::DECIMAL(9, 2) AS cents, (i * 1e12)::DECIMAL(30, 4) AS wide,
  i % 2 = 0 AS even, CASE WHEN i % 10 = 0 THEN NULL ELSE 'word ' || i % 50 END AS word, repeat('é' || i, (i % 9)::INTEGER) AS text,
  DATE '0001-01-01' + (i * 40)::INTEGER AS day, TIMESTAMP '1950-02-03 04:05:06.789' + to_microseconds(i * 1234567891) AS moment,
  TIMESTAMPTZ '2000-01-01 00:00:00+00' + to_milliseconds(i * 12345) AS instant, make_timestamp_ns(i * 12345678901) AS nano,
  TIME '00:00:00' + to_microseconds(i * 4000001) AS clock, ('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID AS uuid,
  ('\\x' || lpad((i % 100)::VARCHAR, 2, '0') || 'ab')::BLOB AS bytes,
  CASE WHEN i % 7 = 0 THEN NULL WHEN i % 7 = 1 THEN [] ELSE [i, NULL, i + 1] END AS list,
  CASE WHEN i % 11 = 0 THEN NULL ELSE {'a': i, 'b': 'x' || i, 'c': [{'d': i % 3 = 0}]} END AS object,
  MAP {'k' || i % 3: i, 'z': NULL} AS pairs, NULL::INTEGER AS none`;

/** How DuckDB writes. */
const OPTIONS = {
  snappy: "",
  zstd: "COMPRESSION zstd",
  gzip: "COMPRESSION gzip",
  lz4: "COMPRESSION lz4_raw",
  brotli: "COMPRESSION brotli",
  none: "COMPRESSION uncompressed",
  v2: "PARQUET_VERSION v2",
  "small-groups": "ROW_GROUP_SIZE 2048, COMPRESSION zstd",
  "few-values": "DICTIONARY_SIZE_LIMIT 10",
} as const;

const made: string[] = [];
const readers = await SecondReaders.install();
let differences = 0;
try {
  for (const [name, options] of Object.entries(OPTIONS)) {
    const written = options === "" ? "FORMAT parquet" : `FORMAT parquet, ${options}`;
    await readers.duckDb.run(
      `COPY (SELECT ${COLUMNS} FROM range(${ROWS}) r(i)) TO '${place(`duckdb-${name}`)}' (${written})`,
    );
  }
  for (const compression of ["snappy", "zstd", "gzip", "lz4", "uncompressed"])
    readers.polars.DataFrame(columns()).writeParquet(place(`polars-${compression}`), { compression });
  writeFileSync(place("hyparquet"), Buffer.from(parquetWriteBuffer({ columnData: columnData() })));
  await byParquetJs();
  for (const path of [...made, FLIGHTS, ...process.argv.slice(2)]) differences += await compare(path);
} finally {
  readers.remove();
}
console.log(differences === 0 ? "all is the same" : `${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;

/** Where a file is made. */
function place(name: string): string {
  const path = join(readers.folder, `${name}.parquet`);
  made.push(path);
  return path;
}

function by(value: (i: number) => unknown): unknown[] {
  return Array.from({ length: ROWS }, (_, i) => value(i));
}

function columns(): Record<string, unknown[]> {
  return {
    id: by((i) => i),
    price: by((i) => (i % 13 === 0 ? null : i / 7)),
    word: by((i) => (i % 10 === 0 ? null : `word ${i % 50}`)),
    text: by((i) => 'é,"'.repeat(i % 9)),
    even: by((i) => i % 2 === 0),
    moment: by((i) => new Date(i * 86_400_123)),
    list: by((i) => (i % 7 === 0 ? [] : [i, i + 1])),
  };
}

function columnData(): Parameters<typeof parquetWriteBuffer>[0]["columnData"] {
  return Object.entries(columns())
    .filter(([name]) => name !== "list")
    .map(([name, data]) => ({ name, data }));
}

/** parquetjs. */
async function byParquetJs(): Promise<void> {
  const { ParquetSchema, ParquetWriter } = (await readers.module("parquetjs-lite")) as ParquetJs;
  const schema = new ParquetSchema({
    id: { type: "INT64" },
    price: { type: "DOUBLE", optional: true },
    word: { type: "UTF8", optional: true, compression: "GZIP" },
    text: { type: "UTF8", compression: "SNAPPY" },
    even: { type: "BOOLEAN" },
    moment: { type: "TIMESTAMP_MILLIS" },
  });
  const writer = await ParquetWriter.openFile(schema, place("parquetjs"));
  const { list: _, ...others } = columns();
  for (let i = 0; i < ROWS; i++) {
    const row = Object.entries(others).map(([name, values]) => [name, values[i] ?? undefined]);
    await writer.appendRow(Object.fromEntries(row) as object);
  }
  await writer.close();
}

interface ParquetJs {
  ParquetSchema: new (fields: object) => object;
  ParquetWriter: {
    openFile(schema: object, path: string): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>;
  };
}

/** How many values of a file are read otherwise. */
async function compare(path: string): Promise<number> {
  const ours = parquetRows(path);
  const theirs = await readers.byDuckDb(path);
  let wrong = ours.length === theirs.length ? 0 : 1;
  for (const [at, row] of theirs.entries()) {
    for (const [name, text] of Object.entries(row)) {
      const own = ours[at]?.[name] ?? null;
      if (isSameText(own, text)) continue;
      if (wrong++ < 5)
        console.log(
          `${basename(path)}: row ${at + 1}, ${name}: ${JSON.stringify(own)}, wanted ${JSON.stringify(text)}`,
        );
    }
  }
  wrong += outsideRanges(path, ours);
  console.log(`${basename(path)}: ${theirs.length} rows of ${Object.keys(theirs[0] ?? {}).length} columns`);
  return wrong;
}

/** How many values are not where the statistics say, as they are read by us. */
function outsideRanges(path: string, rows: readonly Texts[]): number {
  const source = openParquet({ kind: "parquet", input: { name: path, path }, settings: {} });
  const named = source.table.columns;
  let [first, wrong, known] = [0, 0, 0];
  for (const { rows: count, ranges } of source.ranges?.([...named.keys()]) ?? []) {
    for (const [at, range] of ranges.entries()) {
      const name = named[at]?.name ?? "";
      if (range === undefined) continue;
      known++;
      const texts = rows.slice(first, first + count).map((row) => row[name] ?? null);
      const odd = texts.find((text) => !isWithin(text, range));
      if (odd !== undefined && wrong++ < 5) console.log(`${basename(path)}: ${name} has ${odd}, and not`, range);
    }
    first += count;
  }
  source.close();
  console.log(`${basename(path)}: bounds of ${known} columns of row groups`);
  return wrong;
}

function isWithin(text: string | null, { as, values, mayBeNothing, mayBeNaN }: ValueRange): boolean {
  if (text === null) return mayBeNothing;
  if (text === "NaN" && as === "number") return mayBeNaN;
  if (values === undefined) return false;
  if (as === "boolean") return [values.low, values.high].includes(text === "true");
  if (as === "number") return Number(values.low) <= Number(text) && Number(text) <= Number(values.high);
  return (
    Buffer.compare(Buffer.from(String(values.low)), Buffer.from(text)) <= 0 &&
    Buffer.compare(Buffer.from(text), Buffer.from(String(values.high))) <= 0
  );
}
