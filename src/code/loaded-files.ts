/**
 * The files of a transform that a worker has loaded: the module and all that it imports, packages too, whenever they
 * are imported. An output must not be made by two versions of them.
 */
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { fileHash } from "../io/file-hash.ts";
import { isOwnFile } from "./frames.ts";

/** SHA-256 of files, by their real paths. */
export type FileHashes = Record<string, string>;

export class LoadedFiles {
  /** Names in the module registry that were looked at. */
  readonly #seen = new Set<string>();
  #count = 0;

  /** The files that were loaded since this was asked last. */
  take(): FileHashes {
    const names = Object.keys(require.cache);
    const found: FileHashes = {};
    // Called after each batch, while new files are rare.
    if (names.length === this.#count) return found;
    this.#count = names.length;
    for (const name of names) {
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      if (!isAbsolute(name) || isOwnFile(name)) continue;
      // Imported under another name, `./words.ts?2`, it is read again.
      const path = name.replace(/[?#].*$/, "");
      if (existsSync(path)) found[path] = fileHash(path);
    }
    return found;
  }
}
