/** Executables for Linux on x64 (ELF, 64 bits): their header, what is loaded of them, and their sections. */
import { readSync, writeSync } from "node:fs";

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const MACHINE_X64 = 62;
/** Nothing in it has its place in memory chosen when it is started. */
const KIND_FIXED = 2;

export const SEGMENT = { load: 1, note: 4, table: 6 } as const;
export const SECTION = { own: 1, zeros: 8 } as const;
/** Of a section: it is in memory; it is there once for each thread. */
export const IN_MEMORY = 2;
export const OF_THREADS = 0x400;

/** A part of the file that is loaded, or that is named for those who load it. */
export interface Segment {
  type: number;
  flags: number;
  offset: number;
  address: number;
  physicalAddress: number;
  fileBytes: number;
  /** Behind the bytes of the file there are zeros. */
  memoryBytes: number;
  align: number;
}

export interface Section {
  /** Where the file names it. */
  at: number;
  type: number;
  flags: number;
  address: number;
  offset: number;
  bytes: number;
}

export interface Executable {
  entry: number;
  /** Where the table of sections is. */
  sectionsAt: number;
  segments: readonly Segment[];
  /** Header and table of segments as they are in the file. */
  head: Buffer;
}

/** What the file of a descriptor is; `undefined`, if it is no such executable. */
export function readExecutable(fd: number): Executable | undefined {
  const header = read(fd, 0, HEADER_BYTES);
  const isOne =
    header.length === HEADER_BYTES &&
    header.subarray(0, MAGIC.length).equals(MAGIC) &&
    header.readUInt16LE(16) === KIND_FIXED &&
    header.readUInt16LE(18) === MACHINE_X64 &&
    // The table follows the header, as all linkers write it.
    longAt(header, 32) === HEADER_BYTES;
  return isOne ? parseHead(read(fd, 0, HEADER_BYTES + header.readUInt16LE(56) * SEGMENT_BYTES)) : undefined;
}

/** @param head Header and table of segments. */
export function parseHead(head: Buffer): Executable {
  const segments = pieces(head.subarray(HEADER_BYTES), SEGMENT_BYTES).map((bytes) => ({
    type: bytes.readUInt32LE(0),
    flags: bytes.readUInt32LE(4),
    offset: longAt(bytes, 8),
    address: longAt(bytes, 16),
    physicalAddress: longAt(bytes, 24),
    fileBytes: longAt(bytes, 32),
    memoryBytes: longAt(bytes, 40),
    align: longAt(bytes, 48),
  }));
  return { entry: longAt(head, 24), sectionsAt: longAt(head, 40), segments, head };
}

/** Writes header and table anew. There must be as many segments as before. */
export function writeHead(fd: number, { entry, sectionsAt, segments, head }: Executable): void {
  const bytes = Buffer.from(head);
  writeLong(bytes, entry, 24);
  writeLong(bytes, sectionsAt, 40);
  for (const [index, segment] of segments.entries()) {
    const at = HEADER_BYTES + index * SEGMENT_BYTES;
    bytes.writeUInt32LE(segment.type, at);
    bytes.writeUInt32LE(segment.flags, at + 4);
    const { offset, address, physicalAddress, fileBytes, memoryBytes, align } = segment;
    const fields = [offset, address, physicalAddress, fileBytes, memoryBytes, align];
    for (const [field, value] of fields.entries()) writeLong(bytes, value, at + 8 + 8 * field);
  }
  writeAll(fd, bytes, 0);
}

/** The sections of an executable whose table of these is where its header says. */
export function readSections(fd: number, { head, sectionsAt }: Executable): Section[] {
  const table = read(fd, sectionsAt, head.readUInt16LE(60) * SECTION_BYTES);
  return pieces(table, SECTION_BYTES).map((bytes, index) => ({
    at: sectionsAt + index * SECTION_BYTES,
    type: bytes.readUInt32LE(4),
    flags: longAt(bytes, 8),
    address: longAt(bytes, 16),
    offset: longAt(bytes, 24),
    bytes: longAt(bytes, 32),
  }));
}

/** Says of a section that it is at another place of the file. */
export function writeOffset(fd: number, { at }: Section, offset: number): void {
  const bytes = Buffer.alloc(8);
  writeLong(bytes, offset, 0);
  writeAll(fd, bytes, at + 24);
}

export function read(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let length = 0;
  for (let count = -1; count !== 0 && length < bytes; length += count)
    count = readSync(fd, buffer, length, bytes - length, at + length);
  return buffer.subarray(0, length);
}

export function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}

function pieces(table: Buffer, bytes: number): Buffer[] {
  return Array.from({ length: Math.floor(table.length / bytes) }, (_, index) =>
    table.subarray(index * bytes, (index + 1) * bytes),
  );
}

function longAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function writeLong(bytes: Buffer, value: number, at: number): void {
  bytes.writeBigUInt64LE(BigInt(value), at);
}
