/** Plain values of a page, one after another. */
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import type { Raw } from "./value-text.ts";

export class PlainValues {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #leaf: Leaf;
  /** Behind the last value that was read. */
  at = 0;

  constructor(bytes: Uint8Array, leaf: Leaf) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#leaf = leaf;
  }

  /** @throws {Damage} Where there is no more of them. */
  next(): Raw {
    switch (this.#leaf.type) {
      case "BOOLEAN":
        throw new Damage("booleans have no form of their own");
      case "INT32":
        return this.#view.getInt32(this.#pass(4), true);
      case "INT64":
        return this.#view.getBigInt64(this.#pass(8), true);
      case "FLOAT":
        return this.#view.getFloat32(this.#pass(4), true);
      case "DOUBLE":
        return this.#view.getFloat64(this.#pass(8), true);
      case "INT96":
        return this.#take(12);
      case "BYTE_ARRAY":
        return this.#take(this.#view.getUint32(this.#pass(4), true));
      case "FIXED_LEN_BYTE_ARRAY":
        return this.#take(this.#leaf.bytes);
    }
  }

  #take(length: number): Uint8Array {
    const from = this.#pass(length);
    return this.#bytes.subarray(from, from + length);
  }

  #pass(length: number): number {
    const from = this.at;
    if (length > this.#bytes.length - from) throw new Damage("a page holds fewer values than it says");
    this.at = from + length;
    return from;
  }
}

/** The least that a value takes of a page. */
export function leastBytes({ type, bytes }: Leaf): number {
  const least = { BOOLEAN: 0, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 4 };
  return type === "FIXED_LEN_BYTE_ARRAY" ? Math.max(1, bytes) : least[type];
}
