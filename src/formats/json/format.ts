/** JSON that is no lines: arrays of objects, or objects one after another. */
import type { Framing, FramingSetup, ReadAndWritten } from "../format.ts";
import { JSON_TOLD } from "../values/json-told.ts";
import { JSON_ESCAPE, jsonBlockEncoder } from "../values/json-block-encoder.ts";
import { jsonText } from "../values/json-text.ts";
import { recordsPath } from "./records-path.ts";
import { RecordsSplitter } from "./records-splitter.ts";
import { jsonSplitter } from "./splitter.ts";

/** Between the texts of two rows of an array. */
const SEPARATOR = ",\n";

/** @param lines The format of lines of JSON: what reads these reads elements of arrays as well. */
export const jsonOf = (lines: ReadAndWritten): ReadAndWritten => ({
  told: {
    extensions: [".json"],
    mediaTypes: ["application/json", "text/json"],
    mediaSuffix: "+json",
    content: JSON_TOLD,
    called: "JSON",
  },
  reader: {
    traits: { columns: "keys", values: "typed", rows: "values", copies: "nothing", projects: true, form: "file" },
    settings: ["records"],
    check: (settings) => void recordsPath(settings),
    guess: async (head, isWhole) => (await import("./found-records.ts")).foundRecords(head, isWhole),
    notInPlace: (settings) =>
      recordsPath(settings) &&
      `its rows are those of ${String(settings.records)}, and what stands around them would be lost (--records . is the whole)`,
    splitter({ maxRowBytes, settings, isGuessed }) {
      const path = recordsPath(settings);
      return path === undefined
        ? jsonSplitter(maxRowBytes)
        : new RecordsSplitter({ path, isGuessed: isGuessed === true }, maxRowBytes);
    },
    async decoder() {
      const [{ jsonDecoderBy }, decodeLines] = await Promise.all([import("./decoder.ts"), lines.reader.decoder()]);
      return jsonDecoderBy(decodeLines);
    },
    // Objects that stand one after another come out so.
    outputFormat: ({ hasBracket, settings }) => (hasBracket || recordsPath(settings) !== undefined ? "json" : "jsonl"),
  },
  writer: {
    traits: { columns: "keys", values: "typed", takesHead: false, copies: "objects", notResumable: undefined },
    encoder: () => ({
      encode: (value) => jsonText(value) + SEPARATOR,
      block: jsonBlockEncoder(SEPARATOR),
      delimiter: JSON_ESCAPE,
      copyEnd: SEPARATOR,
    }),
    framing: jsonFraming,
    finder: async () => (await import("../values/member-finder.ts")).memberFinder,
  },
});

function jsonFraming({ before: makeBefore, hasBegun }: FramingSetup): Framing {
  let isBegun = hasBegun;
  return {
    get hasBegun() {
      return isBegun;
    },
    batch(output) {
      // Every row comes with a separator behind it; the last one's is not known to be needed before a next row comes.
      const rows = output.subarray(0, output.length - SEPARATOR.length);
      const before = isBegun ? Buffer.from(SEPARATOR) : Buffer.concat([makeBefore(), Buffer.from("[\n")]);
      isBegun = true;
      return Buffer.concat([before, rows]);
    },
    end: () => (isBegun ? Buffer.from("\n]\n") : Buffer.concat([makeBefore(), Buffer.from("[]\n")])),
  };
}
