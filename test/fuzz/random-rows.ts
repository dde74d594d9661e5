/**
 * Random files for test/fuzz/rows.ts: CSV and JSONL that know their structure, so that most of it can be read, with damage
 * put in on purpose. Text is composed of a pool of fields made once a file: a row costs less than a microsecond.
 *
 * All text here is latin1: one character is one byte.
 */
import * as fc from "fast-check";
import type { Random } from "../faults/random.ts";
import { malformed } from "../formats/csv/malformed.ts";
import type { SlowDialect } from "../formats/csv/slow-csv.ts";
import { randomInput } from "../pipeline/inputs.ts";

/** How a file is made. */
export interface FileShape {
  rows: number;
  /** One row in so many is damaged; Infinity: none. */
  damageEvery: number;
  hasBom: boolean;
  skipLines: number;
  hasHeader: boolean;
  /** Rows of up to 280 KB, now and then. */
  hasLongRows: boolean;
}

const POOL = 300;
const NAMES = ["id", "name", "a-b", "0", "12", "__proto__", "constructor", "n\xc3\xa9", "two words", "class", "x", "y"];
const ODD_NAMES = ['say "hi"', "new\nline", "a,b", "a;b"];
/** Pieces of fields: every length in UTF-8, white space, NUL, what other dialects make something of. */
const LETTERS = [
  ...Array.from("abcxyz0123456789 .-"),
  ...Array.from("\u00e9\u00df\u20ac\u6f22\u{1f600}\u{1d4b3}", latin1),
  ...Array.from("\0\t\r#'\\;|{:\u001f"),
];
const INVALID = ["\xff", "\xc3", "\x80", "\xe9t\xe9", "\xf0\x9f\x98", "\xed\xa0\x80"];

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Column names that this dialect can hold. */
export function randomNames(random: Random, { quote }: SlowDialect): string[] {
  const all = quote === "" ? [...NAMES] : [...NAMES, ...ODD_NAMES];
  return Array.from({ length: random.between(1, 6) }, () => all.splice(random.below(all.length), 1)[0] ?? "z");
}

/** One CSV file; `names` in its own order. */
export function csvFile(random: Random, shape: FileShape, dialect: SlowDialect, names: readonly string[]): Buffer {
  const { delimiter, quote } = dialect;
  const pool = Array.from({ length: POOL }, () => rawField(randomText(random), random, dialect));
  const ends = random.pick([["\n"], ["\n"], ["\r\n"], ["\n", "\r\n"]]);
  const pieces = [shape.hasBom ? "\xef\xbb\xbf" : ""];
  for (let line = 0; line < shape.skipLines; line++) pieces.push(`skip "this", line ${line}\n`);
  if (random.chance(0.1)) pieces.push("\n\r\n");
  for (const comment of dialect.comments) pieces.push(`${comment} a "comment\n`);
  if (shape.hasHeader) pieces.push(names.map((name) => rawField(name, random, dialect)).join(delimiter), "\n");
  for (let row = 0; row < shape.rows; row++) {
    const fields: string[] = [];
    for (let at = 0; at < names.length; at++) fields.push(at === 0 && row % 3 > 0 ? String(row) : random.pick(pool));
    const end = random.pick(ends);
    if (shape.damageEvery < Infinity && random.below(shape.damageEvery) === 0) {
      pieces.push(damagedRow(fields, random, dialect));
    } else if (shape.hasLongRows && random.below(200) === 0) {
      pieces.push(fields.join(delimiter), "long".repeat(longLength(random)));
    } else {
      pieces.push(fields.join(delimiter));
    }
    pieces.push(end);
  }
  if (shape.damageEvery < Infinity && random.chance(0.2)) pieces.push(`${quote}never closed\nand so on`);
  return whole(pieces, random);
}

/** Now and then longer than the blocks in which bytes are read and decoded. */
function longLength(random: Random): number {
  return random.chance(0.05) ? random.between(10_000, 70_000) : random.between(1, 400);
}

/** A file that ends with a line end, or without. */
function whole(pieces: string[], random: Random): Buffer {
  const text = pieces.join("");
  const cut = random.chance(0.3) ? text.replace(/\r?\n$/, "") : text;
  // A lone CR at the very end is a line end to CSV; which bytes of the row it leaves is nobody's question.
  return Buffer.from(cut.endsWith("\r") ? `${cut}\n` : cut, "latin1");
}

