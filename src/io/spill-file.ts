/**
 * A file for what does not fit in memory, in a folder for such files. It has no name as soon as it is open, where the system
 * allows that: then nothing of it is left however the process ends. Elsewhere it is removed when it is closed, or when the
 * process ends by itself.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { tmpdir } from "./system.ts";
import { RowmillError } from "../errors.ts";
import { errorCode, reasonOf } from "./write-error.ts";

/** Its folder begins with it, as long as it has one. */
const PREFIX = "rowmill-spill-";

/** Bytes that were written, and where. */
export interface SpillPlace {
  at: number;
  length: number;
}

export class SpillFile {
  readonly #folder: string;
  readonly #fd: number;
  /** Its path where it still has one. */
  readonly #path: string | undefined;
  #length = 0;
  #isOpen = true;

  /**
   * @param folder The folder for such files; undefined for that of the system.
   * @throws {RowmillError} `spill`, where no file can be made there.
   */
  constructor(folder: string | undefined) {
    this.#folder = folder ?? tmpdir();
    try {
      const own = mkdtempSync(join(this.#folder, PREFIX));
      const path = join(own, "rows");
      this.#fd = openSync(path, "wx+", 0o600);
      this.#path = withoutName(own, path) ? undefined : path;
    } catch (error) {
      throw spillError(error, "made", this.#folder);
    }
    if (this.#path !== undefined) process.once("exit", this.#remove);
  }

  /** Bytes in it. */
  get length(): number {
    return this.#length;
  }

  /** @throws {RowmillError} `spill`, where they cannot be written: the disk is full, or the folder is gone. */
  append(bytes: Uint8Array): SpillPlace {
    const at = this.#length;
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
    } catch (error) {
      throw spillError(error, "written", this.#folder);
    }
    this.#length = at + bytes.length;
    return { at, length: bytes.length };
  }

  /** Fills memory with the bytes from a place on. */
  read(to: Uint8Array, at: number): void {
    try {
      for (let done = 0; done < to.length;) {
        const read = readSync(this.#fd, to, done, to.length - done, at + done);
        if (read === 0) throw Object.assign(new Error("the file is shorter than it was"), { code: "it was cut off" });
        done += read;
      }
    } catch (error) {
      throw spillError(error, "read", this.#folder);
    }
  }

  /** Gives its room back. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      ftruncateSync(this.#fd);
    } finally {
      closeSync(this.#fd);
      if (this.#path !== undefined) {
        process.removeListener("exit", this.#remove);
        this.#remove();
      }
    }
  }

  readonly #remove = (): void => {
    if (this.#path !== undefined) rmSync(join(this.#path, ".."), { recursive: true, force: true });
  };
}

/** Takes the name of a file and its folder away, as far as the system has open files without one. */
function withoutName(folder: string, path: string): boolean {
  try {
    unlinkSync(path);
    rmdirSync(folder);
    return true;
  } catch {
    // It is removed at the end.
    return false;
  }
}

/** The error of what goes to a file because memory, or a single pass, does not do. @param what It cannot be made, written or read. */
export function spillError(cause: unknown, what: "made" | "written" | "read", folder: string): RowmillError {
  const [reason] = errorCode(cause) === "ENOENT" ? ["it does not exist"] : reasonOf(cause);
  return new RowmillError("spill", `a file for rows that wait cannot be ${what} in ${folder}: ${reason}`, {
    hint: "--temp-dir names another folder; for all but --union, --memory says how much is kept before one is needed",
    cause,
  });
}
