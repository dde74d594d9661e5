/**
 * Reads a stream in another encoding as UTF-8, piece by piece, and holds one piece at most. Malformed bytes are an
 * error, after all that came before them, or become U+FFFD.
 */
import { RowmillError } from "../errors.ts";
import { type ByteDecoder, codePageDecoder } from "./code-pages.ts";
import { type PieceReader, SinglePieceReader } from "./piece-reader.ts";

/** U+FFFD: what a decoder gives for malformed bytes. */
const REPLACEMENT = "\uFFFD";

/** Encodings in which U+FFFD itself can stand: there it takes a strict decoder to tell whether the bytes were wrong. */
const HAS_REPLACEMENT = /^(?:utf|gb)/;

/** How bytes become text. */
export interface Transcoding {
  /** As `TextDecoder` calls it. */
  encoding: string;
  /** What becomes of bytes that are malformed: the end of the run, or U+FFFD. */
  errors: "error" | "replace";
}

/**
 * A decoder for any label that is known: those of browsers, and the code pages of DOS.
 *
 * @throws {RangeError} When it is not.
 */
export function textDecoder(label: string, options: { fatal?: boolean } = {}): ByteDecoder {
  // The declared type lists only three of the labels.
  return codePageDecoder(label) ?? new TextDecoder(label as Bun.Encoding, options);
}

/** What is transcoded. */
export interface RawInput {
  /** As messages call it. */
  name: string;
  source: PieceReader;
  /** The bytes that were read before the encoding was known. */
  first: Uint8Array;
  /** Is given all bytes as they come. */
  onBytes: (bytes: Uint8Array) => void;
}

export class TranscodingReader extends SinglePieceReader {
  readonly #input: RawInput;
  readonly #encoding: string;
  readonly #decoder: ByteDecoder;
  readonly #strict: ByteDecoder | undefined;
  readonly #replaces: boolean;
  #isFirst = true;
  #line = 1;
  #failure: RowmillError | undefined;

  constructor(input: RawInput, { encoding, errors }: Transcoding) {
    super();
    this.#input = input;
    this.#encoding = encoding;
    this.#replaces = errors === "replace";
    this.#decoder = textDecoder(encoding);
    if (!this.#replaces && HAS_REPLACEMENT.test(encoding)) this.#strict = textDecoder(encoding, { fatal: true });
  }

  protected override async read(): Promise<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const { source, first, onBytes } = this.#input;
      const isFirst = this.#isFirst;
      this.#isFirst = false;
      const bytes = isFirst ? first : await source.peek();
      const isEnd = !isFirst && bytes.length === 0;
      onBytes(bytes);
      const text = this.#decode(bytes, isEnd);
      // At the end the source is not taken from: asked again, it says again that there is no more.
      if (!isFirst && !isEnd) source.take();
      if (text !== "" || (isEnd && this.#failure === undefined)) return Buffer.from(text);
    }
  }

  /** The text of the next bytes, up to what is malformed; the next read throws. */
  #decode(bytes: Uint8Array, isEnd: boolean): string {
    const text = this.#decoder.decode(bytes, { stream: !isEnd });
    if (this.#replaces) return text;
    const isStrict = this.#isStrict(bytes, isEnd);
    const at = text.indexOf(REPLACEMENT);
    if (at < 0 || isStrict) {
      this.#line += lineFeeds(text);
      return text;
    }
    const good = text.slice(0, at);
    this.#failure = new RowmillError("input", `the line holds bytes that are not ${this.#encoding}`, {
      place: { file: this.#input.name, line: this.#line + lineFeeds(good) },
      hint: "--encoding names another encoding; --encoding-errors replace puts U+FFFD in the place of such bytes",
    });
    return good;
  }

  /** Whether U+FFFD in the text of these bytes is no sign of a fault. Must see all bytes. */
  #isStrict(bytes: Uint8Array, isEnd: boolean): boolean {
    if (this.#strict === undefined) return false;
    try {
      this.#strict.decode(bytes, { stream: !isEnd });
      return true;
    } catch {
      return false;
    }
  }
}

function lineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
