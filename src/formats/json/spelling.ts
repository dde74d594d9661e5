/**
 * What a text of JSON says and its JavaScript values do not: the digits of numbers (1.0, 1E5, -0, more digits than a
 * double holds), and the place of keys that are whole numbers, which an object has before all others. A value that is
 * handed on, which stands in the result where it stood in the row and is the same, is written as it was spelled.
 */
import { inputOrder, isIndexKey } from "../columns.ts";
import type { Row } from "../format.ts";
import { fieldForm, formOf } from "./form.ts";
import { stringifyJson } from "./values.ts";

/** How a value was spelled, as far as JSON.stringify would spell it otherwise. */
export type Spelling = NumberSpelling | ListSpelling | ObjectSpelling;

interface NumberSpelling {
  kind: "number";
  value: number;
  text: string;
}

interface ListSpelling {
  kind: "list";
  parts: ReadonlyMap<number, Spelling>;
}

export interface ObjectSpelling {
  kind: "object";
  /** All keys in order, where an object may have them in another one. */
  keys: readonly string[] | undefined;
  parts: ReadonlyMap<string, Spelling>;
}

/**
 * What only texts hold that may be spelled otherwise: a decimal that ends with 0, an exponent, more digits than 15 with a
 * point among them, a tiny number, -0; a key of digits. One by one: together they take twice the time.
 */
const MAY_DIFFER: readonly RegExp[] = [
  /\.\d*0(?!\d)/,
  /\d[eE]/,
  /[\d.]{17}/,
  /0\.000000/,
  /-0(?![\d.])/,
  /"(?:\d|\\u003\d)+"[ \t\r\n]*:/,
];

/** Whether a text of JSON may be spelled otherwise than JSON.stringify would: nearly none is. */
export function mayBeSpelled(text: string): boolean {
  return MAY_DIFFER.some((pattern) => pattern.test(text));
}

/** The spelling of a row in a text that is the JSON of one object; undefined where JSON.stringify would spell it so. */
export function spellingOf(text: string): ObjectSpelling | undefined {
  if (!mayBeSpelled(text)) return undefined;
  const spelling = new Speller(text).value();
  return spelling?.kind === "object" ? spelling : undefined;
}

/** The spelling of rows that are not read from JSON: the order of their keys, where an object may have another one. */
export function orderSpelling(keys: readonly string[] | undefined): ObjectSpelling | undefined {
  const ordered = keys && orderedKeys(keys);
  return ordered && { kind: "object", keys: ordered, parts: new Map() };
}

