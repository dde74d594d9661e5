/** The decoder of an input format, on the worker's side. */
import type { InputSetup } from "../transform/wire.ts";
import { csvDecoder } from "./csv/decoder.ts";
import type { Decoder } from "./format.ts";
import { jsonDecoder } from "./json/decoder.ts";
import { jsonlDecoder } from "./jsonl/decoder.ts";
import type { Kernel } from "./kernel/host.ts";

/** Makes the decoder for a file with these columns (formats with a header). */
export function rowDecoder(kernel: Kernel, input: InputSetup, columns: readonly string[]): Decoder {
  switch (input.format) {
    case "csv":
    case "tsv":
      return csvDecoder(kernel, {
        dialect: input.dialect,
        columns: [...columns],
        rowOrder: input.columns ?? [...columns],
        isRagged: input.isRagged,
      });
    case "jsonl":
      return jsonlDecoder(kernel);
    case "json":
      return jsonDecoder(kernel);
  }
}
