/** Files of BGZF for tests, with blocks of any length. Shares nothing with what writes them in earnest. */
import { deflateRawSync } from "node:zlib";

const HEAD = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff];
const MOST_BYTES = 60_000;

/** One block. `extra`: another field that stands in its head before the length. */
export function block(data: Uint8Array, extra: readonly number[] = []): Buffer {
  const packed = deflateRawSync(data);
  const field = extra.length === 0 ? [] : [0x58, 0x59, extra.length & 255, extra.length >> 8, ...extra];
  const length = HEAD.length + 2 + field.length + 6 + packed.length + 8;
  const head = Buffer.from([
    ...HEAD,
    (field.length + 6) & 255,
    (field.length + 6) >> 8,
    ...field,
    0x42,
    0x43,
    2,
    0,
    0,
    0,
  ]);
  head.writeUInt16LE(length - 1, head.length - 2);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(Bun.hash.crc32(data), 0);
  tail.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, packed, tail]);
}

export const END: Buffer = block(new Uint8Array(0));

/** Packs bytes in blocks of these lengths, again and again; 0 is a block that holds nothing. */
export function bgzfOf(data: Uint8Array, lengths: readonly number[] = [MOST_BYTES]): Buffer {
  const blocks: Buffer[] = [];
  const cuts = lengths.some((length) => length > 0) ? lengths : [MOST_BYTES];
  for (let at = 0, turn = 0; at < data.length; turn++) {
    const length = Math.min(MOST_BYTES, cuts[turn % cuts.length] ?? MOST_BYTES);
    blocks.push(block(data.subarray(at, at + length), turn % 3 === 2 ? [1, 2, 3] : []));
    at += length;
  }
  return Buffer.concat([...blocks, END]);
}
