/**
 * Loads the reader of row types, only for a transform whose text may have one: loading its parser takes longer than a
 * short run.
 */

/** Source that is no TypeScript has no types. */
const UNTYPED = /\.[cm]?jsx?$/;
/** A schema decides alone. */
const HAS_SCHEMA = /\bexport\s+(?:const|let|var)\s+schema\b/;
/** `(row: …`, `({ name }: …`, `(sum, row: …`, at the parameters of some function. */
const ANNOTATED = /\(\s*(?:[\w$]+|\{[^}]*\})\s*(?:,\s*(?:[\w$]+|\{[^}]*\})\s*)?\??:/;
/** `Transform<Scientist>`, of which Rowmill has the declaration. */
const TOLD = /["']rowmill["']/;
/** The function may come from another file. */
const PASSED_ON = /\bexport\s*\{[^}]*\b(?:default|batch|reduce)\b|\bexport\s+default\s+[\w$]+\s*;?\s*$|\bstep\s*[,}]/m;

/** Whether the text of a transform may say what its rows are; no is certain. */
export function mayTypeRows(path: string, text: string): boolean {
  if (UNTYPED.test(path) || HAS_SCHEMA.test(text)) return false;
  return ANNOTATED.test(text) || TOLD.test(text) || PASSED_ON.test(text);
}

const isSource: boolean = import.meta.url.endsWith("/load-reader.ts");

/** In the executable it is a bundle entry of its own, as zod is: programs made of a transform do not contain it. */
export async function recordTypeReader(): Promise<typeof import("./read-record-type.ts")> {
  const place = new URL(isSource ? "../../record-type.ts" : "./record-type.ts", import.meta.url).href;
  return (await import(place)) as typeof import("./read-record-type.ts");
}
