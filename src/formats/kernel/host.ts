/**
 * The SIMD kernel from TypeScript's side: instantiates kernel.wasm, owns its memory, and reads the result words.
 *
 * Memory is laid out as [results | table of texts | input bytes | slack | index entries | scratch]; callers put bytes at
 * {@linkcode INPUT} and ask for room first. Every view is made anew when the memory grows, so callers must not keep one over a call of `reserve`.
 */
import { compiledKernel } from "./code.ts";
import type {
  BlockIndex,
  ByteCounts,
  CsvScan,
  FieldLoops,
  JsonIndex,
  KernelExports,
  Scan,
  WantedKey,
} from "./exports.ts";

/** Texts that the table of texts holds at most, and bytes of each; see assembly/csv-intern.ts. */
export const MAX_TEXTS = 4096;
export const TEXT_BYTES = 32;
/** Address of the first text; behind the texts are their lengths, a byte each, and four slots of four bytes for each. */
export const TEXTS = 64;
export const TEXT_LENGTHS: number = TEXTS + MAX_TEXTS * TEXT_BYTES;
/** Address of the first input byte. */
export const INPUT: number = TEXT_LENGTHS + MAX_TEXTS + MAX_TEXTS * 16;
/** The kernel reads whole vectors: this many bytes behind the input must exist. */
const SLACK = 128;
const PAGE = 65536;
const LF = 10;

/** Bits of an index entry: the position, and what stands there. */
export const POSITION: number = (1 << 28) - 1;
export const ROW_END: number = 1 << 30;
export const BLANK: number = 1 << 28;
/** A row end whose line feed stands behind a CR. */
export const AFTER_RETURN: number = 1 << 29;

/** The longest stretch of input that positions of 28 bits can address, in bytes. */
export const MAX_BLOCK_BYTES: number = 1 << 28;

/** Rows that are indexed at once: as many as a block has, where they are not very short. */
const JSON_ROWS = 4096;
/** Words of an entry of a row. */
export const JSON_HEAD_WORDS = 4;
/** Words of each wanted key behind it. */
export const JSON_FIELD_WORDS = 6;
/** Bytes of what the kernel is told of a wanted key. */
const KEY_BYTES = 16;

/** "No limit" for `maxRows`: as an unsigned 32-bit number. */
const NO_LIMIT = 0xffffffff;

// A byte that never stands in UTF-8: what a dialect without quotes looks for.
const NO_QUOTE = 0xff;

/** The byte that the kernel looks for as quote. */
export function quoteByte(quote: string): number {
  return quote === "" ? NO_QUOTE : quote.charCodeAt(0);
}

/** What the kernel must know of a dialect: one byte between fields, and one around them or none. */
export interface ScannedDialect {
  delimiter: string;
  quote: string;
  /** A line with nothing on it is a row of one empty field. */
  keepsBlankLines?: boolean | undefined;
}

/** One instance of the kernel with its memory. */
export class Kernel {
  readonly #wasm: KernelExports;
  readonly loops: FieldLoops;
  /** All of the memory; input starts at {@linkcode INPUT}. */
  bytes: Buffer;
  /** Index entries that the last `indexCsv` wrote. */
  entries: Int32Array;
  /** Entries that the last `indexJsonl` wrote, and the same memory as numbers. */
  fields: Int32Array = new Int32Array(0);
  numbers: Float64Array = new Float64Array(0);
  #results: Uint32Array;
  /** Bytes of memory. */
  #size: number;
  #inputBytes = 0;
  #entriesAt = 0;
  /** Behind the last index, where scratch memory is. */
  #scratchAt = 0;

