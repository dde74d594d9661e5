/** Bytes that are put together one after another, and a text of XML among them. */
import { damaged, referred } from "./xml-scanner.ts";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const AMPERSAND = 38;
const COMMA = 44;
const SEMICOLON = 59;
const UNDERSCORE = 95;

/** The longest piece that may stand between `&` and `;`. */
const REFERENCE_BYTES = 16;
const MIN_BYTES = 1024;
/** Of a text that two hundred times fills a cell of Excel nothing is kept. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();

export class ByteBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(MIN_BYTES);
  length = 0;

  /** Makes room for so many bytes more. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  put(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Adds bytes as they are. */
  add(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at++) bytes[to++] = from[at] as number;
    this.length = to;
  }

  addText(text: string): void {
    // A character of UTF-16 has at most three bytes.
    this.reserve(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** What was added since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

/** A text as a document has it in pieces: references are resolved, and line ends are line feeds. */
export class XmlText extends ByteBuffer {
  clear(): void {
    this.length = 0;
  }

  append(from: Uint8Array, start: number, end: number, isLiteral: boolean): void {
    if (this.length + end - start > MAX_TEXT_BYTES) throw damaged("it has a text of more than 16 MiB");
    this.reserve(end - start);
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at++) {
      const byte = from[at] as number;
      if (byte === AMPERSAND && !isLiteral) {
        const mark = from.subarray(at, Math.min(end, at + REFERENCE_BYTES)).indexOf(SEMICOLON);
        if (mark < 0) throw damaged("it has a reference to a character without an end");
        const name = Buffer.from(from.buffer, from.byteOffset + at + 1, mark - 1).toString("latin1");
        // A reference is never shorter than what it stands for.
        to += encoder.encodeInto(referred(name), bytes.subarray(to)).written;
        at += mark;
      } else if (byte === CR) {
        bytes[to++] = LF;
        if (from[at + 1] === LF && at + 1 < end) at++;
      } else bytes[to++] = byte;
    }
    this.length = to;
  }

  /** Replaces `_x000D_` and its like, by which workbooks write characters that XML has no place for. */
  unescape(): void {
    const { bytes, length } = this;
    for (let at = 0; at < length; at++) {
      if (bytes[at] !== UNDERSCORE || at + ESCAPE_BYTES > length) continue;
      const text = Buffer.from(bytes.buffer, 0, length).toString();
      const plain = text.replaceAll(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      this.length = 0;
      this.addText(plain);
      return;
    }
  }

  /** Adds the text to others as a field of CSV: one that is empty is told from null by its quotes. */
  addFieldTo(target: ByteBuffer): void {
    const { bytes, length } = this;
    let isPlain = length > 0;
    for (let at = 0; isPlain && at < length; at++) {
      const byte = bytes[at];
      isPlain = byte !== COMMA && byte !== QUOTE && byte !== LF && byte !== CR;
    }
    if (isPlain) {
      target.add(bytes, 0, length);
      return;
    }
    target.reserve(2 * length + 2);
    target.put(QUOTE);
    for (let at = 0; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) target.put(QUOTE);
      target.put(byte);
    }
    target.put(QUOTE);
  }
}

const ESCAPE = /_x([0-9a-fA-F]{4})_/g;
const ESCAPE_BYTES = 7;
