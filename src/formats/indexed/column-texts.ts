/**
 * The texts of a column in indexed blocks, told apart by their hashes and looked at where they lie: none of them becomes a
 * string that nobody asks for.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";

/** Words that are noted of a field: two of its hash, where it lies, and its length with marks: bit 30, it is empty and in quotes. */
export const FIELD_WORDS = 4;
/** What of the length's word is the length. */
export const LENGTH = 0x3fffffff;

/** What is said of a value; see kernel/assembly/survey.ts. */
export const LOOK = {
  high: 1,
  number: 2,
  canonical: 4,
  maybeNumber: 8,
  maybeTime: 16,
  edge: 32,
  control: 64,
  lines: 128,
} as const;

/** The values of a column, as long as nothing else is asked of the kernel. */
export interface ColumnFields {
  /** {@linkcode FIELD_WORDS} words a row. */
  words: Int32Array;
  /** Of each row the place of its value, -1 where it is empty. */
  placeOf: Int32Array;
  /** How many different values there are; two words of the hash of each, how often it comes, and the first row that has it. */
  size: number;
  hashes: Int32Array;
  counts: Uint32Array;
  firsts: Uint32Array;
  /** Rows that are empty, in quotes or at all. */
  emptyInQuotes: number;
  empty: number;
  /** Of each value the number that it is, and room for a time: NaN where it is none. */
  numbers: Float64Array;
  times: Float64Array;
  /** What is said of each, and of any of them: see {@linkcode LOOK}. */
  marks: Uint32Array;
  allMarks: number;
  /** Bytes of each. */
  lengths: Uint32Array;
  /** Of each value the place of its pattern, -1 where it is a number or not ASCII; of each pattern the first value that has it. */
  patternOf: Int32Array;
  patternFirsts: Uint32Array;
}

/** What the kernel sums up of a column: see `summarize` in kernel/assembly/survey-figures.ts. */
export interface ColumnSums {
  figures: Float64Array;
  /** The least numbers, and the greatest with their sign turned, each with its row. */
  least: Float64Array;
  greatest: Float64Array;
  /** How many values come 0, 1, … times. */
  rare: Uint32Array;
}

const FIGURES = 16;
const EXTREME_NUMBERS = 2 * 6;
const RARE_COUNTS = 1024;
const SUMS_BYTES = (FIGURES + 2 * EXTREME_NUMBERS) * 8 + RARE_COUNTS * 4;
/** Registers of HyperLogLog, a byte each. */
const REGISTERS = 2 ** 14;

const LEAST_SLOTS = 1024;
const SLOTS_GROW = 4;
/** Words of what is known while values are told apart: the next row, how many values, how many empty ones. */
const STATE_WORDS = 4;

/** A block that was taken: where its entries stand among those of all, and where it lies. */
interface TakenBlock {
  start: number;
  rows: number;
  at: number;
}

export class ColumnTexts {
  readonly #kernel: Kernel;
  readonly #columns: number;
  readonly #quote: string;
  /** The index of all blocks that were taken, one behind the other. */
  #entries = new Int32Array(0);
  #entryCount = 0;
  readonly #blocks: TakenBlock[] = [];
  /** Where the kernel has it, if it has. */
  #placedAt = 0;
  /** What is made of the column that was asked for last comes there: its sums, and one more thing at a time. */
  #sumsAt = 0;
  #moreAt = 0;
  rows = 0;

  /** @param columns How many the file has. */
  constructor(memory: Memory, { columns, quote }: { columns: number; quote: string }) {
    this.#kernel = kernelOf(memory);
    this.#columns = columns;
    this.#quote = quote;
  }

  /** Forgets all blocks. */
  clear(): void {
    this.#entryCount = 0;
    this.#placedAt = 0;
    this.#blocks.length = 0;
    this.rows = 0;
  }

