/** What tells the format of data before one looks into it: the name of a file, the media type that a server gives it. */
import { extname } from "node:path";
import type { InputFormat, OutputFormat } from "../formats/format.ts";
import { uncompressedName } from "../io/compression.ts";
import { pathOf } from "../io/files.ts";

const EXTENSIONS: Record<string, Exclude<InputFormat, "rejects">> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".tab": "tsv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
};

/** Formats that are only written. */
const OUTPUT_EXTENSIONS: Record<string, OutputFormat> = { ".md": "md", ".markdown": "md" };

/** The format that a file of this name has, compressed or not. */
export function formatByName(path: string): Exclude<InputFormat, "rejects"> | undefined {
  return EXTENSIONS[extname(uncompressedName(pathOf(path))).toLowerCase()];
}

/** The format that an output of this name is to have. */
export function outputFormatByName(path: string): OutputFormat | undefined {
  return formatByName(path) ?? OUTPUT_EXTENSIONS[extname(uncompressedName(path)).toLowerCase()];
}

const MEDIA_TYPES: ReadonlyMap<string, InputFormat> = new Map([
  ["text/csv", "csv"],
  ["application/csv", "csv"],
  ["text/tab-separated-values", "tsv"],
  ["application/json", "json"],
  ["text/json", "json"],
  ["application/jsonl", "jsonl"],
  ["application/x-jsonl", "jsonl"],
  ["application/jsonlines", "jsonl"],
  ["application/x-jsonlines", "jsonl"],
  ["application/ndjson", "jsonl"],
  ["application/x-ndjson", "jsonl"],
]);

/** The format of data of this media type; undefined when it says nothing of it. */
export function formatByMediaType(mediaType: string | undefined): InputFormat | undefined {
  if (mediaType === undefined) return undefined;
  return mediaType.endsWith("+json") ? "json" : MEDIA_TYPES.get(mediaType);
}