  constructor() {
    const instance = new WebAssembly.Instance(compiledKernel(), {});
    // The module is built from assembly/kernel.ts: its exports are these.
    this.#wasm = instance.exports as unknown as KernelExports;
    this.loops = instance.exports as unknown as FieldLoops;
    this.bytes = Buffer.from(this.#wasm.memory.buffer);
    this.#results = new Uint32Array(this.#wasm.memory.buffer, 0, 16);
    this.#size = this.bytes.length;
    this.entries = new Int32Array(0);
  }

  /** The most decimals of a number that the last `gatherDecimals` has read. */
  get mostDecimals(): number {
    return this.#result(9);
  }

  /** Whether the last `gatherObjectDecimals` has met its key. */
  get hasSeenKey(): boolean {
    return this.#result(13) === 1;
  }

  /** Makes room for so many bytes of input; what is there stays. Index entries do not. */
  reserve(inputBytes: number): void {
    if (inputBytes > this.#inputBytes) this.#grow(INPUT + inputBytes + SLACK);
    this.#inputBytes = Math.max(this.#inputBytes, inputBytes);
  }

  /** Certifies CSV rows from address `start` on; see assembly/csv-scan.ts. */
  scanCsv(
    { start, end, maxRows }: { start: number; end: number; maxRows: number },
    { delimiter, quote, keepsBlankLines }: ScannedDialect,
  ): CsvScan {
    const [between, around] = [delimiter.charCodeAt(0), quoteByte(quote)];
    this.#wasm.scanCsv(start, end, rowLimit(maxRows), between, around, keepsBlankLines === true);
    return { ...this.#scan(), blanks: this.#result(10) };
  }

  /** Counts the lines that hold something, for JSONL. */
  scanLines(range: { start: number; end: number; maxRows: number }): Scan {
    this.#wasm.scanLines(range.start, range.end, rowLimit(range.maxRows));
    return this.#scan();
  }

  /** Finds the ends of the elements of a JSON array; `ink` tells whether an element has begun behind `end`. */
  scanJson(range: { start: number; end: number; maxRows: number }): Scan & { hasInk: boolean } {
    this.#wasm.scanJson(range.start, range.end, rowLimit(range.maxRows));
    return { ...this.#scan(), hasInk: this.#results[5] === 1 };
  }

  /** Makes lines of about `size` bytes of elements of a JSON array, in place; `lines` were there before. */
  lineUpJson({ start, end }: { start: number; end: number }, size: number): Scan {
    this.#wasm.lineUpJson(start, end, size);
    return this.#scan();
  }

  /** Finds the ends of JSON values that stand one after another. */
  scanValues(range: { start: number; end: number; maxRows: number }): Scan {
    this.#wasm.scanValues(range.start, range.end, rowLimit(range.maxRows));
    return this.#scan();
  }

  /**
   * Indexes whole CSV rows in [start, end), and certifies them; afterwards `entries` holds `count` of them, whose positions
   * count bytes, or UTF-16 units of the decoded text. At most `MAX_BLOCK_BYTES` at once.
   */
  indexCsv(
    { start, end, unit }: { start: number; end: number; unit: "byte" | "utf16" },
    { delimiter, quote, keepsBlankLines }: ScannedDialect,
  ): BlockIndex {
    const bytes = end - start;
    // The worst block is all delimiters: one entry of four bytes for each byte, and three that are too much.
    const at = INPUT + this.#inputBytes + SLACK;
    const entries = bytes + 4;
    this.#grow(at + (entries + 1) * 4);
    if (this.#entriesAt !== at || this.entries.length < entries) {
      this.#placeEntries((at + 3) & ~3, entries);
    }
    const inUnits = unit === "utf16";
    const [between, around] = [delimiter.charCodeAt(0), quoteByte(quote)];
    const keepsBlank = keepsBlankLines === true;
    const count = this.#wasm.indexCsv(start, end, this.entries.byteOffset, between, around, keepsBlank, inUnits);
    const scan = this.#scan();
    const isAscii = this.#result(4) === 1;
    return {
      count,
      end: scan.end,
      rows: scan.rows,
      lines: scan.lines,
      isAscii,
      hasPlainReturns: this.#result(6) === 0,
      blanks: this.#result(10),
      isBad: scan.bad === 1,
    };
  }

  /** The address of so many bytes behind the last index, for what is made of it. What was there may be gone. */
  scratch(bytes: number): number {
    const at = this.#scratchAt;
    if (at + bytes + SLACK > this.#size) {
      const entries = { at: this.entries.byteOffset, count: this.entries.length };
      const fields = { at: this.fields.byteOffset, words: this.fields.length };
      this.#grow(at + bytes + SLACK);
      this.#placeEntries(entries.at, entries.count);
      this.#placeFields(fields.at, fields.words);
      this.#scratchAt = at;
    }
    return at;
  }

  /**
   * Indexes lines of JSON in [start, end), up to so many rows as are indexed at once; afterwards `fields` holds an entry
   * of each. `knownTexts` is how many texts the table of texts holds.
   */
  indexJsonl(
    { start, end }: { start: number; end: number },
    keys: readonly WantedKey[],
    knownTexts: number = 0,
  ): JsonIndex {
    const table = (INPUT + this.#inputBytes + SLACK + 7) & ~7;
    const names = table + keys.length * KEY_BYTES;
    const scratch = (keys.reduce((at, key) => at + key.name.length, names) + SLACK) & ~7;
    const out = scratch + this.#wasm.jsonScratchBytes();
    const entries = JSON_ROWS * (JSON_HEAD_WORDS + JSON_FIELD_WORDS * keys.length);
    const text = out + entries * 4;
    this.#grow(text + end - start + SLACK);
    if (this.fields.byteOffset !== out || this.fields.length !== entries) this.#placeFields(out, entries);
    this.#scratchAt = (text + end - start + SLACK + 15) & ~15;
    let name = names;
    const words = new Uint32Array(this.bytes.buffer, table, keys.length * (KEY_BYTES / 4));
    for (const [at, key] of keys.entries()) {
      this.bytes.set(key.name, name);
      words.set([name, key.name.length, key.isInterned ? 1 : 0, 0], at * (KEY_BYTES / 4));
      name += key.name.length;
    }
    // The kernel looks for a line feed, which the last line may lack.
    const hidden = this.bytes[end - 1] === LF ? undefined : this.bytes[end];
    if (hidden !== undefined) this.bytes[end] = LF;
    this.#wasm.indexJsonl(start, end, JSON_ROWS, out, scratch, table, keys.length, text, knownTexts);
    if (hidden !== undefined) this.bytes[end] = hidden;
    const { rows, lines } = this.#scan();
    return {
      end: Math.min(this.#result(0), end),
      rows,
      lines: hidden !== undefined && this.#result(0) > end ? lines - 1 : lines,
      isAscii: this.#result(4) === 1,
      copyable: this.#result(8),
      certain: this.#result(11),
      texts: this.#result(12),
      newTexts: keys.map((_, at) => words[at * (KEY_BYTES / 4) + 3] ?? 0),
      text: { start: text, end: text + this.#result(7) },
    };
  }

  /** Counts the special bytes of CSV, or of JSON with a backslash as the delimiter. */
  countBytes({ start, end }: { start: number; end: number }, delimiter: string): ByteCounts {
    this.#wasm.countBytes(start, end, delimiter.charCodeAt(0));
    return {
      delimiters: this.#result(0),
      lineFeeds: this.#result(1),
      quotes: this.#result(2),
      returns: this.#result(3),
      controls: this.#result(4),
    };
  }

  #scan(): Scan {
    return { end: this.#result(0), rows: this.#result(1), lines: this.#result(2), bad: this.#result(3) };
  }

  #result(word: number): number {
    return this.#results[word] ?? 0;
  }

  #placeEntries(at: number, count: number): void {
    this.entries = new Int32Array(this.#wasm.memory.buffer, at, count);
    this.#entriesAt = INPUT + this.#inputBytes + SLACK;
    this.#scratchAt = (at + count * 4 + 15) & ~15;
  }

  #placeFields(at: number, words: number): void {
    this.fields = new Int32Array(this.#wasm.memory.buffer, at, words);
    this.numbers = new Float64Array(this.#wasm.memory.buffer, at, words / 2);
  }

  #grow(bytes: number): void {
    const missing = bytes - this.#size;
    if (missing <= 0) return;
    const { memory } = this.#wasm;
    // Grows by half of the memory at least, so that a window that grows piece by piece does not do so often.
    memory.grow(Math.ceil(Math.max(missing, this.#size / 2) / PAGE));
    this.bytes = Buffer.from(memory.buffer);
    this.#size = this.bytes.length;
    this.#results = new Uint32Array(memory.buffer, 0, 16);
    this.entries = new Int32Array(0);
    this.#entriesAt = 0;
    this.fields = new Int32Array(0);
    this.numbers = new Float64Array(0);
  }
}

function rowLimit(rows: number): number {
  return Math.min(rows, NO_LIMIT);
}
