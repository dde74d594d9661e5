/**
 * Where relative paths begin: the current folder as it was when a run started. Native code of a transform may change
 * the folder of the process meanwhile, and paths must not mean other files then.
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