/** The keys, each once, where whole numbers are among them: an object has those first. */
function orderedKeys(keys: readonly string[]): string[] | undefined {
  return keys.some(isIndexKey) ? [...new Set(keys)] : undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

/** Goes through a text that JSON.parse has taken. */
class Speller {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Spelling | undefined {
    this.#passSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#list();
      case QUOTE:
        this.#string();
        return undefined;
      default:
        return this.#scalar();
    }
  }

  #object(): ObjectSpelling | undefined {
    const keys: string[] = [];
    const parts = new Map<string, Spelling>();
    this.#at++;
    for (let hasMore = !this.#ends(CLOSE_BRACE); hasMore; hasMore = !this.#ends(CLOSE_BRACE)) {
      const key = this.#string();
      this.#passSpace();
      // The colon.
      this.#at++;
      const part = this.value();
      // The last one counts where a key is there twice.
      if (part === undefined) parts.delete(key);
      else parts.set(key, part);
      keys.push(key);
    }
    const ordered = orderedKeys(keys);
    return ordered === undefined && parts.size === 0 ? undefined : { kind: "object", keys: ordered, parts };
  }

  #list(): ListSpelling | undefined {
    const parts = new Map<number, Spelling>();
    this.#at++;
    for (let at = 0; !this.#ends(CLOSE_BRACKET); at++) {
      const part = this.value();
      if (part !== undefined) parts.set(at, part);
    }
    return parts.size === 0 ? undefined : { kind: "list", parts };
  }

  /** Passes a comma; tells whether the bracket came. */
  #ends(bracket: number): boolean {
    this.#passSpace();
    if (this.#text.charCodeAt(this.#at) === COMMA) {
      this.#at++;
      this.#passSpace();
      return false;
    }
    const isEnd = this.#text.charCodeAt(this.#at) === bracket;
    if (isEnd) this.#at++;
    return isEnd;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at++;
    let hasEscape = false;
    for (; text.charCodeAt(this.#at) !== QUOTE; this.#at++) {
      if (text.charCodeAt(this.#at) !== BACKSLASH) continue;
      hasEscape = true;
      this.#at++;
    }
    this.#at++;
    return hasEscape ? String(JSON.parse(text.slice(start, this.#at))) : text.slice(start + 1, this.#at - 1);
  }

  /** A number, or a word, which has one spelling only. */
  #scalar(): NumberSpelling | undefined {
    const start = this.#at;
    while (!isBehindScalar(this.#text.charCodeAt(this.#at))) this.#at++;
    const text = this.#text.slice(start, this.#at);
    const value = Number(text);
    // An integer that no double holds is a bigint.
    if (Number.isNaN(value) || String(value) === text || (INTEGER.test(text) && text !== "-0")) return undefined;
    return { kind: "number", value, text };
  }

  #passSpace(): void {
    while (this.#text.charCodeAt(this.#at) <= SPACE) this.#at++;
  }
}

const INTEGER = /^-?\d+$/;

/** Whether a character ends a number; the end of the text does. */
function isBehindScalar(unit: number): boolean {
  return !(unit > SPACE) || unit === COMMA || unit === CLOSE_BRACE || unit === CLOSE_BRACKET || unit === COLON;
}

/**
 * The JSON of a value, in which what was handed on is spelled as it was.
 *
 * @throws {TypeError} As stringifyJson does.
 */
export function spelledJson(value: unknown, spelling: Spelling): string {
  if (spelling.kind === "number") return Object.is(value, spelling.value) ? spelling.text : stringifyJson(value);
  if (typeof value !== "object" || value === null || !hasPlainFields(value)) return stringifyJson(value);
  if (Array.isArray(value)) {
    if (spelling.kind !== "list") return stringifyJson(value);
    const items = Array.from(value, (item, at) =>
      item === undefined ? "null" : partText(item, spelling.parts.get(at)),
    );
    return `[${items.join(",")}]`;
  }
  if (spelling.kind !== "object") return stringifyJson(value);
  const fields = value as Row;
  const keys = spelling.keys === undefined ? Object.keys(fields) : inputOrder(Object.keys(fields), spelling.keys);
  const members: string[] = [];
  for (const key of keys) {
    const part = fields[key];
    if (part !== undefined) members.push(`${JSON.stringify(key)}:${partText(part, spelling.parts.get(key))}`);
  }
  return `{${members.join(",")}}`;
}

function partText(part: unknown, spelling: Spelling | undefined): string {
  if (spelling !== undefined) return spelledJson(part, spelling);
  if (typeof part === "string") return JSON.stringify(part);
  return Number.isFinite(part) ? String(part) : stringifyJson(part);
}

/** Whether an object is written by its fields, none of which is code. */
function hasPlainFields(value: object): boolean {
  if (formOf(value) !== "fields" || value instanceof Date) return false;
  for (const key in value) {
    const part = (value as Row)[key];
    if (typeof part !== "function" && typeof part !== "symbol") continue;
    if (Object.hasOwn(value, key) && fieldForm(key, typeof part as "function" | "symbol") !== "fields") return false;
  }
  return true;
}

/** A row in whose place cells are to be written: those that were handed on are texts, spelled as they were. */
export function spelledCells(row: Row, { parts }: ObjectSpelling): Row {
  const cells = { ...row };
  for (const [key, spelling] of parts) {
    if (!Object.hasOwn(row, key)) continue;
    const value = row[key];
    if (spelling.kind === "number" ? Object.is(value, spelling.value) : isPlainTree(value)) {
      cells[key] = spelledJson(value, spelling);
    }
  }
  return cells;
}

/** Whether a cell is written as JSON. */
function isPlainTree(value: unknown): boolean {
  return typeof value === "object" && value !== null && hasPlainFields(value);
}
