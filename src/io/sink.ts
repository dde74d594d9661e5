/**
 * Where results go: all bytes or an error. Standard output by one writer that handles short writes, EAGAIN and a closed
 * pipe; a file by a part file beside it that takes its name when everything is there.
 */
import {
  type Stats,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { RowmillError } from "../errors.ts";

/** Takes bytes in order. Each write is waited for before the next. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void> | void;
  /** No more comes: write what is left, and make it stand. */
  commit(): Promise<void> | void;
  /** The run failed: a stream still gets what was written before, a file stays as it was. */
  abandon(): Promise<void> | void;
}

/** The reader of the output has gone (`| head`): the run is to end quietly. */
export class ClosedPipeError extends Error {
  override readonly name = "ClosedPipeError";
}

const STDOUT_FD = 1;
/** A full non-blocking pipe is tried again after so long, doubling up to MAX_RETRY_MS. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 16;
/** So much may wait for a slow reader before the run waits for it too. */
const MAX_WAITING_BYTES = 1 << 20;

/** The sink for standard output. */
export function stdoutSink(): Sink {
  const writer = new StreamWriter(STDOUT_FD, "standard output");
  return { write: (bytes) => writer.write(bytes), commit: () => writer.flush(), abandon: () => writer.settle() };
}

/** Writes to a stream off the main thread; what comes while a write is under way goes out together with the next. */
class StreamWriter {
  readonly #fd: number;
  readonly #name: string;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  /** Done at once while little waits to be written. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#drain();
    if (this.#waitingBytes > MAX_WAITING_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for what was handed over, whether it can be written or not: the run has failed already. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      // Results that are there at the same time go out in one write; the first thread for writing takes a millisecond.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length > 0) {
        const bytes = Buffer.concat(this.#waiting);
        this.#waiting = [];
        this.#waitingBytes = 0;
        await writeAll(this.#fd, bytes, this.#name);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#writing = undefined;
  }
}

async function writeAll(fd: number, bytes: Uint8Array, name: string): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  for (let done = 0; done < bytes.length;) {
    const { error, written } = await writeOnce(fd, bytes, done);
    done += written;
    if (error === null) {
      retryMs = FIRST_RETRY_MS;
    } else if (error.code === "EAGAIN" || error.code === "EINTR") {
      // Somebody made the pipe non-blocking (fact 11.8: Bun itself may): wait for its reader.
      await Bun.sleep(retryMs);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    } else {
      throw writeError(error, name);
    }
  }
}

function writeOnce(
  fd: number,
  bytes: Uint8Array,
  from: number,
): Promise<{ error: NodeJS.ErrnoException | null; written: number }> {
  return new Promise((resolve) => {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => resolve({ error, written: written ?? 0 }));
  });
}

/**
 * The sink for a file. A regular or missing target is written as `<target>.part` in the same folder and renamed at
 * commit, with the mode of the file that it replaces; a device or FIFO is written directly.
 *
 * @throws {RowmillError} `output`, when it cannot be created or a part file is already there.
 */
export function fileSink(path: string): Sink {
  const existing = statTarget(path);
  if (existing?.isDirectory() === true) {
    throw new RowmillError("output", `cannot write ${path}: it is a folder`, { hint: "name a file in it" });
  }
  // Not by its real path: behind /dev/stdout there may be a pipe, which has none.
  if (existing !== undefined && !existing.isFile()) return directSink(path);
  return partFileSink({
    target: resolveLink(path),
    path,
    mode: existing === undefined ? undefined : existing.mode & 0o7777,
  });
}

function statTarget(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(error, path);
  }
}

/** Links are followed, so that the file they lead to is replaced, not the link; it need not be there yet. */
function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (!isLink) return path;
    const next = readlinkSync(path);
    return resolveLink(isAbsolute(next) ? next : join(dirname(path), next));
  }
}

function directSink(path: string): Sink {
  const fd = open(path);
  const writer = new StreamWriter(fd, path);
  return {
    write: (bytes) => writer.write(bytes),
    commit: async () => {
      await writer.flush();
      closeSync(fd);
    },
    abandon: async () => {
      await writer.settle();
      closeSync(fd);
    },
  };
}

/** What a part file becomes: the file `target`, which the user named `path`. */
interface PartFile {
  target: string;
  path: string;
  /** That of the file that it replaces; a new file has the one that the umask leaves. */
  mode: number | undefined;
}

function partFileSink({ target, path, mode }: PartFile): Sink {
  const part = join(dirname(target), `${basename(target)}.part`);
  const fd = openPart(part, path, mode);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return {
    write(bytes) {
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done);
      } catch (error) {
        throw writeError(error, path);
      }
    },
    commit() {
      try {
        fsyncSync(fd);
        close();
        renameSync(part, target);
      } catch (error) {
        throw writeError(error, path);
      }
    },
    abandon() {
      close();
      unlinkSync(part);
    },
  };
}

function openPart(part: string, path: string, mode: number | undefined): number {
  try {
    // Exclusive: a link or file that somebody put there is never followed or overwritten.
    const fd = openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode ?? 0o666);
    if (mode !== undefined) fchmodSync(fd, mode);
    return fd;
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      throw new RowmillError("output", `cannot write ${path}: ${part} is already there`, {
        hint: "another run is writing, or one was cut off: remove the file if none is",
        cause: error,
      });
    }
    throw writeError(error, path);
  }
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY);
  } catch (error) {
    throw writeError(error, path);
  }
}

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOSPC: ["the disk is full", "make room and run again"],
  EDQUOT: ["the disk quota is used up", "make room and run again"],
  EACCES: ["permission denied", "choose another folder"],
  EROFS: ["the file system is read-only", "choose another folder"],
  ENOENT: ["its folder does not exist", "create the folder first"],
  ENOTDIR: ["a part of its path is no folder", "check the path"],
  ELOOP: ["too many links lead to it", "check the link"],
  ENAMETOOLONG: ["the name is too long", "check the path"],
  EFBIG: ["the file would become too large", "choose another file system"],
};

function writeError(error: unknown, name: string): Error {
  const code = errorCode(error);
  if (code === "EPIPE") return new ClosedPipeError("the reader of the output has gone");
  const [reason, hint] = REASONS[code] ?? [code, "check the path and the disk"];
  return new RowmillError("output", `cannot write ${name}: ${reason}`, { hint, cause: error });
}

function errorCode(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}
