/**
 * What tells the format of an input: the name of a file, the media type that a server gives it, and its first bytes, by
 * which JSON is known whatever it is called, and lines of JSON are told from other JSON.
 */
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

/** White space of JSON. */
const SPACE = String.raw`[ \t\r\n]*`;
/** An object with a key, or none. */
const OBJECT = new RegExp(String.raw`^${SPACE}\{${SPACE}(\}|"(\\.|[^"\\])*("${SPACE}(:|$)|$))`);
/** An array of something: `[id]` begins a table, or a log. */
const ARRAY = new RegExp(String.raw`^${SPACE}\[${SPACE}([[{"\]]|(-?\d[\d.eE+-]*|true|false|null)${SPACE}[,\]])`);
/** A line that only opens an object, whose keys are on lines of their own. */
const LONE_BRACE = /^[ \t\r\n]*\{[ \t]*\r?\n[ \t\r\n]*["}]/;
const ARRAY_START = /^[ \t\r\n]*\[/;
/** So many lines must be objects. */
const LOOKED_LINES = 16;

/**
 * Whether a text that begins in this way is JSON: lines of it, or any other.
 *
 * @param head The start of the input; `isWhole` tells that nothing follows.
 */
export function formatByContent(head: Buffer, isWhole: boolean): "json" | "jsonl" | undefined {
  // What is looked at is ASCII.
  const text = head.toString("latin1");
  if (!OBJECT.test(text) && !ARRAY.test(text)) return undefined;
  return jsonOrLines(text, isWhole);
}

/**
 * Which JSON it is, of an input that is some: one whose name, or server, says so.
 *
 * @param named What it is said to be.
 */
export function jsonByContent(named: "json" | "jsonl", head: Buffer, isWhole: boolean): "json" | "jsonl" {
  const text = head.toString("latin1");
  // Among lines, one that is no object is the fault of a row.
  if (named === "jsonl") return ARRAY_START.test(text) || LONE_BRACE.test(text) ? "json" : "jsonl";
  return jsonOrLines(text, isWhole);
}

/** A line of an object, or an array, that goes over several. */
const PIECE = /^[ \t]*(["\]},]|[{[][ \t\r]*$)/;

/** Lines, where most of the first ones are an object each, and none a piece of one: a line that is wrong costs itself. */
function jsonOrLines(text: string, isWhole: boolean): "json" | "jsonl" {
  const lines = text.split("\n", LOOKED_LINES + 1);
  // The last one may go on.
  if (lines.length > LOOKED_LINES || !isWhole) lines.pop();
  const filled = lines.filter((line) => line.trim() !== "");
  const objects = filled.filter(isObject).length;
  return objects * 2 > filled.length && !filled.some((line) => PIECE.test(line) || isSeveral(line)) ? "jsonl" : "json";
}

/** Whether a line holds two objects at the least. */
function isSeveral(line: string): boolean {
  return [...line.matchAll(/\}[ \t]*(?=\{)/g)].some(({ index }) => isObject(line.slice(0, index + 1)));
}

function isObject(line: string): boolean {
  try {
    return line.trimStart().startsWith("{") && JSON.parse(line) !== undefined;
  } catch {
    // Whatever it is, it is no line of JSON.
    return false;
  }
}
