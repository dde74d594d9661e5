/**
 * Reading and writing single JSON values without losing anything that JSON can say: integers beyond ±(2^53−1) are
 * bigints both ways; a number too large for JavaScript is an error, and so is a value that JSON has no form for.
 */

/** What may need the slow, exact way: sixteen digits in a row, or an exponent. */
const RISKY_NUMBER = /\d{16}|\d[eE]/;

/** Deeper values are not looked into; JSON.stringify itself finds cycles. */
const MAX_DEPTH = 1000;

/** Whether a text holds no number that plain JSON.parse would change. */
export function isPlainJson(text: string): boolean {
  return !RISKY_NUMBER.test(text);
}

/**
 * Parses one JSON value exactly.
 *
 * @throws {SyntaxError} If the text is no JSON.
 * @throws {RangeError} If a number is too large for JavaScript.
 */
export function parseJson(text: string): unknown {
  return isPlainJson(text) ? JSON.parse(text) : JSON.parse(text, reviveNumber);
}

/** What was wrong with a text that `parseJson` refused. */
export function whyNoJson(error: unknown): string {
  // The runtime's own words for it speak of its stack.
  if (error instanceof RangeError && /call stack/i.test(error.message)) return "it is nested too deeply";
  return error instanceof Error ? error.message : String(error);
}

function reviveNumber(key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? String(value);
  if (/^-?\d+$/.test(source)) return BigInt(source);
  if (!Number.isFinite(value)) throw new RangeError(`the number ${source} of "${key}" is too large`);
  return value;
}

/**
 * The JSON text of a value. Properties that are undefined are left out, as in JSON.stringify; nothing else is.
 *
 * @throws {TypeError} If a part of the value has no JSON form: a function, a symbol, NaN, an infinity, an invalid date,
 * a cycle.
 */
export function stringifyJson(value: unknown): string {
  const text = hasBigint(value) ? JSON.stringify(value, writeBigint) : JSON.stringify(value);
  if (text === undefined) throw new TypeError("undefined has no JSON form");
  return text;
}

// Part of the JSON.parse source text access proposal, which bun-types does not declare yet.
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
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
export function hasBigint(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return false;
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
      return false;
    case "bigint":
      return true;
    case "object":
      return value !== null && hasBigintInside(value, depth);
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`);
  }
}

function hasBigintInside(value: object, depth: number): boolean {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError("an invalid date has no JSON form");
  if (value instanceof Map || value instanceof Set) {
    throw new TypeError(`a ${value.constructor.name} has no JSON form: make an object or an array of it`);
  }
  if (depth > MAX_DEPTH) throw new TypeError("the value holds itself, or is nested too deeply");
  let found = false;
  // for-in beats Object.values here: no array is made. Inherited names are rare, and looking at them does no harm.
  for (const key in value) {
    if (hasBigint((value as Record<string, unknown>)[key], depth + 1)) found = true;
  }
  return found;
}
