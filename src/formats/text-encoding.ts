/**
 * Encodings in which a file can be rewritten in place: UTF-16, and those that have one byte a character. What stands for
 * a byte is what the runtime's decoder says, so that a file that was read comes back byte for byte.
 */

import { RowmillError } from "../errors.ts";
import { quotedText } from "./columns.ts";

/** How text is written that is not UTF-8. */
export interface TextEncoding {
  /** The first character of a text that it has no bytes for. */
  missing(text: string): string | undefined;
  /** Turns UTF-8 into it. Each piece holds whole characters, and all of them are there. */
  encode(utf8: Uint8Array): Uint8Array;
}

const BYTES = 256;
const REPLACEMENT = "\uFFFD";

/** The encoding of a label, as `TextDecoder` calls it; undefined for UTF-8 and for what cannot be written. */
export function textEncoding(label: string): TextEncoding | undefined {
  if (label === "utf-16le" || label === "utf-16be") return utf16(label === "utf-16be");
  if (label === "utf-8") return undefined;
  const isSingleByte = /^(?:ibm866|iso-8859-\d+(?:-i)?|koi8-[ru]|macintosh|windows-\d+|x-mac-cyrillic)$/.test(label);
  return isSingleByte ? singleByte(label) : undefined;
}

function utf16(isBigEndian: boolean): TextEncoding {
  return {
    missing: () => undefined,
    encode(utf8) {
      const bytes = Buffer.from(textOf(utf8), "utf16le");
      return isBigEndian ? bytes.swap16() : bytes;
    },
  };
}

function singleByte(label: string): TextEncoding {
  const byteOf = new Map<string, number>();
  const decoder = new TextDecoder(label as Bun.Encoding);
  for (let byte = 0; byte < BYTES; byte++) byteOf.set(decoder.decode(Uint8Array.of(byte)), byte);
  byteOf.delete(REPLACEMENT);
  const other = new RegExp(`[^${[...byteOf.keys()].map((character) => RegExp.escape(character)).join("")}]`, "u");
  return {
    missing: (text) => other.exec(text)?.[0],
    encode: (utf8) => Uint8Array.from(textOf(utf8), (character) => byteOf.get(character) ?? noByte(character, label)),
  };
}

function noByte(character: string, label: string): never {
  throw new RowmillError("output", `cannot write ${quotedText(character)} in ${label}`, {
    hint: "what is written to another file, with -o, is in UTF-8",
  });
}

function textOf(utf8: Uint8Array): string {
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString();
}
