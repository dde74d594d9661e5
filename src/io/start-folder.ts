/**
 * Where relative paths begin: the current folder as it was when a run started. The process may be moved elsewhere
 * meanwhile, by native code of a transform, and no file is to be another one then.
 */
import { resolve } from "node:path";

let folder: string | undefined;

/** A run starts here. */
export function startHere(): void {
  folder = process.cwd();
}

/** The full path of what the user has named. */
export function placed(path: string): string {
  return folder === undefined ? resolve(path) : resolve(folder, path);
}
