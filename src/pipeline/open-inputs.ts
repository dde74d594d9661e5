/** The inputs of a run that are open: a run may have more of them than a process may have open files. */
import { dirname } from "node:path";
import { type InputAccess, type OpenInput, openInput } from "../io/open-input.ts";
import { STDIN, isRemote, shownName } from "../io/files.ts";
import { FORMATS, type InputFormat, readerOf } from "../formats/registry.ts";
import { memberName } from "../io/zip/zip-name.ts";
import { type Compression, compressionByBytes } from "../io/compression.ts";
import { refuseBinary } from "./file-kinds.ts";
import { fileWord } from "./shell.ts";
import { inputPath } from "./told-format.ts";
import { RowmillError } from "../errors.ts";
import type { InputPlan } from "./options.ts";
import { type HttpHeaders, NO_HEADERS } from "../io/http-headers.ts";
import type { SourceSetup } from "../sources/source.ts";
import type { ReadTable } from "./source-input.ts";
import { refuseOffice } from "./office-files.ts";
import { filePart, formatBySignature, headOf, sourceName } from "./source-name.ts";
import { type InputCopies, isStream } from "./input-copies.ts";
import type { InputWindow } from "./input-window.ts";

/**
 * So many files are open at once for workers, which read them by file descriptor until the run ends. Files that fit in a
 * window, and files after these, are copied to them and closed.
 */
const MAX_SHARED_FILES = 8;

/** An input, and what is known of it where threads make text of it. */
export interface AnyInput extends OpenInput {
  table?: ReadTable;
  /** What it is, where that was not known before. */
  format?: InputFormat;
}

async function converted(
  name: string,
  format: InputFormat,
  how: Pick<SourceSetup, "settings" | "headers">,
): Promise<AnyInput> {
  if (name === STDIN)
    throw new RowmillError("input", `${format} cannot be read from standard input: it is no stream of rows`, {
      hint: "write it to a file, and name that",
    });
  const { openSource } = await import("./source-input.ts");
  const input = await openSource({ kind: format, input: sourceName(name), ...how });
  return Object.assign(input, { format });
}

/** What a file is that its name says to be something else. */
async function refuseOther(name: string, format: InputFormat): Promise<void> {
  const { signature, member, isFar, called = format } = FORMATS[format].told;
  const { path } = sourceName(name);
  if (isRemote(name) && isFar === true) return;
  if (isRemote(name)) throw unread(shownName(name), "it is on a server", "download it first, and name the file");
  if (memberName(name) !== undefined)
    throw unread(name, "it is in an archive", "unpack it first: unzip ARCHIVE MEMBER");
  if (signature === undefined || name === STDIN || inputPath(name) === undefined) return;
  const input = await openInput(path);
  try {
    await refuseOffice({ ...input, name: filePart(name) });
    const head = headOf(input);
    if (head.toString("latin1").startsWith(signature)) return;
    const compression = compressionByBytes(head);
    if (compression !== undefined) throw packed(name, compression);
    refuseBinary({ name, compression: undefined }, head);
    // A database may have no bytes at all, or be encrypted.
    if (member === undefined) return;
    const why = head.length === 0 ? "there is nothing in it" : `it is not ${called}, as it is said to be`;
    throw new RowmillError("input", `cannot read ${name}: ${why}`, {
      hint: "if it is a table of text: --from csv",
    });
  } finally {
    input.close();
  }
}

function packed(name: string, compression: Compression): RowmillError {
  const path = sourceName(name).path.split("/").at(-1) ?? name;
  const unpack = `unpack it first: ${compression} -dc < ${fileWord(name)} > ${fileWord(path.replace(/\.(?:gz|zst)$/, ""))}`;
  return unread(name, "it is compressed", unpack);
}

function unread(name: string, why: string, hint: string): RowmillError {
  const message = `cannot read ${name}: ${why}, and what is in it is not read from its start to its end`;
  return new RowmillError("input", message, { hint });
}

export class OpenInputs {
  readonly #access: InputAccess;
  readonly #opened: OpenInput[] = [];
  /** Folders in which an input was opened: their file system answers. */
  readonly #folders = new Set<string>();
  #shared = 0;
  #isClosed = false;
  readonly #copies: InputCopies | undefined;

  /** @param access How servers are asked. @param copies Those of inputs that can be read once only. */
  constructor(access: InputAccess, copies?: InputCopies) {
    this.#access = access;
    this.#copies = copies;
  }

  get #headers(): HttpHeaders {
    return this.#access.headers ?? NO_HEADERS;
  }

  canReadAgain(name: string): boolean {
    return this.#copies?.has(name) === true || !isStream(name);
  }

  /** Opens an input; see `openInput`. Of one that is no text, threads make it. */
  async open(name: string, plan: Pick<InputPlan, "format" | "formatIs" | "settings">): Promise<AnyInput> {
    const input = await this.#open(name, plan);
    this.#opened.push(input);
    // The run has ended while it waited for this one.
    if (this.#isClosed) this.close();
    return input;
  }

  async #open(
    name: string,
    { format, formatIs, settings }: Pick<InputPlan, "format" | "formatIs" | "settings">,
  ): Promise<AnyInput> {
    if (readerOf(format).isConverted === true) {
      await refuseOther(name, format);
      return await converted(name, format, { settings, ...(isRemote(name) && { headers: this.#headers }) });
    }
    const folder = dirname(name);
    this.#access.isNear = this.#folders.has(folder);
    const input = (await this.#copies?.open(name)) ?? (await openInput(name, this.#access));
    this.#folders.add(folder);
    if (formatIs === "known") return input;
    const found = await this.#closedWhereRefused(input);
    if (found === undefined) return input;
    input.close();
    return await converted(name, found, { settings });
  }

  /** The format of an input that threads make text of. What is no table at all is refused. */
  async #closedWhereRefused(input: OpenInput): Promise<InputFormat | undefined> {
    try {
      const found = await formatBySignature(input);
      if (found === undefined) await refuseOffice(input);
      return found;
    } catch (error) {
      input.close();
      throw error;
    }
  }

  /**
   * Whether workers are to read the rows of a file themselves that were found; it must then stay open. What was unpacked for
   * that need not be unpacked again.
   */
  share(window: InputWindow): boolean {
    const { readable } = window;
    const isPlain = readable !== undefined && readable.places === undefined;
    const isShared = isPlain && !window.isFinal && this.#shared < MAX_SHARED_FILES;
    if (isShared) this.#shared++;
    return isShared;
  }

  close(): void {
    this.#isClosed = true;
    for (const input of this.#opened.splice(0)) input.close();
  }
}
