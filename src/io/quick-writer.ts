/**
 * Writes without a thread what a stream takes at once. The first thread for writing takes 2 to 4 ms to start, which is long
 * for a short run. Nothing that may wait for a reader is written this way: on the main thread no interrupt would end that.
 */
import { type Stats, closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { errorCode } from "./write-error.ts";

/** Of larger pieces, a pipe takes no more than the start. */
const MOST_BYTES = 64 * 1024;

/** The null device, and terminals of windows and remote logins, as Linux numbers them: the major number, then the minor. */
const NULL_DEVICE = 0x103;
const FIRST_TERMINALS = 136;
const LAST_TERMINALS = 143;

const NOTHING = new Uint8Array(0);

export interface QuickWriter {
  /** Writes as much as is taken at once, and says how much that is. It throws the error of the system. */
  write(bytes: Uint8Array): number;
  /** The stream itself stays open. */
  close(): void;
}

/** The quick writer of a stream that is open for writing; undefined where writing to it may block all the same. */
export function quickWriter(fd: number): QuickWriter | undefined {
  try {
    const stat = fstatSync(fd);
    // Opened for reading only, it takes not even nothing.
    writeSync(fd, NOTHING);
    if (stat.isFile()) return writerOf(fd, () => {});
    if (!stat.isFIFO() && !isPlainDevice(stat)) return undefined;
    // Opened once more, it can be told not to block without a change for others that write to it.
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    return writerOf(own, () => closeSync(own));
  } catch {
    // It is not open for writing, there is no /proc, it belongs to another user, its reader has gone: a thread finds out.
    return undefined;
  }
}

function isPlainDevice(stat: Stats): boolean {
  const major = stat.rdev >> 8;
  return (
    stat.isCharacterDevice() && (stat.rdev === NULL_DEVICE || (major >= FIRST_TERMINALS && major <= LAST_TERMINALS))
  );
}

function writerOf(fd: number, close: () => void): QuickWriter {
  return {
    write: (bytes) => {
      if (bytes.length > MOST_BYTES) return 0;
      try {
        return writeSync(fd, bytes);
      } catch (error) {
        if (errorCode(error) === "EAGAIN" || errorCode(error) === "EINTR") return 0;
        throw error;
      }
    },
    close,
  };
}
