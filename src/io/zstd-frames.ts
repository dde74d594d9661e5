/**
 * Follows the frames of zstd data (RFC 8878) without decompressing them, to tell whether the data ends where a frame
 * ends: the decompressor does not say when it is cut off.
 */
import { zstdFrameKind } from "./compression.ts";

/** What the next bytes are. */
type Part = "magic" | "skipped-size" | "descriptor" | "block" | "nothing";

const PART_BYTES: Record<Exclude<Part, "nothing">, number> = { magic: 4, "skipped-size": 4, descriptor: 1, block: 3 };
const CHECKSUM_BYTES = 4;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const RLE_BLOCK = 1;

export class ZstdFrames {
  #part: Part = "magic";
  /** The bytes of the part so far, little-endian, and how many they are. */
  #value = 0;
  #got = 0;
  /** Bytes to pass over before the part. */
  #skip = 0;
  #hasChecksum = false;

  /** Between two frames: the data may end here. */
  get isBetween(): boolean {
    return this.#part === "magic" && this.#got === 0 && this.#skip === 0;
  }

  /** Follows the next bytes. After bytes that are no frame it stops looking. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#part !== "nothing";) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === bytes.length) return;
      this.#value += (bytes[at++] ?? 0) * 2 ** (8 * this.#got++);
      if (this.#got === PART_BYTES[this.#part]) this.#follow(this.#value);
    }
  }

  #follow(value: number): void {
    this.#value = 0;
    this.#got = 0;
    if (this.#part === "magic") {
      const kind = zstdFrameKind(value);
      this.#part = kind === undefined ? "nothing" : kind === "data" ? "descriptor" : "skipped-size";
    } else if (this.#part === "skipped-size") {
      this.#skip = value;
      this.#part = "magic";
    } else if (this.#part === "descriptor") {
      this.#skip = headerBytes(value);
      this.#hasChecksum = (value & 0b100) !== 0;
      this.#part = "block";
    } else {
      const isLast = (value & 1) !== 0;
      this.#skip = ((value >>> 1) & 0b11) === RLE_BLOCK ? 1 : value >>> 3;
      if (!isLast) return;
      if (this.#hasChecksum) this.#skip += CHECKSUM_BYTES;
      this.#part = "magic";
    }
  }
}

/** The bytes of a frame's header behind its descriptor. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0b100000) !== 0;
  const contentSize = descriptor >>> 6;
  const sizeBytes = contentSize === 0 && isSingle ? 1 : (CONTENT_SIZE_BYTES[contentSize] ?? 0);
  return (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 0b11] ?? 0) + sizeBytes;
}
