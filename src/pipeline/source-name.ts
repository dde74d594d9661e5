/** Inputs that are no text: what their names and first bytes say. */
import { existsSync, readSync } from "node:fs";
import { FORMAT_ENTRIES, type InputFormat, isInput } from "../formats/registry.ts";
import type { OpenInput } from "../io/open-input.ts";
import { placed } from "../io/start-folder.ts";
import type { SourceName } from "../sources/source.ts";
import { hasMember } from "./office-files.ts";

/** Other parameters of an address may stand before the query, which is all that follows. */
const QUERY = /[?&]sql=/;
const LONGEST_SIGNATURE = 64;

/** A name in its parts: the file, and what is wanted of it. A file that is called as all of it says is that file. */
export function sourceName(name: string): SourceName {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) return cut(name);
  if (existsSync(placed(name))) return { name, path: placed(name) };
  const parts = cut(name);
  return { ...parts, path: placed(parts.path) };
}

/** The part of a name that is a file, as it is written. */
export function filePart(name: string): string {
  return cut(name).path;
}

/** The parts of a name, of a file that may not be there yet. */
export function namedParts(name: string): SourceName {
  return cut(name);
}

function cut(name: string): SourceName {
  const query = QUERY.exec(name);
  if (query !== null) return { name, path: name.slice(0, query.index), sql: name.slice(query.index + query[0].length) };
  const mark = markIn(name);
  return mark < 0 ? { name, path: name } : { name, path: name.slice(0, mark), member: name.slice(mark + 1) };
}

/** Tables and sheets may have the mark in their names as well: the first one behind a file that is there counts. */
function markIn(name: string): number {
  const last = name.lastIndexOf("#");
  const first = name.indexOf("#");
  // In an address nothing but the first one is a mark; keys of objects may have others.
  if (first === last || /^s3:/i.test(name)) return last;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) return first;
  for (let mark = first; mark < last; mark = name.indexOf("#", mark + 1))
    if (existsSync(placed(name.slice(0, mark)))) return mark;
  return last;
}

/** The first bytes of a file; of what is no file none. */
export function headOf({ file }: OpenInput): Buffer {
  const bytes = Buffer.alloc(Math.min(LONGEST_SIGNATURE, file?.size ?? 0));
  if (file === undefined) return bytes;
  try {
    return bytes.subarray(0, readSync(file.fd, bytes, 0, bytes.length, 0));
  } catch {
    // What cannot be read is said by what reads it.
    return bytes.subarray(0, 0);
  }
}

/** The format that is told by the first bytes of a file, or by what an archive holds, of those that are no text. */
export async function formatBySignature(input: OpenInput): Promise<InputFormat | undefined> {
  const head = headOf(input).toString("latin1");
  if (head === "") return undefined;
  for (const [name, { told }] of FORMAT_ENTRIES) {
    if (told.signature === undefined || !head.startsWith(told.signature) || !isInput(name)) continue;
    if (told.member === undefined || (await hasMember(input, told.member))) return name;
  }
  return undefined;
}
