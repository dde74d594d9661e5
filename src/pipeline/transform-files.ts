/**
 * The files of the transform, as the workers of a run have loaded them. An editor saves, a package is installed, and a
 * worker that takes the place of another loads something else: such a run ends, and nothing of what that worker did is
 * written.
 */
import { RowmillError } from "../errors.ts";
import { fileHash } from "../io/file-hash.ts";
import type { FileHashes } from "../code/loaded-files.ts";

export class TransformFiles {
  /** What the first worker loaded before anything else. */
  #first: FileHashes | undefined;
  /** What was imported later, by whichever worker. */
  readonly #late: FileHashes = {};
  #onLate: (files: FileHashes) => void = () => {};

  /**
   * @param before Files that an earlier run, which this one goes on with, imported late.
   * @param onLate Hears of all others that are, and were so far.
   */
  watchLate(before: FileHashes, onLate: (files: FileHashes) => void): void {
    const sofar = { ...this.#late };
    Object.assign(this.#late, before);
    this.#onLate = onLate;
    if (Object.keys(sofar).length > 0) onLate(sofar);
  }

  /**
   * A worker has loaded the transform.
   *
   * @throws {RowmillError} `transform-changed`, where that is not what the first one loaded.
   */
  loaded(files: FileHashes): void {
    if (this.#first === undefined) {
      this.#first = files;
      return;
    }
    for (const path of Object.keys({ ...this.#first, ...files })) {
      if (this.#first[path] !== files[path]) throw changed(path, files[path] === undefined ? "missed" : "loaded");
    }
  }

  /**
   * A worker has imported something later.
   *
   * @throws {RowmillError} `transform-changed`, where another worker got something else.
   */
  imported(files: FileHashes): void {
    const more: FileHashes = {};
    for (const [path, hash] of Object.entries(files)) {
      const known = this.#first?.[path] ?? this.#late[path];
      if (known === undefined) more[path] = hash;
      else if (known !== hash) throw changed(path, "loaded");
    }
    if (Object.keys(more).length === 0) return;
    Object.assign(this.#late, more);
    this.#onLate(more);
  }

  /** Why a worker that could not load the transform could not, if it is that its files are others by now. */
  get change(): RowmillError | undefined {
    const path = firstChangedFile({ ...this.#first, ...this.#late });
    return path === undefined ? undefined : changed(path, "loaded");
  }
}

/** The first file that is not what it was. */
export function firstChangedFile(files: FileHashes): string | undefined {
  return Object.keys(files).find((path) => fileHash(path) !== files[path]);
}

function changed(path: string, by: "loaded" | "missed"): RowmillError {
  const what = by === "loaded" ? "changed while the run was under way" : "is not imported any more";
  return new RowmillError("transform-changed", `the transform's file ${path} ${what}`, {
    hint: "one output must not come of two versions: bring back the text that the run began with to go on, or start over with the new one",
  });
}
