/** What went wrong with an output, in words. */
import { dirname } from "node:path";
import { RowmillError } from "../errors.ts";

/** A path that needs no quotes in a shell. */
const PLAIN_PATH = /^[\w./][\w./-]*$/;

/** The reader of the output has gone (`| head`): the run is to end quietly. */
export class ClosedPipeError extends Error {
  override readonly name = "ClosedPipeError";
}

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOSPC: ["the disk is full", "make room and run again"],
  EDQUOT: ["the disk quota is used up", "make room and run again"],
  EACCES: ["permission denied", "choose another folder"],
  EROFS: ["the file system is read-only", "choose another folder"],
  ENOENT: ["its folder does not exist", "create the folder first"],
  ENOTDIR: ["a part of its path is no folder", "check the path"],
  ENXIO: ["it is a socket", "connect to it with another program and pipe the output there"],
  EISDIR: ["there is a folder of that name", "remove it"],
  ELOOP: ["too many links lead to it", "check the link"],
  ENAMETOOLONG: ["the name is too long", "check the path"],
  EBADF: ["it is closed, or open for reading only", "redirect it to a file or a program"],
  EFBIG: ["the file would become too large", "choose another file system"],
};

/** The error to raise for a system error that came while `name` was written. */
export function writeError(error: unknown, name: string): Error {
  const code = errorCode(error);
  if (code === "EPIPE") return new ClosedPipeError("the reader of the output has gone");
  const [reason, usual] = reasonOf(error);
  const folder = dirname(name);
  const hint = code === "ENOENT" && PLAIN_PATH.test(folder) ? `create it first: mkdir -p ${folder}` : usual;
  return new RowmillError("output", `cannot write ${name}: ${reason}`, { hint, cause: error });
}

/** What a system error says, in words, and what helps mostly. */
export function reasonOf(error: unknown): readonly [reason: string, hint: string] {
  const code = errorCode(error);
  return REASONS[code] ?? [code, "check the path and the disk"];
}

/** The code of a system error: `ENOENT`. */
export function errorCode(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}
