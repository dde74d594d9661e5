/** Zip archives for tests: right ones of every shape that programs write, and wrong ones. */
import { deflateRawSync } from "node:zlib";

/** A member as it is to be written. */
export interface Written {
  name: string | Uint8Array;
  data: Uint8Array;
  /** @default "deflate" */
  method?: "stored" | "deflate" | "zstd";
  /** Sizes and checksum stand behind the data, as programs write that do not know them before. */
  hasDescriptor?: boolean;
  /** Sizes and places stand in fields of 64 bits. */
  isZip64?: boolean;
  /** What is said of it in place of what is so. */
  says?: { bytes?: number; crc?: number; method?: number; flags?: number; packedBytes?: number };
}

const METHODS = { stored: 0, deflate: 8, zstd: 93 };
const DESCRIPTOR = 0x8;
const LARGE = 0xffffffff;

/** Makes an archive. `before`: what stands before the first member; `comment`: behind all. */
export function zipOf(members: readonly Written[], { comment = "" }: { comment?: string } = {}): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const add = (piece: Buffer): void => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const member of members) {
    const name = Buffer.from(member.name);
    const packed = pack(member);
    const crc = member.says?.crc ?? Bun.hash.crc32(member.data);
    const bytes = member.says?.bytes ?? member.data.length;
    const packedBytes = member.says?.packedBytes ?? packed.length;
    const { hasDescriptor = false, isZip64 = false } = member;
    const flags = (member.says?.flags ?? 0) | (hasDescriptor ? DESCRIPTOR : 0);
    const method = member.says?.method ?? METHODS[member.method ?? "deflate"];
    const headerAt = at;
    const known = hasDescriptor ? { crc: 0, bytes: 0, packedBytes: 0 } : { crc, bytes, packedBytes };
    const local = record("PK\x03\x04", [2, 45], [2, flags], [2, method], [4, 0], [4, known.crc]);
    add(Buffer.concat([local, record("", [4, known.packedBytes], [4, known.bytes], [2, name.length], [2, 0]), name]));
    add(packed);
    if (hasDescriptor) {
      const width = isZip64 ? 8 : 4;
      add(record("PK\x07\x08", [4, crc], [width, packedBytes], [width, bytes]));
    }
    const extra = isZip64 ? record("", [2, 1], [2, 24], [8, bytes], [8, packedBytes], [8, headerAt]) : Buffer.alloc(0);
    const shown = isZip64 ? [LARGE, LARGE, LARGE] : [packedBytes, bytes, headerAt];
    directory.push(
      record("PK\x01\x02", [2, 45], [2, 45], [2, flags], [2, method], [4, 0], [4, crc], [4, shown[0] ?? 0]),
      record("", [4, shown[1] ?? 0], [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0]),
      record("", [4, shown[2] ?? 0]),
      name,
      extra,
    );
  }
  const directoryAt = at;
  for (const piece of directory) add(piece);
  const directoryBytes = at - directoryAt;
  const isZip64 = members.some((member) => member.isZip64 === true);
  if (isZip64) {
    const endAt = at;
    const counts: Field[] = [
      [8, members.length],
      [8, members.length],
    ];
    add(
      record("PK\x06\x06", [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], ...counts, [8, directoryBytes], [8, directoryAt]),
    );
    add(record("PK\x06\x07", [4, 0], [8, endAt], [4, 1]));
  }
  const count = isZip64 ? 0xffff : members.length;
  add(record("PK\x05\x06", [4, 0], [2, count], [2, count], [4, isZip64 ? LARGE : directoryBytes]));
  add(record("", [4, isZip64 ? LARGE : directoryAt], [2, comment.length]));
  add(Buffer.from(comment, "latin1"));
  return Buffer.concat(pieces);
}

function pack({ data, method = "deflate" }: Written): Buffer {
  if (method === "stored") return Buffer.from(data);
  return method === "deflate" ? deflateRawSync(data) : Bun.zstdCompressSync(new Uint8Array(data));
}

/** So many bytes, and the number in them. */
type Field = [width: 2 | 4 | 8, value: number];

function record(magic: string, ...fields: Field[]): Buffer {
  const pieces = fields.map(([width, value]) => {
    const bytes = Buffer.alloc(width);
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUIntLE(value, 0, width);
    return bytes;
  });
  return Buffer.concat([Buffer.from(magic, "latin1"), ...pieces]);
}
