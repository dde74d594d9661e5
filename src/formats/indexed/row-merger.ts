/**
 * Merges rows that are sorted, run by run, in the kernel's memory: whoever has the runs loads rows of them as they are needed,
 * some at a time, and takes the merged ones.
 */
import { INPUT_START, type Memory, kernelOf } from "../memory.ts";
import type { Kernel } from "../kernel/host.ts";

/** The values of one key of rows: what is lower stands first. */
export interface KeyValues {
  /** Numbers before texts, downwards texts before numbers, and nothing behind all. */
  ranks: Uint8Array;
  /** A number, or of a text the number that its first bytes are; downwards with the other sign. */
  leads: Float64Array;
  /**
   * Where these are equal, texts decide: UTF-8, one behind the other, that of row `r` ending at `ends[r + 1]`. That of a number
   * is empty, or what a large integer is beyond the double.
   */
  texts: Uint8Array;
  ends: Uint32Array;
}

/** Rows as they are written, and their values. */
export interface KeyedRows {
  values: readonly KeyValues[];
  rows: { bytes: Uint8Array; ends: Uint32Array };
}

/** What came of a step: rows, or the run of which more must be loaded; neither where all are merged. */
export interface MergeStep {
  /** In memory of their own; of which run each is. */
  rows: { bytes: Uint8Array<ArrayBuffer>; ends: Uint32Array; runs: Uint32Array } | undefined;
  /** Its rows are used up. */
  needs: number | undefined;
}

const WORD = 4;
/** Words of a run, before those of its keys, and words of a key: see assembly/merge-rows.ts. */
const HEAD_WORDS = 8;
const KEY_WORDS = 4;
const IS_OVER = 4;
const DOWNWARDS = 1;
const TOLD_WORDS = 4;
/** Rows that are copied in vectors may be read and written so far behind their end. */
const SLACK = 32;
/** Merged rows go out when they are so many, or have so many bytes. */
const OUT_BYTES = 1024 * 1024;
const OUT_ROWS = 8192;

export class RowMerger {
  readonly #memory: Memory;
  readonly #kernel: Kernel;
  readonly #runs: number;
  readonly #keys: number;
  readonly #stride: number;
  /** Addresses. */
  readonly #keyWords: number;
  readonly #losers: number;
  readonly #told: number;
  readonly #table: number;
  readonly #outEnds: number;
  readonly #outRuns: number;
  #out: number;
  #outBytes = OUT_BYTES;
  #end: number;
  /** Where rows of each run lie, and how many bytes there is room for. */
  readonly #slots: { at: number; bytes: number }[];
  #winner = -1;
  /** The winner has come to other rows, and has to play. */
  #isLoaded = false;
  /** What is in `#out`. */
  #count = 0;
  #bytes = 0;

  /** @param memory Of its own. */
  constructor(memory: Memory, runs: number, keys: readonly { isDescending: boolean }[]) {
    this.#memory = memory;
    this.#kernel = kernelOf(memory);
    this.#runs = runs;
    this.#keys = keys.length;
    this.#stride = HEAD_WORDS + keys.length * KEY_WORDS;
    this.#end = INPUT_START;
    this.#keyWords = this.#take(keys.length * WORD);
    this.#losers = this.#take(runs * WORD);
    this.#told = this.#take(TOLD_WORDS * WORD);
    this.#table = this.#take(runs * this.#stride * WORD);
    this.#outEnds = this.#take(OUT_ROWS * WORD);
    this.#outRuns = this.#take(OUT_ROWS * WORD);
    this.#out = this.#take(OUT_BYTES + SLACK);
    this.#slots = Array.from({ length: runs }, () => ({ at: 0, bytes: 0 }));
    this.#words(this.#keyWords, keys.length).set(keys.map(({ isDescending }) => (isDescending ? DOWNWARDS : 0)));
    this.#words(this.#losers, runs).fill(0xffff_ffff);
    this.#words(this.#table, runs * this.#stride).fill(0);
  }

