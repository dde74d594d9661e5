/**
 * Rows of a block of JSONL by JSON.parse, line by line: what every line means. The index of the kernel is faster, and
 * leaves to this what it is not certain of.
 */
import { type DecodedBlock, type Row, type RowFault, countLines } from "../format.ts";
import { isRow, notAnObject, noteSpelling } from "../values/json-row.ts";
import { mayBeSpelled } from "../values/spelling.ts";
import type { LooksAt } from "../format.ts";
import { isPlainJson, parseJson, whyNoJson } from "../values/json.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import type { ObjectSpelling } from "../values/spelling-tree.ts";

const TAB = 9;
const CR = 13;
const SPACE = 32;

type DecodeLine = (line: string) => string | RowFault;

/** How lines are parsed. */
export interface ParsedLinesOptions {
  /** Bytes that are not UTF-8 fail no row. */
  replacesInvalid: boolean;
  keepsSpelling: boolean;
  /** The keys that somebody reads; undefined for all. */
  reads: ReadonlySet<string> | undefined;
  looksAt: LooksAt | undefined;
}

/** The rows of whole lines. */
export function parseBlock(bytes: Buffer, options: ParsedLinesOptions): DecodedBlock {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return parseLines(text, options, undefined);
  // With bytes that are not UTF-8, lines are cut as bytes and decoded one by one.
  return parseLines(bytes.toString("latin1"), options, options.replacesInvalid ? replaceLatin1 : decodeLatin1);
}

function decodeLatin1(line: string): string | RowFault {
  const bytes = Buffer.from(line, "latin1");
  return decodeUtf8(bytes) ?? invalidUtf8(bytes);
}

function replaceLatin1(line: string): string {
  return replaceInvalidUtf8(Buffer.from(line, "latin1"));
}

function parseLines(
  text: string,
  { keepsSpelling, looksAt, reads }: ParsedLinesOptions,
  decode: DecodeLine | undefined,
): DecodedBlock {
  const rows: (Row | undefined)[] = [];
  const starts: number[] = [];
  const faults = new Map<number, RowFault>();
  const parse = isPlainJson(text) ? JSON.parse : (line: string): unknown => parseJson(line, looksAt);
  const spellings = keepsSpelling && mayBeSpelled(text) ? new Map<number, ObjectSpelling>() : undefined;
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf("\n", at);
    const end = feed < 0 ? text.length : feed;
    const raw = text.slice(at, end);
    if (hasInk(raw)) {
      const line = decode === undefined ? raw : decode(raw);
      const row = rows.length;
      starts.push(at);
      rows.push(typeof line === "string" ? parseRow(line, parse, faults, row) : undefined);
      if (typeof line !== "string") faults.set(row, line);
      else if (spellings !== undefined && rows[row] !== undefined) noteSpelling(spellings, row, line, reads);
    }
    at = end + 1;
  }
  const rawOf = (row: number): string => {
    const from = starts[row] ?? text.length;
    const feed = text.indexOf("\n", from);
    const end = feed < 0 ? text.length : feed;
    return text.slice(from, text[end - 1] === "\r" ? end - 1 : end);
  };
  const bytesOf = (row: number): Buffer => Buffer.from(rawOf(row), "latin1");
  return {
    rows,
    count: rows.length,
    faults,
    spellings,
    lines: countLines(text),
    source: text,
    offset: (row) => starts[row] ?? text.length,
    text: decode === undefined ? rawOf : (row) => bytesOf(row).toString("utf8"),
    ...(decode !== undefined && { bytes: bytesOf }),
    keep: () => {},
  };
}

/** Whether a line holds more than the white space of JSON: what the kernel calls a row. */
function hasInk(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const unit = line.charCodeAt(at);
    if (unit !== SPACE && unit !== TAB && unit !== CR) return true;
  }
  return false;
}

/** The row of a line, or undefined and a fault at number `at`. */
export function parseRow(
  line: string,
  parse: (text: string) => unknown,
  faults: Map<number, RowFault>,
  at: number,
): Row | undefined {
  let value: unknown;
  try {
    value = parse(line);
  } catch (error) {
    const { why, hint } = whyNoJson(error, line);
    faults.set(at, {
      code: "row-json",
      // Out of range is JSON all the same: a number that is too large, values nested too deeply.
      message: `the line ${error instanceof RangeError ? "cannot be read" : "is not JSON"}: ${why}`,
      ...(hint !== undefined && { hint }),
    });
    return undefined;
  }
  if (isRow(value)) return value;
  const hint = "--from json takes the items of arrays for rows";
  faults.set(at, { ...notAnObject(value), ...(Array.isArray(value) && { hint }) });
  return undefined;
}
