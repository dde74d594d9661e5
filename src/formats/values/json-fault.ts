/** What is wrong with a text that is no JSON, in words: the runtime says what it expected, and not where. For failed rows. */
import { hasHidden, quotedText } from "../columns.ts";

/** The first fault of a text. */
export interface JsonFault {
  /** Where it is. */
  at: number;
  message: string;
  hint: string;
  /** The text ends before its value does. */
  isCut: boolean;
}

/** How much of the faulty text is shown. */
const SHOWN_CHARS = 24;
/** Values nested deeper are left to the runtime's message. */
const MAX_DEPTH = 500;

const CUT_HINT = "it may have been cut off: check how it was made";

/** The first fault; undefined where none is found. `isElement`: what stands behind the value lacks a comma before it. */
export function jsonFault(text: string, { isElement }: { isElement: boolean }): JsonFault | undefined {
  const read = readJsonValue(text, 0);
  if (typeof read !== "number") return read === "too deep" ? undefined : read;
  const at = pastSpace(text, read);
  if (at === text.length) return undefined;
  const found = shownAt(text, at);
  if (isElement) {
    return { at, message: `a comma is missing before ${found}`, hint: "put a comma between the two", isCut: false };
  }
  return { at, message: `behind the value stands ${found}`, hint: "each line must hold one object", isCut: false };
}

/** Where the value ends that begins at a place, white space aside; its fault, where it is none. */
export function readJsonValue(text: string, from: number): number | JsonFault | "too deep" {
  try {
    return new JsonReader(text).value(from, 0);
  } catch (error) {
    if (error instanceof Found) return error.fault;
    if (error instanceof RangeError) return "too deep";
    throw error;
  }
}

