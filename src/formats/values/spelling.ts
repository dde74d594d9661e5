/**
 * What a text of JSON says and its JavaScript values do not: the digits of numbers (1.0, 1E5, -0, more digits than a
 * double holds), and the place of keys that are whole numbers, which an object has before all others. A value that is
 * handed on is written as it was spelled.
 */
import { inputOrder, isIndexKey } from "../columns.ts";
import type { Row } from "../format.ts";
import { FieldText } from "./field-text.ts";
import { MAX_DEPTH, fieldForm, formOf } from "./form.ts";
import { NestedText } from "./nested-text.ts";
import type { ListSpelling, NumberSpelling, ObjectSpelling, Spelling } from "./spelling-tree.ts";
import { stringifyJson } from "./json.ts";

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

/**
 * The spelling of a row in a text that is the JSON of one object; undefined where JSON.stringify would spell it so.
 *
 * @param reads The keys that somebody reads: how the values of others are spelled, no result can show. Undefined for all.
 */
export function spellingOf(text: string, reads?: ReadonlySet<string>): ObjectSpelling | undefined {
  const spelling = spellingOfValue(text);
  if (spelling?.kind !== "object") return undefined;
  if (reads === undefined) return spelling;
  const keys = orderedKeys(spelling.keys?.filter((key) => reads.has(key)) ?? []);
  const parts = new Map([...spelling.parts].filter(([key]) => reads.has(key)));
  return keys === undefined && parts.size === 0 ? undefined : { kind: "object", keys, parts };
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

/** The spelling of one JSON value in a text; undefined where JSON.stringify would spell it so. */
export function spellingOfValue(text: string): Spelling | undefined {
  return mayBeSpelled(text) ? new Speller(text).value() : undefined;
}

/** A part of a result: its key, or that of the list around it, and how deep it lies. */
interface ResultPart {
  key: string;
  depth: number;
}

/** A number of a row that is spelled in a way of its own, and the key that it, or the list around it, stands under. */
interface SpelledNumber extends NumberSpelling {
  key: string;
}

/**
 * A row and how it was spelled: tells how the parts of a result are spelled that are parts of the row.
 *
 * A part is known by its place: the code says where in the row it stands, or it has the place that it has in the row.
 * Where neither tells (`items.map((item) => ({ cost: item.price }))`), an object is known by being the same object, and a
 * number by its value, where all numbers of the row that have it are spelled in one way.
 */
export class SpelledRow {
  readonly #row: object;
  readonly #spelling: ObjectSpelling;
  readonly #computed: ReadonlySet<string>;
  #objects: Map<unknown, Spelling> | undefined;
  #numbers: readonly SpelledNumber[] | undefined;

  /** @param computed Fields whose numbers may have a value of the row by chance: only that of their place counts. */
  constructor(row: object, spelling: ObjectSpelling, computed: ReadonlySet<string> = NO_NAMES) {
    this.#row = row;
    this.#spelling = spelling;
    this.#computed = computed;
  }

  /**
   * The JSON of a result.
   *
   * @param expected Its spelling, if its parts are those of the row that they are taken for.
   * @throws {TypeError} As stringifyJson does.
   */
  json(value: unknown, expected: Spelling | undefined): string {
    return this.#json(value, expected, { key: "", depth: 0 });
  }

  /** A result in whose place cells are to be written: those that were handed on are texts, spelled as they were. */
  cells(result: Row, { parts }: ObjectSpelling): Row {
    const cells = { ...result };
    for (const key of Object.keys(cells)) {
      const value = cells[key];
      if (typeof value === "number") cells[key] = this.#number(value, parts.get(key), key) ?? value;
      else if (isPlainTree(value)) cells[key] = this.#json(value, parts.get(key), { key, depth: 0 });
    }
    return cells;
  }

  /** A result as a row of values: what was handed on is there with the text in which it was spelled. */
  fields(result: Row, { parts }: ObjectSpelling): Row {
    const fields = { ...result };
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      if (typeof value === "number") {
        const text = this.#number(value, parts.get(key), key);
        if (text !== undefined) fields[key] = new FieldText(text, value);
      } else if (isPlainTree(value)) fields[key] = new NestedText(this.#json(value, parts.get(key), { key, depth: 0 }));
    }
    return fields;
  }

  #json(value: unknown, expected: Spelling | undefined, at: ResultPart): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "number") {
      const spelled = this.#number(value, expected, at.key);
      if (spelled !== undefined) return spelled;
      return Number.isFinite(value) ? String(value) : stringifyJson(value);
    }
    const isTree = typeof value === "object" && value !== null && at.depth <= MAX_DEPTH && hasPlainFields(value);
    if (!isTree) return stringifyJson(value);
    const depth = at.depth + 1;
    const spelling = this.#spelledObjects.get(value) ?? expected;
    if (Array.isArray(value)) {
      const parts = spelling?.kind === "list" ? spelling.parts : undefined;
      const items = Array.from(value, (item: unknown, index) =>
        item === undefined ? "null" : this.#json(item, parts?.get(index), { key: at.key, depth }),
      );
      return `[${items.join(",")}]`;
    }
    const { keys: order, parts } = spelling?.kind === "object" ? spelling : UNSPELLED;
    const keys = order === undefined ? Object.keys(value) : inputOrder(Object.keys(value), order);
    const members: string[] = [];
    for (const name of keys) {
      const part = (value as Row)[name];
      if (part !== undefined)
        members.push(`${JSON.stringify(name)}:${this.#json(part, parts.get(name), { key: name, depth })}`);
    }
    return `{${members.join(",")}}`;
  }

  /** How a number of a result is spelled; undefined: as JSON writes it. */
  #number(value: number, expected: Spelling | undefined, key: string): string | undefined {
    if (expected?.kind === "number" && Object.is(value, expected.value)) return expected.text;
    this.#numbers ??= [...spelledNumbers(this.#spelling, "")];
    const same = this.#numbers.filter((number) => Object.is(number.value, value));
    if (same.length === 0) return undefined;
    const certain = onlyText(same.filter(hasMoreDigits));
    if (certain !== undefined || this.#computed.has(key)) return certain;
    const underKey = same.filter((number) => number.key === key);
    return this.#oneSpelling(value, underKey, key) ?? this.#oneSpelling(value, same, undefined);
  }

  /** What numbers of a value are spelled as, where all that the row has, under a key or anywhere, are spelled so. */
  #oneSpelling(value: number, found: readonly SpelledNumber[], key: string | undefined): string | undefined {
    const text = onlyText(found);
    return text !== undefined && countNumbers(this.#row, "", { value, key }) === found.length ? text : undefined;
  }

  /** The objects and lists in the row that are spelled in a way of their own. */
  get #spelledObjects(): Map<unknown, Spelling> {
    if (this.#objects === undefined) {
      this.#objects = new Map();
      noteObjects(this.#row, this.#spelling, this.#objects);
    }
    return this.#objects;
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();
const UNSPELLED: ObjectSpelling = { kind: "object", keys: undefined, parts: new Map() };

function* spelledNumbers(spelling: Spelling, key: string): Generator<SpelledNumber> {
  if (spelling.kind === "number") yield { ...spelling, key };
  else if (spelling.kind === "list") for (const part of spelling.parts.values()) yield* spelledNumbers(part, key);
  else for (const [name, part] of spelling.parts) yield* spelledNumbers(part, name);
}

function noteObjects(value: unknown, spelling: Spelling, objects: Map<unknown, Spelling>): void {
  if (spelling.kind === "number" || typeof value !== "object" || value === null) return;
  objects.set(value, spelling);
  for (const [key, part] of spelling.parts) noteObjects((value as Row)[key], part, objects);
}

/** How many numbers of this value are in a part of a row: under a key, or anywhere. */
function countNumbers(part: unknown, under: string, wanted: { value: number; key: string | undefined }): number {
  if (typeof part === "number") {
    return Object.is(part, wanted.value) && (wanted.key === undefined || wanted.key === under) ? 1 : 0;
  }
  if (typeof part !== "object" || part === null) return 0;
  let count = 0;
  for (const [key, value] of Object.entries(part)) {
    count += countNumbers(value, Array.isArray(part) ? under : key, wanted);
  }
  return count;
}

/** Whether a number has digits that its double is not written with: nothing computed is that number by chance. */
function hasMoreDigits({ value, text }: NumberSpelling): boolean {
  return value !== 0 && text.length > MAX_DOUBLE_DIGITS && significant(text) > significant(String(value));
}

const MAX_DOUBLE_DIGITS = 15;

function significant(text: string): number {
  return text
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+|0+$/g, "").length;
}

function onlyText(numbers: readonly SpelledNumber[]): string | undefined {
  const [first] = numbers;
  return numbers.every(({ text }) => text === first?.text) ? first?.text : undefined;
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

/** Whether a cell is written as JSON. */
function isPlainTree(value: unknown): value is object {
  return typeof value === "object" && value !== null && hasPlainFields(value);
}
