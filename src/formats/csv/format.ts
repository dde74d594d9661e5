/** CSV, and its kin: TSV is CSV with a tab, `tsv-escaped` has escapes in place of quotes. */
import { UsageError } from "../../errors.ts";
import type {
  Encoder,
  InputOnly,
  OutputSetup,
  OutputTraits,
  ReadAndWritten,
  Reader,
  SampleSetup,
  Settings,
  Writer,
} from "../format.ts";
import { needRow } from "../result-row.ts";
import { placesOf } from "../text/cut.ts";
import { dialectOfRows } from "../text/dialect.ts";
import { QuickRows } from "../text/quick-rows.ts";
import { fieldReader } from "../text/row-maker.ts";
import { decodeUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { csvBlockEncoder } from "./block-encoder.ts";
import { csvRowEncoder } from "./encoder.ts";
import { csvFraming } from "./framing.ts";
import { csvSplitter } from "./splitter.ts";

const reader: Reader = {
  traits: { columns: "header", values: "text", rows: "lines", copies: "fields", projects: true, form: "file" },
  isExported: true,
  splitter: ({ dialect, maxRowBytes }) => csvSplitter(dialect, maxRowBytes),
  sample: sampleRows,
  decoder: async () => (await import("./decoder.ts")).decodeCsv,
};

const traits: OutputTraits = {
  columns: "header",
  values: "text",
  takesHead: true,
  copies: "fields",
  notResumable: undefined,
};

const writer: Writer = {
  traits,
  encoder,
  framing: csvFraming,
  finder: async () => (await import("./indexed-finder.ts")).indexedFinder,
};

export const csv: ReadAndWritten = {
  told: { extensions: [".csv"], mediaTypes: ["text/csv", "application/csv"] },
  reader: { ...reader, detectsDelimiter: true },
  writer,
};

const TAB = { delimiter: "\t" };

export const tsv: ReadAndWritten = {
  told: { extensions: [".tsv", ".tab"], mediaTypes: ["text/tab-separated-values"] },
  reader: { ...reader, dialect: TAB },
  writer: { ...writer, dialect: { ...TAB, quote: "" } },
};

/** Fields stand at the same places in all lines. */
export const fixed: InputOnly = {
  told: { aliases: ["fwf"] },
  reader: {
    ...reader,
    traits: { ...reader.traits, copies: "nothing" },
    isExported: false,
    dialect: { quote: "" },
    settings: ["widths"],
    check({ widths, delimiter, quote = "" }: Settings) {
      if (typeof widths !== "string")
        throw new UsageError("--from fixed needs --widths", "such as --widths 10,5,*, or auto, by the first rows");
      if (delimiter !== undefined || quote !== "")
        throw new UsageError("--from fixed takes no delimiter, and no quote", "its fields stand at places: --widths");
      placesOf(widths);
    },
    cut: ({ widths }) => (typeof widths === "string" ? placesOf(widths) : "1-"),
    outputFormat: () => "csv",
  },
};

const ESCAPED = { ...TAB, quote: "", hasEscapes: true };
const NO_OTHERS = "its fields stand between tabs, without quotes; for other files: --quote '' and --delimiter";

export const tsvEscaped: ReadAndWritten = {
  told: { variantOf: "tsv" },
  reader: {
    ...reader,
    traits: { ...reader.traits, copies: "nothing" },
    isExported: false,
    dialect: ESCAPED,
    check({ delimiter = "\t", quote = "" }: Settings) {
      if (delimiter !== "\t" || quote !== "")
        throw new UsageError("--from tsv-escaped takes no other delimiter, and no quote", NO_OTHERS);
    },
  },
  writer: {
    ...writer,
    // What is missing is told from an empty text.
    traits: { ...traits, values: "typed", copies: "nothing" },
    dialect: ESCAPED,
    check({ outDelimiter = "\t", outQuote = "", quoteAll }: Settings) {
      if (outDelimiter !== "\t" || outQuote !== "" || quoteAll === true)
        throw new UsageError("--to tsv-escaped takes no other delimiter, and no quotes", NO_OTHERS);
    },
  },
};

function encoder({ dialect }: OutputSetup, columns: readonly string[]): Encoder {
  return {
    encode: needRow(csvRowEncoder(columns, dialect)),
    block: csvBlockEncoder(columns, dialect),
    delimiter: dialect.delimiter,
    copyEnd: dialect.newline,
  };
}

function sampleRows(bytes: Uint8Array, { columns, isWhole, mostRows, ...form }: SampleSetup): string[][] {
  const { extraFields, isRagged } = form;
  const dialect = dialectOfRows(form.dialect, extraFields, columns);
  const width = columns.length;
  const valid = decodeUtf8(bytes);
  const text = valid ?? replaceInvalidUtf8(bytes);
  const mayBeInvalid = valid === undefined && !form.replacesInvalid;
  const rowsOf = new QuickRows(text, { dialect, isWhole });
  const rows: string[][] = [];
  while (rows.length < mostRows) {
    const fields = rowsOf.next();
    if (fields === undefined) break;
    // A row that fails is no row: it does not change what the columns of all others are.
    if (fields === "bad" || (fields.length > width && extraFields === "error")) continue;
    if (fields.length < width && !isRagged) continue;
    if (mayBeInvalid && fields.some((field) => field.includes("\uFFFD"))) continue;
    rows.push(fields);
  }
  if (!dialect.hasEscapes) return rows;
  const read = fieldReader(form);
  return rows.map((fields) => fields.map((field) => (field === "" ? "" : (read(field) ?? ""))));
}
