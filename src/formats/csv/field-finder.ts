/**
 * Finds rows in CSV that was written here, and some of their fields, byte by byte: what an encoder has written needs no
 * proof that it is well formed.
 */
import { UsageError } from "../../errors.ts";
import type { MakeRowFinder } from "../format.ts";
import { unescapeField } from "../text/field-escapes.ts";

const LF = 10;
const CR = 13;
const [OPEN_LIST, OPEN_OBJECT] = [91, 123];
/** No byte. */
const NONE = -1;
const ASCII = 0x80;

/** @throws {UsageError} When quote or escape is no ASCII character. */
export const fieldFinder: MakeRowFinder = ({ dialect }, columns, wanted) => {
  const { delimiter, newline, hasEscapes, nullText, isTyped } = dialect;
  const quote = byteOf(dialect.quote);
  const escape = quote === NONE ? NONE : byteOf(dialect.escape);
  const between = Buffer.from(delimiter);
  const [first = NONE] = between;
  const gap = between.length;
  const hasReturn = newline === "\r\n";
  const slots = Int32Array.from(columns, (name) => wanted.indexOf(name));
  const known = slots.length;
  const from = new Int32Array(wanted.length);
  const to = new Int32Array(wanted.length);

  function isBetween(bytes: Uint8Array, at: number): boolean {
    for (let byte = 1; byte < gap; byte++) if (bytes[at + byte] !== between[byte]) return false;
    return true;
  }

  /** Behind the quote that ends a field. */
  function behindQuotes(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === escape && escape !== quote) at++;
      else if (byte === quote) {
        if (escape !== quote || bytes[at + 1] !== quote || at + 1 >= end) return at + 1;
        at++;
      }
    }
    return end;
  }

  function next(bytes: Uint8Array, start: number, end: number): number {
    from.fill(NONE);
    let at = start;
    for (let field = 0; ; field++) {
      const begin = at;
      // JSON that says what it is has its first bracket before the quotes.
      if (isTyped && isBracket(bytes[at])) at++;
      if (bytes[at] === quote) at = behindQuotes(bytes, at + 1, end);
      let byte = NONE;
      for (; at < end; at++) {
        byte = bytes[at] ?? NONE;
        if (byte === LF || (byte === first && (gap === 1 || isBetween(bytes, at)))) break;
      }
      const isLast = at >= end || byte === LF;
      const slot = field < known ? (slots[field] ?? NONE) : NONE;
      if (slot >= 0) {
        from[slot] = begin;
        to[slot] = isLast && hasReturn && at > begin && bytes[at - 1] === CR ? at - 1 : at;
      }
      if (isLast) return Math.min(at + 1, end);
      at += gap;
    }
  }

  function text(bytes: Uint8Array, start: number, end: number): string {
    if (isTyped && isBracket(bytes[start])) return String.fromCharCode(bytes[start] ?? 0) + text(bytes, start + 1, end);
    const isQuoted = quote !== NONE && end - start > 1 && bytes[start] === quote;
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
    if (!isQuoted) {
      if (raw === nullText) return "";
      return hasEscapes ? unescapeField(raw) : raw;
    }
    const inner = raw.slice(1, -1);
    const mark = dialect.escape;
    return inner.includes(mark) ? unescaped(inner, mark) : inner;
  }

  return { width: wanted.length, from, to, next, text };
};

function isBracket(byte: number | undefined): boolean {
  return byte === OPEN_LIST || byte === OPEN_OBJECT;
}

function unescaped(text: string, mark: string): string {
  let all = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === mark) at++;
    all += text[at] ?? "";
  }
  return all;
}

function byteOf(character: string): number {
  if (character === "") return NONE;
  const code = character.charCodeAt(0);
  if (character.length === 1 && code < ASCII) return code;
  throw new UsageError(
    `--split-by needs a quote and an escape in ASCII, and not ${JSON.stringify(character)}`,
    "--out-quote names another",
  );
}
