/** Strict UTF-8: bytes that are not UTF-8 are replaced only where that was asked for. */
import type { RowFault } from "./format.ts";

/** Why a text with a lone surrogate is not written. */
export const LONE_SURROGATE: string = "a text that holds half of a surrogate pair has no form in UTF-8";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const replacing = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of bytes, U+FFFD in the place of what is not UTF-8. */
export function replaceInvalidUtf8(bytes: Uint8Array): string {
  return replacing.decode(bytes);
}

let check: ((bytes: Uint8Array) => boolean) | undefined;

/** Whether bytes are UTF-8. The module that knows is loaded when it is first asked: that takes milliseconds. */
export function isUtf8(bytes: Uint8Array): boolean {
  check ??= process.getBuiltinModule("node:buffer").isUtf8;
  return check(bytes);
}

/** Whether bytes are the start of a text in UTF-8; the last character may be cut off. */
export function beginsAsUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The fault of a row whose bytes are not UTF-8; names the first wrong byte. */
export function invalidUtf8(bytes: Uint8Array): RowFault {
  const at = firstInvalid(bytes);
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0");
  return {
    code: "row-encoding",
    message: `the row is not UTF-8: byte 0x${byte} at byte ${at + 1} of the row`,
    hint: "--encoding names the encoding of the file, such as windows-1252; --encoding-errors replace takes the row",
  };
}

/** Offset of the first byte that is not UTF-8. U+FFFD may also stand in the bytes themselves. */
function firstInvalid(bytes: Uint8Array): number {
  const text = replaceInvalidUtf8(bytes);
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset;
    offset += 3;
    from = at + 1;
  }
  return offset;
}
