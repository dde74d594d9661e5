/** The decoder of an input format, on the worker's side. */
import { csvDecoder } from "./csv/decoder.ts";
import type { RowForm } from "./text/dialect.ts";
import type { Decoder, InputFormat } from "./format.ts";
import { jsonDecoder } from "./json/decoder.ts";
import type { LooksAt } from "./values/json.ts";
import { jsonlDecoder } from "./jsonl/decoder.ts";
import type { Kernel } from "./kernel/host.ts";
import { rejectsDecoder } from "./rejects/decoder.ts";

/** How the bytes of rows are read. */
export interface DecoderSetup extends RowForm {
  format: InputFormat;
  /** Column names of the first file, for formats that have a header; `_rest` behind them where extra fields are kept. */
  columns: string[] | undefined;
  /** Its columns have their names from a line of it. */
  hasHeader: boolean;
  /** Comments go to the output, where they stand. */
  keepsComments: boolean;
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  /** A longer row is bad. The splitter sees to that, but for rows that stand in records. */
  maxRowBytes: number;
  /** Bytes that are decoded at once; for tests. @default what suits the format */
  blockBytes?: number;
}

/** What is to be decoded of a file with a header. */
export interface FileColumns {
  columns: readonly string[];
  /** The columns that are read, undefined for all: fields of others need not become strings. */
  reads: ReadonlySet<string> | undefined;
  /** Blocks say where their fields lie, where that can be. */
  wantsFields: boolean;
  /** Rows leave as they came, and are copied where that is possible; only `reads` is looked at. */
  copiesRows: boolean;
  /** Values of rows may be handed on: how they are spelled counts. */
  keepsSpelling: boolean;
  /** Whose values are looked at, of JSON; undefined for all. */
  looksAt: LooksAt | undefined;
}

/** Makes the decoder for a file. */
export function rowDecoder(kernel: Kernel, input: DecoderSetup, file: FileColumns): Decoder {
  const { columns, reads, wantsFields, copiesRows, keepsSpelling, looksAt } = file;
  const fields = {
    dialect: input.dialect,
    columns: [...columns],
    rowOrder: (input.columns ?? columns).filter((name) => reads === undefined || reads.has(name)),
    isRagged: input.isRagged,
    extraFields: input.extraFields,
    nullTexts: input.nullTexts,
    hasHeader: input.hasHeader,
    keepsComments: input.keepsComments,
    replacesInvalid: input.replacesInvalid,
    wantsFields,
    ...(input.blockBytes !== undefined && { blockBytes: input.blockBytes }),
  };
  switch (input.format) {
    case "csv":
    case "tsv":
    case "tsv-escaped":
      return csvDecoder(kernel, fields);
    case "rejects":
      return rejectsDecoder(kernel, fields, { maxRowBytes: input.maxRowBytes, keepsSpelling });
    case "jsonl":
      return jsonlDecoder(kernel, { ...input, reads, copiesRows, keepsSpelling, looksAt });
    case "json":
      return jsonDecoder(kernel, { ...input, keepsSpelling, looksAt });
  }
}
