/** Waits until what was written to a file is on the disk, where the file system knows how to. */
import { fsyncSync } from "node:fs";
import { errorCode } from "./write-error.ts";

/** What a file system says that has no such operation, or allows it to nobody: some of FUSE, and shares. */
const NOT_POSSIBLE: ReadonlySet<string> = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM", "EACCES"]);

/** Whether a system error says that a file system cannot do this at all, whatever the file. */
export function isNotPossible(error: unknown): boolean {
  return NOT_POSSIBLE.has(errorCode(error));
}

export function syncFile(fd: number): void {
  try {
    fsyncSync(fd);
  } catch (error) {
    if (!isNotPossible(error)) throw error;
  }
}
