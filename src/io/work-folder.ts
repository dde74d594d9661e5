/** A folder for files that are needed while work is done. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "./system.ts";
import { spillError } from "./spill-file.ts";
import { RowmillError, messageOf } from "../errors.ts";

/** Where temporary files may lie when TMPDIR names no folder that takes them. */
const OTHERS = ["/tmp", "/var/tmp", "/dev/shm"];

/**
 * Does work in a folder of its own, and removes that.
 *
 * @param beside Folders to take where there is none for temporary files.
 * @throws {RowmillError} `output`, where no folder takes it.
 */
export async function inWorkFolder<Result>(
  name: string,
  beside: readonly string[],
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const { path, remove } = openWorkFolder(name, beside);
  try {
    return await work(path);
  } finally {
    remove();
  }
}

/** Such a folder, which is there until it is removed, or the process ends in whatever order. */
export function openWorkFolder(name: string, beside: readonly string[]): { path: string; remove: () => void } {
  return removable(makeFolder(name, [tmpdir(), ...(process.platform === "win32" ? [] : OTHERS), ...beside]));
}

/** The same in a folder that was asked for, or in that of the system. */
export function openSpillFolder(name: string, folder: string = tmpdir()): { path: string; remove: () => void } {
  try {
    return removable(mkdtempSync(join(folder, `${name}-`)));
  } catch (error) {
    throw spillError(error, "made", folder);
  }
}

function removable(path: string): { path: string; remove: () => void } {
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(path, { recursive: true, force: true });
  };
  // A second interrupt ends the process where it stands.
  process.on("exit", remove);
  return { path, remove };
}

function makeFolder(name: string, places: readonly string[]): string {
  let first: unknown;
  for (const place of places) {
    try {
      return mkdtempSync(join(place, `${name}-`));
    } catch (error) {
      first ??= error;
    }
  }
  throw new RowmillError("output", `there is no place for temporary files: ${messageOf(first)}`, {
    hint: "name a folder that is there and may be written to: TMPDIR=FOLDER",
    cause: first,
  });
}
