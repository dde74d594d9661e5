/**
 * Any text: a row is a line. It has one column, `line`, or, with `--pattern`, those that the named groups of the pattern
 * give.
 */
import type { InputOnly } from "../format.ts";
import { lineSplitter } from "../line-splitter.ts";
import { columnsOf, hasBlankRows } from "./pattern.ts";

/** The kernel counts line ends; without quotes it is no matter what stands between fields. */
const LINES = { delimiter: ",", quote: "" };

export const lines: InputOnly = {
  told: {},
  reader: {
    traits: { columns: "schema", values: "text", rows: "lines", copies: "nothing", projects: true, form: "file" },
    settings: ["pattern"],
    check: (settings) => void columnsOf(settings),
    splitter: ({ maxRowBytes, settings }) => {
      const dialect = { ...LINES, keepsBlankLines: hasBlankRows(settings) };
      return lineSplitter(maxRowBytes, (kernel, range) => kernel.scanCsv(range, dialect));
    },
    schema: ({ settings }) => Promise.resolve({ columns: columnsOf(settings) }),
    sample: async (bytes, setup) => (await import("./decoder.ts")).sampleLines(bytes, setup),
    decoder: async () => (await import("./decoder.ts")).decodeLines,
    rowReader: async () => (await import("./decoder.ts")).lineReader,
    outputFormat: () => "csv",
  },
};
