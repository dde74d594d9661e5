/**
 * A file of BGZF as bytes that can be read at any place. Where its blocks are is found as far as it is wanted: each says only
 * where the next one begins.
 */
import { readSync } from "node:fs";
import {
  type BlockPlaces,
  BlockReader,
  HEAD_BYTES,
  MOST_BYTES,
  TAIL_BYTES,
  type WantedBytes,
  blockBytes,
} from "./blocks.ts";

/** So much of a member's head is looked at: other fields may stand before the length. */
const LOOKED_BYTES = 256;
const LENGTH_BYTES = 4;

/** Numbers in a row that grows. */
class Offsets {
  #all = new Float64Array(1024);
  length = 0;

  add(offset: number): void {
    if (this.length === this.#all.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#all);
      this.#all = larger;
    }
    this.#all[this.length++] = offset;
  }

  get last(): number {
    return this.#all[this.length - 1] ?? 0;
  }

  get view(): Float64Array {
    return this.#all.subarray(0, this.length);
  }
}

export class BlockFile {
  readonly fd: number;
  readonly #size: number;
  readonly #reader: BlockReader;
  /** Where blocks begin that are followed by another one, or by the end of the file; and where the last of them ends. */
  readonly #packed = new Offsets();
  readonly #unpacked = new Offsets();
  /** The block behind those: its length, packed. */
  #next: number | undefined;
  /** How many bytes the last block that was found has, unpacked. */
  #lastBytes = 0;
  /** Nothing behind so many bytes is wanted. */
  readonly #until: number;
  readonly #head = Buffer.alloc(LENGTH_BYTES + LOOKED_BYTES);

  private constructor(
    { fd, size }: { fd: number; size: number },
    { name, until, first }: { name: string; until: number; first: number },
  ) {
    this.fd = fd;
    this.#size = size;
    this.#until = until;
    this.#reader = new BlockReader(fd, name);
    this.#next = first;
    this.#packed.add(0);
    this.#unpacked.add(0);
  }

  /** The file, if it begins with a block. What is behind `until` is left out, in bytes that are unpacked. */
  static open(
    file: { fd: number; size: number },
    name: string,
    until: number = Number.POSITIVE_INFINITY,
  ): BlockFile | undefined {
    const head = Buffer.alloc(LOOKED_BYTES);
    const first = blockBytes(head.subarray(0, readSync(file.fd, head, 0, LOOKED_BYTES, 0)));
    return first === undefined ? undefined : new BlockFile(file, { name, until, first });
  }

  /** Bytes as far as blocks were found, unpacked. */
  get end(): number {
    return Math.min(this.#unpacked.last, this.#until);
  }

  /** All blocks were found; what is behind them, if anything, is none, or not wanted. */
  get isKnown(): boolean {
    return this.#next === undefined || this.#isUntil;
  }

  get #isUntil(): boolean {
    return this.#unpacked.last >= this.#until;
  }

  /** Where in the file there is something that is no whole block; undefined where blocks are all of it, as far as is known. */
  get other(): number | undefined {
    return this.isKnown && !this.#isUntil && this.#packed.last < this.#size ? this.#packed.last : undefined;
  }

  /** It ends as whole files do: with a block that holds nothing. */
  get hasEnd(): boolean {
    return this.#isUntil || this.#lastBytes === 0;
  }

  /** Finds blocks until so many bytes are known, or all. */
  find(bytes: number): void {
    while (this.#next !== undefined && this.end < Math.min(bytes, this.#until)) this.#pass(this.#next);
  }

  /** Looks at what is behind a block: only then it is one. */
  #pass(length: number): void {
    const start = this.#packed.last;
    const end = start + length;
    const isWhole = length >= HEAD_BYTES + TAIL_BYTES && end <= this.#size;
    const got = isWhole ? readSync(this.fd, this.#head, 0, this.#head.length, end - LENGTH_BYTES) : 0;
    const following = this.#head.subarray(LENGTH_BYTES, got);
    this.#next = got < LENGTH_BYTES ? undefined : blockBytes(following);
    if (got < LENGTH_BYTES || (this.#next === undefined && end < this.#size)) return;
    const bytes = this.#head.readUInt32LE(0);
    if (bytes > MOST_BYTES) {
      this.#next = undefined;
      return;
    }
    this.#lastBytes = bytes;
    this.#packed.add(end);
    this.#unpacked.add(this.#unpacked.last + this.#lastBytes);
  }

  /** The blocks that hold these bytes, for somebody else. */
  places(from: number, to: number): BlockPlaces {
    const unpacked = this.#unpacked.view;
    const [first, last] = [lastUpTo(unpacked, from), firstFrom(unpacked, to)];
    return { packed: this.#packed.view.slice(first, last + 1), unpacked: unpacked.slice(first, last + 1) };
  }

  /** Reads bytes that are known; see `BlockReader.read`. */
  read(into: Uint8Array, wanted: WantedBytes): number {
    return this.#reader.read(into, { packed: this.#packed.view, unpacked: this.#unpacked.view }, wanted);
  }

  /** Where in the file the block begins that holds an offset; behind all that are known, where they end. */
  packedAt(offset: number): number {
    if (offset >= this.#unpacked.last) return this.#packed.last;
    return this.#packed.view[lastUpTo(this.#unpacked.view, offset)] ?? 0;
  }

  /** What is left behind an offset, unpacked: an estimate, by what was unpacked so far, until all blocks are known. */
  remaining(offset: number): number {
    if (this.isKnown) return this.end - offset;
    const ratio = this.end === 0 ? 1 : this.end / this.#packed.last;
    const all = this.end + Math.floor((this.#size - this.#packed.last) * ratio);
    return Math.min(all, this.#until) - offset;
  }
}

/** Index of the last offset that is not above a number. */
function lastUpTo(offsets: Float64Array, most: number): number {
  let [low, high] = [0, offsets.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= most) low = middle;
    else high = middle;
  }
  return low;
}

/** Index of the first offset that is not below a number, or of the last. */
function firstFrom(offsets: Float64Array, least: number): number {
  let [low, high] = [-1, offsets.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) >= least) high = middle;
    else low = middle;
  }
  return high;
}
