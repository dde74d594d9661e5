/** Rows as bytes, many together: those of a batch that are handed over, and those that come out. */
import type { Arranger, OwnRows, PlacedRows } from "./stage.ts";

/** Rows go out when they have so many bytes. */
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_ROWS = 4096;

/** Puts rows together. */
export class RowChunk {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;
  #ends: Uint32Array<ArrayBuffer>;
  #rows = 0;

  /** @param bytes So many are expected. */
  constructor(bytes: number = CHUNK_BYTES, rows: number = CHUNK_ROWS) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
    this.#ends = new Uint32Array(rows);
  }

  /** It is time to hand over what there is. */
  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds the bytes from one place up to another as a row. */
  add(from: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length);
    from.copy(this.#bytes, this.#length, start, end);
    if (this.#rows === this.#ends.length) {
      const ends = new Uint32Array(Math.max(this.#rows * 2, CHUNK_ROWS));
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#length = length;
    this.#ends[this.#rows++] = length;
  }

  /** Adds bytes to the row that was added last. */
  extend(from: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length);
    from.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
    this.#ends[this.#rows - 1] = length;
  }

  /** What was added; nothing is left here. */
  take(): OwnRows {
    const rows = {
      bytes: new Uint8Array(this.#bytes.buffer, 0, this.#length),
      ends: this.#ends.subarray(0, this.#rows),
    };
    // Memory for more is taken when there is more.
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#ends = new Uint32Array(0);
    this.#length = 0;
    this.#rows = 0;
    return rows;
  }

  #grow(length: number): void {
    const least = this.#bytes.length === 0 ? CHUNK_BYTES : this.#bytes.length * 2;
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, least));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}

/** A view of bytes by which parts of them are copied without an object for each. */
export function copyable({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Those of the rows of a batch that are handed over, in this order. */
export function keptRows({ bytes, ends }: PlacedRows, kept: Uint32Array): OwnRows {
  const from = copyable(bytes);
  const chunk = new RowChunk(Math.max(1, bytes.length), Math.max(1, kept.length));
  for (let at = 0; at < kept.length; at++) {
    const row = kept[at] ?? 0;
    chunk.add(from, startOf(ends, row), ends[row] ?? 0);
  }
  return chunk.take();
}

export function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0);
}

/** Puts rows that come one by one together. */
export function* inChunks(rows: Iterable<Uint8Array>): Generator<OwnRows> {
  const chunk = new RowChunk();
  for (const row of rows) {
    chunk.add(copyable(row), 0, row.length);
    if (chunk.isFull) yield chunk.take();
  }
  if (chunk.rows > 0) yield chunk.take();
}

/** Each row by itself. */
export function* eachRow({ bytes, ends }: PlacedRows): Generator<Uint8Array> {
  for (const [row, end] of ends.entries()) yield bytes.subarray(startOf(ends, row), end);
}

/** So many of the rows, from the first. */
export function* firstRows(all: Iterable<OwnRows>, most: number): Generator<OwnRows> {
  let missing = most;
  if (missing === 0) return;
  for (const { bytes, ends } of all) {
    const count = Math.min(ends.length, missing);
    missing -= count;
    yield { bytes: bytes.subarray(0, startOf(ends, count)), ends: ends.subarray(0, count) };
    if (missing === 0) return;
  }
}

export interface ArrangedRows {
  output: Uint8Array<ArrayBuffer>;
  rowsOut: number;
}

/** @param most So many rows are wanted. */
export function* arrangedRows(
  arranger: Pick<Arranger, "end">,
  most: number = Number.POSITIVE_INFINITY,
): Generator<ArrangedRows> {
  for (const { bytes, ends } of firstRows(arranger.end(), most)) yield { output: bytes, rowsOut: ends.length };
}
