/** All formats, by the names that users give them. Nothing else names them. */
import { csv, fixed, tsv, tsvEscaped } from "./csv/format.ts";
import type { Format, InputOnly, OutputOnly, ReadAndWritten, Reader, Writer } from "./format.ts";
import { jsonOf } from "./json/format.ts";
import { jsonl } from "./jsonl/format.ts";
import { lines } from "./lines/format.ts";
import { postgresOf } from "./postgres/format.ts";
import { rejectsOf } from "./rejects/format.ts";
import { scienceOf } from "./science/format.ts";
import { sqliteOf } from "./sqlite/format.ts";
import { parquetOf } from "./parquet/format.ts";
import { md, table } from "./table/format.ts";
import { xlsxOf } from "./xlsx/format.ts";

const science = scienceOf(tsv);

/* oxlint-disable typescript/no-unnecessary-type-assertion -- isolated declarations want the type said */
/** In the order in which help names them. */
export const FORMATS = {
  csv: csv as ReadAndWritten,
  tsv: tsv as ReadAndWritten,
  "tsv-escaped": tsvEscaped as ReadAndWritten,
  jsonl: jsonl as ReadAndWritten,
  json: jsonOf(jsonl) as ReadAndWritten,
  fixed: fixed as InputOnly,
  vcf: science.vcf as ReadAndWritten,
  bed: science.bed as ReadAndWritten,
  gff: science.gff as ReadAndWritten,
  gtf: science.gtf as ReadAndWritten,
  sam: science.sam as ReadAndWritten,
  lines: lines as InputOnly,
  xlsx: xlsxOf(csv) as ReadAndWritten,
  sqlite: sqliteOf(csv) as ReadAndWritten,
  postgres: postgresOf(csv) as ReadAndWritten,
  parquet: parquetOf(csv) as ReadAndWritten,
  rejects: rejectsOf(jsonl, { lines }) as InputOnly,
  table: table as OutputOnly,
  md: md as OutputOnly,
} as const;
/* oxlint-enable typescript/no-unnecessary-type-assertion */

type Formats = typeof FORMATS;
/** Formats that can be read. */
export type InputFormat = {
  [Name in keyof Formats]: Formats[Name] extends { reader: Reader } ? Name : never;
}[keyof Formats];
/** Formats that can be written. */
export type OutputFormat = {
  [Name in keyof Formats]: Formats[Name] extends { writer: Writer } ? Name : never;
}[keyof Formats];

export const FORMAT_ENTRIES: readonly (readonly [string, Format])[] = Object.entries(FORMATS);

export function isInput(name: string): name is InputFormat {
  return isFormat(name) && FORMATS[name].reader !== undefined;
}

export function isOutput(name: string): name is OutputFormat {
  return isFormat(name) && FORMATS[name].writer !== undefined;
}

function isFormat(name: string): name is keyof Formats {
  return Object.hasOwn(FORMATS, name);
}

const NAMES = FORMAT_ENTRIES.map(([name]) => name);
export const INPUT_FORMATS: readonly InputFormat[] = NAMES.filter(isInput);
export const OUTPUT_FORMATS: readonly OutputFormat[] = NAMES.filter(isOutput);

/** Other names that people use for a format. */
export const FORMAT_ALIASES: Readonly<Record<string, string>> = Object.fromEntries(
  FORMAT_ENTRIES.flatMap(([name, { told }]) => (told.aliases ?? []).map((alias) => [alias, name])),
);

/** The format of an input of which nothing says one. */
export const USUAL_FORMAT: InputFormat = "csv";

/** How a format is read. */
export function readerOf(name: string): Reader {
  if (isInput(name)) return FORMATS[name].reader;
  throw new TypeError(`${name} is no format that is read`);
}

/** How a format is written. */
export function writerOf(name: string): Writer {
  if (isOutput(name)) return FORMATS[name].writer;
  throw new TypeError(`${name} is no format that is written`);
}

/** Whether rows of an input are fields between delimiters, or each may be. */
export function hasDialect(format: string): boolean {
  const { traits, isConverted = false } = readerOf(format);
  return !isConverted && (traits.columns === "header" || traits.form === "row");
}

/** Whether cells of an output have types of their own. */
export function hasTypedCells(format: string): boolean {
  return writerOf(format).traits.cells === "values";
}

/** Whether rows of an output share columns. */
export function hasColumns(format: string): boolean {
  return writerOf(format).traits.columns === "header";
}
