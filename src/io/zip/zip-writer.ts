/** Writes zip archives whose members are packed already: what stands before each, and the directory at the end. */

/** A member that is packed. */
export interface PackedMember {
  name: string;
  /** CRC-32 of its bytes, and how many these are before and after they were deflated. */
  crc: number;
  bytes: number;
  packedBytes: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DEFLATED = 8;
/** Names are in UTF-8. */
const UTF8_FLAG = 0x800;
/** What a reader must know: deflate, and fields of 64 bits. */
const VERSION = 20;
const VERSION_64 = 45;
/** The first day that a zip archive can say: archives of the same rows have the same bytes. */
const DATE = 0x21;
const FIELD_64 = 1;
const MOST_32 = 0xffffffff;
const MOST_16 = 0xffff;

export class ZipWriter {
  readonly #directory: Buffer[] = [];
  #offset = 0;

  /** What stands before the packed bytes of a member, which are to follow it. */
  header(member: PackedMember): Buffer {
    const { bytes, packedBytes } = member;
    const isLarge = bytes >= MOST_32 || packedBytes >= MOST_32;
    const extra = isLarge ? field64([bytes, packedBytes]) : NO_BYTES;
    const name = Buffer.from(member.name);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(LOCAL, 0);
    header.writeUInt16LE(isLarge ? VERSION_64 : VERSION, 4);
    writeFacts(header, 6, member);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(extra.length, 28);
    const start = Buffer.concat([header, name, extra]);
    this.#directory.push(this.#entry(member, name));
    this.#offset += start.length + packedBytes;
    return start;
  }

  #entry(member: PackedMember, name: Buffer): Buffer {
    const { bytes, packedBytes } = member;
    const large = [bytes, packedBytes, this.#offset].filter((value) => value >= MOST_32);
    const extra = large.length > 0 ? field64(large) : NO_BYTES;
    const version = large.length > 0 ? VERSION_64 : VERSION;
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(CENTRAL, 0);
    entry.writeUInt16LE(version, 4);
    entry.writeUInt16LE(version, 6);
    writeFacts(entry, 8, member);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(Math.min(this.#offset, MOST_32), 42);
    return Buffer.concat([entry, name, extra]);
  }

  /** What stands behind all members. */
  end(): Buffer {
    const directory = Buffer.concat(this.#directory);
    const count = this.#directory.length;
    const at = this.#offset;
    const end = Buffer.alloc(22);
    end.writeUInt32LE(END, 0);
    end.writeUInt16LE(Math.min(count, MOST_16), 8);
    end.writeUInt16LE(Math.min(count, MOST_16), 10);
    end.writeUInt32LE(Math.min(directory.length, MOST_32), 12);
    end.writeUInt32LE(Math.min(at, MOST_32), 16);
    const isLarge = count >= MOST_16 || directory.length >= MOST_32 || at >= MOST_32;
    return Buffer.concat([directory, ...(isLarge ? largeEnd(count, directory.length, at) : []), end]);
  }
}

const NO_BYTES = Buffer.alloc(0);

/** The fields that a member and its entry in the directory share: flags, method, time, checksum and sizes. */
function writeFacts(target: Buffer, at: number, { crc, bytes, packedBytes }: PackedMember): void {
  target.writeUInt16LE(UTF8_FLAG, at);
  target.writeUInt16LE(DEFLATED, at + 2);
  target.writeUInt16LE(DATE, at + 6);
  target.writeUInt32LE(crc, at + 8);
  const isLarge = bytes >= MOST_32 || packedBytes >= MOST_32;
  // Of a local header both are large, or none.
  const isLocal = target.length === 30;
  target.writeUInt32LE(isLocal && isLarge ? MOST_32 : Math.min(packedBytes, MOST_32), at + 12);
  target.writeUInt32LE(isLocal && isLarge ? MOST_32 : Math.min(bytes, MOST_32), at + 16);
}

/** Numbers of 64 bits that stand for those that have no room in their place. */
function field64(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(FIELD_64, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [at, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  return field;
}

function largeEnd(count: number, bytes: number, at: number): Buffer[] {
  const end = Buffer.alloc(56);
  end.writeUInt32LE(END_64, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(VERSION_64, 12);
  end.writeUInt16LE(VERSION_64, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(LOCATOR_64, 0);
  locator.writeBigUInt64LE(BigInt(at + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return [end, locator];
}
