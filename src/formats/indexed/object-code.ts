/**
 * Generated code for the rows of an index of JSON lines: what the kernel found of the wanted keys, made the values that
 * JSON.parse would give. See kernel/assembly/json-index.ts for what stands where.
 */
import { objectLiteral } from "../../generated-code.ts";
import type { Row } from "../format.ts";
import { JSON_WORDS } from "../kernel/host.ts";
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

/** Words of a row before those of its keys. */
export const HEAD_WORDS: number = JSON_WORDS;

/** Generated code for the value of a key: what the kernel found, and `undefined` where the row has no such key. */
function valueCode(field: number, internsTexts: boolean): string {
  const at = `at + ${HEAD_WORDS + JSON_WORDS * field}`;
  const kind = `k${field}`;
  const text = `text.substring(fields[${at} + 2], fields[${at} + 3])`;
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

/** Generated code that makes the row of a line of the index, and what it names. */
export interface ObjectCode {
  /** Statements; `at` is the row's place among the `fields` of the index, beside `numbers`, `text` and `strings`. */
  statements: string;
  /** The row. */
  object: string;
  scope: Record<string, unknown>;
}

/** Code for rows of these keys. */
export function objectCode(names: readonly string[], { internsTexts }: { internsTexts: boolean }): ObjectCode {
  const isWhole = names.map((_, field) => `k${field} !== 0`).join(" && ");
  const values = names.map((_, field) => `f${field}`);
  const kinds = names.map((_, field) => `k${field}`);
  const withoutMissing = (all: unknown[], found: number[]): Row =>
    Object.fromEntries(names.flatMap((name, field) => (found[field] === 0 ? [] : [[name, all[field]]])));
  return {
    statements: names.map((_, field) => valueCode(field, internsTexts)).join("\n"),
    object: `${isWhole === "" ? "true" : isWhole}
      ? ${objectLiteral(names.map((name, field) => [name, `f${field}`]))}
      : withoutMissing([${values.join(", ")}], [${kinds.join(", ")}])`,
    scope: { parseJson, withoutMissing },
  };
}

/** Words that a row of the index takes, with so many wanted keys. */
export function objectStride(keys: number): number {
  return JSON_WORDS * (1 + keys);
}
