/** Names of encodings: the labels that browsers know (https://encoding.spec.whatwg.org/#names-and-labels). */
import { UsageError } from "../errors.ts";
import { textDecoder } from "../io/transcoding-reader.ts";

/** What becomes of bytes that are not text in the encoding of the input. */
export const ENCODING_ERRORS = ["error", "replace"] as const;
export type EncodingErrors = (typeof ENCODING_ERRORS)[number];

/** UTF-8, or what a byte order mark says. */
const AUTO = "auto";

/**
 * Checks what the types cannot say.
 *
 * @throws {UsageError} When the label or the word is not known.
 */
export function checkEncoding(options: { encoding?: string; encodingErrors?: EncodingErrors }): void {
  if (options.encoding !== undefined) encodingOf(options.encoding);
  const { encodingErrors } = options;
  if (encodingErrors === undefined || ENCODING_ERRORS.includes(encodingErrors)) return;
  throw new UsageError(`encodingErrors is ${encodingErrors}, wanted ${ENCODING_ERRORS.join(" or ")}`);
}

/**
 * The encoding that a label stands for: `latin1` is `windows-1252`; `auto` stays as it is.
 *
 * @throws {UsageError} When nothing is known by that label.
 */
export function encodingOf(label: string): string {
  if (label.toLowerCase() === AUTO) return AUTO;
  try {
    return textDecoder(label).encoding;
  } catch {
    throw new UsageError(
      `encoding is ${JSON.stringify(label)}, which is not known`,
      "such as utf-8, utf-16le, windows-1252, iso-8859-15, macintosh, koi8-r, shift_jis, gb18030, big5, euc-kr",
    );
  }
}
