/**
 * Reading and writing single JSON values without losing anything that JSON can say: integers beyond ±(2^53−1) are
 * bigints both ways; a number too large for JavaScript is an error, and so is a value that JSON has no form for.
 */
import { messageOf } from "../../errors.ts";
import type { LooksAt } from "../format.ts";
import { jsonFault } from "./json-fault.ts";
import { MAX_DEPTH, fieldForm, formOf, ownForm, withoutFields } from "./form.ts";

// What may need the slow, exact way. As one pattern they take five times as long.
const SIXTEEN_DIGITS = /\d{16}/;
const EXPONENT = /\d[eE]/;

/** Whether a text holds no number that plain JSON.parse would change. */
export function isPlainJson(text: string): boolean {
  return !SIXTEEN_DIGITS.test(text) && !EXPONENT.test(text);
}

/**
 * Parses one JSON value exactly. With `looksAt` a number may be too large under keys of a row that nobody looks at: it is
 * infinite there, and its text must be handed on in its place.
 *
 * @throws {SyntaxError} If the text is no JSON.
 * @throws {RangeError} If a number is too large for JavaScript.
 */
export function parseJson(text: string, looksAt?: LooksAt): unknown {
  if (isPlainJson(text)) return JSON.parse(text);
  let large: RangeError | undefined;
  const value: unknown = JSON.parse(text, (key, one: unknown, context?: { source?: string }) => {
    const revived = reviveNumber(one, context?.source);
    if (revived === Infinity || revived === -Infinity) {
      large ??= new RangeError(`the number ${context?.source} of "${key}" is too large`);
      if (looksAt === undefined) throw large;
    }
    return revived;
  });
  if (large !== undefined && !isUnseen(value, looksAt)) throw large;
  return value;
}

/** Whether all that is infinite in a row stands under keys that nobody looks at. */
function isUnseen(row: unknown, looksAt: LooksAt | undefined): boolean {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return false;
  return Object.entries(row).every(([key, value]) => looksAt?.(key) === false || isAllFinite(value));
}

function isAllFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isAllFinite);
}

/** Whether what `parseJson` refused is a number that is too large. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && !/call stack/i.test(error.message);
}

/** What helps against such a number. */
const TOO_LARGE_HINT = "as text it has all its digits: --types KEY=string, of a key of the row";

/** What was wrong with a text that `parseJson` refused, and what to do where that is known. */
export function whyNoJson(
  error: unknown,
  text: string,
  within: { isElement: boolean } = { isElement: false },
): { why: string; hint?: string; at: number } {
  // The runtime's own words for it speak of its stack.
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return { why: "it is nested too deeply", at: 0 };
  if (isTooLarge(error)) return { why: messageOf(error), hint: TOO_LARGE_HINT, at: 0 };
  const fault = jsonFault(text, within);
  return fault === undefined ? { why: messageOf(error), at: 0 } : { why: fault.message, ...fault };
}

function reviveNumber(value: unknown, source: string | undefined): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/**
 * The JSON text of a value. Properties that are undefined are left out, as in JSON.stringify; nothing else is.
 *
 * @throws {TypeError} If a part of the value has no JSON form: a promise, an Error, a Map, a function, a symbol, NaN, an
 * infinity, an invalid date, a cycle.
 */
export function stringifyJson(value: unknown): string {
  const parts = partsOf(value, 0);
  const plain = (parts & OWN_FORMS) === 0 ? value : plainTree(value, "", 0);
  const hasBigints = plain === value ? (parts & BIGINTS) !== 0 : hasBigint(plain);
  const text = hasBigints ? JSON.stringify(plain, writeBigint) : JSON.stringify(plain);
  if (text === undefined) throw new TypeError("undefined has no JSON form");
  return text;
}

// Part of the JSON.parse source text access proposal, which bun-types does not declare yet.
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
    isRawJSON(value: unknown): boolean;
  }
}

/** Why NaN or an infinity is not written: no format has a form for it that its readers take for the same. */
export class NotFiniteError extends TypeError {
  override name = "NotFiniteError";

  constructor(value: number) {
    const cause = Number.isNaN(value) ? "a text that is no number, or 0 / 0" : "a division by 0, or a number too large";
    super(`${value} is no number: ${cause}`);
  }
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? JSON.rawJSON(String(value)) : value;
}

/**
 * Checks that every part has a JSON form, and tells whether a bigint is among them.
 *
 * @throws {TypeError} If a part has no JSON form.
 */
function hasBigint(value: unknown): boolean {
  return (partsOf(value, 0) & BIGINTS) !== 0;
}

/** What JSON.stringify alone would not write, as bits. */
const BIGINTS = 1;
const OWN_FORMS = 2;

function partsOf(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return 0;
    case "number":
      if (!Number.isFinite(value)) throw new NotFiniteError(value);
      return 0;
    case "bigint":
      return BIGINTS;
    case "object":
      return value === null ? 0 : partsInside(value, depth);
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`);
  }
}

function partsInside(value: object, depth: number): number {
  if (formOf(value) === "own") return OWN_FORMS;
  if (depth > MAX_DEPTH) throw new TypeError("the value holds itself, or is nested too deeply");
  let parts = 0;
  if (Array.isArray(value)) {
    // By number: for-in would make a text of each.
    for (let at = 0; at < value.length; at++) parts |= partsOf(value[at], depth + 1);
    return parts;
  }
  let isEmpty = true;
  // for-in beats Object.values here: no array is made.
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    isEmpty = false;
    if (typeof part !== "function" && typeof part !== "symbol") parts |= partsOf(part, depth + 1);
    // What a class inherits by the old style is none of its fields.
    else if (Object.hasOwn(value, key) && fieldForm(key, typeof part as "function" | "symbol") === "own")
      return OWN_FORMS;
  }
  // `Math`, `Intl` and the like.
  if (isEmpty && Symbol.toStringTag in value) throw new TypeError(withoutFields(value));
  return parts;
}

/** What is written for a value, made of plain objects and arrays alone: each form of its own is asked for once. */
function plainTree(value: unknown, key: string, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) throw new TypeError("the value holds itself, or is nested too deeply");
  if (JSON.isRawJSON(value)) return value;
  const isOwn = typeof Reflect.get(value, "toJSON") === "function" || formOf(value) === "own";
  const written = isOwn ? ownForm(value, key) : value;
  if (written !== value) return plainTree(written, key, depth + 1);
  if (Array.isArray(value)) return Array.from(value, (part, at) => plainTree(part, String(at), depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainTree(part, name, depth + 1)]));
}
