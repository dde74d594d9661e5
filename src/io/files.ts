/** Opens inputs: regular files, which workers read by position, and streams (pipes, terminals, devices). */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { RowmillError } from "../errors.ts";

/** An open input. */
export interface OpenInput {
  /** As the user named it; `-` is standard input. */
  name: string;
  fd: number;
  /** Bytes of a regular file; undefined for a stream. */
  size: number | undefined;
  /** May be called again. */
  close(): void;
}

/** Name of standard input on the command line and in messages. */
export const STDIN = "-";

/** The name of an input for messages. */
export function shownName(name: string): string {
  return name === STDIN ? "standard input" : name;
}

/**
 * Opens an input.
 *
 * @throws {RowmillError} `input`, when it is missing, a folder, or cannot be read.
 */
export function openInput(name: string): OpenInput {
  if (name === STDIN) return { name, fd: 0, size: undefined, close: () => {} };
  const fd = open(name);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new RowmillError("input", `cannot read ${name}: it is a folder`, {
      hint: `name files in it, such as ${name}/*.csv`,
    });
  }
  let isOpen = true;
  const close = (): void => {
    // Once: the number may stand for another file by now.
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return { name, fd, size: stat.isFile() ? stat.size : undefined, close };
}

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOENT: ["there is no such file", "check the path"],
  EACCES: ["permission denied", "ask for the right to read it"],
  ELOOP: ["too many links lead to it", "check the link"],
  ENAMETOOLONG: ["the name is too long", "check the path"],
  EMFILE: ["too many files are open", "raise the limit with ulimit -n"],
  ENXIO: ["it is a socket", "connect to it with another program and pipe its output in"],
};

/** Why something could not be opened for reading, in words, and what to do. */
export function readFailure(error: unknown): [reason: string, hint: string] {
  const code = String(Reflect.get(Object(error), "code"));
  return REASONS[code] ?? [code, "check the path"];
}

function open(name: string): number {
  try {
    return openSync(name, constants.O_RDONLY);
  } catch (error) {
    const [reason, hint] = readFailure(error);
    throw new RowmillError("input", `cannot read ${name}: ${reason}`, { hint, cause: error });
  }
}

const PIECE_BYTES = 1 << 20;

/** Reads the first bytes of a file again (all without `bytes`), piece by piece. A piece is valid until the next. */
export function* readAgain(name: string, bytes: number | undefined): Generator<Uint8Array> {
  const input = openInput(name);
  const { fd, size = 0 } = input;
  try {
    const end = Math.min(bytes ?? size, size);
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (let done = 0; done < end;) {
      const got = readSync(fd, buffer, 0, Math.min(PIECE_BYTES, end - done), done);
      if (got === 0) return;
      yield buffer.subarray(0, got);
      done += got;
    }
  } finally {
    input.close();
  }
}
