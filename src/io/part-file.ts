/**
 * A file on its way: written beside its target as `<target>.part`, and renamed when all of it is there. Until then the
 * old file stands.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { RowmillError } from "../errors.ts";
import { openFileKey, pathState } from "./file-identity.ts";
import { takenOver } from "./journal.ts";
import { adoptRights } from "./rights.ts";
import { joinedCrc32 } from "./crc.ts";
import {
  ForeignLengthError,
  type SharedFile,
  assertShared,
  giveOut,
  noteWritten,
  sharedFile,
  writeAll,
} from "./placed-writes.ts";
import { type FileTarget, type Sink, shownBeside } from "./sink.ts";
import { isNotPossible, syncFile } from "./sync.ts";
import { errorCode, writeError } from "./write-error.ts";

const READ_BYTES = 1 << 20;
/**
 * Each time this much has been written, the system is asked to put it on the disk, so that little is left to wait for
 * at the end.
 */
const WRITE_OUT_BYTES = 8 << 20;

/** How far a part file has come. */
export interface PartState {
  bytes: number;
  /** CRC-32 of those bytes. */
  crc: number;
}

export class PartFile implements Sink {
  readonly #target: FileTarget;
  #fd: number;
  #isOpen = true;
  /** Its descriptor was given back: it is opened again when it is needed. */
  #isSuspended = false;
  /** Which file it is. */
  readonly #key: string | undefined;
  #bytes = 0;
  #crc = 0;
  /** Bytes that the system was asked to write out. */
  #writtenOut = 0;
  #isWritingOut = false;
  #isSyncing = false;
  #staysOpen = false;
  /** What its other writers know, where there are any. */
  #shared: SharedFile | undefined;
  /** Places that were given to these, in ascending order, from the first that is not known to be written. */
  readonly #places: { start: number; isWritten: () => boolean }[] = [];
  /** A failed write-out: the system reports it only once. */
  #failure: unknown;

  /** Whether the path leads to the file that was opened by it: on some file systems it never does. */
  readonly #isKnown: boolean;
  /** What of the replaced file could not be kept, in words. */
  readonly lost: readonly string[];

  private constructor(target: FileTarget, fd: number, lost: readonly string[] = []) {
    this.#target = target;
    this.#fd = fd;
    this.lost = lost;
    this.#key = openFileKey(fd);
    this.#isKnown = pathState(target.part, fd) === "same";
  }

  /** Makes the part file. Exclusively: a link or file that somebody put there is never followed or overwritten. */
  static async create(target: FileTarget): Promise<PartFile> {
    const fd = createFile(target, target.part);
    try {
      return new PartFile(target, fd, target.replaced && (await adoptRights(fd, target.replaced)));
    } catch (error) {
      closeSync(fd);
      rmSync(target.part, { force: true });
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
      if (errorCode(error) === "ENOENT") throw takenOver(target.path);
      throw writeError(error, target.path);
    }
  }

  /**
   * As {@linkcode PartFile.reopen}, with a copy in its place: a process that still lives somewhere writes to the old
   * file, which has no name any more.
   */
  static async copy(target: FileTarget): Promise<PartFile> {
    const old = PartFile.reopen(target);
    const copy = { ...target, part: `${target.part}.new` };
    rmSync(copy.part, { force: true });
    const fresh = await PartFile.create(copy);
    try {
      for (const piece of old.pieces()) fresh.write(piece);
      renameSync(copy.part, target.part);
      return new PartFile(target, fresh.#fd);
    } catch (error) {
      fresh.abandon();
      throw error instanceof RowmillError ? error : writeError(error, target.path);
    } finally {
      old.close();
    }
  }

  /** All that it holds, piece by piece; each is valid until the next. */
  *pieces(): Generator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; ;) {
      const got = readSync(this.#descriptor, buffer, 0, READ_BYTES, at);
      if (got === 0) return;
      yield buffer.subarray(0, got);
      at += got;
    }
  }

  /** Its descriptor. */
  get #descriptor(): number {
    if (!this.#isSuspended) return this.#fd;
    const { part, path } = this.#target;
    let fd: number;
    try {
      fd = openSync(part, constants.O_RDWR | constants.O_NOFOLLOW);
    } catch (error) {
      throw errorCode(error) === "ENOENT" ? takenOver(path) : writeError(error, path);
    }
    if (this.#isKnown && openFileKey(fd) !== this.#key) {
      closeSync(fd);
      throw takenOver(path);
    }
    this.#fd = fd;
    this.#isSuspended = false;
    return fd;
  }

