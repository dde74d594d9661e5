/**
 * The loops over fields that go into Parquet files from TypeScript's side: instantiates kernel.wasm (assembly/), owns its
 * memory, and reads its result words. Addresses are of that memory.
 */
import { readFileSync } from "node:fs";
import { RowmillError } from "../../errors.ts";
import wasmPath from "./kernel.wasm" with { type: "file" };

/** Bytes of a field in a table. */
export const FIELD_BYTES = 8;
/** More different values than were allowed. */
const TOO_MANY = 0xffffffff;

interface Exports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  release(at: number): void;
  results(): number;
  indexFields(at: number, end: number, columns: number, rows: number, table: number): number;
  cutRows(at: number, end: number, most: number): number;
  profileFields(table: number, from: number, rows: number): number;
  presentFields(table: number, rows: number, asText: boolean, levels: number): number;
  integerValues(table: number, rows: number, out: number): number;
  doubleValues(table: number, from: number, rows: number, out: number): number;
  decimalValues(table: number, rows: number, decimals: number, limit: bigint, out: number): number;
  truthValues(table: number, rows: number, out: number): number;
  dayValues(table: number, rows: number, out: number): number;
  timeValues(table: number, rows: number, perPart: bigint, most: number, out: number): number;
  momentValues(table: number, rows: number, perPart: bigint, most: number, utc: boolean, out: number): number;
  dictionaryOfNumbers(
    values: number,
    count: number,
    hashes: number,
    mask: number,
    most: number,
    dictionary: number,
    indices: number,
  ): number;
  dictionaryOfTexts(
    table: number,
    rows: number,
    asText: boolean,
    hashes: number,
    mask: number,
    most: number,
    dictionary: number,
    indices: number,
  ): number;
  plainBytes(table: number, rows: number, asText: boolean): number;
  layOutFields(table: number, rows: number, asText: boolean, out: number): number;
  layOutPicked(table: number, numbers: number, count: number, out: number): number;
  otherThanJson(table: number, from: number, rows: number): number;
  boundsOfIntegers(values: number, count: number, isLong: boolean, out: number): void;
  boundsOfDoubles(values: number, count: number, out: number): number;
  boundsOfTexts(table: number, rows: number, asText: boolean): void;
  packRuns(values: number, count: number, width: number, out: number): number;
  packLevels(levels: number, count: number, out: number): number;
  packBits(values: number, count: number, out: number): number;
  compressLz4(at: number, end: number, out: number): number;
  compressSnappy(at: number, end: number, out: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernel, with memory for what is worked on. */
export class EncodingKernel {
  readonly wasm: Exports;
  #bytes: Buffer;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(wasmPath));
    // The module is built from assembly/kernel.ts: its exports are these.
    this.wasm = new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as Exports;
    this.#bytes = Buffer.from(this.wasm.memory.buffer);
  }

  /** All of the memory. It must not be kept over a call of `allocate`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * A block of so many bytes. What is in it may be anything.
   *
   * @throws {RowmillError} `output`, where there is no memory for it.
   */
  allocate(bytes: number): number {
    try {
      return this.wasm.allocate(bytes) >>> 0;
    } catch (error) {
      throw new RowmillError("output", "a row group takes more memory than there is", {
        hint: "write fewer columns",
        cause: error,
      });
    } finally {
      // Its buffer is another one when the memory has grown.
      if (this.#bytes.buffer !== this.wasm.memory.buffer) this.#bytes = Buffer.from(this.wasm.memory.buffer);
    }
  }

  release(at: number): void {
    this.wasm.release(at);
  }

  /** What the last call has left beside its result. */
  result(word: number): number {
    return this.bytes.readUInt32LE(this.wasm.results() + word * 4);
  }

  copyOf(from: number, to: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.subarray(from, to));
  }

  /** The text of a field. */
  fieldText(table: number, row: number): string {
    const field = table + row * FIELD_BYTES;
    const at = this.bytes.readUInt32LE(field);
    const length = this.bytes.readUInt32LE(field + 4) & 0x0fffffff;
    return this.bytes.toString("utf8", at, at + length);
  }

  /**
   * The different values of a column: how many there are, where their dictionary is, and the number of each value; undefined
   * where there are too many.
   *
   * @param find Finds them, with a table of hashes.
   */
  dictionary(most: number, find: (hashes: number, mask: number, most: number) => number): number | undefined {
    const words = 2 ** Math.ceil(Math.log2(Math.max(16, most * 2)));
    const hashes = this.allocate(words * 4);
    this.bytes.fill(0, hashes, hashes + words * 4);
    const size = find(hashes, words - 1, most) >>> 0;
    this.release(hashes);
    return size === TOO_MANY ? undefined : size;
  }
}

function abort(): never {
  throw new RangeError("out of memory");
}
