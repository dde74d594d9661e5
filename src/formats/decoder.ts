/** The decoder of an input format, on the worker's side. */
import type { InputSetup } from "../transform/wire.ts";
import { csvDecoder } from "./csv/decoder.ts";
import type { Decoder } from "./format.ts";
import { jsonDecoder } from "./json/decoder.ts";
import { jsonlDecoder } from "./jsonl/decoder.ts";
import type { Kernel } from "./kernel/host.ts";

/** What is to be decoded of a file with a header. */
export interface FileColumns {
  columns: readonly string[];
  /** The columns that are read, undefined for all: fields of others need not become strings. */
  reads: ReadonlySet<string> | undefined;
}

/** Makes the decoder for a file. */
export function rowDecoder(kernel: Kernel, input: InputSetup, { columns, reads }: FileColumns): Decoder {
  switch (input.format) {
    case "csv":
    case "tsv":
      return csvDecoder(kernel, {
        dialect: input.dialect,
        columns: [...columns],
        rowOrder: (input.columns ?? columns).filter((name) => reads === undefined || reads.has(name)),
        isRagged: input.isRagged,
        ...(input.blockBytes !== undefined && { blockBytes: input.blockBytes }),
      });
    case "jsonl":
      return jsonlDecoder(kernel, input.blockBytes);
    case "json":
      return jsonDecoder(kernel);
  }
}
