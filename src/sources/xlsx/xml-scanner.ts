/**
 * Finds tags and texts in XML, in UTF-8 that comes in pieces. What is found is looked at where it lies, and is valid until
 * more bytes are given. Names are those of elements of one namespace, that of the outermost element: others have no name.
 */
import { RowmillError } from "../../errors.ts";

/** More bytes are needed. */
export const MORE = 0;
/** `<a>` or `<a/>`. */
export const OPEN = 1;
/** `</a>`. */
export const CLOSE = 2;
/** A text or a piece of one: several may follow each other. */
export const TEXT = 3;
/** Nothing follows. */
export const END = 4;

export type Token = typeof MORE | typeof OPEN | typeof CLOSE | typeof TEXT | typeof END;

/** The number of a name of at most four letters. */
export function shortName(name: string): number {
  let code = 0;
  for (let at = 0; at < name.length; at++) code |= name.charCodeAt(at) << (at * 8);
  return code;
}

/** A tag of more bytes is not read. */
const MAX_TAG_BYTES = 1 << 20;
const MIN_WINDOW_BYTES = 64 * 1024;
/** A reference to a character has fewer bytes than this. */
const REFERENCE_BYTES = 16;
/** What is kept of an attribute: where its name begins and ends, its value begins and ends, and whether it has a prefix. */
const ATTRIBUTE = 5;
const MIN_ATTRIBUTES = 64;
const SHORT = 4;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const BANG = 33;
const QUOTE = 34;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;
const BRACKET = 93;

/** What stands before the bytes that come next: markup that is passed over up to its end, or a text that is literal. */
type Within = "content" | "comment" | "instruction" | "literal";

const CDATA = Buffer.from("<![CDATA[");
const COMMENT = Buffer.from("<!--");

export class XmlScanner {
  /** What has come and is not done with yet. */
  bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #isFinal = false;
  #within: Within = "content";
  /** The prefix of the outermost element, with its colon; undefined before that came. */
  #prefix: Uint8Array | undefined;
  #nameFrom = 0;
  #nameTo = 0;
  #isOurs = false;
  #isLong = false;
  /** The name of a tag, where it has at most four letters; 0 where it has more, or is not of the namespace. */
  name = 0;
  /** It is `<a/>`. */
  isEmpty = false;
  /** Where a text lies. */
  from = 0;
  to = 0;
  /** References in it stand for themselves. */
  isLiteral = false;
  /** How many attributes the tag has. */
  attributes = 0;
  #spans = new Int32Array(MIN_ATTRIBUTES * ATTRIBUTE);

