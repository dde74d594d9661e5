/**
 * Where results go: standard output or another stream, by one writer that handles short writes, EAGAIN and a closed
 * pipe; or a file, by a part file beside it that takes its name when everything is there.
 */
import { type Stats, accessSync, constants, fstatSync, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { RowmillError } from "../errors.ts";
import { descriptorOf } from "./descriptor-path.ts";
import { openStream } from "./open-stream.ts";
import { placed } from "./start-folder.ts";
import type { ReplacedFile } from "./rights.ts";
import { quickWriter } from "./quick-writer.ts";
import { StreamWriter } from "./stream-writer.ts";
import { errorCode, writeError } from "./write-error.ts";

/** Takes bytes in order. Each write is waited for before the next. */
export interface Sink {
  /** @param written Called when the bytes are where they go: their memory is free. Not, where that fails. */
  write(bytes: Uint8Array, written?: () => void): Promise<void> | void;
  /** No more comes: write what is left. */
  commit(): Promise<void> | void;
  /** The run failed: what was written before still goes out, but for that of a sink that is whole. */
  abandon(): Promise<void> | void;
  /** Nothing of what is written stands before it is committed. */
  readonly isWhole?: boolean;
  /** What whoever started the run should know, when it is committed. */
  readonly notices?: readonly string[];
}

/** Name of standard output on the command line. */
export const STDOUT = "-";
export const STDOUT_FD = 1;

/** The sink for standard output. The signal ends waiting for a reader that takes nothing. */
export function stdoutSink(signal?: AbortSignal): Sink {
  const quick = quickWriter(STDOUT_FD);
  return writerSink(new StreamWriter(STDOUT_FD, { name: "standard output", signal, quick }), () => quick?.close());
}

/** The sink of a writer; `close` is called when nothing more is under way. */
function writerSink(writer: StreamWriter, close: () => void): Sink {
  let isOpen = true;
  // A commit of which a later part fails is abandoned.
  const closeOnce = (): void => {
    if (isOpen) close();
    isOpen = false;
  };
  return {
    write: (bytes, written) => writer.write(bytes, written),
    commit: async () => {
      await writer.flush();
      closeOnce();
    },
    abandon: async () => {
      await writer.settle();
      if (!writer.isWriting) closeOnce();
    },
  };
}

/** A file that is to be written: what the user named `path`, links followed. */
export interface FileTarget {
  path: string;
  /** Its full path. */
  target: string;
  /** Beside it, what is written until all is there. */
  part: string;
  /** The file that it replaces. */
  replaced: ReplacedFile | undefined;
}

/**
 * The file that a path stands for; undefined when it is a device, a FIFO or a descriptor of this process, which is
 * written directly.
 *
 * @throws {RowmillError} `output`, when it is a folder or cannot be reached.
 */
export function fileTarget(path: string): FileTarget | undefined {
  if (descriptorOf(path) !== undefined) return undefined;
  const existing = statTarget(path);
  if (existing?.isDirectory() === true) {
    throw new RowmillError("output", `cannot write ${path}: it is a folder`, { hint: "name a file in it" });
  }
  // The path is taken as it is: behind /dev/stdout there may be a pipe, which has no real path.
  if (existing !== undefined && !existing.isFile()) return undefined;
  const target = resolveLink(placed(path));
  if (existing !== undefined) assertReplaceable(path, { path: target, stat: existing });
  return {
    path,
    target,
    part: join(dirname(target), `${basename(target)}.part`),
    replaced: existing === undefined ? undefined : { path: target, stat: existing },
  };
}

/** What a file beside a target is called in messages: as the user would name it, where no link leads elsewhere. */
export function shownBeside({ path, target }: FileTarget, file: string): string {
  return target === placed(path) ? join(dirname(path), basename(file)) : file;
}

const STICKY = 0o1000;

/** Refuses at once what could not be replaced when all the work is done. */
function assertReplaceable(path: string, { path: target, stat }: ReplacedFile): void {
  try {
    accessSync(target, constants.W_OK);
  } catch (error) {
    if (errorCode(error) === "EROFS") throw writeError(error, path);
    // A read-only file can be replaced. One that is marked as immutable cannot.
    if (errorCode(error) === "EPERM") {
      throw new RowmillError("output", `cannot write ${path}: the file system lets nobody change it`, {
        hint: "lsattr shows what protects it; or name another output",
        cause: error,
      });
    }
  }
  const user = process.geteuid?.() ?? 0;
  const folder = statTarget(dirname(target));
  if (folder === undefined || (folder.mode & STICKY) === 0) return;
  if (user === 0 || folder.uid === user || stat.uid === user) return;
  throw new RowmillError("output", `cannot write ${path}: in its folder only its owner may replace it`, {
    hint: "name an output in another folder",
  });
}

/**
 * What is at the place of an output.
 *
 * @throws {RowmillError} `output`, where nothing can be written there.
 */
export function statTarget(path: string): Stats | undefined {
  try {
    return statSync(placed(path), { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(error, path);
  }
}

function assertOpen(descriptor: number, path: string): void {
  let stat: Stats;
  try {
    stat = fstatSync(descriptor);
  } catch (error) {
    throw notOpen(path, error);
  }
  const isStream = stat.isFile() || stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice();
  if (!isStream) throw notOpen(path, undefined);
}

function notOpen(path: string, cause: unknown): RowmillError {
  return new RowmillError("output", `cannot write ${path}: nothing is open there to be written`, {
    hint: `open it in the shell: ${basename(path)}> FILE`,
    cause,
  });
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

/** The sink for a device, a FIFO, or what this process has open. */
export async function streamSink(path: string, signal?: AbortSignal): Promise<Sink> {
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) {
    assertOpen(descriptor, path);
    // It stays open.
    return writerSink(new StreamWriter(descriptor, { name: path, signal }), () => {});
  }
  const stream = await openStream(path, signal);
  return writerSink(new StreamWriter(stream.fd, { name: path, signal }), () => stream.close());
}
