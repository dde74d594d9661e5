/**
 * The transform that `rowmill compile` links into a program: a bundle entry beside the worker's, found as that of the
 * built-in zod is.
 */

/** Stands in place of the path of a transform. It cannot be the name of a file that a user means. */
export const LINKED_TRANSFORM = "rowmill:transform";

/** The export of its module that holds its zod, where it imports zod: with it schemas are compiled. */
export const LINKED_ZOD = "rowmill:zod";

/** The export that has what the transform's source says of its rows. */
export const LINKED_RECORD = "rowmill:record";

/** The folder that holds Rowmill's part of such a program while it is made. Stack traces of the program name it. */
export const OWN_PARTS_FOLDER = "rowmill-own-parts";

/**
 * The folder that it lies in, beside the worker: files that the transform reads by its own path lie there as well. (Bun
 * 1.4.5 finds such a file in a folder, and not beside the program's own parts.)
 */
export const LINKED_FOLDER = "transform";

/** The module of the linked transform. */
export async function importLinked(): Promise<Record<string, unknown>> {
  return (await import(new URL(`./${LINKED_FOLDER}/transform.ts`, import.meta.url).href)) as Record<string, unknown>;
}

/** The file inside the executable that holds it: its digest must be the same when a run is resumed. */
export function linkedFile(): string {
  return Bun.fileURLToPath(new URL(`./${LINKED_FOLDER}/transform.js`, import.meta.url));
}