  /** Takes bytes that follow those before. All tokens of these have been taken, up to `MORE`. */
  feed(piece: Uint8Array): void {
    const left = this.#end - this.#at;
    const size = left + piece.length;
    if (size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(size, Math.min(this.bytes.length * 2, size * 2), MIN_WINDOW_BYTES));
      larger.set(this.bytes.subarray(this.#at, this.#end));
      this.bytes = larger;
    } else if (this.#at > 0) this.bytes.copyWithin(0, this.#at, this.#end);
    this.bytes.set(piece, left);
    this.#at = 0;
    this.#end = size;
  }

  /** No bytes follow. */
  finish(): void {
    this.#isFinal = true;
  }

  next(): Token {
    for (;;) {
      if (this.#within !== "content") {
        const found = this.#passOver();
        if (found !== undefined) return found;
        continue;
      }
      const { bytes } = this;
      const at = this.#at;
      const end = this.#end;
      if (at >= end) return this.#isFinal ? END : MORE;
      if (bytes[at] !== LESS) return this.#text(at);
      if (at + 1 >= end) return this.#more();
      const mark = bytes[at + 1];
      if (mark === SLASH) return this.#close(at + 2);
      if (mark === BANG) {
        const found = this.#declaration(at);
        if (found !== undefined) return found;
      } else if (mark === QUESTION) this.#within = "instruction";
      else return this.#open(at + 1);
    }
  }

  /** Asks for more bytes, or ends where there are none. */
  #more(): Token {
    if (this.#isFinal) throw damaged("it ends in the middle of a tag");
    if (this.#end - this.#at > MAX_TAG_BYTES) throw damaged("it has a tag without an end");
    return MORE;
  }

  /** A text up to the next tag, or as much of it as is here. */
  #text(from: number): Token {
    const { bytes } = this;
    const end = this.#end;
    let to = from + 1;
    while (to < end && bytes[to] !== LESS) to++;
    if (to === end && !this.#isFinal) {
      // A reference, or the two characters of a line end, must not be torn.
      const start = Math.max(from, end - REFERENCE_BYTES);
      const mark = start + bytes.subarray(start, end).lastIndexOf(AMPERSAND);
      if (mark >= start && bytes.subarray(mark, end).indexOf(SEMICOLON) < 0) to = mark;
      else if (bytes[end - 1] === CR) to = end - 1;
      if (to === from) return MORE;
    }
    this.from = from;
    this.to = to;
    this.isLiteral = false;
    this.#at = to;
    return TEXT;
  }

  /** What begins with `<!`; undefined where it is passed over. */
  #declaration(at: number): Token | undefined {
    const head = this.bytes.subarray(at, Math.min(this.#end, at + CDATA.length));
    if (startsAlike(head, COMMENT)) {
      if (head.length < COMMENT.length) return this.#more();
      // Its end may not stand in its beginning.
      this.#at = at + COMMENT.length;
      this.#within = "comment";
      return undefined;
    }
    if (!startsAlike(head, CDATA)) throw damaged("it declares a document type, which no part of a workbook has");
    if (head.length < CDATA.length) return this.#more();
    this.#at = at + CDATA.length;
    this.#within = "literal";
    return undefined;
  }

  /** What is passed over, or taken as it is, up to its end. Undefined where content follows. */
  #passOver(): Token | undefined {
    const { bytes } = this;
    const from = this.#at;
    const end = this.#end;
    const isText = this.#within === "literal";
    const isComment = this.#within === "comment";
    const [mark, length] = isText ? [BRACKET, 3] : isComment ? [DASH, 3] : [QUESTION, 2];
    let to = from;
    let hasEnd = false;
    for (;;) {
      const found = bytes.indexOf(GREATER, to);
      if (found < 0 || found >= end) break;
      to = found + 1;
      hasEnd = to - from >= length && bytes[to - 2] === mark && (length === 2 || bytes[to - 3] === mark);
      if (hasEnd) break;
    }
    if (!hasEnd) {
      if (this.#isFinal) throw damaged("it ends in the middle of a comment, or of a literal text");
      // What may be the start of its end stays.
      to = Math.max(from, end - length);
      if (to > from && bytes[to - 1] === CR) to--;
      this.#at = to;
      if (!isText || to === from) return MORE;
    } else {
      this.#at = to;
      this.#within = "content";
      to -= length;
      if (!isText || to === from) return undefined;
    }
    this.from = from;
    this.to = to;
    this.isLiteral = true;
    return TEXT;
  }

  #close(from: number): Token {
    const { bytes } = this;
    const end = this.#end;
    let to = from;
    let colon = -1;
    for (; ; to++) {
      if (to >= end) return this.#more();
      const byte = bytes[to];
      if (byte === GREATER) break;
      if (byte === COLON) colon = to;
      if (byte === LESS) throw damaged("a tag stands within another one");
    }
    let nameTo = to;
    while (nameTo > from && isSpace(bytes[nameTo - 1])) nameTo--;
    this.#named(from, colon, nameTo);
    this.#at = to + 1;
    return CLOSE;
  }

  #open(from: number): Token {
    const { bytes } = this;
    const end = this.#end;
    let to = from;
    let colon = -1;
    for (; ; to++) {
      if (to >= end) return this.#more();
      const byte = bytes[to] as number;
      if (byte <= SPACE || byte === GREATER || byte === SLASH) break;
      if (byte === COLON) colon = to;
      if (byte === LESS) throw damaged("a tag stands within another one");
    }
    if (to === from) throw damaged("it has a tag without a name");
    const nameTo = to;
    let count = 0;
    for (;;) {
      while (to < end && isSpace(bytes[to])) to++;
      if (to >= end) return this.#more();
      const byte = bytes[to];
      if (byte === GREATER) break;
      if (byte === SLASH) {
        if (to + 1 >= end) return this.#more();
        if (bytes[to + 1] !== GREATER) throw damaged("a tag has something behind its slash");
        break;
      }
      to = this.#attribute(to, count++);
      if (to < 0) return this.#more();
    }
    this.attributes = count;
    this.isEmpty = bytes[to] === SLASH;
    this.#prefix ??= bytes.slice(from, colon < 0 ? from : colon + 1);
    this.#named(from, colon, nameTo);
    this.#at = to + (this.isEmpty ? 2 : 1);
    return OPEN;
  }

  /** Takes an attribute; gives where it ends, or -1 where that has not come yet. */
  #attribute(from: number, count: number): number {
    const { bytes } = this;
    const end = this.#end;
    let to = from;
    let nameFrom = from;
    for (; to < end; to++) {
      const byte = bytes[to] as number;
      if (byte === EQUALS || byte <= SPACE) break;
      if (byte === COLON) nameFrom = to + 1;
      if (byte === LESS || byte === GREATER) throw damaged("a tag has an attribute without a value");
    }
    const nameTo = to;
    while (to < end && isSpace(bytes[to])) to++;
    if (to >= end) return -1;
    if (bytes[to++] !== EQUALS) throw damaged("a tag has an attribute without a value");
    while (to < end && isSpace(bytes[to])) to++;
    if (to >= end) return -1;
    const quote = bytes[to++];
    if (quote !== QUOTE && quote !== APOSTROPHE) throw damaged("a tag has an attribute without quotes");
    const valueFrom = to;
    while (to < end && bytes[to] !== quote) to++;
    if (to >= end) return -1;
    let spans = this.#spans;
    const at = count * ATTRIBUTE;
    if (at + ATTRIBUTE > spans.length) {
      spans = new Int32Array(spans.length * 2);
      spans.set(this.#spans);
      this.#spans = spans;
    }
    spans[at] = nameFrom;
    spans[at + 1] = nameTo;
    spans[at + 2] = valueFrom;
    spans[at + 3] = to;
    spans[at + 4] = nameFrom === from ? 0 : 1;
    return to + 1;
  }

  #named(from: number, colon: number, to: number): void {
    const { bytes } = this;
    const prefix = this.#prefix;
    const start = colon < 0 ? from : colon + 1;
    this.#nameFrom = start;
    this.#nameTo = to;
    const length = to - start;
    this.#isLong = length > SHORT;
    this.name = 0;
    this.#isOurs = prefix !== undefined && start - from === prefix.length;
    for (let at = from; this.#isOurs && at < start; at++) this.#isOurs = bytes[at] === prefix?.[at - from];
    if (!this.#isOurs || this.#isLong) return;
    let code = 0;
    for (let at = 0; at < length; at++) code |= (bytes[start + at] as number) << (at * 8);
    this.name = code;
  }

  /** The name of a tag of any length; empty where it is not of the namespace. */
  get longName(): string {
    return this.#isOurs ? Buffer.from(this.bytes.buffer, this.#nameFrom, this.#nameTo - this.#nameFrom).toString() : "";
  }

  /** The name of an attribute that has one letter and no prefix; 0 for any other. */
  letter(attribute: number): number {
    const spans = this.#spans;
    const at = attribute * ATTRIBUTE;
    const from = spans[at] as number;
    return spans[at + 1] === from + 1 && spans[at + 4] === 0 ? (this.bytes[from] as number) : 0;
  }

  /** Where its value begins, and ends. References in it stand as they are written. */
  valueFrom(attribute: number): number {
    return this.#spans[attribute * ATTRIBUTE + 2] as number;
  }

  valueTo(attribute: number): number {
    return this.#spans[attribute * ATTRIBUTE + 3] as number;
  }

  /** The value of an attribute by its name, without its prefix. */
  value(name: string): string | undefined {
    const spans = this.#spans;
    for (let attribute = 0; attribute < this.attributes; attribute++) {
      const at = attribute * ATTRIBUTE;
      if (this.#string(spans[at], spans[at + 1]) === name) return resolved(this.#string(spans[at + 2], spans[at + 3]));
    }
    return undefined;
  }

  #string(from = 0, to = 0): string {
    return Buffer.from(this.bytes.buffer, from, to - from).toString();
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** Whether bytes begin like others, as far as both go. */
function startsAlike(bytes: Uint8Array, word: Uint8Array): boolean {
  const length = Math.min(bytes.length, word.length);
  return Buffer.compare(bytes.subarray(0, length), word.subarray(0, length)) === 0;
}

/** A value of an attribute, with the characters that its references stand for. */
function resolved(text: string): string {
  const blank = /[\t\r\n]/.test(text) ? text.replaceAll(/\r\n|[\t\r\n]/g, " ") : text;
  return blank.includes("&") ? blank.replaceAll(/&([^;&]*);?/g, (_, name: string) => referred(name)) : blank;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

const MAX_CHARACTER = 0x10_ff_ff;

/** The character that a reference stands for: `lt`, `#10`, `#xA`. */
export function referred(name: string): string {
  const known = NAMED.get(name);
  if (known !== undefined) return known;
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,8})|(\d{1,9}))$/.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
  if (code <= MAX_CHARACTER) return String.fromCodePoint(code);
  throw damaged(`it refers to &${name.slice(0, REFERENCE_BYTES)};, which is no character`);
}

/** What is wrong with a part of a workbook. */
export function damaged(why: string): RowmillError {
  return new RowmillError("input", why, {
    hint: "open it in a program for spreadsheets, and save it again; or copy it again from where it came from",
  });
}
