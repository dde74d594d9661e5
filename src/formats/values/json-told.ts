/** How JSON is told by its first bytes, whatever it is called, and lines of JSON from other JSON. */
import type { ToldByContent } from "../format.ts";

/** The reader of other JSON takes lines as well. */
export const JSON_TOLD: ToldByContent = { find, among, widest: "json" };

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
function find(head: Buffer, isWhole: boolean): "json" | "jsonl" | undefined {
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
function among(named: string, head: Buffer, isWhole: boolean): "json" | "jsonl" {
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
