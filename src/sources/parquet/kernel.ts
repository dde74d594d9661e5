/**
 * The loops over the values of Parquet files from TypeScript's side: instantiates kernel.wasm (assembly/), owns its memory,
 * and reads its result words. Addresses are of that memory.
 */
import { readFileSync } from "node:fs";
import { RowmillError } from "../../errors.ts";
import wasmPath from "./kernel.wasm" with { type: "file" };
import { powersOfTen } from "./powers.ts";

/** What numbers stand for; see assembly/integers.ts. */
export const NUMBER_KINDS = { signed: 0, unsigned: 1, decimal: 2, day: 3, time: 4, moment: 5, utc: 6 } as const;

/** So many bytes may the field of a number take. */
export const NUMBER_BYTES = 48;

/** Bytes of the memory, from the first one to that behind the last. */
export interface Range {
  from: number;
  to: number;
}

/** Rows of a column: how many, and which of them hold a value, where not all do. */
export interface Rows {
  count: number;
  /** A level for each row, a byte each; 0 where all rows hold a value. */
  levels: number;
  /** The level of those that do. */
  level: number;
}

interface Exports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  release(at: number): void;
  results(): number;
  powersOfTen(): number;
  uncompressSnappy(from: number, fromEnd: number, to: number, toEnd: number): number;
  uncompressLz4(from: number, fromEnd: number, to: number, toEnd: number): number;
  openRuns(state: number, from: number, end: number, width: number): void;
  openPacked(state: number, from: number, end: number): void;
  readIndices(state: number, count: number, out: number): number;
  readLevels(state: number, count: number, level: number, out: number): number;
  unpackDeltas(from: number, end: number, count: number, out: number, isLong: boolean): number;
  sumOfLengths(lengths: number, further: number, count: number): number;
  layOutTexts(...words: number[]): number;
  layOutFrontCoded(...words: number[]): number;
  joinStreams(from: number, count: number, width: number, out: number): void;
  pickFields(...words: number[]): number;
  textFields(...words: number[]): number;
  int32Fields(...words: number[]): void;
  int64Fields(...words: number[]): void;
  doubleFields(...words: number[]): void;
  floatFields(...words: number[]): void;
  assembleRows(...words: number[]): number;
}

let compiled: WebAssembly.Module | undefined;

/** What numbers of fixed width are made to fields by. */
type NumberFields = "int32Fields" | "int64Fields" | "doubleFields" | "floatFields";

