/**
 * What an executable for Linux on x64 does before all else. The runtime crashes, with a report of many lines, where /proc
 * is not mounted, is ended by the system on a processor that lacks its instructions, and takes a closed standard output
 * for the null device: long before a line of ours. So the executable begins with a few instructions of its own, which
 * say what is missing in one line, or see to the streams and go on to where it began before.
 *
 * They lie behind the end of the file. The entry of the program's table that named a note (its build's number) loads
 * them, and keeps in its unused field where the executable began.
 */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";

/** Offsets in the header of such a file, and in an entry of its table of segments (ELF, 64 bits). */
const ENTRY_AT = 24;
const TABLE_AT = 32;
const TABLE_COUNT_AT = 56;
const SEGMENT_BYTES = 56;
const HEADER_BYTES = 64;
const SEGMENT_LOAD = 1;
const SEGMENT_NOTE = 4;
/** Read, and run. */
const SEGMENT_FLAGS = 5;
/** A fixed place in memory, as all of the runtime's segments have it. */
const KIND_FIXED = 2;
const MACHINE_X64 = 62;

const PAGE_BYTES = 4096n;
/**
 * Where the guard lies in memory: above everything else, with room for what a program holds. It must not be the lowest
 * segment, which tools take for the start of the file.
 */
const GUARD_ADDRESS = 0x20000000n;

const NO_PROC = `error: /proc is not mounted, and the runtime of this program needs it
  hint: mount -t proc proc /proc
`;
const NO_CPU = `error: this processor lacks SSE4.2 or POPCNT, which the runtime of this program needs
  hint: use a machine of 2009 or later; in a virtual machine, give it the processor of its host
`;

/**
 * The instructions:
 *
 *     push rdx                            what the system has left for the program
 *     access("/proc/self/maps", F_OK)     negative: say NO_PROC
 *     cpuid 1, ecx & (SSE4.2 | POPCNT)    not both: say NO_CPU
 *     fcntl(0, F_GETFD)                   negative: open("/dev/null", O_WRONLY)
 *     fcntl(1, F_GETFD)                   negative: open("/dev/null", O_RDONLY)
 *     pop rdx; jump to where it began
 *     say: write(2, text, length); exit_group(1)
 *
 * The runtime would open the null device for reading and writing in place of a stream that is closed, and rows that are
 * written there are lost in silence. What is opened here in its place can be used in the other direction only, so that
 * a write fails (EBADF) as it does on a closed stream, and no later file gets the number of one.
 */
const CODE = Buffer.from(
  "52b815000000488d3daa00000031f60f0585c0787053b80100000031c90fa25b81e10000900081f9000090007565" +
    "31ffbe01000000b8480000000f0585c07913488d3d80000000be01000000b8020000000f05" +
    "bf01000000be01000000b8480000000f0585c07910488d3d5800000031f6b8020000000f05" +
    "5a48b80000000000000000ffe0" +
    "488d3545000000ba00000000eb0c" +
    "488d3500000000ba00000000" +
    "b801000000bf020000000f05b8e7000000bf010000000f05",
  "hex",
);
const PATHS = "/proc/self/maps\0/dev/null\0";
/** Where the code holds the place to go on to, how far its texts are, and their lengths. */
const GO_ON_AT = 0x7b;
const NO_PROC_DISTANCE_AT = 0x88;
const NO_PROC_FROM = 0x8c;
const NO_PROC_LENGTH_AT = 0x8d;
const NO_CPU_DISTANCE_AT = 0x96;
const NO_CPU_FROM = 0x9a;
const NO_CPU_LENGTH_AT = 0x9b;

/** Gives an executable its guard; others are left as they are. One that has a guard gets a new one. */
export function guardEntry(path: string): void {
  const fd = openSync(path, "r+");
  try {
    const header = read(fd, 0n, HEADER_BYTES);
    if (!isGuardable(header)) return;
    const table = header.readBigUInt64LE(TABLE_AT);
    const segment = findSegment(fd, table, header.readUInt16LE(TABLE_COUNT_AT));
    if (segment === undefined) return;
    const begin = segment.began ?? header.readBigUInt64LE(ENTRY_AT);
    const guard = guardCode(begin);
    const size = BigInt(fstatSync(fd).size);
    const offset = ((size + PAGE_BYTES - 1n) / PAGE_BYTES) * PAGE_BYTES;
    appendFileSync(path, Buffer.concat([Buffer.alloc(Number(offset - size)), guard]));
    writeSync(fd, loadedSegment({ offset, bytes: BigInt(guard.length), begin }), 0, SEGMENT_BYTES, Number(segment.at));
    const entry = Buffer.alloc(8);
    entry.writeBigUInt64LE(GUARD_ADDRESS);
    writeSync(fd, entry, 0, entry.length, ENTRY_AT);
  } finally {
    closeSync(fd);
  }
}

