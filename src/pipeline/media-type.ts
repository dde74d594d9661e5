/** The formats of the media types that servers give to data. */
import type { InputFormat } from "../formats/format.ts";

const FORMATS: Readonly<Record<string, Exclude<InputFormat, "rejects">>> = {
  "text/csv": "csv",
  "application/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/json": "json",
  "text/json": "json",
  "application/jsonl": "jsonl",
  "application/x-jsonl": "jsonl",
  "application/jsonlines": "jsonl",
  "application/x-jsonlines": "jsonl",
  "application/ndjson": "jsonl",
  "application/x-ndjson": "jsonl",
};

/** The format of data of this media type; undefined when it says nothing of it. */
export function formatByMediaType(mediaType: string | undefined): InputFormat | undefined {
  if (mediaType === undefined) return undefined;
  return mediaType.endsWith("+json") ? "json" : FORMATS[mediaType];
}
