/**
 * Reads values of some keys out of an indexed block of JSON lines, without making rows; and copies those of its rows that are
 * kept. See kernel/assembly/json-index.ts for what stands where.
 */
import type { BlockObjects } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import { type DecimalFields, decimalBytes } from "./field-reader.ts";
import { Kind, objectStride, placeOf } from "./object-code.ts";

/** The index of a block, as code for its rows sees it. Valid until memory grows. */
interface ObjectIndex {
  fields: Int32Array;
  numbers: Float64Array;
}

export class ObjectReader {
  readonly #kernel: Kernel;
  /** Words of the index that a row has. */
  readonly #stride: number;

  /** @param keys How many the index has. */
  constructor(memory: Memory, keys: number) {
    this.#kernel = kernelOf(memory);
    this.#stride = objectStride(keys);
  }

  get index(): ObjectIndex {
    const { fields, numbers } = this.#kernel;
    return { fields, numbers };
  }

  /** Bytes of scratch memory that the numbers of so many keys take, or the numbers of texts; a multiple of eight. */
  bytesFor(rows: number, { decimals = 0, ids = 0 }: { decimals?: number; ids?: number }): number {
    return decimals * decimalBytes(rows) + ((ids * rows * 4 + 7) & ~7);
  }

  /**
   * The numbers of keys, digit by digit, at an address of scratch memory. Undefined where a value is none that the kernel
   * has read as a number.
   */
  decimals({ rows }: BlockObjects, keys: readonly number[], at: number): DecimalFields[] | undefined {
    const { loops, fields, bytes } = this.#kernel;
    const found: DecimalFields[] = [];
    for (const [index, key] of keys.entries()) {
      const out = at + index * decimalBytes(rows);
      const scales = out + rows * 8;
      if (loops.gatherObjectDecimals(fields.byteOffset, rows, this.#stride * 4, key, out, scales) !== rows)
        return undefined;
      found.push({
        digits: new Float64Array(bytes.buffer, out, rows),
        decimals: new Uint8Array(bytes.buffer, scales, rows),
        mostDecimals: this.#kernel.mostDecimals,
        isSeen: this.#kernel.hasSeenKey,
      });
    }
    return found;
  }

  /**
   * Which of the strings of the block the values of keys are, row by row, at an address of scratch memory;
   * -1 for values of other kinds. Undefined where a value has to be read by JSON.parse.
   */
  ids({ rows }: BlockObjects, keys: readonly number[], at: number): Int32Array | undefined {
    const { loops, fields, bytes } = this.#kernel;
    const step = keys.length * 4;
    const isRead = keys.every((key, column) => {
      const out = at + column * 4;
      return loops.gatherObjectIds(fields.byteOffset, rows, this.#stride * 4, key, out, step) === rows;
    });
    return isRead ? new Int32Array(bytes.buffer, at, rows * keys.length) : undefined;
  }

  /** A value that is neither interned nor to be read by JSON.parse; undefined where the row has no such key. */
  value({ text }: BlockObjects, row: number, key: number): unknown {
    const { fields, numbers } = this.#kernel;
    const at = this.#at(row, key);
    switch (fields[at]) {
      case Kind.integer:
        return fields[at + 2];
      case Kind.number:
        return numbers[(at + 2) >> 1];
      case Kind.string:
        return text.substring(fields[at + 2] ?? 0, fields[at + 3] ?? 0);
      case Kind.true:
        return true;
      case Kind.false:
        return false;
      case Kind.null:
        return null;
      default:
        return undefined;
    }
  }

  /** Whether a row has a key, whatever its value. */
  has(row: number, key: number): boolean {
    return this.#kernel.fields[this.#at(row, key)] !== Kind.missing;
  }

  #at(row: number, key: number): number {
    return row * this.#stride + placeOf(key);
  }
}

const TAIL_BYTES = 16;
/** What is copied in vectors of 16 bytes may lie behind the end. */
const SLACK = 16;

/** A block whose rows are to be copied: those that are kept have a 1. */
interface OpenObjects extends ObjectIndex {
  text: string;
  kept: Uint8Array;
}

export class ObjectCopier {
  readonly #kernel: Kernel;
  readonly #stride: number;
  readonly #tail: Buffer;

  /** @param tail What stands behind each row: 16 bytes at most. */
  constructor(memory: Memory, keys: number, tail: string) {
    this.#kernel = kernelOf(memory);
    this.#stride = objectStride(keys);
    this.#tail = Buffer.from(tail);
  }

  open({ rows, bytes, text }: BlockObjects): OpenObjects {
    const at = this.#kernel.scratch(rows + TAIL_BYTES + bytes + rows * this.#tail.length + SLACK);
    const { fields, numbers, bytes: memory } = this.#kernel;
    return { fields, numbers, text, kept: new Uint8Array(memory.buffer, at, rows).fill(0) };
  }

  /** The bytes of the rows that were kept, valid until the next block. */
  copy({ start, rows }: BlockObjects, { kept }: OpenObjects): Uint8Array {
    const { loops, fields, bytes } = this.#kernel;
    const at = kept.byteOffset;
    const tail = at + rows;
    const out = tail + TAIL_BYTES;
    bytes.set(this.#tail, tail);
    const { length } = this.#tail;
    const end = loops.copyObjects(fields.byteOffset, rows, this.#stride * 4, start, at, tail, length, out);
    return bytes.subarray(out, end);
  }
}
