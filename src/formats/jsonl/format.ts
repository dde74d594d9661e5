/** Lines of JSON: a row is a line that holds an object. */
import type { ReadAndWritten } from "../format.ts";
import { plainFraming } from "../plain-framing.ts";
import { JSON_TOLD } from "../values/json-told.ts";
import { JSON_ESCAPE, jsonBlockEncoder } from "../values/json-block-encoder.ts";
import { jsonText } from "../values/json-text.ts";
import { jsonlSplitter } from "./splitter.ts";

export const jsonl: ReadAndWritten = {
  told: {
    extensions: [".jsonl", ".ndjson"],
    mediaTypes: [
      "application/jsonl",
      "application/x-jsonl",
      "application/jsonlines",
      "application/x-jsonlines",
      "application/ndjson",
      "application/x-ndjson",
    ],
    content: JSON_TOLD,
    aliases: ["ndjson", "jsonlines"],
    called: "lines of JSON",
  },
  reader: {
    traits: { columns: "keys", values: "typed", rows: "lines", copies: "objects", projects: true, form: "file" },
    splitter: ({ maxRowBytes }) => jsonlSplitter(maxRowBytes),
    decoder: async () => (await import("./decoder.ts")).decodeJsonl,
  },
  writer: {
    traits: { columns: "keys", values: "typed", takesHead: false, copies: "objects", notResumable: undefined },
    encoder: ({ dialect: { newline } }) => ({
      encode: (value) => jsonText(value) + newline,
      // A return in a text would be one of those that are counted.
      block: newline === "\n" ? jsonBlockEncoder(newline) : undefined,
      delimiter: JSON_ESCAPE,
      copyEnd: newline,
    }),
    framing: plainFraming,
    finder: async () => (await import("../values/member-finder.ts")).memberFinder,
  },
};
