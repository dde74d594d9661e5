/** Turns lines of text into rows, on the worker's side: each as it is, or by the named groups of a pattern. */
import type { MakeDecoder, ReadRow, RowFault, SampleSetup, Settings } from "../format.ts";
import { firstLines, lineDecoder } from "../line-blocks.ts";
import { fieldsBy, hasBlankRows } from "./pattern.ts";

const NO_MATCH: RowFault = {
  code: "row-pattern",
  message: "the line does not match --pattern",
  hint: "--on-error skip leaves such lines out; a pattern that takes them has a part that may be missing: (?:…)?",
};

export const decodeLines: MakeDecoder = (memory, input, { columns, reads }) =>
  lineDecoder(memory, input, {
    read: lineReader(input.settings, input.columns ?? columns, reads),
    ...(!hasBlankRows(input.settings) && { isRow: (line) => line !== "" }),
  });

/** The fields of the first lines that match, as texts. */
export function sampleLines(bytes: Uint8Array, { settings, isWhole, mostRows }: SampleSetup): string[][] {
  const fieldsOf = fieldsBy(settings);
  const rows: string[][] = [];
  for (const line of firstLines(bytes, isWhole)) {
    if (rows.length === mostRows) break;
    const fields = fieldsOf(line);
    if (fields !== undefined) rows.push(fields);
  }
  return rows;
}

/** @param reads The columns that are read, undefined for all. */
export function lineReader(settings: Settings, columns: readonly string[], reads?: ReadonlySet<string>): ReadRow {
  const fieldsOf = fieldsBy(settings);
  const wanted = [...columns.entries()].filter(([, name]) => reads === undefined || reads.has(name));
  return (line) => {
    const fields = fieldsOf(line);
    if (fields === undefined) return { fault: NO_MATCH };
    return { row: Object.fromEntries(wanted.map(([at, name]) => [name, fields[at] ?? ""])) };
  };
}
