/** How a column is called in the code of a transform. */
import { once } from "../once.ts";
import { isPlainName, quotedText } from "../formats/columns.ts";

/** Words that are no names in the code of a module: of the language, or kept for it. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super
  switch this throw true try typeof var void while with yield arguments eval`.split(/\s+/),
);

/** The member of the row that a column is, in code that works as it stands: `row.born`, `row["first name"]`. */
export function rowMember(column: string, row = "row", escaped?: RegExp): string {
  if (escaped === undefined && isPlainName(column)) return `${row}.${column}`;
  return `${row}[${quotedText(column, escaped)}]`;
}

/** A column as the key of an object: `born`, `"first name"`. */
export function objectKey(column: string): string {
  return isPlainName(column) ? column : quotedText(column);
}

/** A column in place of a name that was written: by its name alone where that is possible. */
export function suggestedName(column: string, written: string): string {
  const escaped = lookalikes(column, written);
  if (escaped === undefined && isPlainName(column) && !RESERVED_WORDS.has(column)) return column;
  return rowMember(column, "row", escaped);
}

const looksLatin = once(() => /[\p{Script=Cyrillic}\p{Script=Greek}]/gu);

/** The characters of a column to show by their code points, because it looks like what was written. */
export function lookalikes(column: string, written: string): RegExp | undefined {
  if (column.normalize() === written.normalize()) return /\P{ASCII}/gu;
  const isMixed = /\p{Script=Latin}/u.test(column) && column.search(looksLatin()) >= 0;
  return isMixed && written.search(looksLatin()) < 0 ? looksLatin() : undefined;
}