  /** Takes the rows of the next block, whose bytes stay where they are until the last column was looked at. */
  take({ start, rows }: BlockFields): void {
    const count = rows * this.#columns;
    this.#placedAt = 0;
    const least = this.#entryCount + count;
    if (least > this.#entries.length) {
      const more = new Int32Array(Math.max(least, this.#entries.length * 2));
      more.set(this.#entries.subarray(0, this.#entryCount));
      this.#entries = more;
    }
    this.#entries.set(this.#kernel.entries.subarray(0, count), this.#entryCount);
    this.#blocks.push({ start, rows, at: this.#entryCount });
    this.#entryCount += count;
    this.rows += rows;
  }

  /** Looks at a column of all rows that were taken. */
  column(column: number): ColumnFields {
    const kernel = this.#kernel;
    const { loops } = kernel;
    const { rows } = this;
    const quote = quoteByte(this.#quote);
    const room = new Room(kernel);
    const entries = room.take(this.#entryCount * 4);
    const words = room.take(rows * FIELD_WORDS * 4);
    const placeOf = room.take(rows * 4);
    const hashes = room.take(rows * 8);
    const counts = room.take(rows * 4);
    const firsts = room.take(rows * 4);
    const state = room.take(STATE_WORDS * 4);
    // It stays there from one column to the next.
    if (this.#placedAt !== entries)
      new Int32Array(kernel.bytes.buffer, entries, this.#entryCount).set(this.#entries.subarray(0, this.#entryCount));
    this.#placedAt = entries;
    let doubled = 0;
    let to = words;
    for (const block of this.#blocks) {
      const from = entries + block.at * 4;
      doubled += loops.hashColumn(from, block.rows, this.#columns, block.start, column, quote, to);
      to += block.rows * FIELD_WORDS * 4;
    }
    if (doubled > 0) loops.undoubleFields(words, rows, quote, room.take(doubled));
    const of = { words, rows, placeOf, hashes, counts, firsts, state };
    const { size, emptyInQuotes, empty } = this.#tellApart(of, room);
    const numbers = room.take(size * 8);
    const times = room.take(size * 8);
    const marks = room.take(size * 4);
    const lengths = room.take(size * 4);
    const looked = room.take(size * FIELD_WORDS * 4);
    const allMarks = loops.lookAtValues(words, firsts, size, numbers, times, marks, lengths, looked);
    const patternOf = room.take(size * 4);
    const patternFirsts = room.take(size * 4);
    const patterns = this.#tellApart(
      {
        words: looked,
        rows: size,
        placeOf: patternOf,
        hashes: room.take(size * 8),
        counts: room.take(size * 4),
        firsts: patternFirsts,
        state,
      },
      room,
    );
    // Where memory grows, arrays over it are gone: there has to be enough before any is made.
    this.#sumsAt = room.take(SUMS_BYTES);
    this.#moreAt = room.ask(Math.max(rows * 8, REGISTERS));
    const { buffer } = kernel.bytes;
    return {
      words: new Int32Array(buffer, words, rows * FIELD_WORDS),
      placeOf: new Int32Array(buffer, placeOf, rows),
      size,
      hashes: new Int32Array(buffer, hashes, size * 2),
      counts: new Uint32Array(buffer, counts, size),
      firsts: new Uint32Array(buffer, firsts, size),
      emptyInQuotes,
      empty,
      numbers: new Float64Array(buffer, numbers, size),
      times: new Float64Array(buffer, times, size),
      marks: new Uint32Array(buffer, marks, size),
      allMarks,
      lengths: new Uint32Array(buffer, lengths, size),
      patternOf: new Int32Array(buffer, patternOf, size),
      patternFirsts: new Uint32Array(buffer, patternFirsts, patterns.size),
    };
  }

  /** Sums up the column that was asked for last, with what became of its marks and numbers since. */
  sums({ marks, lengths, counts, numbers, firsts, size }: ColumnFields): ColumnSums {
    const kernel = this.#kernel;
    const out = this.#sumsAt;
    const arrays = [marks, lengths, counts, numbers, firsts].map(({ byteOffset }) => byteOffset);
    kernel.loops.summarize(...arrays, size, out);
    const { buffer } = kernel.bytes;
    const least = out + FIGURES * 8;
    const greatest = least + EXTREME_NUMBERS * 8;
    return {
      figures: new Float64Array(buffer, out, FIGURES),
      least: new Float64Array(buffer, least, EXTREME_NUMBERS),
      greatest: new Float64Array(buffer, greatest, EXTREME_NUMBERS),
      rare: new Uint32Array(buffer, greatest + EXTREME_NUMBERS * 8, RARE_COUNTS),
    };
  }

  /** The places of its values that come more often. */
  placesAbove({ counts, size }: ColumnFields, least: number): Uint32Array {
    const out = this.#moreAt;
    const found = this.#kernel.loops.placesAbove(counts.byteOffset, size, least, out);
    return new Uint32Array(this.#kernel.bytes.buffer, out, found);
  }

  /** Notes all of its values in registers of HyperLogLog, which are a copy. */
  registers({ hashes, size }: ColumnFields): Uint8Array {
    const { bytes, loops } = this.#kernel;
    const registers = new Uint8Array(bytes.buffer, this.#moreAt, REGISTERS).fill(0);
    loops.noteHashes(hashes.byteOffset, size, this.#moreAt);
    return registers.slice();
  }

  /** A copy of its numbers row by row: NaN where a row has none. */
  numbersByRow({ placeOf, numbers }: ColumnFields): Float64Array {
    return new Float64Array(this.#kernel.bytes.buffer, this.#spread(placeOf, numbers), this.rows).slice();
  }

  /** The same of the hashes, two words to a row: 0 where it has none, and never else. */
  hashesByRow({ placeOf, hashes }: ColumnFields): Uint32Array {
    return new Uint32Array(this.#kernel.bytes.buffer, this.#spread(placeOf, hashes), this.rows * 2).slice();
  }

  #spread(placeOf: Int32Array, values: Float64Array | Int32Array): number {
    const out = this.#moreAt;
    const areHashes = values instanceof Int32Array ? 1 : 0;
    this.#kernel.loops.spread(placeOf.byteOffset, values.byteOffset, this.rows, areHashes, out);
    return out;
  }

  /** The text that lies there, as long as the batch is in memory. @param isAscii So much is known. */
  text(from: number, length: number, isAscii: boolean): string {
    const { bytes } = this.#kernel;
    return bytes.toString(isAscii ? "latin1" : "utf8", from, from + length);
  }

  /** Tells values apart with a table that becomes larger as they become more. */
  #tellApart(
    { words, rows, placeOf, hashes, counts, firsts, state }: ToldApart,
    room: Room,
  ): { size: number; emptyInQuotes: number; empty: number } {
    const kernel = this.#kernel;
    const { loops } = kernel;
    new Uint32Array(kernel.bytes.buffer, state, STATE_WORDS).fill(0);
    for (let slotCount = LEAST_SLOTS; ; slotCount *= SLOTS_GROW) {
      const slots = room.ask(slotCount * 4);
      const before = new Uint32Array(kernel.bytes.buffer, state, STATE_WORDS)[1] ?? 0;
      loops.enterAll(hashes, before, slots, slotCount);
      loops.tellApart(words, rows, placeOf, hashes, counts, firsts, slots, slotCount, state);
      const [row = 0, size = 0, emptyInQuotes = 0, empty = 0] = new Uint32Array(
        kernel.bytes.buffer,
        state,
        STATE_WORDS,
      );
      if (row === rows) return { size, emptyInQuotes, empty };
    }
  }
}

/** Addresses of what `tellApart` works with. */
interface ToldApart {
  words: number;
  rows: number;
  placeOf: number;
  hashes: number;
  counts: number;
  firsts: number;
  state: number;
}

/** Memory of the kernel behind its index, taken piece by piece. */
class Room {
  readonly #kernel: Kernel;
  #bytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The address of so many bytes, which nothing else gets. */
  take(bytes: number): number {
    const at = this.ask(bytes);
    this.#bytes += (bytes + 15) & ~15;
    return at;
  }

  /** The address of so many bytes, which the next to ask gets too. */
  ask(bytes: number): number {
    return this.#kernel.scratch(this.#bytes + bytes) + this.#bytes;
  }
}
