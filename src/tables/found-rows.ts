/**
 * The rows of a table that has no room in memory, by the rows of the input that have their keys: in a file, in which a window
 * of the input finds what it needs side by side. Each key stands there once for each window. Rows come from the table as much
 * of it at once as fits in memory: what has come of such a part is a layer.
 */
import { NONE, hashBytes } from "../formats/indexed/key-arrays.ts";
import { startBehind } from "../formats/indexed/joiner.ts";
import { SpillFile } from "../io/spill-file.ts";
import { KeyIndexBuilder, type KeySlice } from "./key-index.ts";
import { type PackedTable, unpackedFields } from "./packed-table.ts";
import { type Rewritten, rowRewriter } from "./rewritten-row.ts";
import { GrowingWords } from "./shared-memory.ts";
import type { LoadedRows } from "./spilled-table.ts";

/** The lengths of key and row stand before these. */
const HEAD_BYTES = 8;
const ROW_LENGTH = 4;
const WORD_BYTES = 4;
/** What was found is written when it is so much. */
const WRITE_BYTES = 1024 * 1024;

/** What came of a part of the table. */
interface Layer {
  /** Where it begins in the file. */
  at: number;
  /** Where what was found for each window ends, from there. */
  ends: Float64Array;
}

export class FoundRows {
  readonly #file: SpillFile;
  readonly windows: number;
  readonly #layers: Layer[] = [];
  /** Bytes of each window in all layers. */
  readonly #bytes: Float64Array;
  #waiting = Buffer.allocUnsafeSlow(WRITE_BYTES);
  #used = 0;
  #window = 0;

  /**
   * @param tempDir The folder for such files; undefined for that of the system.
   * @throws {RowmillError} `spill`, where no file can be made there.
   */
  constructor(tempDir: string | undefined, windows: number) {
    this.#file = new SpillFile(tempDir);
    this.windows = windows;
    this.#bytes = new Float64Array(windows);
  }

  /** Another part of the table follows. */
  begin(): void {
    this.#layers.push({ at: this.#length, ends: new Float64Array(this.windows) });
    this.#window = 0;
  }

  /** Notes the rows of the part that have a key, by its number, for a window, which is none before the last one. */
  add(window: number, key: KeySlice, { rows, number }: { rows: LoadedRows; number: number }): void {
    this.#endUpTo(window);
    const keyBytes = key.to - key.from;
    const before = this.#length;
    rows.eachRow(number, (bytes, start, end) => {
      const at = this.#room(HEAD_BYTES + keyBytes + end - start);
      const to = this.#waiting;
      to.writeUInt32LE(keyBytes, at);
      to.writeUInt32LE(end - start, at + ROW_LENGTH);
      for (let from = key.from, place = at + HEAD_BYTES; from < key.to; from++, place++)
        to[place] = key.bytes[from] ?? 0;
      bytes.copy(to, at + HEAD_BYTES + keyBytes, start, end);
    });
    this.#bytes[window] = (this.#bytes[window] ?? 0) + this.#length - before;
  }

  /** The part of the table is over. */
  end(): void {
    this.#endUpTo(this.windows);
    // Where it was of no use it is none.
    const layer = this.#layers.at(-1);
    if (layer !== undefined && layer.ends.at(-1) === 0) this.#layers.pop();
  }

  /** Bytes that a window takes. */
  bytesOf(window: number): number {
    return this.#bytes[window] ?? 0;
  }

  /** What windows need, from one up to another: for {@linkcode tableOfFound}, in any thread. */
  read(from: number, to: number): Uint8Array {
    this.#write();
    const stretches: { layer: number; window: number; at: number; length: number }[] = [];
    for (const [layer, { at, ends }] of this.#layers.entries()) {
      for (let window = from; window < to; window++) {
        const start = window === 0 ? 0 : (ends[window - 1] ?? 0);
        const length = (ends[window] ?? 0) - start;
        if (length > 0) stretches.push({ layer, window, at: at + start, length });
      }
    }
    const head = Uint32Array.from([
      stretches.length,
      ...stretches.flatMap(({ layer, window, length }) => [layer, window, length]),
    ]);
    const all = new Uint8Array(stretches.reduce((sum, { length }) => sum + length, head.byteLength));
    all.set(new Uint8Array(head.buffer));
    let end = head.byteLength;
    for (const { at, length } of stretches) {
      this.#file.read(all.subarray(end, end + length), at);
      end += length;
    }
    return all;
  }

