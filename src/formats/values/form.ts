/**
 * Which objects have a form in which they can be written. Plain objects, arrays and class instances with fields are
 * written by their fields, and what has `toJSON` by that. An object of any other kind, which JSON.stringify would write
 * as `{}`, is an error that says what it is: its contents would be lost without a word.
 */

/** Deeper values are not looked into: they contain themselves, or are of no use as data. */
export const MAX_DEPTH = 1000;

/** How an object is written. */
export type Form =
  /** By its own enumerable fields, or as an array. */
  | "fields"
  /** As {@linkcode ownForm} has it. */
  | "own";

/**
 * How an object is written.
 *
 * @throws {TypeError} If it has no form, saying what it is.
 */
export function formOf(value: object): Form {
  const proto: unknown = Object.getPrototypeOf(value);
  // A function among the fields of a plain object is found when these are written: see `fieldForm`.
  if (proto === Object.prototype || proto === Array.prototype) return "fields";
  return unusualForm(value);
}

/** How an object with a function as a field is written; throws when it cannot be. */
export function fieldForm(name: string, kind: "function" | "symbol"): Form {
  if (kind === "function" && name === "toJSON") return "own";
  throw new TypeError(kind === "function" && name === "then" ? NO_PROMISE : `a ${kind} has no JSON form`);
}

/** What is written in place of an object whose form is its own: what `toJSON` gives, a boxed value, an array of numbers. */
export function ownForm(value: object, key = ""): unknown {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError("an invalid date has no JSON form");
  const toJson: unknown = Reflect.get(value, "toJSON");
  if (typeof toJson === "function") return Reflect.apply(toJson, value, [key]);
  if (isNumberArray(value)) return Array.from(value as ArrayLike<unknown>);
  return value.valueOf();
}

/**
 * The value that is written for a row or a cell: what `toJSON` gives, if it has that.
 *
 * @throws {TypeError} If it has no form.
 */
export function writtenForm(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const hasToJson = typeof Reflect.get(value, "toJSON") === "function";
  return hasToJson || formOf(value) === "own" ? ownForm(value) : value;
}

const NO_PROMISE = "a promise has no JSON form: did you forget await?";

/** Kinds of objects whose contents are not in fields, even where code has added fields to them. */
const FORMLESS: readonly [kind: new (...args: never[]) => object, hint: string][] = [
  [Error, "write its message, or throw it"],
  [Map, "make an object or an array of it"],
  [Set, "make an array of it: [...set]"],
  [RegExp, "write its source"],
  [ArrayBuffer, "make an array of it: [...new Uint8Array(buffer)]"],
  [SharedArrayBuffer, "make an array of it: [...new Uint8Array(buffer)]"],
  [DataView, "read its numbers"],
  [WeakMap, "return what it knows of the row"],
  [WeakSet, "return what it knows of the row"],
  [WeakRef, "return what it refers to"],
];

const BOXED = [String, Number, Boolean, BigInt] as const;

function unusualForm(value: object): Form {
  if (value instanceof Date && value.toJSON === Date.prototype.toJSON) {
    if (Number.isNaN(value.getTime())) throw new TypeError("an invalid date has no JSON form");
    return "fields";
  }
  if (typeof Reflect.get(value, "toJSON") === "function") return "own";
  if (typeof Reflect.get(value, "then") === "function") throw new TypeError(NO_PROMISE);
  if (isNumberArray(value) || BOXED.some((kind) => value instanceof kind)) return "own";
  for (const [kind, hint] of FORMLESS) {
    if (value instanceof kind) throw new TypeError(`${kindOf(value)} has no JSON form: ${hint}`);
  }
  if (Array.isArray(value) || Object.getPrototypeOf(value) === null || Object.keys(value).length > 0) return "fields";
  throw new TypeError(withoutFields(value));
}

function isNumberArray(value: object): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Why an object without fields of its own cannot be written. */
export function withoutFields(value: object): string {
  const kind = kindOf(value);
  if (Symbol.iterator in value) return `${kind} has no JSON form: make an array of it: [...values]`;
  if (Symbol.asyncIterator in value)
    return `${kind} has no JSON form: make an array of it: await Array.fromAsync(values)`;
  return `${kind} has no fields that could be written: return a plain object, or give it toJSON()`;
}

/** What an object is called: by its class, or by what the runtime calls it. */
export function kindOf(value: object): string {
  const maker: unknown = Reflect.get(value, "constructor");
  const isNamed = typeof maker === "function" && maker.name !== "" && maker !== Object;
  const name = isNamed
    ? maker.name
    : (/^\[object (.+)\]$/.exec(Object.prototype.toString.call(value))?.[1] ?? "object");
  return `${/^[AEIOU](?!RL)/.test(name) ? "an" : "a"} ${name}`;
}