/** Thrown where a fault is found. */
class Found extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.+-])/y;
const WORD = /(?:true|false|null)(?!\w)/y;
/** Text that stands in the place of a value and is none. */
const LOOSE = /[^\s,:[\]{}"]+/y;

class JsonReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(from: number, depth: number): number {
    if (depth > MAX_DEPTH) throw new RangeError("too deep");
    const at = pastSpace(this.#text, from);
    const first = this.#text[at];
    if (first === undefined) throw this.#cut(at, depth === 0 ? "holds no value" : "ends where a value is wanted");
    if (first === "{") return this.#object(at, depth);
    if (first === "[") return this.#array(at, depth);
    if (first === '"') return this.#string(at);
    const end = this.#match(NUMBER, at) ?? this.#match(WORD, at);
    if (end !== undefined) return end;
    throw this.#noValue(at);
  }

  #object(start: number, depth: number): number {
    const text = this.#text;
    let at = pastSpace(text, start + 1);
    if (text[at] === "}") return at + 1;
    for (;;) {
      if (at >= text.length) throw this.#cut(at, "ends inside an object");
      if (text[at] === "}") throw this.#wrong(at, "a comma stands before }", "take that comma out");
      if (text[at] === ",") throw this.#wrong(at, "a comma has no value before it", "take the extra comma out");
      if (text[at] !== '"') throw this.#noKey(at);
      const keyEnd = this.#string(at);
      const colon = pastSpace(text, keyEnd);
      if (colon >= text.length) throw this.#cut(colon, "ends inside an object");
      if (text[colon] !== ":") {
        const message = `a colon is missing behind the key ${shownAt(text, at)}`;
        throw this.#wrong(colon, message, "put a colon between key and value");
      }
      at = pastSpace(text, this.value(colon + 1, depth + 1));
      if (text[at] === "}") return at + 1;
      at = this.#pastComma(at, "an object");
    }
  }

  #array(start: number, depth: number): number {
    const text = this.#text;
    let at = pastSpace(text, start + 1);
    if (text[at] === "]") return at + 1;
    for (;;) {
      if (at >= text.length) throw this.#cut(at, "ends inside an array");
      if (text[at] === "]") throw this.#wrong(at, "a comma stands before ]", "take that comma out");
      if (text[at] === ",") throw this.#wrong(at, "a comma has no value before it", "take the extra comma out");
      at = pastSpace(text, this.value(at, depth + 1));
      if (text[at] === "]") return at + 1;
      at = this.#pastComma(at, "an array");
    }
  }

  #pastComma(at: number, within: string): number {
    const text = this.#text;
    if (at >= text.length) throw this.#cut(at, `ends inside ${within}`);
    if (text[at] === ",") return pastSpace(text, at + 1);
    if ("}]".includes(text[at] ?? "")) {
      throw this.#wrong(at, `${text[at]} stands where ${within} goes on`, `close ${within} first`);
    }
    throw this.#wrong(at, `a comma is missing before ${shownAt(text, at)}`, "put a comma between the two");
  }

  #string(start: number): number {
    const text = this.#text;
    for (let at = start + 1; at < text.length; at++) {
      const character = text[at] ?? "";
      if (character === '"') return at + 1;
      if (character < " ") {
        const name = JSON.stringify(character).slice(1, -1);
        throw this.#wrong(at, `a text holds the character ${name} as it is`, `write it as ${name}`);
      }
      if (character !== "\\") continue;
      if (at + 1 >= text.length) break;
      if (!/\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y.test(text.slice(at, at + 6))) {
        throw this.#wrong(at, `${text.slice(at, at + 2)} in a text is no escape`, String.raw`write a backslash as \\`);
      }
      at++;
    }
    throw this.#cut(start, "ends inside a text");
  }

  #noKey(at: number): Found {
    const key = shownAt(this.#text, at);
    return this.#wrong(at, `the key ${key} is not in double quotes`, "put keys in double quotes");
  }

  #noValue(at: number): Found {
    const text = this.#text;
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (hasHidden(character)) {
      const name = quotedText(character).slice(1, -1);
      return this.#wrong(at, `the character ${name} stands between the values`, "take it out, or write a blank");
    }
    const found = shownAt(text, at);
    if (/\/[/*]/y.test(text.slice(at, at + 2)) || text[at] === "#") {
      return this.#wrong(at, `JSON has no comments: ${found}`, "take the comment out");
    }
    if (text[at] === "'")
      return this.#wrong(at, `the text ${found} is not in double quotes`, "put texts in double quotes");
    if (/^[-+]?(?:NaN|Infinity)|^(?:undefined|None|nan)\b/.test(text.slice(at))) {
      return this.#wrong(at, `JSON has no value ${found}`, "write null, or a text in double quotes");
    }
    if (/^(?:true|false|null)\b/i.test(text.slice(at))) {
      return this.#wrong(at, `JSON has no value ${found}`, "write it in small letters");
    }
    if (/[-+.\d]/.test(text[at] ?? "")) {
      return this.#wrong(at, `JSON has no number ${found}`, "write it as JSON does, or in double quotes as a text");
    }
    if ("}],:".includes(text[at] ?? " ")) {
      return this.#wrong(at, `a value is missing before ${text[at]}`, "put a value there: null, where there is none");
    }
    return this.#wrong(at, `JSON has no value ${found}`, "put texts in double quotes");
  }

  #match(pattern: RegExp, at: number): number | undefined {
    pattern.lastIndex = at;
    return pattern.test(this.#text) ? pattern.lastIndex : undefined;
  }

  #wrong(at: number, message: string, hint: string): Found {
    return new Found({ at, message, hint, isCut: false });
  }

  #cut(at: number, message: string): Found {
    return new Found({ at, message: `it ${message}`, hint: CUT_HINT, isCut: true });
  }
}

/** White space is four characters. */
function pastSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  return at;
}

/** What stands at a place, as it is shown. */
function shownAt(text: string, at: number): string {
  const rest = text.slice(at, at + SHOWN_CHARS + 1);
  LOOSE.lastIndex = 0;
  const loose = LOOSE.exec(rest)?.[0];
  const found = loose ?? /^"(?:\\.|[^"\\])*"/.exec(rest)?.[0] ?? rest.split("\n", 1)[0] ?? "";
  const short = found.length > SHOWN_CHARS ? `${found.slice(0, SHOWN_CHARS)}…` : found;
  // What does not show is escaped.
  return quotedText(short).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}