function randomText(random: Random): string {
  if (random.chance(0.4)) return String(random.below(10 ** random.between(1, 12)));
  if (random.chance(0.1)) return "";
  if (random.chance(0.05)) return "NA";
  let text = "";
  for (let left = random.between(1, 14); left > 0; left--) text += random.pick(LETTERS);
  return random.chance(0.1) ? `${text}\r\n${text}` : random.chance(0.1) ? `${text}"\n,${text}` : text;
}

/** A field as it stands in the file: quoted where it must be, and sometimes where it need not be. */
function rawField(text: string, random: Random, { delimiter, quote, escape, trim }: SlowDialect): string {
  if (quote === "") return text.replaceAll(delimiter, "_").replaceAll(/[\r\n]/g, "_");
  const mustQuote = text.includes(delimiter) || text.includes(quote) || /[\r\n]/.test(text);
  if (!mustQuote && random.chance(0.8)) return text;
  const escaped = escape === quote ? text : text.replaceAll(escape, escape + escape);
  const space = trim !== "none" && random.chance(0.3) ? " " : "";
  return space + quote + escaped.replaceAll(quote, escape + quote) + quote;
}

/** Something is wrong with the row, mostly. */
function damagedRow(fields: string[], random: Random, { delimiter, quote, escape, comments }: SlowDialect): string {
  const text = fields.join(delimiter);
  const at = random.below(text.length + 1);
  const put = (piece: string): string => text.slice(0, at) + piece + text.slice(at);
  switch (random.below(12)) {
    case 0:
      return put(quote);
    case 1:
      return put(random.pick(INVALID));
    case 2:
      return put(delimiter);
    case 3:
      return fields.slice(1).join(delimiter);
    case 4:
      return `${text}${delimiter}${quote}text${quote} behind`;
    case 5:
      return `${quote}${text}`;
    case 6:
      return "";
    case 7:
      return put(escape);
    case 8:
      return `${comments.at(-1) ?? "#"}${text}`;
    case 9:
      return put(`\n${quote}`);
    case 10:
      return put("\0");
    default:
      return put(`${quote}${random.pick(INVALID)}${quote}\r`);
  }
}

/** One JSONL file. */
export function jsonlFile(random: Random, shape: FileShape): Buffer {
  const names = NAMES.map((name) => Buffer.from(name, "latin1").toString());
  const pool = Array.from({ length: POOL }, () => {
    const entries = Array.from(
      { length: random.between(1, 5) },
      () => [random.pick(names), jsonValue(random)] as const,
    );
    return latin1(JSON.stringify(Object.fromEntries(entries)));
  });
  const end = random.pick(["\n", "\n", "\r\n"]);
  const pieces = [shape.hasBom ? "\xef\xbb\xbf" : ""];
  for (let line = 0; line < shape.skipLines; line++) pieces.push(`skip ${line}\n`);
  for (let row = 0; row < shape.rows; row++) {
    const text = `{"row":${row},${random.pick(pool).slice(1)}`;
    const isDamaged = shape.damageEvery < Infinity && random.below(shape.damageEvery) === 0;
    const isLong = shape.hasLongRows && random.below(200) === 0;
    pieces.push(
      isDamaged ? damagedLine(text, random) : isLong ? `${text}${" ".repeat(longLength(random))}` : text,
      end,
    );
  }
  return whole(pieces, random);
}

function jsonValue(random: Random): unknown {
  const value = random.below(7);
  if (value === 0) return random.below(1e9);
  if (value === 1) return random.pick([true, false, null, 0.5, -1.25]);
  if (value === 2) return ["x", random.below(9)];
  if (value === 3) return { k: "v\u00e9" };
  return Buffer.from(randomText(random), "latin1").toString().replaceAll("\uFFFD", "?");
}

function damagedLine(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.pick(INVALID) + text.slice(at);
    case 2:
      return random.pick(["[1]", "null", "5", '"text"', "{} {}", '{"a":1e999}']);
    case 3:
      return random.pick(["", " ", "\t ", "\0"]);
    case 4:
      return text.slice(0, at) + random.pick(['"', "{", ",", "\\", "\0"]) + text.slice(at);
    default:
      return `  ${text}\t`;
  }
}

/** A small file of the generators of other tests: pieces that go wrong in each other's company. */
export function smallFile(random: Random, format: "csv" | "jsonl"): Buffer {
  const seed = random.below(2 ** 31);
  if (format === "csv" && random.chance(0.6)) {
    const [text = ""] = fc.sample(malformed, { seed, numRuns: 1 });
    return whole(["a,b\n", text], random);
  }
  const [input] = fc.sample(
    randomInput.filter((one) => one.format === format),
    { seed, numRuns: 1 },
  );
  return whole([input?.bytes.toString("latin1") ?? ""], random);
}
