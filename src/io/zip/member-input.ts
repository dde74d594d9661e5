/**
 * A member of a zip archive as an input: a stream of its bytes, no further unpacked than they are taken. That they are as many
 * as the directory says, and have its checksum, is checked as they pass.
 */
import { closeSync, fstatSync, readSync } from "node:fs";
import { RowmillError } from "../../errors.ts";
import type { Compression } from "../compression.ts";
import { DecompressingReader } from "../decompressing-reader.ts";
import { openFile, shownName } from "../files.ts";
import { type PieceReader, SinglePieceReader } from "../piece-reader.ts";
import { StreamReader } from "../stream-reader.ts";
import { type ZipMember, readDirectory } from "./zip-directory.ts";
import { type MemberName, inputName, listed } from "./zip-name.ts";

const STORED = 0;

/** The methods of packing that are read, and what they are; undefined: bytes stand there as they are. */
const READ_METHODS: ReadonlyMap<number, Compression | "deflate" | undefined> = new Map([
  [STORED, undefined],
  [8, "deflate"],
  [93, "zstd"],
]);

/** What others are called. */
const OTHER_METHODS: Readonly<Record<number, string>> = {
  9: "deflate64",
  12: "bzip2",
  14: "lzma",
  95: "xz",
  98: "PPMd",
};

const HEADER_BYTES = 30;
const HEADER_START = 0x04034b50;

/** Directories of archives: of the last one, whose members are likely to be opened one after another. */
export class Directories {
  #key = "";
  #members: ReadonlyMap<string, ZipMember> = new Map();
  #doubled: ReadonlySet<string> = new Set();

  /** The members of an archive by their names. */
  async of(fd: number, archive: string): Promise<ReadonlyMap<string, ZipMember>> {
    const { dev, ino, size, mtimeMs } = fstatSync(fd);
    const key = JSON.stringify([archive, dev, ino, size, mtimeMs]);
    if (key !== this.#key) {
      const all = await readDirectory(fd, archive);
      this.#members = new Map(all.map((member) => [member.name, member]));
      this.#doubled = new Set(all.filter((one) => this.#isOther(one)).map(({ name }) => name));
      this.#key = key;
    }
    return this.#members;
  }

  /** Whether a member has the name of another one, with other bytes. The archive must be the last one. */
  isDoubled(name: string): boolean {
    return this.#doubled.has(name);
  }

  #isOther({ name, crc, bytes }: ZipMember): boolean {
    const last = this.#members.get(name);
    return last?.crc !== crc || last.bytes !== bytes;
  }
}

/** A member that is open. */
export interface OpenMember {
  stream(): PieceReader;
  /** May be called again. */
  close(): void;
}

/**
 * Opens a member.
 *
 * @throws {RowmillError} `input`, when it is not there, or packed in a way that is not read.
 */
export async function openMember(named: MemberName, directories: Directories): Promise<OpenMember> {
  const name = inputName(named);
  const fd = await openFile(named.archive);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  try {
    const members = await directories.of(fd, named.archive);
    const member = members.get(named.member);
    if (member === undefined) throw noMember(named, [...members.keys()]);
    if (directories.isDoubled(named.member)) {
      throw new RowmillError("input", `cannot read ${name}: the archive has several files of that name`, {
        hint: "7z x -aou ARCHIVE unpacks them all, with names of their own",
      });
    }
    const start = startOf(fd, member, name);
    return { stream: () => new MemberReader(fd, member, { name, start }), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Why a name or pattern stands for nothing in an archive. */
export function noMember(named: MemberName, names: readonly string[]): RowmillError {
  return new RowmillError("input", `cannot read ${shownName(inputName(named))}: the archive has no such member`, {
    hint: names.length === 0 ? "it is empty" : `it has ${listed(names)}`,
  });
}

/** Where the bytes of a member begin: behind its own header, whose length only that tells. */
function startOf(fd: number, member: ZipMember, name: string): number {
  const { method, isEncrypted, headerOffset, packedBytes } = member;
  if (isEncrypted) {
    throw new RowmillError("input", `cannot read ${name}: it is encrypted`, {
      hint: "unpack it on the way: unzip -p, or 7z x -so, asks for the password",
    });
  }
  if (!READ_METHODS.has(method)) {
    const how = OTHER_METHODS[method] ?? `method ${method}`;
    throw new RowmillError("input", `cannot read ${name}: it is packed with ${how}, which is not read`, {
      hint: "unpack it on the way: 7z x -so ARCHIVE MEMBER | rowmill …",
    });
  }
  const header = Buffer.alloc(HEADER_BYTES);
  const got = headerOffset < fstatSync(fd).size ? readSync(fd, header, 0, HEADER_BYTES, headerOffset) : 0;
  if (got < HEADER_BYTES || header.readUInt32LE(0) !== HEADER_START)
    throw damaged(name, "it is not where its directory says");
  if (header.readUInt16LE(8) !== method)
    throw damaged(name, "its directory says another method of packing than it does");
  // Packed, nothing is something as well: its sizes have been wiped out.
  if (method !== STORED && packedBytes === 0) throw damaged(name, "its directory says that it has no bytes at all");
  return headerOffset + HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function damaged(name: string, why: string): RowmillError {
  return new RowmillError("input", `cannot read ${name} to its end: ${why}`, {
    hint: "copy the archive again from where it came from; unzip -t tells whether it is whole",
  });
}

class MemberReader extends SinglePieceReader {
  readonly #name: string;
  readonly #member: ZipMember;
  readonly #bytes: PieceReader;
  #hasPiece = false;
  #count = 0;
  #crc = 0;

  constructor(fd: number, member: ZipMember, { name, start }: { name: string; start: number }) {
    super();
    this.#name = name;
    this.#member = member;
    const packed = new StreamReader(fd, name, { start, end: start + member.packedBytes });
    const packing = READ_METHODS.get(member.method);
    const raw = { source: packed, first: undefined, onBytes: () => {}, name };
    this.#bytes = packing === undefined ? packed : new DecompressingReader(raw, packing);
  }

  protected override async read(): Promise<Uint8Array> {
    if (this.#hasPiece) this.#bytes.take();
    const piece = await this.#bytes.peek();
    this.#hasPiece = true;
    this.#count += piece.length;
    this.#crc = Bun.hash.crc32(piece, this.#crc);
    const { bytes, crc } = this.#member;
    if (this.#count > bytes) throw damaged(this.#name, `it has more than the ${bytes} bytes that its archive says`);
    if (piece.length > 0) return piece;
    if (this.#count < bytes) throw damaged(this.#name, `it has ${this.#count} bytes of ${bytes}`);
    if (this.#crc !== crc) throw damaged(this.#name, "its checksum is another one");
    return piece;
  }
}
