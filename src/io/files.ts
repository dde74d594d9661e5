/** What inputs are called, why one cannot be read, and how a regular file is read again. */
import { constants, lstatSync, openSync, stat } from "node:fs";
import { RowmillError, withoutSecrets } from "../errors.ts";
import { missingHint } from "./missing-file.ts";
import { openSoon } from "./open-stream.ts";
import { placed } from "./start-folder.ts";
import { memberName } from "./zip/zip-name.ts";

/** Name of standard input on the command line and in messages. */
export const STDIN = "-";

/** The name of an input for messages. */
export function shownName(name: string): string {
  if (name === STDIN) return "standard input";
  return withoutSecrets(name);
}

/** Whether an input is a file on a server. */
export function isRemote(name: string): boolean {
  return /^(?:https?|s3):\/\//i.test(name);
}

/** The file that an input is, or is in; undefined for standard input and what lies on a server. */
export function fileOf(name: string): string | undefined {
  if (name === STDIN || isAddress(name)) return undefined;
  return memberName(name)?.archive ?? name;
}

/** Whether a name is the address of something, and no path. */
export function isAddress(name: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(name);
}

/** The path of an input: its extension tells what it is. */
export function pathOf(name: string): string {
  return isRemote(name) && URL.canParse(name) ? new URL(name).pathname : name;
}

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOENT: ["there is no such file", "check the path"],
  ENOTDIR: ["a part of its path is no folder", "check the path"],
  EISDIR: ["it is a folder", "name a file in it"],
  EACCES: ["permission denied", "ask for the right to read it"],
  ELOOP: ["too many links lead to it", "check the link"],
  ENAMETOOLONG: ["the name is too long", "check the path"],
  EMFILE: ["too many files are open", "raise the limit with ulimit -n"],
  ENXIO: ["it is a socket", "connect to it with another program and pipe its output in"],
};

/** Why something could not be opened for reading, in words, and what to do. @param name As the user has written it. */
export function readFailure(error: unknown, name: string): [reason: string, hint: string] {
  const code = String(Reflect.get(Object(error), "code"));
  const [reason, hint] = REASONS[code] ?? [code, "check the path"];
  return [reason, code === "ENOENT" ? missingHint(name) : hint];
}

/**
 * Opens a file for reading: a FIFO when somebody writes to it, a file of a server when that answers.
 *
 * @param options `isNear`: its folder has just answered.
 * @throws {RowmillError} `input`, when it is missing or cannot be read.
 */
export async function openFile(name: string, { isNear = false }: { isNear?: boolean } = {}): Promise<number> {
  try {
    // Opening in another thread takes 0.1 ms, which is long for thousands of files.
    if (isNear && lstatSync(placed(name), { throwIfNoEntry: false })?.isFile() === true)
      return openSync(placed(name), constants.O_RDONLY);
    return await openSoon(name, constants.O_RDONLY);
  } catch (error) {
    throw cannotRead(name, error);
  }
}

/**
 * Waits until the file systems of these paths answer, which a dead server never does: later calls on the main thread
 * then return at once.
 */
export async function reach(paths: readonly (string | undefined)[]): Promise<void> {
  const asked = paths.map((path) => path && fileOf(path)).filter((path) => path !== undefined);
  await Promise.all(asked.map((path) => new Promise<void>((resolve) => stat(placed(path), () => resolve()))));
}

/** An address of a kind that is not read; a quote in it would end the word in which it is shown. */
const OTHER_ADDRESS = /^[a-z][a-z0-9+.-]+:\/\/[^'\s]+$/i;

function cannotRead(name: string, error: unknown): RowmillError {
  if (OTHER_ADDRESS.test(name)) {
    const hint = `of addresses those of http, https and s3 are read; for this one: curl -s '${name}' | rowmill …`;
    return new RowmillError("input", `cannot read ${name}: there is no such file`, { hint, cause: error });
  }
  const [reason, hint] = readFailure(error, name);
  return new RowmillError("input", `cannot read ${name}: ${reason}`, { hint, cause: error });
}
