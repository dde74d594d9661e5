/**
 * What is done to an executable for Linux on x64 when the runtime's compiler has made it, and undone where that compiler is
 * to make another of it: it knows its own executables by their layout (Bun 1.4.5: BunSectionAlreadyWritten).
 *
 * It gets its guard (entry-guard.ts), whose bytes lie behind the end of the file. And it loses the zeros that the compiler
 * has written: it puts what it adds, the bundle, behind all that is loaded, in the same segment, and so writes out the
 * runtime's variables that begin as zero, 1.8 MB. The bundle gets a segment of its own; it stays where it is in memory.
 *
 * There is no room in the table of segments for two more. They take the places of a note (the number of the runtime's build)
 * and of the entry that says where the table itself is: who loads an executable at a fixed place has no use for it.
 *
 * What header and table were before, and how long the file was, stands behind the guard.
 */
import { chmodSync, closeSync, copyFileSync, fstatSync, ftruncateSync, openSync } from "node:fs";
import {
  type Executable,
  IN_MEMORY,
  OF_THREADS,
  SECTION,
  SEGMENT,
  type Section,
  type Segment,
  parseHead,
  read,
  readExecutable,
  readSections,
  writeAll,
  writeHead,
  writeOffset,
} from "./elf.ts";
import { guardCode } from "./entry-guard.ts";

/**
 * Where the guard lies in memory: above everything else, with room for what a program holds. It must not be the lowest
 * segment, which tools take for the start of the file.
 */
const GUARD_ADDRESS = 0x20000000;
/** Read, and run. */
const GUARD_FLAGS = 5;
const PAGE_BYTES = 4096;
const LENGTH_BYTES = 8;

/** Finishes an executable; others, and one that is finished, are left as they are. */
export function finishExecutable(path: string): void {
  const fd = openSync(path, "r+");
  try {
    const before = readExecutable(fd);
    if (before === undefined || isGuarded(before)) return;
    const length = fstatSync(fd).size;
    const gap = findGap(fd, before);
    const note = before.segments.find(({ type }) => type === SEGMENT.note);
    if (note === undefined) return;
    const now = gap === undefined ? before : closeGap(fd, before, { gap, length });
    const guard = guardCode(before.entry);
    const offset = Math.ceil((length - (gap?.bytes ?? 0)) / PAGE_BYTES) * PAGE_BYTES;
    writeAll(fd, Buffer.concat([guard, before.head, lengthBytes(length)]), offset);
    const others = now.segments.filter((one) => one !== note);
    const segments = [...others, guardSegment(offset, guard.length)];
    writeHead(fd, { ...now, entry: GUARD_ADDRESS, segments });
  } finally {
    closeSync(fd);
  }
}

/** Copies an executable as the runtime's compiler has made it. */
export function copyUnfinished(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
  const fd = openSync(to, "r+");
  try {
    const now = readExecutable(fd);
    const guard = now?.segments.find(isGuard);
    if (now === undefined || guard === undefined) return;
    const kept = read(fd, guard.offset + guard.fileBytes, now.head.length + LENGTH_BYTES);
    const before = parseHead(kept.subarray(0, now.head.length));
    const length = Number(kept.readBigUInt64LE(now.head.length));
    openGap(fd, { now, before, length });
    ftruncateSync(fd, length);
    writeAll(fd, before.head, 0);
  } finally {
    closeSync(fd);
  }
}

function isGuarded({ segments }: Executable): boolean {
  return segments.some(isGuard);
}

function isGuard({ type, address }: Segment): boolean {
  return type === SEGMENT.load && address === GUARD_ADDRESS;
}

function guardSegment(offset: number, bytes: number): Segment {
  const sizes = { fileBytes: bytes, memoryBytes: bytes, align: PAGE_BYTES };
  const place = { offset, address: GUARD_ADDRESS, physicalAddress: GUARD_ADDRESS };
  return { type: SEGMENT.load, flags: GUARD_FLAGS, ...place, ...sizes };
}

