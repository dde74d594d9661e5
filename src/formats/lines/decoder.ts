/** Turns lines of text into rows, on the worker's side: each as it is, or by the named groups of a pattern. */
import type { MakeDecoder, ReadRow, RowFault, SampleSetup, Settings } from "../format.ts";
import { firstLines, lineDecoder } from "../line-blocks.ts";
import { patternOf } from "./pattern.ts";

const NO_MATCH: RowFault = {
  code: "row-pattern",
  message: "the line does not match --pattern",
  hint: "--on-error skip leaves such lines out; a pattern that takes them has a part that may be missing: (?:…)?",
};

export const decodeLines: MakeDecoder = (memory, input, { columns, reads }) =>
  lineDecoder(memory, input, { read: lineReader(input.settings, input.columns ?? columns, reads) });

/** The fields of the first lines that match, as texts. */
export function sampleLines(bytes: Uint8Array, { settings, isWhole, mostRows }: SampleSetup): string[][] {
  const pattern = patternOf(settings);
  const rows: string[][] = [];
  for (const line of firstLines(bytes, isWhole)) {
    if (rows.length === mostRows) break;
    const fields = fieldsOf(line, pattern);
    if (fields !== undefined) rows.push(fields);
  }
  return rows;
}

/** The fields of a line: itself, or the groups of the pattern, of which one that took no part is empty. */
function fieldsOf(line: string, pattern: RegExp | undefined): string[] | undefined {
  if (pattern === undefined) return [line];
  const groups = pattern.exec(line)?.groups;
  return groups && Object.values(groups).map((text: string | undefined) => text ?? "");
}

/** @param reads The columns that are read, undefined for all. */
export function lineReader(settings: Settings, columns: readonly string[], reads?: ReadonlySet<string>): ReadRow {
  const pattern = patternOf(settings);
  const wanted = [...columns.entries()].filter(([, name]) => reads === undefined || reads.has(name));
  return (line) => {
    const fields = fieldsOf(line, pattern);
    if (fields === undefined) return { fault: NO_MATCH };
    return { row: Object.fromEntries(wanted.map(([at, name]) => [name, fields[at] ?? ""])) };
  };
}