  /** Loads rows of a run, from one up to another; undefined where it has no more. At first each run is loaded. */
  load(run: number, keyed: KeyedRows | undefined, [from, to]: readonly [from: number, to: number] = [0, 0]): void {
    const place = this.#table + run * this.#stride * WORD;
    if (keyed === undefined || to <= from) this.#words(place, HEAD_WORDS)[IS_OVER] = 1;
    else this.#loadRows(run, keyed, [from, to]);
    if (this.#winner === run) this.#isLoaded = true;
  }

  #loadRows(run: number, { values, rows }: KeyedRows, [from, to]: readonly [number, number]): void {
    const count = to - from;
    const start = from === 0 ? 0 : (rows.ends[from - 1] ?? 0);
    const end = rows.ends[to - 1] ?? 0;
    const texts = values.map(({ ends }) => ({ start: ends[from] ?? 0, end: ends[to] ?? 0 }));
    const ofTexts = texts.reduce((sum, text) => sum + text.end - text.start + SLACK, 0);
    const perRow = WORD + this.#keys * (WORD + Float64Array.BYTES_PER_ELEMENT + 1);
    const bytes = (count + 2) * perRow + ofTexts + (end - start) + (this.#keys + 2) * SLACK;
    let at = this.#room(run, bytes);
    const take = (length: number): number => {
      const place = at;
      at = aligned(at + length);
      return place;
    };
    const words = [0, count];
    const rowEnds = take((count + 1) * WORD);
    const ends = this.#words(rowEnds, count + 1);
    ends[0] = start;
    ends.set(rows.ends.subarray(from, to), 1);
    const leads = values.map((of) => {
      const place = take(count * Float64Array.BYTES_PER_ELEMENT);
      new Float64Array(this.#kernel.bytes.buffer, place, count).set(of.leads.subarray(from, to));
      return place;
    });
    const textEnds = values.map((of) => {
      const place = take((count + 1) * WORD);
      this.#words(place, count + 1).set(of.ends.subarray(from, to + 1));
      return place;
    });
    const ranks = values.map((of) => this.#put(take(count), of.ranks.subarray(from, to)));
    const textsAt = values.map((of, key) => {
      const text = texts[key] ?? { start: 0, end: 0 };
      return this.#put(take(text.end - text.start), of.texts.subarray(text.start, text.end)) - text.start;
    });
    const rowsAt = this.#put(take(end - start + SLACK), rows.bytes.subarray(start, end)) - start;
    words.push(rowEnds, rowsAt, 0, 0, 0, 0);
    for (let key = 0; key < this.#keys; key++)
      words.push(ranks[key] ?? 0, leads[key] ?? 0, textEnds[key] ?? 0, textsAt[key] ?? 0);
    // An address may lie before the memory, as ends count from other rows: as an unsigned number it is right again.
    this.#words(this.#table + run * this.#stride * WORD, this.#stride).set(words);
  }

  /** Goes on, up to where rows are there to be taken, or a run is to be loaded. */
  step(): MergeStep {
    const { loops } = this.#kernel;
    const tree = [this.#runs, this.#table, this.#keys, this.#keyWords, this.#losers];
    if (this.#winner < 0) for (let run = this.#runs - 1; run >= 0; run--) this.#winner = loops.playRun(run, ...tree);
    else if (this.#isLoaded) this.#winner = loops.playRun(this.#winner, ...tree);
    this.#isLoaded = false;
    loops.mergeRows(
      this.#winner,
      ...tree,
      this.#out + this.#bytes,
      this.#outBytes - this.#bytes,
      this.#outEnds + this.#count * WORD,
      this.#outRuns + this.#count * WORD,
      OUT_ROWS - this.#count,
      this.#told,
    );
    const [winner = 0, count = 0, bytes = 0, needs = 0] = this.#words(this.#told, TOLD_WORDS);
    this.#winner = winner;
    const ends = this.#words(this.#outEnds, this.#count + count);
    for (let row = this.#count; row < ends.length; row++) ends[row] = (ends[row] ?? 0) + this.#bytes;
    this.#count += count;
    this.#bytes += bytes;
    if (needs === 1) return { rows: undefined, needs: winner };
    if (this.#count > 0) return { rows: this.#taken(), needs: undefined };
    if (this.#words(this.#table + winner * this.#stride * WORD, HEAD_WORDS)[IS_OVER] === 1)
      return { rows: undefined, needs: undefined };
    this.#widen(winner);
    return this.step();
  }

  #taken(): MergeStep["rows"] {
    const bytes = this.#kernel.bytes.slice(this.#out, this.#out + this.#bytes);
    const rows = {
      bytes: new Uint8Array(bytes),
      ends: this.#words(this.#outEnds, this.#count).slice(),
      runs: this.#words(this.#outRuns, this.#count).slice(),
    };
    this.#count = 0;
    this.#bytes = 0;
    return rows;
  }

  /** A row does not fit where merged rows go. */
  #widen(run: number): void {
    const [row = 0, , ends = 0] = this.#words(this.#table + run * this.#stride * WORD, HEAD_WORDS);
    const [start = 0, end = 0] = this.#words(ends + row * WORD, 2);
    this.#outBytes = Math.max(end - start, this.#outBytes * 2);
    this.#out = this.#take(this.#outBytes + SLACK);
  }

  #room(run: number, bytes: number): number {
    const slot = this.#slots[run];
    if (slot === undefined) throw new Error("there is no such run");
    if (slot.bytes < bytes) {
      slot.bytes = Math.ceil(bytes * 1.25);
      slot.at = this.#take(slot.bytes);
    }
    return slot.at;
  }

  #put(at: number, bytes: Uint8Array): number {
    this.#kernel.bytes.set(bytes, at);
    return at;
  }

  #take(bytes: number): number {
    const at = aligned(this.#end);
    this.#end = at + bytes;
    this.#memory.reserve(this.#end - INPUT_START + SLACK);
    return at;
  }

  #words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#kernel.bytes.buffer, at, count);
  }
}

function aligned(at: number): number {
  return (at + 7) & ~7;
}
