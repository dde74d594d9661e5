/**
 * The fast way of writing CSV: a whole block of rows as text, in the hope that no field needs quotes, and one SIMD count
 * over its bytes that proves it. Asking each field by itself costs more than all the rest of the writing.
 */
import { generate, ownMemberOf } from "../../generated-code.ts";
import { Attempts, type BlockEncoder, type PlainBlock, WORTH_COMPILING_ROWS } from "../block-encoder.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { cellText } from "../values/cell.ts";

/** Wider rows are written one by one: generated code for them would not be optimised any more. */
const MAX_COLUMNS = 64;

/** The block encoder for columns, where the dialect allows one. */
export function csvBlockEncoder(columns: readonly string[], dialect: OutputDialect): BlockEncoder | undefined {
  // A lone empty field must be quoted, which counting cannot tell; the other options quote or change fields.
  const { quote, quoteAll, escapeFormulas, comments, keepsSpace, hasEscapes, isTyped, rest } = dialect;
  const changesFields = isTyped || quoteAll || escapeFormulas || comments.length > 0 || keepsSpace || hasEscapes;
  const isUneven = rest !== undefined && columns.includes(rest);
  const isOther = columns.length < 2 || columns.length > MAX_COLUMNS || changesFields || isUneven;
  if (isOther || !canBeCounted(dialect)) return undefined;
  let encodeRows: ((values: readonly unknown[]) => PlainBlock | undefined) | undefined;
  const attempts = new Attempts();
  const returns = dialect.newline === "\r\n" ? 1 : 0;
  return {
    isPromising: (count) => count >= WORTH_COMPILING_ROWS && attempts.isDue(),
    encode(values) {
      encodeRows ??= compileEncodeRows(columns, dialect);
      try {
        return encodeRows(values);
      } catch {
        // A value that cannot be written, or a getter or toString() of the user's that throws: the row is found, and named,
        // when the rows are written one by one.
        return undefined;
      }
    },
    isPlain: (counts, rows) =>
      attempts.note(
        (quote === "" || counts.quotes === 0) &&
          counts.lineFeeds === rows &&
          counts.returns === rows * returns &&
          counts.delimiters === rows * (columns.length - 1),
      ),
  };
}

/** Whether the kernel counts the characters that make quotes necessary. */
function canBeCounted({ delimiter, quote, escape }: OutputDialect): boolean {
  return delimiter.length === 1 && delimiter < "\x80" && (quote === "" || (quote === '"' && escape === quote));
}

function compileEncodeRows(
  columns: readonly string[],
  { delimiter, newline, nullText }: OutputDialect,
): (values: readonly unknown[]) => PlainBlock | undefined {
  const reads = columns.map((name, index) => {
    return `let f${index} = ${ownMemberOf("row", name)}; if (f${index} !== undefined) found++;
      if (typeof f${index} !== "string") f${index} = cell(f${index});`;
  });
  const line = columns.map((_, index) => `\${f${index}}`).join("${delimiter}");
  // As many keys as columns found: then the row has no key beyond the columns.
  const source = `return function encodeRows(values) {
    let text = "", rows = 0;
    for (let at = 0; at < values.length; at++) {
      const row = values[at];
      if (row === undefined) continue;
      if (typeof row !== "object" || Object.getPrototypeOf(row) !== Object.prototype) return undefined;
      let found = 0, keys = 0;
      for (const key in row) keys++;
      ${reads.join("\n")}
      if (found !== keys) return undefined;
      text += \`${line}\${newline}\`;
      rows++;
    }
    return text.isWellFormed() ? { text, rows } : undefined;
  }`;
  const cell = (value: unknown): unknown => (Number.isFinite(value) ? value : cellText(value, nullText));
  return generate("encodeRows", source, { cell, delimiter, newline }) as (
    values: readonly unknown[],
  ) => PlainBlock | undefined;
}
