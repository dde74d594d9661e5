/**
 * Writes rows of CSV with the fields of a table beside them, without making strings: the kernel hashes the keys of a block,
 * their rows in the table are found by their bytes, and the kernel writes each row with what the table has of it.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, POSITION, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { type KeyArrays, NONE, SLOT_WORDS, findKey } from "./key-arrays.ts";

/** How rows are joined. */
export interface JoinPattern {
  /** Of the input. */
  columns: number;
  /** The number of the one that holds the key. */
  key: number;
  quote: string;
  output: OutputDialect;
  /** How many columns of the table come to a row. */
  added: number;
  /** What becomes of rows whose key is there, and of others: one for each row of the table, one, or none. */
  found: "each" | "once" | "none";
  missing: "once" | "none";
  /** Finds the first row by the text of a key. */
  findText: (text: string) => number;
}

/** The table that they are joined with. */
export interface JoinedTable {
  keys: KeyArrays;
  /** The fields of its rows as they are written, one row behind the other. */
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** What was found for the rows of a block. */
export interface FoundRows {
  /** Rows that come out. */
  count: number;
  hasFound: boolean;
  /** The first key that was not there. */
  firstMiss: string | undefined;
}

/** Words that the kernel notes of a key, and a bit of its length: quotes are doubled in it. */
const KEY_WORDS = 3;
const DOUBLED = 2 ** 31;
/** Words of a row that comes out. */
const ROW_WORDS = 3;
const WORD_BYTES = 4;
const SLACK = 64;
/** Line end, delimiter and quotes that a row may have more than its fields. */
const ROW_BYTES = 8;
/** A block that becomes more is taken piece by piece elsewhere: the kernel's memory would stay that large. */
const MOST_BYTES = 64 * 1024 * 1024;

const NO_TABLE = { ends: new Uint32Array(0) };

/** Where the row behind one that ends here begins. */
export function startBehind(end: number): number {
  return (end + WORD_BYTES - 1) & -WORD_BYTES;
}

export class Joiner {
  readonly #kernel: Kernel;
  readonly #pattern: JoinPattern;
  #table: JoinedTable | undefined;
  #tableWords: Uint32Array = new Uint32Array(0);
  readonly #nothing: Uint8Array;
  /** Of each row of the block, the first one of the table, or NONE. */
  #found = new Int32Array(1024);
  /** Pairs of a row of the block and one of the table and 1. */
  #pairs = new Uint32Array(2 * 4096);
  #count = 0;
  /** Bytes of the table's fields, and of all that is written at most. */
  #textBytes = 0;
  #mostBytes = 0;

  constructor(memory: Memory, pattern: JoinPattern) {
    this.#kernel = kernelOf(memory);
    this.#pattern = pattern;
    this.#nothing = Buffer.from(pattern.output.delimiter.repeat(Math.max(0, pattern.added - 1)));
  }

