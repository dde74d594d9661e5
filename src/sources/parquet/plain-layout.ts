/**
 * Values of encodings that are no plain ones, laid out as such: numbers one after another, texts with their lengths before
 * them.
 */
import { alpDecode } from "hyparquet/src/alp.js";
import { messageOf } from "../../errors.ts";
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import type { Kernel, Range } from "./kernel.ts";
import { leastBytes } from "./plain-values.ts";

/** So many values of a page are laid out at most, and so many bytes of texts. */
const MOST_VALUES = 1 << 24;
const MOST_BYTES = 512 * 1024 * 1024;

/** Where the values of one page are laid out: the next one takes their place. */
export class PlainLayout {
  readonly #kernel: Kernel;
  readonly #leaf: Leaf;
  #at = 0;

  constructor(kernel: Kernel, leaf: Leaf) {
    this.#kernel = kernel;
    this.#leaf = leaf;
  }

  /**
   * Lays the values of a page out.
   *
   * @param data All of the page behind its levels.
   * @throws {Damage} Where they are not as many as `count`.
   */
  take(encoding: string, data: Range, count: number): Range {
    this.release();
    if (count === 0) return { from: data.from, to: data.from };
    if (count > MOST_VALUES) throw new Damage(`a page of ${encoding} is said to hold ${count} values`);
    switch (encoding) {
      case "DELTA_BINARY_PACKED":
        return this.#deltas(data, count);
      case "DELTA_LENGTH_BYTE_ARRAY":
        return this.#texts(data, count);
      case "DELTA_BYTE_ARRAY":
        return this.#frontCoded(data, count);
      case "BYTE_STREAM_SPLIT":
        return this.#joined(data, count);
      case "ALP":
        return this.#floats(data, count);
      default:
        throw new Damage(`it is encoded by ${encoding}, which is not read`);
    }
  }

  release(): void {
    if (this.#at !== 0) this.#kernel.release(this.#at);
    this.#at = 0;
  }

  #room(bytes: number): Range {
    this.#at = this.#kernel.allocate(bytes);
    return { from: this.#at, to: this.#at + bytes };
  }

  #deltas(data: Range, count: number): Range {
    const bits = this.#leaf.type === "INT64" ? 64 : 32;
    const room = this.#room((count * bits) / 8);
    if (this.#kernel.unpackDeltas(data, count, room.from, bits) === undefined) throw damaged();
    return room;
  }

  #texts(data: Range, count: number): Range {
    const lengths = this.#kernel.allocate(count * 4);
    try {
      const from = this.#kernel.unpackDeltas(data, count, lengths, 32);
      if (from === undefined) throw damaged();
      const room = this.#room(this.#sum(lengths, 0, count) + count * 4);
      if (!this.#kernel.layOutTexts(lengths, count, { from, to: data.to }, room.from)) throw damaged();
      return room;
    } finally {
      this.#kernel.release(lengths);
    }
  }

  #frontCoded(data: Range, count: number): Range {
    const fixed = this.#leaf.type === "BYTE_ARRAY" ? 0 : this.#leaf.bytes;
    const shared = this.#kernel.allocate(count * 8);
    const own = shared + count * 4;
    try {
      const middle = this.#kernel.unpackDeltas(data, count, shared, 32);
      const from = middle && this.#kernel.unpackDeltas({ from: middle, to: data.to }, count, own, 32);
      if (from === undefined) throw damaged();
      const room = this.#room(this.#sum(shared, own, count) + (fixed === 0 ? count * 4 : 0));
      if (!this.#kernel.layOutFrontCoded({ shared, own, fixed }, count, { from, to: data.to }, room.from))
        throw damaged();
      return room;
    } finally {
      this.#kernel.release(shared);
    }
  }

  /** How many bytes texts have together: of those that share much, that may be more than the file has. */
  #sum(lengths: number, further: number, count: number): number {
    const sum = this.#kernel.sumOfLengths(lengths, further, count);
    if (sum < 0) throw damaged();
    if (sum > MOST_BYTES) throw new Damage(`the texts of a page are said to have ${sum} bytes`);
    return sum;
  }

  #joined(data: Range, count: number): Range {
    const { type } = this.#leaf;
    const width = leastBytes(this.#leaf);
    if (type === "BYTE_ARRAY" || type === "BOOLEAN" || width * count > data.to - data.from) throw damaged();
    const room = this.#room(width * count);
    this.#kernel.joinStreams(data.from, { count, width }, room.from);
    return room;
  }

  #floats(data: Range, count: number): Range {
    const { type } = this.#leaf;
    const bytes = this.#kernel.copyOf(data);
    try {
      const values = alpDecode({ view: new DataView(bytes.buffer), offset: 0 }, count, type);
      const room = this.#room(count * leastBytes(this.#leaf));
      const own = type === "FLOAT" ? Float32Array.from(values) : Float64Array.from(values);
      this.#kernel.bytes.set(new Uint8Array(own.buffer), room.from);
      return room;
    } catch (error) {
      throw new Damage(`a page of ALP is damaged (${messageOf(error)})`);
    }
  }
}

function damaged(): Damage {
  return new Damage("a page holds fewer values than it says");
}
