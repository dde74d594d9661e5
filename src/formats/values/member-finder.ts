/**
 * Finds rows in JSON that was written here, or copied from an input that was checked, and the values of some of their
 * keys: only the members of the row itself are looked at.
 */
import type { MakeRowFinder } from "../format.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const SPACE = 0x20;
const NONE = -1;

/** @param wanted Names of the keys. */
export const memberFinder: MakeRowFinder = (_output, _columns, wanted) => {
  const names = wanted.map((name) => Buffer.from(JSON.stringify(name)));
  const from = new Int32Array(wanted.length);
  const to = new Int32Array(wanted.length);

  /** Which of the wanted keys stands there; -1 for another one. */
  function slotOf(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    let isEscaped = false;
    for (let at = start; at < end && !isEscaped; at++) isEscaped = bytes[at] === BACKSLASH;
    // Any character may be written as an escape.
    if (isEscaped) return wanted.indexOf(String(JSON.parse(textOf(bytes, start, end))));
    for (let slot = 0; slot < names.length; slot++) {
      const name = names[slot];
      if (name === undefined || name.length !== length) continue;
      let at = 0;
      while (at < length && bytes[start + at] === name[at]) at++;
      if (at === length) return slot;
    }
    return NONE;
  }

  function next(bytes: Uint8Array, start: number, end: number): number {
    from.fill(NONE);
    let at = behindSpace(bytes, start, end) + 1;
    for (;;) {
      at = behindSpace(bytes, at, end);
      if (at >= end || bytes[at] === CLOSE) break;
      if (bytes[at] === COMMA) {
        at++;
        continue;
      }
      const key = at;
      at = behindString(bytes, at, end);
      const slot = slotOf(bytes, key, at);
      at = behindSpace(bytes, at, end);
      if (bytes[at] === COLON) at++;
      at = behindSpace(bytes, at, end);
      const value = at;
      at = behindValue(bytes, at, end);
      // Of a key that is there twice, the last one counts, as ever.
      if (slot >= 0) {
        from[slot] = value;
        to[slot] = at;
      }
    }
    // What stands between two rows belongs to the one before.
    for (at++; at < end && bytes[at] !== OPEN;) at++;
    return Math.min(at, end);
  }

  return { width: wanted.length, from, to, next, text };
};

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

/** Behind the quote that ends a string. */
function behindString(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  return end;
}

function behindSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0) <= SPACE) at++;
  return at;
}

function behindValue(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = behindString(bytes, at, end);
      if (depth === 0) return at;
      continue;
    }
    if (depth === 0 && (byte === COMMA || byte === CLOSE || byte <= SPACE)) return at;
    at++;
    if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return at;
  }
  return end;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  const raw = textOf(bytes, start, end);
  if (raw === "null") return "";
  return raw.startsWith('"') ? String(JSON.parse(raw)) : raw;
}
