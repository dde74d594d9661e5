/**
 * Values as texts, and back. What is kept is JSON, with a form of its own for values that JSON has not; what cannot be
 * given back as it was (functions, objects of classes) is not kept at all.
 */

/** Deeper values are not kept. */
const MAX_DEPTH = 64;
/** The key under which a value stands that JSON has not. */
const MARK = "$";

/** A value as a text; undefined where it cannot be made anew from one. */
export function packed(value: unknown): string | undefined {
  try {
    const safe = toJson(value, 0);
    return safe === NOT_KEPT ? undefined : JSON.stringify(safe);
  } catch {
    // A getter may throw.
    return undefined;
  }
}

/** The value that a text was made of. */
export function unpacked(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes(`"${MARK}":`) ? fromJson(value) : value;
}

const NOT_KEPT = Symbol("not kept");

function toJson(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : marked("number", shownNumber(value));
    case "bigint":
      return marked("bigint", String(value));
    case "undefined":
      return marked("undefined", 0);
    case "object":
      return value === null ? null : objectToJson(value, depth + 1);
    default:
      return NOT_KEPT;
  }
}

function objectToJson(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) return NOT_KEPT;
  if (Array.isArray(value)) return arrayToJson(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype) {
    return Object.keys(value).length > 0 ? NOT_KEPT : marked("date", toJson((value as Date).getTime(), depth));
  }
  if (prototype !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return NOT_KEPT;
  const fields: [string, unknown][] = [];
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    // What is had by a getter, or is not enumerated, is not what JSON would have.
    const isPlain = "value" in property && property.enumerable === true;
    const safe = isPlain ? toJson(property.value, depth) : NOT_KEPT;
    if (safe === NOT_KEPT) return NOT_KEPT;
    fields.push([name, safe]);
  }
  const isOdd = Object.hasOwn(value, MARK) || Object.hasOwn(value, "__proto__");
  return isOdd ? marked("fields", fields) : Object.fromEntries(fields);
}

function arrayToJson(value: readonly unknown[], depth: number): unknown {
  // One with holes, or with names, is something else.
  if (Object.getPrototypeOf(value) !== Array.prototype || Object.keys(value).length !== value.length) return NOT_KEPT;
  const items: unknown[] = [];
  for (const item of value) {
    const safe = toJson(item, depth);
    if (safe === NOT_KEPT) return NOT_KEPT;
    items.push(safe);
  }
  return items;
}

function marked(kind: string, value: unknown): object {
  return { [MARK]: kind, value };
}

function shownNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function fromJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromJson);
  const { [MARK]: kind, value: held } = value as Record<string, unknown>;
  switch (kind) {
    case "number":
      return Number(held);
    case "bigint":
      return BigInt(held as string);
    case "undefined":
      return undefined;
    case "date":
      return new Date(fromJson(held) as number);
    case "fields":
      return madeOf(held as [string, unknown][]);
    default:
      return madeOf(Object.entries(value));
  }
}

function madeOf(fields: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(fields.map(([name, field]) => [name, fromJson(field)]));
}
