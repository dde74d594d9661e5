/**
 * Blocks of BGZF, which is gzip whose members are short and say how long they are (SAM specification, 4.1): each can be
 * found, and unpacked, without those before it.
 */
import { readSync } from "node:fs";
import { RowmillError } from "../../errors.ts";

/** Bytes of a member before its data, where nothing but its length is in them. */
export const HEAD_BYTES = 18;
/** Checksum and length behind the data. */
export const TAIL_BYTES = 8;
/** What a block may be, packed. */
export const MOST_BYTES = 65_536;

const EXTRA_AT = 12;
const FIELD_HEAD_BYTES = 4;
/** The name of the field in a member's head that says its length. */
const FIELD: readonly [number, number] = [0x42, 0x43];

/**
 * How long the block is that begins with these bytes; undefined where they begin no block.
 *
 * @param head HEAD_BYTES of them at least: what else is in the head of a member stands behind.
 */
export function blockBytes(head: Uint8Array): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const isMember = head.length >= HEAD_BYTES && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8 && head[3] === 4;
  if (!isMember) return undefined;
  const end = Math.min(head.length, EXTRA_AT + view.getUint16(10, true));
  for (let at = EXTRA_AT; at + FIELD_HEAD_BYTES + 2 <= end;) {
    const size = view.getUint16(at + 2, true);
    if (head[at] === FIELD[0] && head[at + 1] === FIELD[1] && size === 2) return view.getUint16(at + 4, true) + 1;
    at += FIELD_HEAD_BYTES + size;
  }
  return undefined;
}

/** Blocks that stand one behind the other: where each begins in its file, and unpacked, and at last where they end. */
export interface BlockPlaces {
  packed: Float64Array;
  unpacked: Float64Array;
}

/** Where bytes go, and which: so many from an offset of what is unpacked. */
export interface WantedBytes {
  at: number;
  length: number;
  offset: number;
}

/** Reads bytes of a file that consists of blocks. */
export class BlockReader {
  readonly #fd: number;
  readonly #name: string;
  readonly #packed = Buffer.allocUnsafe(MOST_BYTES);
  /** The last block: reads end within blocks, and go on there. */
  #known: { start: number; bytes: Uint8Array } | undefined;

  /** @param name Of the file, for messages. */
  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  /**
   * Reads bytes that are in these blocks; fewer than are wanted where one of them is damaged, behind others.
   *
   * @returns How many were read.
   * @throws {RowmillError} `input`, when the first block is damaged.
   */
  read(into: Uint8Array, places: BlockPlaces, { at, length, offset }: WantedBytes): number {
    let done = 0;
    for (let block = blockAt(places, offset); done < length; block++) {
      const start = places.unpacked[block] ?? 0;
      const bytes = this.#block(places, block);
      if (bytes === undefined && done > 0) break;
      if (bytes === undefined) throw damaged(this.#name, places.packed[block] ?? 0);
      const piece = bytes.subarray(offset + done - start, offset + length - start);
      into.set(piece, at + done);
      done += piece.length;
    }
    return done;
  }

  /** What is in a block; undefined where it is damaged. */
  #block({ packed, unpacked }: BlockPlaces, block: number): Uint8Array | undefined {
    const [start = 0, end = 0] = packed.subarray(block, block + 2);
    if (this.#known?.start === start) return this.#known.bytes;
    const bytes = this.#unpack(start, end);
    if (bytes?.length !== (unpacked[block + 1] ?? 0) - (unpacked[block] ?? 0)) return undefined;
    this.#known = { start, bytes };
    return bytes;
  }

  #unpack(start: number, end: number): Uint8Array | undefined {
    const packed = this.#packed.subarray(0, end - start);
    for (let at = 0; at < packed.length;) {
      const got = readSync(this.#fd, packed, at, packed.length - at, start + at);
      if (got === 0) return undefined;
      at += got;
    }
    try {
      // It checks the sum, too.
      return Bun.gunzipSync(packed, { library: "libdeflate" });
    } catch {
      return undefined;
    }
  }
}

function damaged(name: string, start: number): RowmillError {
  return new RowmillError("input", `cannot read ${name} to its end: its block at byte ${start} is damaged`, {
    hint: "copy it again from where it came from; gzip -t tells whether it is whole",
  });
}

/** The block that holds an offset of what is unpacked; blocks without bytes hold none. */
function blockAt({ unpacked }: BlockPlaces, offset: number): number {
  let [low, high] = [0, unpacked.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((unpacked[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
