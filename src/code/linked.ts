/**
 * The transform that `rowmill compile` links into a program: a bundle entry beside the worker's, found as that of the
 * built-in zod is.
 */

/** Its name where a path of a transform is asked for. No file is called so: a colon follows no folder. */
export const LINKED_TRANSFORM = "rowmill:transform";

/** The export of its module that holds its zod, where it imports zod: with it schemas are compiled. */
export const LINKED_ZOD = "rowmill:zod";

/** The export that has what the transform's source says of its rows. */
export const LINKED_RECORD = "rowmill:record";

/** How the folder is called that holds Rowmill's part of such a program while it is made: its stacks name it. */
export const OWN_PARTS_FOLDER = "rowmill-own-parts";

/**
 * The folder that it lies in, beside the worker: files that the transform reads by its own path lie there as well. (Bun
 * 1.4.5 finds such a file in a folder, and not beside the program's own parts.)
 */
export const LINKED_FOLDER = "transform";

/** Its module. */
export async function importLinked(): Promise<Record<string, unknown>> {
  return (await import(new URL(`./${LINKED_FOLDER}/transform.ts`, import.meta.url).href)) as Record<string, unknown>;
}

/** The file that holds it, inside the executable: what a run is resumed with must be the same. */
export function linkedFile(): string {
  return Bun.fileURLToPath(new URL(`./${LINKED_FOLDER}/transform.js`, import.meta.url));
}