  close(): void {
    this.#file.close();
  }

  get #length(): number {
    return this.#file.length + this.#used;
  }

  #endUpTo(window: number): void {
    const layer = this.#layers.at(-1);
    if (layer === undefined) throw new Error("no part of the table has begun");
    for (; this.#window < window; this.#window++) layer.ends[this.#window] = this.#length - layer.at;
  }

  #room(length: number): number {
    if (this.#used + length > this.#waiting.length) {
      this.#write();
      if (length > this.#waiting.length) this.#waiting = Buffer.allocUnsafeSlow(length);
    }
    const at = this.#used;
    this.#used += length;
    return at;
  }

  #write(): void {
    if (this.#used > 0) this.#file.append(this.#waiting.subarray(0, this.#used));
    this.#used = 0;
  }
}

const STRETCH_WORDS = 3;

/** A table of the rows that windows need. @param table What all of it is called, and holds. */
export function tableOfFound(table: PackedTable, found: Uint8Array, rewritten: Rewritten | undefined): PackedTable {
  const bytes = Buffer.from(found.buffer, found.byteOffset, found.length);
  const index = new KeyIndexBuilder();
  const rows = new PackedRows(rewritten && rewriterOf(table, rewritten));
  /** Of each row, of which stretch it is. */
  const marks = new GrowingWords();
  const stretches = bytes.readUInt32LE(0);
  let at = (1 + stretches * STRETCH_WORDS) * WORD_BYTES;
  let layer = -1;
  let firstOfLayer = 0;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const head = (1 + stretch * STRETCH_WORDS) * WORD_BYTES;
    const own = bytes.readUInt32LE(head);
    if (own !== layer) firstOfLayer = stretch;
    layer = own;
    const stretchEnd = at + bytes.readUInt32LE(head + 2 * WORD_BYTES);
    while (at < stretchEnd) {
      const from = at + HEAD_BYTES;
      const to = from + bytes.readUInt32LE(at);
      const end = to + bytes.readUInt32LE(at + ROW_LENGTH);
      at = end;
      const key = { bytes, from, to };
      const hash = hashBytes(bytes, from, to);
      const known = index.find(key, hash);
      // A window before has brought the rows that this part of the table has for the key.
      const mark = known === NONE ? stretch : (marks.words[known] ?? 0);
      if (mark >= firstOfLayer && mark !== stretch) continue;
      index.addBytes(key, hash);
      if (known === NONE) marks.push(stretch);
      else marks.words[known] = stretch;
      rows.add(bytes, to, end);
    }
  }
  return { ...table, bytes: rows.bytes, ends: rows.ends, keys: index.own() };
}

/** Gives the memory of such a table back: what waits for its collection adds up. */
export function releaseTable({ bytes, ends, keys }: PackedTable): void {
  for (const { buffer } of [bytes, ends, keys.slots, keys.bytes, keys.ends, keys.first, keys.next])
    if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0);
}

/** Rows one behind the other, each at a multiple of four. */
class PackedRows {
  readonly #rewrite: ((bytes: Buffer, from: number, to: number) => Buffer) | undefined;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;
  readonly #ends = new GrowingWords();

  constructor(rewrite: ((bytes: Buffer, from: number, to: number) => Buffer) | undefined) {
    this.#rewrite = rewrite;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get ends(): Uint32Array {
    return this.#ends.words;
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (this.#rewrite === undefined) this.#put(bytes, from, to);
    else {
      const row = this.#rewrite(bytes, from, to);
      this.#put(row, 0, row.length);
    }
  }

  #put(bytes: Buffer, from: number, to: number): void {
    const start = startBehind(this.#end);
    const end = start + to - from;
    if (startBehind(end) > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(startBehind(Math.max(end, this.#bytes.length * 2)));
      this.#bytes.copy(more, 0, 0, this.#end);
      this.#bytes.buffer.transfer(0);
      this.#bytes = more;
    }
    bytes.copy(this.#bytes, start, from, to);
    this.#end = end;
    this.#ends.push(end);
  }
}

const FIRST_BYTES = 64 * 1024;

function rewriterOf(table: PackedTable, rewritten: Rewritten): (bytes: Buffer, from: number, to: number) => Buffer {
  const rewrite = rowRewriter(rewritten);
  const { delimiter } = table;
  return (bytes, from, to) => Buffer.from(rewrite(unpackedFields(bytes.toString("utf8", from, to), delimiter)));
}
