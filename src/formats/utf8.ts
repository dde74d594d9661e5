/** Strict UTF-8: bytes that are not UTF-8 are never replaced in silence. */
import type { RowFault } from "./format.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The fault of a row whose bytes are not UTF-8; names the first wrong byte. */
export function invalidUtf8(bytes: Uint8Array): RowFault {
  const text = Buffer.from(bytes).toString("utf8");
  const at = Buffer.byteLength(text.slice(0, Math.max(0, text.indexOf("\uFFFD"))));
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0");
  return {
    code: "row-encoding",
    message: `the row is not UTF-8: byte 0x${byte} at byte ${at + 1} of the row`,
    hint: "convert the file first, for example: iconv -f latin1 -t utf-8",
  };
}
