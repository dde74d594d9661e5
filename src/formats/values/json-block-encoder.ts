/**
 * The fast way of writing JSON: a whole block of flat rows as text, in the hope that no string needs an escape, and one
 * SIMD count over its bytes that proves it. Rows of other kinds are written one by one.
 */
import { generate, memberOf, textLiteral } from "../../generated-code.ts";
import { sameColumns } from "../columns.ts";
import { Attempts, type BlockEncoder, type PlainBlock, WORTH_COMPILING_ROWS } from "../block-encoder.ts";

/** The byte whose occurrences are counted beside quotes and control characters. */
export const JSON_ESCAPE = "\\";

/** Rows with more keys are written one by one: generated code for them would not be optimised any more. */
const MAX_KEYS = 64;
/** Code is generated for so many lists of keys: rows that go on changing theirs are written one by one. */
const MAX_SHAPES = 16;

/** Rows as text, and how many quotes stand in that when no string holds one. */
type EncodeRows = (values: readonly unknown[]) => (PlainBlock & { quotes: number }) | undefined;

/** The block encoder for JSON. @param end What stands behind each row: its line feed, and nothing that needs an escape. */
export function jsonBlockEncoder(end: string): BlockEncoder {
  const attempts = new Attempts();
  let keys: string[] = [];
  let shapes = 0;
  let encodeRows: EncodeRows | undefined;
  let quotes = 0;
  return {
    isPromising: (count) => count >= WORTH_COMPILING_ROWS && shapes < MAX_SHAPES && attempts.isDue(),
    encode(values) {
      const first = values.find((value) => value !== undefined);
      if (typeof first !== "object" || first === null) return undefined;
      // What is no plain object is written by itself, whatever its keys are.
      if (Object.getPrototypeOf(first) !== Object.prototype) {
        attempts.note(false);
        return undefined;
      }
      const found = Object.keys(first);
      if (encodeRows === undefined || !sameColumns(found, keys)) {
        keys = found;
        shapes++;
        encodeRows = compileEncodeRows(keys, end);
      }
      const plain = encodeRows(values);
      if (plain === undefined) attempts.note(false);
      else quotes = plain.quotes;
      return plain;
    },
    isPlain: (counts, rows) =>
      attempts.note(
        counts.quotes === quotes &&
          counts.delimiters === 0 &&
          counts.lineFeeds === rows &&
          counts.controls === counts.lineFeeds,
      ),
  };
}

/** Generates the loop that writes rows with these keys, in this order; it gives up at any other row. */
function compileEncodeRows(keys: readonly string[], end: string): EncodeRows {
  const names = keys.map((key) => JSON.stringify(key));
  if (keys.length > MAX_KEYS || names.some((name) => name.includes(JSON_ESCAPE))) return () => undefined;
  const values = keys.map(
    (key, at) => `let f${at} = ${memberOf("row", key)};
      if (typeof f${at} === "string") {
        f${at} = '"' + f${at} + '"';
        strings++;
      } else if (typeof f${at} === "number" ? !Number.isFinite(f${at}) : typeof f${at} !== "boolean" && f${at} !== null) {
        return undefined;
      }`,
  );
  const pieces = names.map((name, at) => `${textLiteral(`${at === 0 ? "" : ","}${name}:`)} + f${at}`);
  const source = `return function encodeRows(values) {
    let text = "", rows = 0, strings = 0;
    for (let at = 0; at < values.length; at++) {
      const row = values[at];
      if (row === undefined) continue;
      if (typeof row !== "object" || Object.getPrototypeOf(row) !== Object.prototype) return undefined;
      let found = 0;
      for (const key in row) if (key !== keys[found++]) return undefined;
      if (found !== ${keys.length}) return undefined;
      ${values.join("\n")}
      text += ${["'{'", ...pieces].join(" + ")} + end;
      rows++;
    }
    if (!text.isWellFormed()) return undefined;
    return { text, rows, quotes: strings * 2 + rows * ${keys.length * 2} };
  }`;
  return generate("encodeRows", source, { keys, end: `}${end}` }) as EncodeRows;
}