  /** Gives its descriptor back until it is needed again; tells whether it has. */
  suspend(): boolean {
    if (!this.#isOpen || this.#isSuspended || this.#shared !== undefined || this.#isWritingOut || this.#isSyncing)
      return false;
    closeSync(this.#fd);
    this.#isSuspended = true;
    return true;
  }

  /** Its target, as the user named it. */
  get name(): string {
    return this.#target.path;
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
        const got = readSync(this.#descriptor, buffer, 0, Math.min(READ_BYTES, state.bytes - done), done);
        if (got === 0) break;
        crc = Bun.hash.crc32(buffer.subarray(0, got), crc);
        done += got;
      }
      return done === state.bytes && crc === state.crc;
    });
  }

  /** Goes on behind a state: what was written after it is dropped. */
  rewind({ bytes, crc }: PartState): void {
    ftruncateSync(this.#descriptor, bytes);
    this.#bytes = bytes;
    this.#crc = crc;
  }

  write(bytes: Uint8Array, written?: () => void): void {
    this.#assertLength();
    const end = this.#bytes + bytes.length;
    if (this.#shared !== undefined) giveOut(this.#shared, end);
    this.#writeAt(bytes, this.#bytes);
    this.#bytes = end;
    this.#crc = Bun.hash.crc32(bytes, this.#crc);
    written?.();
    this.#writeOut();
  }

  #writeAt(bytes: Uint8Array, position: number): void {
    try {
      writeAll(this.#descriptor, bytes, position);
    } catch (error) {
      throw writeError(error, this.#target.path);
    }
    // Nothing makes no file longer, however far ahead its place is.
    if (this.#shared !== undefined && bytes.length > 0) noteWritten(this.#shared, position + bytes.length);
  }

  /** Has other threads write in it as well, where they are told. */
  share(): SharedFile {
    this.#shared ??= sharedFile(this.#descriptor, this.#bytes);
    return this.#shared;
  }

  /**
   * Leaves a place behind all that it has for one of these to write.
   *
   * @returns Where that is.
   */
  leavePlace({ bytes, crc }: PartState, isWritten: () => boolean): number {
    const start = this.#bytes;
    this.#bytes += bytes;
    this.#crc = joinedCrc32(this.#crc, crc, bytes);
    giveOut(this.share(), this.#bytes);
    this.#places.push({ start, isWritten });
    this.#writeOut();
    return start;
  }

  /** Writes at a place that was left for somebody who does not do it any more. */
  fillPlace(bytes: Uint8Array, start: number): void {
    this.#assertLength();
    this.#writeAt(bytes, start);
  }

  /** Somebody may be writing still: its descriptor stays open with the process, since its number must be no other file's. */
  leaveOpen(): void {
    this.#staysOpen = true;
  }

  /** Up to here all is written. */
  get written(): number {
    while (this.#places[0]?.isWritten() === true) this.#places.shift();
    return this.#places[0]?.start ?? this.#bytes;
  }

  /** Cuts off the last bytes of the file. Nothing is written after that. */
  drop(bytes: number): void {
    this.#bytes -= bytes;
    ftruncateSync(this.#descriptor, this.#bytes);
  }

  /** Bytes that were written. */
  get length(): number {
    return this.#bytes;
  }

  endsWith(bytes: Uint8Array): boolean {
    const start = this.#bytes - bytes.length;
    if (start < 0) return false;
    const last = Buffer.alloc(bytes.length);
    readSync(this.#descriptor, last, 0, last.length, start);
    return last.equals(bytes);
  }

  #writeOut(): void {
    if (this.#isWritingOut || this.#bytes - this.#writtenOut < WRITE_OUT_BYTES) return;
    this.#isWritingOut = true;
    this.#writtenOut = this.#bytes;
    fdatasync(this.#descriptor, (error) => {
      this.#isWritingOut = false;
      // A file that was closed meanwhile was abandoned, or synchronised before.
      if (error !== null && this.#isOpen && !isNotPossible(error)) this.#failure ??= error;
    });
  }

  /** All that was written is on the disk. */
  sync(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      syncFile(this.#descriptor);
    } catch (error) {
      throw writeError(error, this.#target.path);
    }
  }

  /** As {@linkcode PartFile.sync}, beside others. */
  async syncLater(): Promise<void> {
    if (this.#failure !== undefined) throw writeError(this.#failure, this.#target.path);
    const done = Promise.withResolvers<void>();
    const fd = this.#descriptor;
    this.#isSyncing = true;
    fsync(fd, (error) => {
      this.#isSyncing = false;
      if (error === null || isNotPossible(error)) done.resolve();
      else done.reject(writeError(error, this.#target.path));
    });
    await done.promise;
  }

  /**
   * Checks that the part is still this run's, and as long as what was written.
   *
   * @throws {RowmillError} `taken-over`, when another run has put its own there, or somebody has removed it; `output`,
   * when it is not as long as that any more.
   */
  assertOwn(): void {
    if (!this.#isOwn) throw takenOver(this.#target.path);
    this.#assertLength();
  }

  /** Of a file that another program has cut off a hole of zeros would be left; of one that it has made longer, its end. */
  #assertLength(): void {
    if (this.#hasItsLength()) return;
    throw this.foreignError();
  }

  #hasItsLength(): boolean {
    if (this.#shared === undefined || this.written === this.#bytes)
      return fstatSync(this.#descriptor).size === this.#bytes;
    try {
      assertShared(this.#shared);
      return true;
    } catch (error) {
      if (error instanceof ForeignLengthError) return false;
      throw error;
    }
  }

  /** That its length is not what was written. */
  foreignError(): RowmillError {
    const name = shownBeside(this.#target, this.#target.part);
    return new RowmillError("output", `cannot write ${this.#target.path}: another program has written to ${name}`, {
      hint: "leave it alone until the run is done, and run again",
    });
  }

  get #isOwn(): boolean {
    return !this.#isKnown || pathState(this.#target.part, this.#descriptor) === "same";
  }

  /** The part file takes the name of its target. */
  commit(): void {
    this.assertOwn();
    this.close();
    renamePart(this.#target);
  }

  abandon(): void {
    const isOwn = this.#isOpen && this.#isStillOwn();
    this.close();
    if (isOwn) rmSync(this.#target.part, { force: true });
  }

  #isStillOwn(): boolean {
    try {
      return this.#isOwn;
    } catch {
      // It was not open, and is not there any more.
      return false;
    }
  }

  /** Closes the file and leaves it where it is. */
  close(): void {
    if (this.#isOpen && !this.#isSuspended && !this.#staysOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

/** Gives a part file the name of its target. */
export function renamePart(file: FileTarget): void {
  const { part, target, path } = file;
  try {
    renameSync(part, target);
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw takenOver(path);
    // The target is a place where a file was mounted: a container's volume. It can be written, and not replaced.
    if (errorCode(error) !== "EBUSY") throw writeError(error, path);
    copyPart(file);
  }
}

/** Writes all of a part file over its target. Cut off, it is done again: the part stays until the end. */
function copyPart({ part, target, path }: FileTarget): void {
  try {
    const from = openSync(part, constants.O_RDONLY | constants.O_NOFOLLOW);
    const to = openSync(target, constants.O_WRONLY);
    try {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      let done = 0;
      for (let got = -1; got !== 0; done += got) {
        got = readSync(from, buffer, 0, READ_BYTES, done);
        for (let at = 0; at < got;) at += writeSync(to, buffer, at, got - at, done + at);
      }
      ftruncateSync(to, done);
      syncFile(to);
    } finally {
      closeSync(from);
      closeSync(to);
    }
    rmSync(part);
  } catch (error) {
    throw writeError(error, path);
  }
}

function createFile(target: FileTarget, part: string): number {
  try {
    return openSync(
      part,
      constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
      // Readable by its owner only, until it has the mode of the file that it replaces.
      target.replaced === undefined ? 0o666 : 0o600,
    );
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw leftOver(target, error);
    throw writeError(error, target.path);
  }
}

/** The error of a target beside which another run has left its part. */
export function leftOver(target: FileTarget, cause: unknown): RowmillError {
  const { path, part } = target;
  return new RowmillError("output", `cannot write ${path}: ${shownBeside(target, part)} is in the way`, {
    hint: "another run is writing, or one was cut off: --restart drops what it left and starts over",
    cause,
  });
}
