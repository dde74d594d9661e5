/**
 * What `--on-error reject` has written: lines of JSON, each of which holds the raw text of a row, and says how that is read.
 * Read only; the rows come out as those of the format that they have.
 */
import type { InputOnly, ReadAndWritten } from "../format.ts";
import type { OtherFormat } from "./decoder.ts";
import { recordHeader } from "./header.ts";
import { MAX_RECORD_BYTES } from "./record.ts";

/**
 * @param lines The format of the records.
 * @param formats Formats whose rows may stand in them, by name.
 */
export function rejectsOf({ reader: lines }: ReadAndWritten, formats: Readonly<Record<string, InputOnly>>): InputOnly {
  return {
    told: {},
    reader: {
      traits: { columns: "schema", values: "text", rows: "lines", copies: "nothing", projects: true, form: "row" },
      splitter: (form) => lines.splitter({ ...form, maxRowBytes: MAX_RECORD_BYTES }),
      async schema({ given, firstRow }) {
        const row = await firstRow();
        return row && recordHeader(row.bytes, given, row.place);
      },
      async decoder() {
        const [{ rejectsDecoder }, linesDecoder] = await Promise.all([import("./decoder.ts"), lines.decoder()]);
        const others = await othersOf(formats);
        return (memory, input, file) => rejectsDecoder({ linesDecoder, others }, memory, { input, file });
      },
      async sample(bytes, setup) {
        const { sampleRejects } = await import("./decoder.ts");
        return sampleRejects(bytes, setup, await othersOf(formats));
      },
      outputFormat({ columns, dialect }) {
        if (columns === undefined) return "jsonl";
        return dialect.hasEscapes ? "tsv-escaped" : "csv";
      },
    },
  };
}

/** Those that have readers of their own. */
async function othersOf(formats: Readonly<Record<string, InputOnly>>): Promise<ReadonlyMap<string, OtherFormat>> {
  const others = new Map<string, OtherFormat>();
  for (const [name, { reader }] of Object.entries(formats)) {
    const rowReader = await reader.rowReader?.();
    if (rowReader !== undefined) others.set(name, { settings: reader.settings ?? [], rowReader });
  }
  return others;
}
