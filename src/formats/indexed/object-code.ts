/**
 * Generated code for the rows of an index of JSON lines: what the kernel found of the wanted keys, made the values that
 * JSON.parse would give. See kernel/assembly/json-index.ts for what stands where.
 */
import { definition, generate, memberOf, objectLiteral } from "../../generated-code.ts";
import { JSON_FIELD_WORDS, JSON_HEAD_WORDS } from "../kernel/host.ts";
import { parseJson } from "../values/json.ts";

/** Kinds of values of the index. */
export const Kind = {
  missing: 0,
  number: 1,
  string: 2,
  true: 3,
  false: 4,
  null: 5,
  /** A string with escapes, or a number of many digits: JSON.parse reads it. */
  parsed: 6,
  /** An object or an array. */
  nested: 7,
  integer: 8,
  /** A string, by its number in the table of texts. */
  interned: 9,
} as const;

/** For more keys the whole line is parsed. */
export const MAX_INDEXED_KEYS = 64;

/** What the values of texts are made of. */
interface ObjectCodeOptions {
  internsTexts: boolean;
  /** Code of the text that they are cut from. @default text */
  whole?: string;
  /** The name of an object with all keys that all rows are, but those in which keys are missing. @default each has its own */
  again?: string | undefined;
}

/** Generated code for the value of a key: what the kernel found, and `undefined` where the row has no such key. */
function valueCode(field: number, { internsTexts, whole = "text" }: ObjectCodeOptions): string {
  const at = `at + ${placeOf(field)}`;
  const kind = `k${field}`;
  const text = `${whole}.substring(fields[${at} + 2], fields[${at} + 3])`;
  const values: [kind: number, value: string][] = [
    [Kind.integer, `fields[${at} + 2]`],
    ...(internsTexts ? [[Kind.interned, `strings[fields[${at} + 2]]`] satisfies [number, string]] : []),
    [Kind.string, text],
    [Kind.number, `numbers[(${at} + 2) >> 1]`],
    [Kind.missing, "undefined"],
    [Kind.true, "true"],
    [Kind.false, "false"],
    [Kind.null, "null"],
  ];
  const cases = values.map(([is, value]) => `${kind} === ${is} ? ${value} : `);
  return `const ${kind} = fields[${at}]; const f${field} = ${cases.join("")}parseJson(${text});`;
}

/** The first word of a key, by its number in the index, from the start of a row. */
export function placeOf(key: number): number {
  return JSON_HEAD_WORDS + JSON_FIELD_WORDS * key;
}

/** Words that a row of the index takes, with so many wanted keys. */
export function objectStride(keys: number): number {
  return placeOf(keys);
}

/** Generated code that makes the row of a line of the index, and what it names. */
export interface ObjectCode {
  /** Statements; `at` is the row's place among the `fields` of the index, beside `numbers`, `text` and `strings`. */
  statements: string;
  /** The row. */
  object: string;
  scope: Record<string, unknown>;
}

/** Code for rows of these keys of the index; undefined for one that the rows do not get. */
export function objectCode(keys: readonly (string | undefined)[], options: ObjectCodeOptions): ObjectCode {
  const wanted = keys.flatMap((name, field) => (name === undefined ? [] : [{ name, field }]));
  const isWhole = wanted.map(({ field }) => `k${field} !== ${Kind.missing}`).join(" && ");
  const names = wanted.flatMap(({ field }) => [`f${field}`, `k${field}`]).join(", ");
  const { again } = options;
  const object =
    again === undefined
      ? objectLiteral(wanted.map(({ name, field }) => [name, `f${field}`]))
      : `(${wanted.map(({ name, field }) => `${memberOf(again, name)} = f${field}, `).join("")}${again})`;
  const scope = { parseJson, withoutMissing: withoutMissing(wanted, names) };
  return {
    statements: wanted.map(({ field }) => valueCode(field, options)).join("\n"),
    object: `${isWhole === "" ? "true" : isWhole}
      ? ${object}
      : withoutMissing(${names})`,
    scope,
  };
}

/** Makes the function that makes rows without the keys that are missing. */
function withoutMissing(wanted: readonly { name: string; field: number }[], names: string): unknown {
  const sets = wanted.map(
    ({ name, field }) => `if (k${field} !== ${Kind.missing}) ${definition("row", name, `f${field}`)}`,
  );
  return generate(
    "withoutMissing",
    `return function withoutMissing(${names}) { const row = {}; ${sets.join(" ")} return row; }`,
  );
}
