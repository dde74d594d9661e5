/**
 * Loads the reader of row types, only for a transform whose text may have one: loading its parser takes longer than a
 * short run.
 */

/** Source that is no TypeScript has no types. */
const UNTYPED = /\.[cm]?jsx?$/;
/** A schema decides alone. */
const HAS_SCHEMA = /\bexport\s+(?:const|let|var)\s+schema\b/;
const COMMENTS = /\/\*[^]*?\*\/|\/\/[^\n]*/g;

const NAME = String.raw`[\p{ID_Continue}$]+`;
/** Braces within braces within braces: the pattern of a parameter. */
const BRACES = nested(nested(String.raw`\{[^{}]*\}`));
const PATTERN = `(?:${NAME}|${BRACES})`;
/** `(row: …`, `({ name }: …`, `(sum, row: …`, `(this: void, row: …`, at the parameters of some function. */
const ANNOTATED = new RegExp(String.raw`\(\s*${PATTERN}\s*(?:,\s*${PATTERN}\s*)?\??:`, "u");

function nested(inner: string): string {
  return String.raw`\{(?:[^{}]|${inner})*\}`;
}

/** `Transform<Scientist>`, of which Rowmill has the declaration. */
const TOLD = /["']rowmill["']/;
/** The function may come from another file. */
const PASSED_ON = /\bexport\s*\{[^}]*\b(?:default|batch|reduce)\b|\bexport\s+default\s+[\w$]+\s*;?\s*$|\bstep\s*[,}]/m;

/** Whether the text of a transform may say what its rows are; no is certain. */
export function mayTypeRows(path: string, text: string): boolean {
  // Two slashes may stand in a text, too: what is cut off with them may only say that there is a schema.
  const code = text.replaceAll(COMMENTS, " ");
  if (UNTYPED.test(path) || HAS_SCHEMA.test(code)) return false;
  return [code, text].some((one) => ANNOTATED.test(one) || TOLD.test(one) || PASSED_ON.test(one));
}

export { recordTypeReader } from "./reader-place.ts";
