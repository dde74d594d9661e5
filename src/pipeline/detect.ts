/** What the first bytes of an input tell: byte order mark, formats that are no text, the delimiter. */
import { RowmillError } from "../errors.ts";
import type { Dialect } from "../formats/csv/dialect.ts";
import { latin1Tokenizer } from "../formats/csv/splitter.ts";

/** Bytes that are looked at. */
export const SAMPLE_BYTES: number = 64 * 1024;

const LF = 10;
const CR = 13;

/** Delimiters that are tried, the default first. */
const CANDIDATES = [",", ";", "\t", "|"] as const;

const MAGIC: { bytes: number[]; what: string; hint: string }[] = [
  { bytes: [0x1f, 0x8b], what: "compressed with gzip", hint: "unpack it on the way: gunzip -c FILE | rowmill …" },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    what: "compressed with zstd",
    hint: "unpack it on the way: zstd -dc FILE | rowmill …",
  },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: "a zip archive or spreadsheet",
    hint: "unpack it, or save the sheet as CSV",
  },
  { bytes: [0xff, 0xfe], what: "in UTF-16", hint: "convert it: iconv -f utf-16 -t utf-8 FILE | rowmill …" },
  { bytes: [0xfe, 0xff], what: "in UTF-16", hint: "convert it: iconv -f utf-16 -t utf-8 FILE | rowmill …" },
];

/** Length of a UTF-8 byte order mark at the start of `bytes`. */
export function byteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** How a file is written, beside its dialect. */
export interface InputShape {
  /** It starts with a UTF-8 byte order mark. */
  hasBom: boolean;
  /** Its first line ends with CR LF. */
  hasCrlf: boolean;
}

/** The shape of an input that starts with these bytes. */
export function inputShape(bytes: Uint8Array): InputShape {
  const feed = bytes.indexOf(LF);
  return { hasBom: byteOrderMark(bytes) > 0, hasCrlf: feed > 0 && bytes[feed - 1] === CR };
}

/**
 * Refuses inputs whose first bytes are those of another kind of file.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export function refuseBinary(name: string, bytes: Uint8Array): void {
  const magic = MAGIC.find(({ bytes: start }) => start.every((byte, at) => bytes[at] === byte));
  if (magic === undefined) return;
  throw new RowmillError("input", `cannot read ${name}: it is ${magic.what}`, { hint: magic.hint });
}

/**
 * The delimiter of a CSV sample: the one of comma, semicolon, tab and bar that cuts all its rows into the same number of
 * fields, more than one. Where none or several do, or there are not two rows, the comma.
 *
 * @param bytes The start of the input; `isWhole` tells that nothing follows.
 */
export function detectDelimiter(bytes: Buffer, isWhole: boolean, dialect: Dialect): string {
  const text = bytes.toString("latin1");
  const fitting = CANDIDATES.filter((delimiter) => cutsEvenly(text, isWhole, { ...dialect, delimiter }));
  const [only] = fitting;
  return only !== undefined && fitting.length === 1 ? only : CANDIDATES[0];
}

function cutsEvenly(text: string, isWhole: boolean, dialect: Dialect): boolean {
  const tokenizer = latin1Tokenizer(dialect);
  let width: number | undefined;
  let rows = 0;
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") break;
    if (token === "bad") return false;
    if (token !== "row") continue;
    rows++;
    width ??= tokenizer.fields.length;
    if (width < 2 || tokenizer.fields.length !== width) return false;
  }
  return rows >= 2;
}
