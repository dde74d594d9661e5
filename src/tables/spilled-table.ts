/**
 * The rows of a table that has no room in memory: in a file, in lists by the hashes of their keys, each of which can be looked
 * at by itself. Rows with one key are in one list, in the order of the table.
 */
import { NONE } from "../formats/indexed/key-arrays.ts";
import { SpillLists } from "../io/spill-lists.ts";
import { KeyIndexBuilder, type KeySlice } from "./key-index.ts";
import { GrowingWords } from "./shared-memory.ts";

/** So many lists: of a table that takes so many times the room that it has, each fits. */
export const LISTS = 64;
/** Which list a key is in, the highest bits of its hash say: by the lowest ones it is found in memory. */
const LIST_SHIFT = 26;

export function listOf(hash: number): number {
  return hash >>> LIST_SHIFT;
}

/** The lengths of the key and of the row, the number of the row in the table, and its line; key and row follow. */
const HEAD_BYTES = 16;
const ROW_LENGTH = 4;
const NUMBER = 8;
const LINE = 12;

const MOST_NUMBER = 2 ** 32 - 1;

/** A row as it lies in its list. */
interface ListedRow {
  key: KeySlice;
  /** Where its fields are in the same bytes. */
  start: number;
  end: number;
  /** Its number among those that have a key. */
  number: number;
  line: number;
}

/** A key that must be there once, and is there again. */
export interface KeyTwice {
  key: string;
  /** In which lines. */
  first: number;
  line: number;
}

/** How much is kept in memory of what lies in a file, and where that is. */
export interface TableRoom {
  bytes: number;
  /** The folder; undefined for that of the system. */
  tempDir: string | undefined;
}

export class SpilledTable {
  readonly #lists: SpillLists;
  readonly #room: number;
  #rows = 0;

  /** @throws {RowmillError} `spill`, where no file can be made. */
  constructor({ bytes, tempDir }: TableRoom) {
    this.#lists = new SpillLists(tempDir, LISTS);
    this.#room = bytes;
  }

  /** Takes the next row of the table, of which some with other keys may be there already; its text, or the bytes of that. */
  add(key: KeySlice, hash: number, row: string | Uint8Array, line: number): void {
    const keyBytes = key.to - key.from;
    const rowBytes = typeof row === "string" ? Buffer.byteLength(row) : row.length;
    const { to, at } = this.#lists.room(listOf(hash), HEAD_BYTES + keyBytes + rowBytes);
    to.writeUInt32LE(keyBytes, at);
    to.writeUInt32LE(rowBytes, at + ROW_LENGTH);
    // For messages: of the first rows that there are room for.
    to.writeUInt32LE(Math.min(this.#rows++, MOST_NUMBER), at + NUMBER);
    to.writeUInt32LE(Math.min(line, MOST_NUMBER), at + LINE);
    const start = at + HEAD_BYTES;
    for (let from = key.from, place = start; from < key.to; from++, place++) to[place] = key.bytes[from] ?? 0;
    if (typeof row === "string") to.write(row, start + keyBytes);
    else to.set(row, start + keyBytes);
  }

  /** The rows of a list in memory, as many at once as there is room for; nothing in between, where others may have their turn. */
  *load(list: number): Generator<LoadedRows | undefined> {
    let loaded = new LoadedRows();
    for (const bytes of this.#lists.read(list)) {
      for (const row of rowsIn(bytes)) {
        if (!loaded.isEmpty && loaded.size > this.#room) {
          yield loaded;
          loaded.release();
          loaded = new LoadedRows();
        }
        loaded.add(row, bytes);
      }
      yield undefined;
    }
    yield loaded;
    loaded.release();
  }

  /** The first row whose key was there before; nothing in between, as above. */
  *twice(): Generator<KeyTwice | undefined> {
    let found: { twice: KeyTwice; number: number } | undefined;
    for (let list = 0; list < LISTS; list++) {
      for (let isOver = false, from = 0; !isOver;) {
        // As many keys as there is room for, and all rows behind them.
        const index = new KeyIndexBuilder();
        const lines = new GrowingWords();
        let rows = 0;
        isOver = true;
        for (const bytes of this.#lists.read(list)) {
          for (const { key, number, line } of rowsIn(bytes)) {
            if (rows++ < from) continue;
            const known = index.find(key);
            if (known !== NONE) {
              const first = lines.words[index.firstOf(known)] ?? 0;
              const text = Buffer.from(key.bytes.subarray(key.from, key.to)).toString();
              if (found === undefined || number < found.number) found = { twice: { key: text, first, line }, number };
            } else if (lines.length === 0 || index.size < this.#room) {
              index.addBytes(key);
              lines.push(line);
              from = rows;
            } else isOver = false;
          }
          yield undefined;
        }
        index.release();
      }
    }
    yield found?.twice;
  }

  /** The first key of the table for which a test is true; nothing in between, as above. */
  *firstKey(is: (key: string) => boolean): Generator<string | undefined> {
    let first: { key: string; number: number } | undefined;
    for (let list = 0; list < LISTS; list++) {
      for (const bytes of this.#lists.read(list)) {
        for (const { key, number } of rowsIn(bytes)) {
          if (first !== undefined && first.number < number) continue;
          const text = bytes.toString("utf8", key.from, key.to);
          if (is(text)) first = { key: text, number };
        }
        yield undefined;
      }
    }
    yield first?.key;
  }

  close(): void {
    this.#lists.close();
  }
}

function* rowsIn(bytes: Buffer): Generator<ListedRow> {
  for (let at = 0; at < bytes.length;) {
    const from = at + HEAD_BYTES;
    const to = from + bytes.readUInt32LE(at);
    const end = to + bytes.readUInt32LE(at + ROW_LENGTH);
    const [number, line] = [bytes.readUInt32LE(at + NUMBER), bytes.readUInt32LE(at + LINE)];
    yield { key: { bytes, from, to }, start: to, end, number, line };
    at = end;
  }
}

const WORD_BYTES = 4;
const FIRST_BYTES = 64 * 1024;

/** Rows of a list in memory, found by their keys. */
export class LoadedRows {
  readonly #index = new KeyIndexBuilder();
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  readonly #ends = new GrowingWords();

  /** How many keys there are. */
  get keys(): number {
    return this.#index.count;
  }

  get isEmpty(): boolean {
    return this.#ends.length === 0;
  }

  /** Bytes that they take, about. */
  get size(): number {
    return this.#length + this.#index.size + this.#ends.length * WORD_BYTES;
  }

  /** @param bytes Those in which the row lies. */
  add({ key, start, end }: ListedRow, bytes: Buffer): void {
    this.#index.addBytes(key);
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(more, 0, 0, this.#length);
      this.#bytes.buffer.transfer(0);
      this.#bytes = more;
    }
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
    this.#ends.push(length);
  }

  /** The number of a key, or NONE. */
  find(key: KeySlice, hash: number): number {
    return this.#index.find(key, hash);
  }

  /** Each row with the key of this number, in their order: where it lies in the bytes. */
  eachRow(number: number, visit: (bytes: Buffer, start: number, end: number) => void): void {
    for (let row = this.#index.firstOf(number); row !== NONE; row = this.#index.nextOf(row))
      visit(this.#bytes, row === 0 ? 0 : (this.#ends.words[row - 1] ?? 0), this.#ends.words[row] ?? 0);
  }

  /** Gives the memory back: what waits for its collection adds up. */
  release(): void {
    this.#index.release();
    this.#bytes.buffer.transfer(0);
    this.#ends.words.buffer.transfer(0);
  }
}