export class Kernel {
  readonly #wasm: Exports;
  #bytes: Buffer;
  #hasPowers = false;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(wasmPath));
    // The module is built from assembly/kernel.ts: its exports are these.
    this.#wasm = new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as Exports;
    this.#bytes = Buffer.from(this.#wasm.memory.buffer);
  }

  /** All of the memory. It must not be kept over a call of `allocate`. */
  get bytes(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#wasm.memory.buffer);
    return this.#bytes;
  }

  /** A copy of some of the memory: that itself may move. */
  copyOf({ from, to }: Range): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.subarray(from, to));
  }

  /**
   * A block of so many bytes. What is in it may be anything.
   *
   * @throws {RowmillError} `input`, where there is no memory for it.
   */
  allocate(bytes: number): number {
    try {
      return this.#wasm.allocate(bytes) >>> 0;
    } catch (error) {
      throw new RowmillError("input", "what is needed of it at once takes more memory than there is", {
        hint: "read fewer of its columns, or write it with smaller row groups",
        cause: error,
      });
    } finally {
      // Its buffer is another one when the memory has grown.
      if (this.#bytes.buffer !== this.#wasm.memory.buffer) this.#bytes = Buffer.from(this.#wasm.memory.buffer);
    }
  }

  release(at: number): void {
    this.#wasm.release(at);
  }

  /** What the last call has left beside its result. */
  result(word: number): number {
    return this.bytes.readUInt32LE(this.#wasm.results() + word * 4);
  }

  /** Whether what is packed at one place are exactly the bytes of the other. */
  uncompress(codec: "snappy" | "lz4", packed: Range, to: Range): boolean {
    const unpack = codec === "snappy" ? "uncompressSnappy" : "uncompressLz4";
    return this.#wasm[unpack](packed.from, packed.to, to.from, to.to) === 1;
  }

  /** Begins to read runs; what is known of the reading takes 32 bytes at `state`. */
  openRuns(state: number, { from, to }: Range, width: number): void {
    this.#wasm.openRuns(state, from, to, width);
  }

  /** The same for numbers of one bit that stand in no run. */
  openPacked(state: number, { from, to }: Range): void {
    this.#wasm.openPacked(state, from, to);
  }

  readIndices(state: number, count: number, out: number): boolean {
    return this.#wasm.readIndices(state, count, out) === 1;
  }

  /** How many of the next levels are the highest; undefined where they are damaged. */
  readLevels(state: number, { count, level, out }: { count: number; level: number; out: number }): number | undefined {
    const found = this.#wasm.readLevels(state, count, level, out);
    return found < 0 ? undefined : found;
  }

  /** Unpacks numbers that are kept as differences; gives the address behind them, undefined where they are damaged. */
  unpackDeltas({ from, to }: Range, count: number, out: number, bits: 32 | 64): number | undefined {
    const behind = this.#wasm.unpackDeltas(from, to, count, out, bits === 64) >>> 0;
    return behind === 0 ? undefined : behind;
  }

  /** How many bytes texts have together; -1 where a length is none. `further` is 0, or more lengths of the same texts. */
  sumOfLengths(lengths: number, further: number, count: number): number {
    return this.#wasm.sumOfLengths(lengths, further, count);
  }

  /** Lays texts out with their lengths before them; false where they are not there. */
  layOutTexts(lengths: number, count: number, { from, to }: Range, out: number): boolean {
    return this.#wasm.layOutTexts(lengths, count, from, to, out) === 1;
  }

  /** The same of texts that begin as the one before; those of a fixed length have none before them. */
  layOutFrontCoded(
    { shared, own, fixed }: { shared: number; own: number; fixed: number },
    count: number,
    { from, to }: Range,
    out: number,
  ): boolean {
    return this.#wasm.layOutFrontCoded(shared, own, count, from, to, out, fixed) === 1;
  }

  /** Joins values of so many bytes whose first bytes stand together, and so on. */
  joinStreams(from: number, { count, width }: { count: number; width: number }, out: number): void {
    this.#wasm.joinStreams(from, count, width, out);
  }

  /** Takes fields of a dictionary of `size` fields; false where a number is none of it. */
  pickFields(
    indices: number,
    { count, levels, level }: Rows,
    from: { table: number; size: number },
    out: number,
  ): boolean {
    return this.#wasm.pickFields(indices, count, levels, level, from.table, from.size, out) === 1;
  }

  /** Makes fields of texts. Gives how many rows are done, where the next text is, and where what was written ends. */
  textFields(
    { from, to }: Range,
    { count, levels, level }: Rows,
    heap: Range,
    out: number,
  ): { rows: number; at: number; heap: number; isDamaged: boolean } {
    const rows = this.#wasm.textFields(from, to, count, levels, level, heap.from, heap.to, out);
    return { rows, at: this.result(0), heap: this.result(1), isDamaged: this.result(2) === 1 };
  }

  /** Makes fields of numbers; there must be as many as rows hold one. Gives where the next one is. */
  numberFields(
    by: NumberFields,
    at: number,
    { count, levels, level }: Rows,
    { kind, digits, heap, out }: { kind: number; digits: number; heap: number; out: number },
  ): number {
    if (by === "int32Fields" || by === "int64Fields") this.#wasm[by](at, count, levels, level, kind, digits, heap, out);
    else {
      this.#needPowers();
      this.#wasm[by](at, count, levels, level, heap, out);
    }
    return this.result(0);
  }

  /** Writes rows; gives the one that has no room, how many bytes that takes, and where what was written ends. */
  assembleRows(
    columns: number,
    { count, from, to }: { count: number; from: number; to: number },
    out: Range,
  ): { row: number; at: number; wanted: number } {
    const row = this.#wasm.assembleRows(columns, count, from, to, out.from, out.to);
    return { row, at: this.result(0), wanted: this.result(1) };
  }

  #needPowers(): void {
    if (this.#hasPowers) return;
    this.#hasPowers = true;
    this.bytes.set(new Uint8Array(powersOfTen().buffer), this.#wasm.powersOfTen());
  }
}

function abort(): never {
  throw new RangeError("out of memory");
}
