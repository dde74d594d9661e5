/**
 * A slow reader of CSV: one character after another, written straight from "Bad rows, exactly" in docs/internals.md, with
 * nothing of src/ in it. What the kernel, the splitters and whole runs find is held against it.
 */

/** As much of a dialect as the reference reads. Delimiter, quote and escape are one character each. */
export interface SlowDialect {
  delimiter: string;
  quote: string;
  escape: string;
  comments: readonly string[];
  lazyQuotes: boolean;
  /** White space around a field is dropped: before it, also behind it, or as @std/csv does, the delimiter included. */
  trim: "none" | "left" | "both" | "std";
  /** Fields are texts of `tsv-escaped`: here they stay as they stand in the file. */
  hasEscapes: boolean;
}

export const SLOW_CSV: SlowDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  comments: [],
  lazyQuotes: false,
  trim: "none",
  hasEscapes: false,
};

/** What stands in the text, one after the other. `line` counts physical lines from 0. */
export type SlowPiece = { start: number; end: number; line: number } & (
  | { kind: "row"; fields: string[]; quoted: boolean[] }
  | { kind: "blank" }
  | { kind: "comment" }
  /** `faultLine`: the line to blame, counted from the row's first. */
  | { kind: "bad"; code: "row-quote" | "row-unclosed-quote" | "row-too-long"; faultLine: number }
);

type RowEnd =
  | { kind: "row"; end: number; fields: string[]; quoted: boolean[] }
  /** `decidedAt`: behind the line that shows that the row is bad. */
  | { kind: "bad"; code: "row-quote" | "row-unclosed-quote"; at: number; decidedAt: number };

/** All that stands in `text`, of which each character is one byte (latin1) or one UTF-16 unit. */
export function readSlowly(text: string, dialect: SlowDialect = SLOW_CSV, maxRowBytes: number = Infinity): SlowPiece[] {
  const pieces: SlowPiece[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    const piece = readPiece(text, { start, line }, dialect, maxRowBytes);
    pieces.push(piece);
    line += count(text, "\n", start, piece.end);
    start = piece.end;
  }
  return pieces;
}

function readPiece(
  text: string,
  { start, line }: { start: number; line: number },
  dialect: SlowDialect,
  maxRowBytes: number,
): SlowPiece {
  const firstLineEnd = endOfLine(text, start);
  const tooLong: SlowPiece = { kind: "bad", code: "row-too-long", faultLine: 0, start, end: firstLineEnd, line };
  const isBlank = lineEndAt(text, dialect.trim === "both" ? behindSpace(text, start, dialect) : start) !== undefined;
  if (isBlank || dialect.comments.some((comment) => text.startsWith(comment, start))) {
    if (firstLineEnd - start > maxRowBytes) return tooLong;
    const kind = isBlank ? "blank" : "comment";
    return { kind, start, end: firstLineEnd, line };
  }
  const row = readRow(text, start, dialect);
  if (row.kind === "row") {
    if (row.end - start > maxRowBytes) return tooLong;
    return { kind: "row", fields: row.fields, quoted: row.quoted, start, end: row.end, line };
  }
  if (row.decidedAt - start > maxRowBytes) return tooLong;
  const faultLine = count(text, "\n", start, row.at);
  return { kind: "bad", code: row.code, faultLine, start, end: firstLineEnd, line };
}

function readRow(text: string, start: number, dialect: SlowDialect): RowEnd {
  const { delimiter, quote, escape, lazyQuotes, trim } = dialect;
  const fields: string[] = [];
  const quoted: boolean[] = [];
  const quoteError = (at: number): RowEnd => ({
    kind: "bad",
    code: "row-quote",
    at,
    decidedAt: endOfLine(text, at),
  });
  for (let at = start; ;) {
    let value = "";
    if (trim !== "none") at = behindSpace(text, at, dialect);
    const open = at;
    const isQuoted = quote !== "" && text[at] === quote;
    if (isQuoted) {
      at++;
      for (;;) {
        if (at >= text.length) {
          if (!lazyQuotes) return { kind: "bad", code: "row-unclosed-quote", at: open, decidedAt: text.length };
          // As in @std/csv, the end of the last line does not belong to the field.
          value = value.replace(/\r?\n$|\r$/, "");
          break;
        }
        const next = text[at + 1];
        if (escape !== quote && escape !== "" && text[at] === escape) {
          const isEscaping = next === quote || next === escape;
          value += isEscaping ? next : escape;
          at += isEscaping ? 2 : 1;
        } else if (text[at] !== quote) {
          value += text[at++];
        } else if (escape === quote && next === quote) {
          value += quote;
          at += 2;
        } else if (next === delimiter || lineEndAt(text, at + 1) !== undefined) {
          at++;
          break;
        } else if (trim === "both" && isFieldEnd(text, behindSpace(text, at + 1, dialect), dialect)) {
          at = behindSpace(text, at + 1, dialect);
          break;
        } else if (lazyQuotes) {
          value += quote;
          at++;
        } else {
          return quoteError(at);
        }
      }
    } else {
      for (; text[at] !== delimiter && lineEndAt(text, at) === undefined; at++) {
        if (quote !== "" && text[at] === quote && !lazyQuotes) return quoteError(at);
        value += text[at];
      }
      if (trim === "both") value = value.replace(/[ \t\r]+$/, "");
    }
    fields.push(value);
    quoted.push(isQuoted);
    const lineEnd = lineEndAt(text, at);
    if (lineEnd !== undefined) return { kind: "row", end: at + lineEnd, fields, quoted };
    at++;
  }
}

/** How long the line end at `at` is: LF, CR LF, the end of the text, or CR before that; undefined when there is none. */
function lineEndAt(text: string, at: number): number | undefined {
  if (at >= text.length) return 0;
  if (text[at] === "\n") return 1;
  if (text[at] !== "\r") return undefined;
  if (text[at + 1] === "\n") return 2;
  return at + 1 === text.length ? 1 : undefined;
}

/** Behind the LF of the line that `at` is in. */
function endOfLine(text: string, at: number): number {
  for (let end = at; end < text.length; end++) if (text[end] === "\n") return end + 1;
  return text.length;
}

/** Behind the white space at `at`. A delimiter is none, but for @std/csv. */
function behindSpace(text: string, at: number, { delimiter, trim }: SlowDialect): number {
  let behind = at;
  while (isSpace(text, behind) && (trim === "std" || text[behind] !== delimiter)) behind++;
  return behind;
}

function isFieldEnd(text: string, at: number, { delimiter }: SlowDialect): boolean {
  return text[at] === delimiter || lineEndAt(text, at) !== undefined;
}

function isSpace(text: string, at: number): boolean {
  const character = text[at];
  if (character === " " || character === "\t") return true;
  return character === "\r" && lineEndAt(text, at) === undefined;
}

function count(text: string, character: string, from: number, to: number): number {
  let found = 0;
  for (let at = from; at < to; at++) if (text[at] === character) found++;
  return found;
}
