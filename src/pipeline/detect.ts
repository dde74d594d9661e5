/** What the first bytes of an input tell: byte order mark, encoding, line ends. */
import type { OutputCompression } from "../io/compression.ts";

/** Bytes that are looked at. */
export const SAMPLE_BYTES: number = 64 * 1024;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const BRACKET = 91;

/** The longest byte order mark. */
export const MARK_BYTES = 4;

// That of UTF-32LE begins with that of UTF-16LE.
const BYTE_ORDER_MARKS: { bytes: number[]; encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
  { bytes: [0xff, 0xfe, 0, 0], encoding: "utf-32" },
  { bytes: [0, 0, 0xfe, 0xff], encoding: "utf-32" },
  { bytes: [0xff, 0xfe], encoding: "utf-16le" },
  { bytes: [0xfe, 0xff], encoding: "utf-16be" },
];

/** The byte order mark at the start of `bytes`: its length, and the encoding that it stands for. */
export function byteOrderMark(bytes: Uint8Array): { length: number; encoding: string } | undefined {
  const mark = BYTE_ORDER_MARKS.find((known) => startsWith(bytes, known.bytes));
  return mark && { length: mark.bytes.length, encoding: mark.encoding };
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

/** How a file is written, beside its dialect. */
export interface InputShape {
  /** It starts with a byte order mark. */
  hasBom: boolean;
  /** Its first line ends with CR LF. */
  hasCrlf: boolean;
  /** It begins with the bracket of an array. */
  hasBracket: boolean;
  /** Its first line says the delimiter: `sep=;`, with its line end. */
  sepLine?: string | undefined;
  compression: OutputCompression | undefined;
}

/** Lines before the table: those that `--skip-lines` passes over; comments and blank ones. */
export interface KeptHead {
  skipped: Buffer;
  comments: Buffer;
}

/** The shape of an input whose text starts with these bytes. */
export function inputShape(bytes: Uint8Array, hasBom: boolean): Omit<InputShape, "compression"> {
  const feed = bytes.indexOf(LF);
  const ink = bytes.find((byte) => byte !== LF && byte !== CR && byte !== TAB && byte !== SPACE);
  return { hasBom, hasCrlf: feed > 0 && bytes[feed - 1] === CR, hasBracket: ink === BRACKET };
}

/** So many bytes show whether a text is in UTF-16. */
const UTF16_SAMPLE_BYTES = 1024;
const MIN_UTF16_BYTES = 8;
/** Share of all bytes that must be 0, and how many times as many on one side as on the other. */
const UTF16_ZEROS = 0.25;
const UTF16_BIAS = 8;

/**
 * The kind of UTF-16 that bytes without a byte order mark look like: most characters of nearly every table are ASCII,
 * and then every second byte is 0.
 */
export function looksLikeUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const length = Math.min(bytes.length, UTF16_SAMPLE_BYTES) & ~1;
  if (length < MIN_UTF16_BYTES || !bytes.subarray(0, length).includes(0)) return undefined;
  const zeros: [even: number, odd: number] = [0, 0];
  for (let at = 0; at < length; at++) if (bytes[at] === 0) zeros[at % 2 === 0 ? 0 : 1]++;
  const [even, odd] = zeros;
  if (odd > length * UTF16_ZEROS && odd > even * UTF16_BIAS) return "utf-16le";
  return even > length * UTF16_ZEROS && even > odd * UTF16_BIAS ? "utf-16be" : undefined;
}

/** Line ends that no reader of lines takes for what they are. */
export type OddLineEnd = "CR" | "CR CR LF";

/**
 * What lines end with where it is not LF or CR LF: CR alone, as on old Macs, perhaps with one line feed at the very end;
 * or CR CR LF, as a program writes it that makes CR LF of line feeds which had a CR already. What stands in quotes does
 * not count. "more" asks for more bytes.
 *
 * @param bytes The start of the input, from its first line with anything on it; `isWhole` tells that nothing follows.
 */
export function oddLineEnd(bytes: Uint8Array, isWhole: boolean, quote: string): OddLineEnd | "more" | undefined {
  const mark = quote.charCodeAt(0);
  let isQuoted = false;
  let hasReturn = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === mark) isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (byte === CR) {
      const next = bytes[at + 1];
      if (next === CR && bytes[at + 2] === LF && !hasReturn) return "CR CR LF";
      // What follows the last one may be a line feed yet.
      hasReturn ||= next === undefined ? isWhole : next !== LF;
    } else if (byte === LF && !(isWhole && at === bytes.length - 1)) return undefined;
  }
  // Where a line ends in quotes, nothing but a return outside of them is worth waiting for more.
  const isOpen = !isWhole && bytes.length < SAMPLE_BYTES;
  if (isOpen && (hasReturn || !bytes.includes(LF))) return "more";
  return hasReturn ? "CR" : undefined;
}

/** Where the first line begins with anything on it that is no comment; the end where there is none. */
export function firstLineStart(bytes: Uint8Array, comments: readonly string[]): number {
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at];
    if (byte === LF || (byte === CR && bytes[at + 1] === LF)) at++;
    else if (comments.some((mark) => Buffer.from(mark).equals(bytes.subarray(at, at + Buffer.byteLength(mark))))) {
      const feed = bytes.indexOf(LF, at);
      if (feed < 0) return at;
      at = feed + 1;
    } else return at;
  }
  return bytes.length;
}
