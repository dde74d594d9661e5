/**
 * A file on its way: written beside its target as `<target>.part`, and renamed when all of it is there. Until then the
 * old file stands.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { RowmillError } from "../errors.ts";
import type { FileTarget, Sink } from "./sink.ts";
import { errorCode, writeError } from "./write-error.ts";

const READ_BYTES = 1 << 20;
/** Whenever so much has been written, the system is asked to begin with it: at the end little is left to wait for. */
const WRITE_OUT_BYTES = 8 << 20;

/** How far a part file has come. */
export interface PartState {
  bytes: number;
  /** CRC-32 of those bytes. */
  crc: number;
}

export class PartFile implements Sink {
  readonly #target: FileTarget;
  readonly #fd: number;
  #isOpen = true;
  #bytes = 0;
  #crc = 0;
  /** Bytes that the system was asked to write out. */
  #writtenOut = 0;
  #isWritingOut = false;
  /** The system tells of a failure once. */
  #failure: unknown;

  private constructor(target: FileTarget, fd: number) {
    this.#target = target;
    this.#fd = fd;
  }

  /** Makes the part file. Exclusively: a link or file that somebody put there is never followed or overwritten. */
  static create(target: FileTarget): PartFile {
    try {
      const fd = openSync(
        target.part,
        constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
        target.mode === undefined ? 0o666 : 0o600,
      );
      if (target.mode !== undefined) fchmodSync(fd, target.mode);
      return new PartFile(target, fd);
    } catch (error) {
      if (errorCode(error) === "EEXIST") throw leftOver(target, error);
      throw writeError(error, target.path);
    }
  }

  /** Opens the part file that an earlier run left, to go on behind one of the states that it may be in. */
  static reopen(target: FileTarget): PartFile {
    try {
      const fd = openSync(target.part, constants.O_RDWR | constants.O_NOFOLLOW);
      if (!fstatSync(fd).isFile()) throw leftOver(target, undefined);
      return new PartFile(target, fd);
    } catch (error) {
      if (error instanceof RowmillError) throw error;
      throw writeError(error, target.path);
    }
  }

  get state(): PartState {
    return { bytes: this.#bytes, crc: this.#crc };
  }

  /** Which of these states, in ascending order, the bytes of the file agree with. */
  verify(states: readonly PartState[]): boolean[] {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let done = 0;
    let crc = 0;
    return states.map((state) => {
      while (done < state.bytes) {
        const got = readSync(this.#fd, buffer, 0, Math.min(READ_BYTES, state.bytes - done), done);
        if (got === 0) break;
        crc = Bun.hash.crc32(buffer.subarray(0, got), crc);
        done += got;
      }
      return done === state.bytes && crc === state.crc;
    });
  }

  /** Goes on behind a state: what was written after it is dropped. */
  rewind({ bytes, crc }: PartState): void {
    ftruncateSync(this.#fd, bytes);
    this.#bytes = bytes;
    this.#crc = crc;
  }

  write(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#bytes + done);
      }
    } catch (error) {
      throw writeError(error, this.#target.path);
    }
    this.#bytes += bytes.length;
    this.#crc = Bun.hash.crc32(bytes, this.#crc);
    this.#writeOut();
  }

  #writeOut(): void {
    if (this.#isWritingOut || this.#bytes - this.#writtenOut < WRITE_OUT_BYTES) return;
    this.#isWritingOut = true;
    this.#writtenOut = this.#bytes;
    fdatasync(this.#fd, (error) => {
      this.#isWritingOut = false;
      // One that was closed meanwhile was given up, or synchronised before.
      if (error !== null && this.#isOpen) this.#failure ??= error;
    });
  }

  /** All that was written is on the disk. */
  sync(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      fsyncSync(this.#fd);
    } catch (error) {
      throw writeError(error, this.#target.path);
    }
  }

  /** The part file takes the name of its target. */
  commit(): void {
    this.close();
    renamePart(this.#target);
  }

  abandon(): void {
    this.close();
    rmSync(this.#target.part, { force: true });
  }

  /** Lets go of the file and leaves it where it is. */
  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

/** Gives a part file the name of its target. */
export function renamePart({ part, target, path }: FileTarget): void {
  try {
    renameSync(part, target);
  } catch (error) {
    throw writeError(error, path);
  }
}

function leftOver({ path, part }: FileTarget, cause: unknown): RowmillError {
  return new RowmillError("output", `cannot write ${path}: ${part} is in the way`, {
    hint: "another run is writing, or one was cut off: --restart drops what it left and starts over",
    cause,
  });
}
