/** A folder for files that a command needs while it works. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowmillError, messageOf } from "../../errors.ts";

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
  const folder = makeFolder(name, [tmpdir(), ...(process.platform === "win32" ? [] : OTHERS), ...beside]);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
