/** Which files a command line means: patterns among the inputs are expanded, and lists of names are read. */
import { existsSync, readFile, statSync } from "node:fs";
import { RowmillError, UsageError } from "../errors.ts";
import { STDIN, isAddress, reach, readFailure, shownName } from "../io/files.ts";
import { inputName, memberName } from "../io/zip/zip-name.ts";
import { aborted } from "../pipeline/interrupted.ts";
import { expandInputs } from "../pipeline/expand-inputs.ts";
import { textDecoder } from "../io/transcoding-reader.ts";
import { fileNamedIn } from "../pipeline/told-format.ts";
import { byteOrderMark, looksLikeUtf16 } from "../pipeline/detect.ts";
import { naturalOrder } from "../io/natural-order.ts";
import { STDIN_FD } from "./terminal.ts";

/** What makes a name a pattern. */
const PATTERN = /[*?[{]/;

/** The inputs as they were named. */
interface NamedInputs {
  inputs?: readonly string[] | undefined;
  /** A file that names more of them; `-` is standard input. */
  filesFrom?: string | undefined;
}

/**
 * The files that are meant, in order: those of the command line, then those of the list. Names in a list stand for
 * themselves.
 *
 * @throws {RowmillError} `input`, when a pattern matches nothing, or the list cannot be read or names nothing.
 */
export async function namedFiles({ inputs = [], filesFrom }: NamedInputs): Promise<string[]> {
  const expanded = await expandInputs((await Promise.all(inputs.map(expand))).flat());
  if (filesFrom === undefined) return expanded;
  const names = await expandInputs(await listedNames(filesFrom));
  if (filesFrom === STDIN && [...expanded, ...names].includes(STDIN)) {
    throw new UsageError("standard input is the list of inputs, and an input as well", "save the list to a file");
  }
  return [...expanded, ...names];
}

/** The same, for as long as the command is to go on. */
export async function askedInputs(named: NamedInputs, signal: AbortSignal | undefined): Promise<string[]> {
  return await Promise.race([namedFiles(named), aborted(signal)]);
}

/** A file of that very name comes first: a shell that found no match hands the pattern on as well. */
async function expand(name: string): Promise<string[]> {
  const inZip = memberName(name);
  if (inZip !== undefined)
    return (await expand(inZip.archive)).map((archive) => inputName({ archive, member: inZip.member }));
  if (!PATTERN.test(name) || isAddress(name)) return [name];
  await reach([name]);
  if (existsSync(name)) return [name];
  // What is wanted of a file is no part of the pattern: `*.db#people`.
  const path = fileNamedIn(name);
  if (existsSync(path) || !PATTERN.test(path)) return [name];
  const found = await matches(path);
  if (found.length > 0) return found.toSorted(naturalOrder).map((one) => one + name.slice(path.length));
  throw new RowmillError("input", `cannot read ${name}: no file matches`, {
    hint: "the pattern is looked for from the current folder: *, ?, [abc], {a,b} and ** for any folders",
  });
}

/** Everything but folders: a link may lead to a file, and a FIFO can be read. */
async function matches(name: string): Promise<string[]> {
  // Folders before the first sign stand for themselves, `..` and the root among them.
  const folder = name.slice(0, name.lastIndexOf("/", name.search(PATTERN)) + 1);
  const cwd = folder === "" ? "." : folder;
  if (!existsSync(cwd)) return [];
  const pattern = new Bun.Glob(name.slice(folder.length));
  const paths: string[] = [];
  for await (const path of pattern.scan({ cwd, onlyFiles: false })) paths.push(`${folder}${path}`);
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === false);
}

/** One name a line, or, where the list holds a NUL, between NULs: `find -print0`. */
async function listedNames(list: string): Promise<string[]> {
  const text = await readList(list);
  const names = text.includes("\0") ? text.split("\0") : text.split("\n").map((line) => line.replace(/\r$/, ""));
  const named = names.filter((name) => name !== "");
  if (named.length > 0) return named;
  throw new RowmillError("input", `--files-from ${list} names no input`, { hint: "write one name a line" });
}

/** It may be a FIFO whose writer is waited for. */
function readList(list: string): Promise<string> {
  return new Promise((resolve, reject) => {
    readFile(list === STDIN ? STDIN_FD : list, (error, bytes) => {
      if (error === null) resolve(listText(bytes));
      else reject(cannotRead(list, error));
    });
  });
}

/** The text of a list. PowerShell and editors of Windows write UTF-16, and a byte order mark before UTF-8. */
function listText(bytes: Buffer): string {
  const mark = byteOrderMark(bytes)?.encoding;
  if (mark !== undefined && mark !== "utf-32") return textDecoder(mark).decode(bytes);
  // Names of one letter between NULs look the same, but have no lines.
  const encoding = looksLikeUtf16(bytes);
  const text = encoding === undefined ? "" : textDecoder(encoding).decode(bytes);
  return text.includes("\n") ? text : bytes.toString("utf8");
}

function cannotRead(list: string, error: unknown): RowmillError {
  const [reason, hint] = readFailure(error, list);
  return new RowmillError("input", `cannot read the list ${shownName(list)}: ${reason}`, { hint, cause: error });
}
