/**
 * Copies of inputs that can be read once only, for a run that reads its input twice: one with a joined table that may have no
 * room in memory.
 */
import { closeSync, existsSync, openSync, statSync, writeSync } from "node:fs";
import { extname, join } from "node:path";
import { STDIN, isAddress } from "../io/files.ts";
import { httpHeaders } from "../io/http-headers.ts";
import { unlessRefused } from "../io/file-identity.ts";
import { type OpenInput, openInput } from "../io/open-input.ts";
import { spillError } from "../io/spill-file.ts";
import { placed } from "../io/start-folder.ts";
import { tmpdir } from "../io/system.ts";
import { openSpillFolder } from "../io/work-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { inputsOf, roomForTables } from "./options.ts";

/** Whether an input can be read once only, or may be another one the second time. */
export function isStream(name: string): boolean {
  if (name === STDIN || isAddress(name)) return true;
  // What is not there, whoever opens it says. A file that says that it is empty may be one of /proc.
  const found = unlessRefused(() => statSync(placed(name), { throwIfNoEntry: false }));
  return found !== undefined && !found.isDirectory() && (!found.isFile() || found.size === 0);
}

interface InputCopy {
  fd: number;
  path: string;
  mediaType: string | undefined;
  remove: () => void;
}

/** Like a spill file, a copy has no name as soon as it is open, where the system can open it all the same. */
export class InputCopies {
  readonly #copies = new Map<string, InputCopy>();

  /**
   * Copies an input.
   *
   * @throws {RowmillError} `spill`, where that has no room.
   */
  async add(
    name: string,
    { tempDir = tmpdir(), signal, httpHeader }: Pick<RunOptions, "tempDir" | "signal" | "httpHeader">,
  ): Promise<void> {
    if (this.#copies.has(name)) return;
    const input = await openInput(name, { headers: httpHeaders(httpHeader) });
    const { path: folder, remove } = openSpillFolder("rowmill-input", tempDir);
    const named = join(folder, "input");
    const fd = openSync(named, "wx+", 0o600);
    const path = withoutName(fd, remove) ?? named;
    this.#copies.set(name, { fd, path, mediaType: undefined, remove });
    try {
      const stream = input.stream();
      for (let piece = await stream.peek(); piece.length > 0; piece = await stream.peek()) {
        signal?.throwIfAborted();
        try {
          for (let at = 0; at < piece.length;) at += writeSync(fd, piece, at);
        } catch (error) {
          throw spillError(error, "written", tempDir);
        }
        stream.take();
      }
    } finally {
      input.close();
    }
    const copy = this.#copies.get(name);
    // A server has told it with the first bytes.
    if (copy !== undefined) copy.mediaType = input.mediaType;
  }

  has(name: string): boolean {
    return this.#copies.has(name);
  }

  /** Opens the copy of an input as if it were that; undefined where there is none. */
  async open(name: string): Promise<OpenInput | undefined> {
    const copy = this.#copies.get(name);
    if (copy === undefined) return undefined;
    return { ...(await openInput(copy.path)), name, mediaType: copy.mediaType };
  }

  remove(): void {
    for (const { fd, remove } of this.#copies.values()) {
      closeSync(fd);
      remove();
    }
    this.#copies.clear();
  }
}

/** Removes the folder of an open file where the file can be opened again by its descriptor; gives the path for that. */
function withoutName(fd: number, remove: () => void): string | undefined {
  const path = `/proc/self/fd/${fd}`;
  if (process.platform !== "linux" || !existsSync(path)) return undefined;
  remove();
  return path;
}

/** A table in memory takes so many times the bytes of its file, mostly. */
const GROWTH = 2;
/** The same of one that is compressed. */
const UNPACKED_GROWTH = 10;

/**
 * Copies what can be read once only, where a table is so large that it may have no room in memory; undefined elsewhere. How
 * large a stream is nobody knows: then the table stays in memory, as the input may have no end.
 */
export async function copiesOf(options: RunOptions): Promise<InputCopies | undefined> {
  const streams = inputsOf(options).filter(isStream);
  if (streams.length === 0 || !mayBeLarge(options)) return undefined;
  const copies = new InputCopies();
  try {
    for (const name of streams) await copies.add(name, options);
    return copies;
  } catch (error) {
    copies.remove();
    throw error;
  }
}

function mayBeLarge(options: RunOptions): boolean {
  let size = 0;
  for (const { file } of options.join ?? []) {
    if (isStream(file)) continue;
    const bytes = statSync(placed(file), { throwIfNoEntry: false })?.size ?? 0;
    size += bytes * (PLAIN.has(extname(file).toLowerCase()) ? GROWTH : UNPACKED_GROWTH);
  }
  return size > roomForTables(options);
}

/** What is not compressed. */
const PLAIN: ReadonlySet<string> = new Set([".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt"]);
