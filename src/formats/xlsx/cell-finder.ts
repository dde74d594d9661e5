/** Finds rows that were written for a workbook, and some of their cells: what an encoder has written needs no proof. */
import type { MakeRowFinder } from "../format.ts";

const LF = 10;
const MARK = 1;
const LESS = 60;
const SLASH = 47;
/** `<c r="`, `<row r="` with its mark and `">`, `</c>`. */
const CELL_START = 6;
const ROW_START = 11;
const CELL_END = 4;
const FIRST_LETTER = 64;

export const cellFinder: MakeRowFinder = (_output, columns, wanted) => {
  /** By the number of a column: which of those that are wanted it is. */
  const slots = new Map(wanted.map((name, at) => [columns.indexOf(name), at]));
  const from = new Int32Array(wanted.length);
  const to = new Int32Array(wanted.length);

  function next(bytes: Uint8Array, start: number, end: number): number {
    // A column that has no cell in a row is empty there.
    for (const [column, slot] of slots) from[slot] = to[slot] = column < 0 ? -1 : start;
    let at = start + ROW_START;
    while (at < end && bytes[at] === LESS && bytes[at + 1] !== SLASH) {
      const begin = at;
      let column = 0;
      for (at += CELL_START; bytes[at] !== MARK; at++) column = column * 26 + (bytes[at] as number) - FIRST_LETTER;
      // Within a cell there is no other `</c`.
      while (!(bytes[at] === LESS && bytes[at + 1] === SLASH && bytes[at + 2] === 0x63)) at++;
      at += CELL_END;
      const slot = slots.get(column - 1);
      if (slot !== undefined) [from[slot], to[slot]] = [begin, at];
    }
    const feed = bytes.indexOf(LF, at);
    return feed < 0 || feed >= end ? end : feed + 1;
  }

  return { width: wanted.length, from, to, next, text: cellTextOf };
};

/** What a cell says: texts and numbers as they are, a date as a text. */
function cellTextOf(bytes: Uint8Array, from: number, to: number): string {
  const xml = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
  const [, inside = ""] = /<(?:t|v)(?: [^>]*)?>([^<]*)</.exec(xml) ?? [];
  if (xml.includes(' t="b"')) return inside === "1" ? "true" : "false";
  const [, style] = / s="(\d)"/.exec(xml) ?? [];
  if (style !== undefined) return shownDate(Number(inside), Number(style));
  return inside.replaceAll(/&(amp|lt|gt|#10);|_x([0-9A-F]{4})_/g, (_, name: string | undefined, code: string) =>
    name === undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (CHARACTERS[name] ?? ""),
  );
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", "#10": "\n" };

/** A date as it is read again: the day, the time, or both. */
function shownDate(days: number, style: number): string {
  const iso = new Date(Math.round((days - 25_569) * 86_400_000))
    .toISOString()
    .slice(0, -1)
    .replace(/\.000$/, "");
  if (style === 1) return iso.slice(0, 10);
  return style <= 3 ? iso : iso.slice(11);
}
