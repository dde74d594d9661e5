/**
 * Fields of `tsv-escaped`: nothing is quoted, and a backslash and a letter stand for what a field cannot hold. These are
 * the files of PostgreSQL's COPY, of MySQL, ClickHouse and Miller; what they escape differs, so more is read than written.
 */

const CHARACTERS: Readonly<Record<string, string>> = {
  "\\": "\\",
  t: "\t",
  n: "\n",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

/** What null is read from and written as, unless told otherwise. */
export const ESCAPED_NULL: string = String.raw`\N`;

/** The text of a field as it stands in the file. A backslash before anything else stands for itself. */
export function unescapeField(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replaceAll(/\\([\\tnrbfv0])/g, (escaped, letter: string) => CHARACTERS[letter] ?? escaped);
}

const SPECIAL = /[\\\t\n\r]/;
const LETTERS: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A text as a field of the file. */
export function escapeField(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (character) => LETTERS[character] ?? character) : text;
}

/** Makes the reader of fields; those that are one of the texts for null, as they stand in the file, are null. */
export function escapedFieldReader(nullTexts: readonly string[]): (raw: string) => string | null {
  const nulls = new Set(nullTexts);
  return (raw) => (nulls.has(raw) ? null : unescapeField(raw));
}
