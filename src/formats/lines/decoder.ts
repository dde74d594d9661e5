/** Turns lines of text into rows, on the worker's side: each as it is, or by the named groups of a pattern. */
import {
  type DecodedBlock,
  type DecoderSetup,
  type FileColumns,
  type MakeDecoder,
  type Row,
  type RowFault,
  type SampleSetup,
  countLines,
} from "../format.ts";
import { behindLines } from "../line-blocks.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { patternOf } from "./pattern.ts";

/** Bytes that are decoded at once. */
const BLOCK_BYTES = 64 * 1024;
const NO_MATCH: RowFault = {
  code: "row-pattern",
  message: "the line does not match --pattern",
  hint: "--on-error skip leaves such lines out; a pattern that takes them has a part that may be missing: (?:…)?",
};

/** Makes the row of a line; undefined where it does not match. */
type ReadLine = (line: string) => Row | undefined;

export const decodeLines: MakeDecoder = (memory, input, file) => {
  const { replacesInvalid, blockBytes: size = BLOCK_BYTES } = input;
  const read = lineReader(input, file);
  return {
    loadsByPieces: true,
    *blocks(start, end, load) {
      for (let at = start; at < end;) {
        const blockEnd = behindLines(memory, { start: at, end }, { size, load });
        yield readBlock(memory.bytes.subarray(at, blockEnd), read, replacesInvalid);
        at = blockEnd;
      }
    },
  };
};

/** The fields of the first lines that match, as texts. */
export function sampleLines(bytes: Uint8Array, { settings, isWhole, mostRows }: SampleSetup): string[][] {
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  const pattern = patternOf(settings);
  const rows: string[][] = [];
  for (let at = 0; at < text.length && rows.length < mostRows;) {
    const end = lineEnd(text, at);
    // The last one may go on.
    if (end === text.length && !isWhole) break;
    const fields = fieldsOf(text.slice(at, textEnd(text, at, end)), pattern);
    if (fields !== undefined) rows.push(fields);
    at = end + 1;
  }
  return rows;
}

/** The fields of a line: itself, or the groups of the pattern, of which one that took no part is empty. */
function fieldsOf(line: string, pattern: RegExp | undefined): string[] | undefined {
  if (pattern === undefined) return [line];
  const groups = pattern.exec(line)?.groups;
  return groups && Object.values(groups).map((text: string | undefined) => text ?? "");
}

function lineReader({ settings, columns: first }: DecoderSetup, { columns, reads }: FileColumns): ReadLine {
  const pattern = patternOf(settings);
  const names = first ?? columns;
  const wanted = [...names.entries()].filter(([, name]) => reads === undefined || reads.has(name));
  return (line) => {
    const fields = fieldsOf(line, pattern);
    return fields && Object.fromEntries(wanted.map(([at, name]) => [name, fields[at] ?? ""]));
  };
}

function readBlock(bytes: Buffer, read: ReadLine, replacesInvalid: boolean): DecodedBlock {
  const decoded = decodeUtf8(bytes);
  // With bytes that are not UTF-8, lines are cut as bytes and decoded one by one.
  const text = decoded ?? bytes.toString("latin1");
  const rows: (Row | undefined)[] = [];
  const starts: number[] = [];
  const faults = new Map<number, RowFault>();
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const raw = text.slice(at, textEnd(text, at, end));
    const line = decoded === undefined ? decodeLatin1(raw, replacesInvalid) : raw;
    const row = typeof line === "string" ? read(line) : undefined;
    if (row === undefined) faults.set(rows.length, typeof line === "string" ? NO_MATCH : line);
    starts.push(at);
    rows.push(row);
    at = end + 1;
  }
  const offset = (row: number): number => starts[row] ?? text.length;
  const rawOf = (row: number): string => {
    const from = offset(row);
    return text.slice(from, textEnd(text, from, lineEnd(text, from)));
  };
  const bytesOf = (row: number): Buffer => Buffer.from(rawOf(row), "latin1");
  return {
    rows,
    count: rows.length,
    faults,
    lines: countLines(text),
    source: text,
    offset,
    text: decoded === undefined ? (row) => bytesOf(row).toString("utf8") : rawOf,
    ...(decoded === undefined && { bytes: bytesOf }),
    keep: () => {},
  };
}

/** Where the line that begins at `at` ends: its line feed, or the end of the text. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed < 0 ? text.length : feed;
}

/** Where its text ends: a return before the line feed belongs to the line end. */
function textEnd(text: string, at: number, end: number): number {
  return end > at && text[end - 1] === "\r" ? end - 1 : end;
}

function decodeLatin1(line: string, replacesInvalid: boolean): string | RowFault {
  const bytes = Buffer.from(line, "latin1");
  return decodeUtf8(bytes) ?? (replacesInvalid ? replaceInvalidUtf8(bytes) : invalidUtf8(bytes));
}