/**
 * Copies an executable, without its guard if it has one: the runtime's bundler makes programs of no other (Bun 1.4.5:
 * BunSectionAlreadyWritten).
 */
export function copyUnguarded(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
  const fd = openSync(to, "r+");
  try {
    const header = read(fd, 0n, HEADER_BYTES);
    if (!isGuardable(header)) return;
    const segment = findSegment(fd, header.readBigUInt64LE(TABLE_AT), header.readUInt16LE(TABLE_COUNT_AT));
    if (segment?.began === undefined) return;
    const entry = Buffer.alloc(8);
    entry.writeBigUInt64LE(segment.began);
    writeSync(fd, entry, 0, entry.length, ENTRY_AT);
    const note = Buffer.alloc(SEGMENT_BYTES);
    note.writeUInt32LE(SEGMENT_NOTE);
    writeSync(fd, note, 0, SEGMENT_BYTES, Number(segment.at));
    ftruncateSync(fd, segment.offset);
  } finally {
    closeSync(fd);
  }
}

/** Linux on x64, and nothing whose place in memory is chosen when it is started. */
function isGuardable(header: Buffer): boolean {
  return (
    header.length === HEADER_BYTES &&
    header.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])) &&
    header.readUInt16LE(16) === KIND_FIXED &&
    header.readUInt16LE(18) === MACHINE_X64
  );
}

/** A segment that loads a guard, or is to load it. */
interface GuardSegment {
  /** Where the table names it. */
  at: bigint;
  /** Where a guarded executable goes on. */
  began: bigint | undefined;
  /** Where its bytes are in the file. */
  offset: number;
}

function findSegment(fd: number, table: bigint, count: number): GuardSegment | undefined {
  const segments = Array.from({ length: count }, (_, index) => {
    const at = table + BigInt(index * SEGMENT_BYTES);
    return { at, bytes: read(fd, at, SEGMENT_BYTES) };
  });
  const guard = segments.find(
    ({ bytes }) => bytes.readUInt32LE(0) === SEGMENT_LOAD && bytes.readBigUInt64LE(16) === GUARD_ADDRESS,
  );
  if (guard !== undefined) {
    const offset = Number(guard.bytes.readBigUInt64LE(8));
    return { at: guard.at, began: guard.bytes.readBigUInt64LE(24), offset };
  }
  const note = segments.find(({ bytes }) => bytes.readUInt32LE(0) === SEGMENT_NOTE);
  return note && { at: note.at, began: undefined, offset: 0 };
}

function loadedSegment({ offset, bytes, begin }: { offset: bigint; bytes: bigint; begin: bigint }): Buffer {
  const segment = Buffer.alloc(SEGMENT_BYTES);
  segment.writeUInt32LE(SEGMENT_LOAD, 0);
  segment.writeUInt32LE(SEGMENT_FLAGS, 4);
  const fields = [offset, GUARD_ADDRESS, begin, bytes, bytes, PAGE_BYTES];
  for (const [index, field] of fields.entries()) segment.writeBigUInt64LE(field, 8 + 8 * index);
  return segment;
}

function guardCode(begin: bigint): Buffer {
  const code = Buffer.from(CODE);
  const [noProc, noCpu] = [Buffer.from(NO_PROC), Buffer.from(NO_CPU)];
  code.writeBigUInt64LE(begin, GO_ON_AT);
  const texts = code.length + PATHS.length;
  code.writeUInt32LE(texts - NO_PROC_FROM, NO_PROC_DISTANCE_AT);
  code.writeUInt32LE(noProc.length, NO_PROC_LENGTH_AT);
  code.writeUInt32LE(texts + noProc.length - NO_CPU_FROM, NO_CPU_DISTANCE_AT);
  code.writeUInt32LE(noCpu.length, NO_CPU_LENGTH_AT);
  return Buffer.concat([code, Buffer.from(PATHS), noProc, noCpu]);
}

function read(fd: number, at: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, Number(at)));
}
