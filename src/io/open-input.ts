/** Opens inputs: regular files, which workers read by position, and streams (pipes, terminals, devices, servers). */
import { closeSync, fstatSync } from "node:fs";
import { RowmillError } from "../errors.ts";
import { STDIN, isRemote, openFile, shownName } from "./files.ts";
import { type Asking, HttpAsking } from "./asking.ts";
import { type HttpHeaders, NO_HEADERS } from "./http-headers.ts";
import type { PieceReader } from "./piece-reader.ts";
import { type Connections, RangedReader } from "./ranged-reader.ts";
import { isObjectName } from "./s3/object-name.ts";
import type { Store } from "./s3/store.ts";
import { StreamReader } from "./stream-reader.ts";
import type { Directories } from "./zip/member-input.ts";
import { memberName } from "./zip/zip-name.ts";

/** An open input. */
export interface OpenInput {
  /** As the user named it; `-` is standard input. */
  name: string;
  /** What a regular file is read by, and its bytes; undefined for a stream. */
  file: { fd: number; size: number } | undefined;
  /** Reads it from its first byte on; once. */
  stream(): PieceReader;
  /** What kind of data its server says it is, when its first bytes have come: `text/csv`. */
  readonly mediaType?: string | undefined;
  /** Over how many connections its server sends it, when its first bytes have come. */
  readonly connections?: Connections | undefined;
  /** May be called again. */
  close(): void;
}

/** What is known of an input beside its name. */
export interface InputAccess {
  /** Its folder has just answered. */
  isNear?: boolean;
  /** What servers are told. */
  headers?: HttpHeaders;
  /** Directories of archives that were read. */
  directories?: Directories;
  /** Where objects are. */
  store?: Promise<Store>;
}

/**
 * Opens an input. A server is asked when the first bytes are.
 *
 * @throws {RowmillError} `input`, when it is missing, a folder, or cannot be read.
 */
export async function openInput(name: string, access: InputAccess = {}): Promise<OpenInput> {
  if (name === STDIN) return { name, file: undefined, stream: () => new StreamReader(0, name), close: () => {} };
  if (isRemote(name)) return remoteInput(name, await askingOf(name, access));
  const member = memberName(name);
  if (member !== undefined) {
    const zip = await import("./zip/member-input.ts");
    access.directories ??= new zip.Directories();
    return { name, file: undefined, ...(await zip.openMember(member, access.directories)) };
  }
  const fd = await openFile(name, access);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new RowmillError("input", `cannot read ${name}: it is a folder`, {
      hint: `name files in it, such as ${name}/*.csv`,
    });
  }
  let isOpen = true;
  const close = (): void => {
    // Closes once only: the number of the descriptor may belong to another file by now.
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  const file = stat.isFile() ? { fd, size: stat.size } : undefined;
  return { name, file, stream: () => new StreamReader(fd, name), close };
}

/**
 * What asks for a file on a server.
 *
 * @throws {RowmillError} `input`, where its name is no address.
 */
export async function askingOf(name: string, access: Pick<InputAccess, "headers" | "store">): Promise<Asking> {
  const { headers = NO_HEADERS } = access;
  if (isObjectName(name)) {
    const { ObjectAsking, Store } = await import("./s3/object-asking.ts");
    access.store ??= Store.open();
    return new ObjectAsking(name, await access.store);
  }
  if (URL.canParse(name)) return new HttpAsking(name, headers);
  throw new RowmillError("input", `cannot read ${shownName(name)}: it is no address`, { hint: "check its spelling" });
}

function remoteInput(name: string, asking: Asking): OpenInput {
  const reader = new RangedReader(name, asking);
  return {
    name,
    file: undefined,
    stream: () => reader,
    get mediaType() {
      return reader.mediaType;
    },
    get connections() {
      return reader.connections;
    },
    close: () => reader.close(),
  };
}