  /** Looks for the rows of a block in a table; undefined where there are too many for one piece. */
  find(fields: BlockFields, table: JoinedTable): FoundRows | undefined {
    if (table !== this.#table) {
      const { buffer, byteOffset, byteLength } = table.bytes;
      this.#table = table;
      this.#tableWords = new Uint32Array(buffer, byteOffset, byteLength / WORD_BYTES);
    }
    fields.reindex();
    const { key, columns, quote } = this.#pattern;
    const { rows, start } = fields;
    if (this.#found.length < rows) this.#found = new Int32Array(rows * 2);
    const out = this.#kernel.scratch(rows * KEY_WORDS * WORD_BYTES);
    const { loops, entries } = this.#kernel;
    loops.hashFields(entries.byteOffset, rows, columns, start, key, quoteByte(quote), out);
    const noted = new Uint32Array(this.#kernel.bytes.buffer, out, rows * KEY_WORDS);
    this.#candidates(table.keys, noted, rows);
    this.#compare(table.keys, noted, rows);
    return this.#collect(table, noted, rows);
  }

  /**
   * Looks up the hashes of all rows, and then the keys: what one loop waits for from memory, the processor fetches for many
   * rows at once.
   */
  #candidates({ slots }: KeyArrays, noted: Uint32Array, rows: number): void {
    const found = this.#found;
    const mask = slots.length / SLOT_WORDS - 1;
    for (let row = 0, at = 2; row < rows; row++, at += KEY_WORDS) {
      const hash = noted[at] ?? 0;
      let slot = (hash & mask) * SLOT_WORDS;
      let number = slots[slot + 1] ?? 0;
      while (number !== 0 && slots[slot] !== hash) {
        slot = slot + SLOT_WORDS === slots.length ? 0 : slot + SLOT_WORDS;
        number = slots[slot + 1] ?? 0;
      }
      found[row] = number - 1;
    }
  }

  /** Of the keys with the right hashes, those that are the right ones. */
  #compare(keys: KeyArrays, noted: Uint32Array, rows: number): void {
    const { findText } = this.#pattern;
    const { bytes: keyBytes, ends, first } = keys;
    const hasTwice = first.length > 0;
    const found = this.#found;
    const { bytes } = this.#kernel;
    for (let row = 0, at = 0; row < rows; row++, at += KEY_WORDS) {
      const from = noted[at] ?? 0;
      const length = noted[at + 1] ?? 0;
      let number = found[row] ?? NONE;
      if (length === 0) number = NONE;
      else if (length >= DOUBLED) {
        found[row] = findText(this.#textOf(from, length));
        continue;
      } else if (number !== NONE) {
        const start = number === 0 ? 0 : (ends[number - 1] ?? 0);
        let same = (ends[number] ?? 0) - start === length ? 0 : -1;
        if (same === 0) while (same < length && keyBytes[start + same] === bytes[from + same]) same++;
        // Two keys have one hash.
        if (same !== length) number = findKey(keys, { bytes, from, to: from + length }, noted[at + 2] ?? 0);
      }
      found[row] = number !== NONE && hasTwice ? (first[number] ?? NONE) : number;
    }
  }

  /** The rows that come out. */
  #collect({ keys, ends }: JoinedTable, noted: Uint32Array, rows: number): FoundRows | undefined {
    const { columns, added, found: onFound, missing } = this.#pattern;
    const { next } = keys;
    const { entries } = this.#kernel;
    const isEach = onFound === "each";
    const hasNext = isEach && next.length > 0;
    const all: FoundRows = { count: 0, hasFound: false, firstMiss: undefined };
    this.#count = 0;
    this.#textBytes = startBehind(this.#nothing.length);
    this.#mostBytes = SLACK;
    let behind = -1;
    for (let row = 0; row < rows; row++) {
      const before = behind;
      behind = (entries[row * columns + columns - 1] ?? 0) & POSITION;
      const tableRow = this.#found[row] ?? NONE;
      if (tableRow === NONE) {
        if (all.firstMiss === undefined) all.firstMiss = this.#missed(noted, row);
        if (missing === "once") this.#note(row, 0, behind - before);
        continue;
      }
      all.hasFound = true;
      if (onFound === "none") continue;
      for (let more = tableRow + 1; more > 0; more = hasNext ? (next[more - 1] ?? 0) : 0) {
        if (added > 0) {
          const textBytes = startBehind((ends[more - 1] ?? 0) - (more === 1 ? 0 : startBehind(ends[more - 2] ?? 0)));
          this.#textBytes += textBytes;
          this.#mostBytes += textBytes;
        }
        this.#note(row, isEach ? more : 0, behind - before);
      }
      if (this.#mostBytes > MOST_BYTES) return undefined;
    }
    all.count = this.#count;
    return all;
  }

  #note(row: number, tableRow: number, rowBytes: number): void {
    const at = this.#count * 2;
    if (at === this.#pairs.length) {
      const more = new Uint32Array(at * 2);
      more.set(this.#pairs);
      this.#pairs = more;
    }
    this.#pairs[at] = row;
    this.#pairs[at + 1] = tableRow;
    this.#count++;
    this.#mostBytes += rowBytes + this.#nothing.length + ROW_BYTES;
  }

  /** The key of a row that was not found; an empty one is none. */
  #missed(noted: Uint32Array, row: number): string | undefined {
    const length = noted[row * KEY_WORDS + 1] ?? 0;
    return length === 0 ? undefined : this.#textOf(noted[row * KEY_WORDS] ?? 0, length);
  }

  #textOf(from: number, noted: number): string {
    const { quote } = this.#pattern;
    const length = noted >= DOUBLED ? noted - DOUBLED : noted;
    const text = this.#kernel.bytes.toString("utf8", from, from + length);
    return noted >= DOUBLED ? text.replaceAll(quote + quote, quote) : text;
  }

  /** The rows of the block that was looked at last, valid until the next one. */
  weave(fields: BlockFields): Uint8Array {
    const { columns, quote, output, added } = this.#pattern;
    const base = this.#kernel.scratch(0);
    const texts = base + this.#count * ROW_WORDS * WORD_BYTES;
    const out = texts + this.#textBytes + SLACK;
    this.#kernel.scratch(out + this.#mostBytes - base);
    this.#place(base, texts);
    const { loops, entries, bytes } = this.#kernel;
    const isLone = columns + added === 1 && !output.hasBlankRows;
    const end = loops.weaveJoined(
      entries.byteOffset,
      columns,
      fields.start,
      base,
      this.#count,
      out,
      output.delimiter.charCodeAt(0),
      quoteByte(quote),
      output.newline === "\r\n" ? 1 : 0,
      isLone ? 1 : 0,
      added > 0 ? 1 : 0,
    );
    return bytes.subarray(out, end);
  }

  /** Brings the table's fields to where the kernel finds them, a row at a multiple of four each, and says where they are. */
  #place(base: number, texts: number): void {
    const { ends } = this.#table ?? NO_TABLE;
    const { buffer } = this.#kernel.bytes;
    const words = new Uint32Array(buffer, 0, buffer.byteLength / WORD_BYTES);
    const pairs = this.#pairs;
    const tableWords = this.#tableWords;
    this.#kernel.bytes.set(this.#nothing, texts);
    let text = (texts + startBehind(this.#nothing.length)) / WORD_BYTES;
    let to = base / WORD_BYTES;
    for (let at = 0; at < this.#count * 2; at += 2, to += ROW_WORDS) {
      const tableRow = pairs[at + 1] ?? 0;
      words[to] = pairs[at] ?? 0;
      if (tableRow === 0 || this.#pattern.added === 0) {
        words[to + 1] = texts;
        words[to + 2] = this.#nothing.length;
        continue;
      }
      const end = ends[tableRow - 1] ?? 0;
      const start = tableRow === 1 ? 0 : startBehind(ends[tableRow - 2] ?? 0);
      words[to + 1] = text * WORD_BYTES;
      words[to + 2] = end - start;
      const lastWord = startBehind(end) / WORD_BYTES;
      for (let from = start / WORD_BYTES; from < lastWord; from++) words[text++] = tableWords[from] ?? 0;
    }
  }
}
