/** Waits until what was written to a file is on the disk, where the file system knows how to. */
import { fsyncSync } from "node:fs";
import { errorCode } from "./write-error.ts";

/** Error codes of file systems that have no such operation or never allow it: some of FUSE, and network shares. */
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
