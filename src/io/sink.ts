/**
 * Where results go: standard output or another stream, by one writer that handles short writes, EAGAIN and a closed
 * pipe; or a file, by a part file beside it that takes its name when everything is there.
 */
import { type Stats, closeSync, constants, lstatSync, openSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { RowmillError } from "../errors.ts";
import { StreamWriter } from "./stream-writer.ts";
import { writeError } from "./write-error.ts";

/** Takes bytes in order. Each write is waited for before the next. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void> | void;
  /** No more comes: write what is left. */
  commit(): Promise<void> | void;
  /** The run failed: what was written before still goes out. */
  abandon(): Promise<void> | void;
}

/** Name of standard output on the command line. */
export const STDOUT = "-";
const STDOUT_FD = 1;

/** The sink for standard output. */
export function stdoutSink(): Sink {
  const writer = new StreamWriter(STDOUT_FD, "standard output");
  return { write: (bytes) => writer.write(bytes), commit: () => writer.flush(), abandon: () => writer.settle() };
}

/** A file that is to be written: what the user named `path`, links followed. */
export interface FileTarget {
  path: string;
  target: string;
  /** Beside it, what is written until all is there. */
  part: string;
  /** Mode of the file that it replaces; a new file has the one that the umask leaves. */
  mode: number | undefined;
}

/**
 * The file that a path stands for; undefined when it is a device or FIFO, which is written directly.
 *
 * @throws {RowmillError} `output`, when it is a folder or cannot be reached.
 */
export function fileTarget(path: string): FileTarget | undefined {
  const existing = statTarget(path);
  if (existing?.isDirectory() === true) {
    throw new RowmillError("output", `cannot write ${path}: it is a folder`, { hint: "name a file in it" });
  }
  // Not by its real path: behind /dev/stdout there may be a pipe, which has none.
  if (existing !== undefined && !existing.isFile()) return undefined;
  const target = resolveLink(path);
  return {
    path,
    target,
    part: join(dirname(target), `${basename(target)}.part`),
    mode: existing === undefined ? undefined : existing.mode & 0o7777,
  };
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
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  try {
    return realpathSync(path);
  } catch {
    const next = readlinkSync(path);
    return resolveLink(isAbsolute(next) ? next : join(dirname(path), next));
  }
}

/** The sink for a device or FIFO. */
export function streamSink(path: string): Sink {
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

function open(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY);
  } catch (error) {
    throw writeError(error, path);
  }
}
