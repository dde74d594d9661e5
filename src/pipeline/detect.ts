/** What the first bytes of an input tell: byte order mark, and formats that are no text. */
import { RowmillError } from "../errors.ts";
import type { Compression } from "../io/compression.ts";
import { shownName } from "../io/files.ts";

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

const MAGIC: { bytes: number[]; what: string; hint: string }[] = [
  // These two are read, but not one in another.
  { bytes: [0x1f, 0x8b], what: "compressed with gzip", hint: "unpack it on the way: gunzip -c FILE | rowmill …" },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    what: "compressed with zstd",
    hint: "unpack it on the way: zstd -dc FILE | rowmill …",
  },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    what: "compressed with xz",
    hint: "unpack it on the way: xz -dc FILE | rowmill …",
  },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: "a zip archive or spreadsheet",
    hint: "unpack it, or save the sheet as CSV",
  },
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
  compression: Compression | undefined;
}

/** The shape of an input whose text starts with these bytes. */
export function inputShape(bytes: Uint8Array, hasBom: boolean): Omit<InputShape, "compression"> {
  const feed = bytes.indexOf(LF);
  const ink = bytes.find((byte) => byte !== LF && byte !== CR && byte !== TAB && byte !== SPACE);
  return { hasBom, hasCrlf: feed > 0 && bytes[feed - 1] === CR, hasBracket: ink === BRACKET };
}

/**
 * Refuses inputs whose first bytes are those of another kind of file.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export function refuseBinary(name: string, bytes: Uint8Array): void {
  const magic = MAGIC.find((known) => startsWith(bytes, known.bytes));
  if (magic === undefined) return;
  throw new RowmillError("input", `cannot read ${shownName(name)}: it is ${magic.what}`, { hint: magic.hint });
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
  if (length < MIN_UTF16_BYTES) return undefined;
  const zeros: [even: number, odd: number] = [0, 0];
  for (let at = 0; at < length; at++) if (bytes[at] === 0) zeros[at % 2 === 0 ? 0 : 1]++;
  const [even, odd] = zeros;
  if (odd > length * UTF16_ZEROS && odd > even * UTF16_BIAS) return "utf-16le";
  return even > length * UTF16_ZEROS && even > odd * UTF16_BIAS ? "utf-16be" : undefined;
}

/**
 * Whether lines end as on old Macs: carriage returns outside quotes, and no line feed. The bytes are the start of the
 * input; the last one may be half of a CR LF unless nothing follows.
 */
export function hasLoneReturns(bytes: Uint8Array, isWhole: boolean, quote: string): boolean {
  if (bytes.includes(LF)) return false;
  const last = isWhole ? bytes.length : bytes.length - 1;
  const mark = quote.charCodeAt(0);
  let isQuoted = false;
  for (let at = 0; at < last; at++) {
    if (bytes[at] === mark) isQuoted = !isQuoted;
    else if (bytes[at] === CR && !isQuoted) return true;
  }
  return false;
}