/** Zeros in the file that need not be there. */
interface Gap {
  /** What holds them. */
  segment: Segment;
  /** Where they begin. */
  from: number;
  /** The bundle: what follows them in memory. */
  bundle: Section;
  /** How many may go: whole pages, so that all that follows keeps its place within one. */
  bytes: number;
}

/** Where the compiler has written out zeros; `undefined`, if they are not where they are known to be. */
function findGap(fd: number, executable: Executable): Gap | undefined {
  const { segments } = executable;
  const segment = segments.findLast(({ type }) => type === SEGMENT.load);
  if (segment === undefined || !segments.some(({ type }) => type === SEGMENT.table)) return undefined;
  const end = segment.address + segment.fileBytes;
  const inside = readSections(fd, executable).filter(
    ({ flags, address }) => (flags & IN_MEMORY) !== 0 && address >= segment.address && address < end,
  );
  const zeros = inside.filter(({ type, flags }) => type === SECTION.zeros && (flags & OF_THREADS) === 0);
  const first = Math.min(...zeros.map(({ address }) => address));
  const behind = inside.filter(({ type, address }) => type !== SECTION.zeros && address >= first);
  const [bundle] = behind;
  if (zeros.length === 0 || bundle === undefined || behind.length > 1 || bundle.address % PAGE_BYTES !== 0)
    return undefined;
  const from = segment.offset + first - segment.address;
  const isLast = segments.every((one) => one === segment || one.offset + one.fileBytes <= from);
  const written = bundle.offset - from;
  if (!isLast || zeros.some((one) => one.address + one.bytes > bundle.address)) return undefined;
  if (read(fd, from, written).some((byte) => byte !== 0)) return undefined;
  return { segment, from, bundle, bytes: Math.floor(written / PAGE_BYTES) * PAGE_BYTES };
}

/** Takes the zeros out of the file; gives what its header and its table must be from then on. */
function closeGap(fd: number, before: Executable, { gap, length }: { gap: Gap; length: number }): Executable {
  const { segment, from, bundle, bytes } = gap;
  moveSections(fd, before, { from: bundle.offset, by: -bytes });
  writeAll(fd, read(fd, bundle.offset, length - bundle.offset), bundle.offset - bytes);
  ftruncateSync(fd, length - bytes);
  const first: Segment = {
    ...segment,
    fileBytes: from - segment.offset,
    memoryBytes: bundle.address - segment.address,
  };
  const second: Segment = {
    ...segment,
    offset: bundle.offset - bytes,
    address: bundle.address,
    physicalAddress: bundle.address,
    fileBytes: segment.offset + segment.fileBytes - bundle.offset,
    memoryBytes: segment.address + segment.memoryBytes - bundle.address,
  };
  const segments = before.segments
    .filter(({ type }) => type !== SEGMENT.table)
    // What is loaded stands in the order of its addresses.
    .flatMap((one) => (one === segment ? [first, second] : [one]));
  return { ...before, sectionsAt: before.sectionsAt - bytes, segments };
}

/** Writes the zeros again that were taken out, if there were any. */
function openGap(fd: number, { now, before, length }: { now: Executable; before: Executable; length: number }): void {
  const bytes = before.sectionsAt - now.sectionsAt;
  const bundle = now.segments.findLast((one) => one.type === SEGMENT.load && !isGuard(one));
  if (bytes === 0 || bundle === undefined) return;
  const { offset } = bundle;
  writeAll(fd, read(fd, offset, length - bytes - offset), offset + bytes);
  writeAll(fd, Buffer.alloc(bytes), offset);
  moveSections(fd, before, { from: offset, by: bytes });
}

/** Has the sections from a place of the file on be said to be elsewhere; those of zeros are nowhere in it. */
function moveSections(fd: number, executable: Executable, { from, by }: { from: number; by: number }): void {
  for (const section of readSections(fd, executable)) {
    if (section.type !== SECTION.zeros && section.offset >= from) writeOffset(fd, section, section.offset + by);
  }
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeBigUInt64LE(BigInt(length));
  return bytes;
}
