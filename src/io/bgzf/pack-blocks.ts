/** Packs bytes as blocks of BGZF, as `bgzip` does. */
import { HEAD_BYTES, MOST_BYTES, TAIL_BYTES } from "./blocks.ts";

/** Bytes of a block, as bgzip has them: also where they cannot be packed, they fit into one. */
export const DATA_BYTES = 65_280;

/** A member of gzip with a field of its own in its head, whose value, the length of all less one, is still to be said. */
const HEAD: readonly number[] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, 0, 0];
const LENGTH_AT = 16;

/** The last block of every file. It holds nothing. */
export const END_BLOCK: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...HEAD.slice(0, LENGTH_AT),
  27,
  0,
  3,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
]);

/** Packs bytes, of whatever length, as blocks one behind the other. */
export function packBlocks(bytes: Uint8Array<ArrayBuffer>, level: 5 | 6): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += DATA_BYTES)
    blocks.push(packBlock(bytes.subarray(at, at + DATA_BYTES), level));
  const packed = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    packed.set(block, at);
    at += block.length;
  }
  return packed;
}

function packBlock(bytes: Uint8Array<ArrayBuffer>, level: 5 | 6): Uint8Array {
  const data = Bun.deflateSync(bytes, { level, library: "libdeflate" });
  const length = HEAD_BYTES + data.length + TAIL_BYTES;
  if (length > MOST_BYTES) throw new Error("a block has become longer than its data");
  const block = new Uint8Array(length);
  block.set(HEAD);
  block.set(data, HEAD_BYTES);
  const view = new DataView(block.buffer);
  view.setUint16(LENGTH_AT, length - 1, true);
  view.setUint32(length - TAIL_BYTES, Bun.hash.crc32(bytes), true);
  view.setUint32(length - TAIL_BYTES / 2, bytes.length, true);
  return block;
}
