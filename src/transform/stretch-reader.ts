/**
 * Reads a stretch of an input of which nobody has found the rows yet: those that end in it. Where the first one begins is a
 * guess: behind the last line feed before the stretch. Whether that was right, the parent knows when it joins what comes of
 * the stretches before.
 */
import { readSync } from "node:fs";
import { BLOCK_BYTES } from "../formats/block-bytes.ts";
import type { Decoder, DecodedBlock, Splitter } from "../formats/format.ts";
import { PASSING_STATE } from "../formats/format.ts";
import { INPUT_START, type Memory } from "../formats/memory.ts";
import { BlockReader } from "../io/bgzf/blocks.ts";
import { unlessRefused } from "../io/file-identity.ts";
import type { StageClock } from "./stage-clock.ts";
import type { JointRows, Stretch } from "./wire.ts";

const LF = 10;
/** Where a row begins is looked for so far before the stretch: first in so many bytes, then in more. */
const FIRST_BEFORE = 4 * 1024;
export const MOST_BEFORE: number = 1024 * 1024;

/** Thrown where the rows of a stretch are not what they were taken for: it has to be read with certainty. */
export const MISFIT: unique symbol = Symbol("misfit");

/** Who reads it, and how. */
export interface StretchReading {
  memory: Memory;
  splitter: Splitter;
  decoder: Decoder;
  clock: StageClock;
  /** Rows end with a line end, which the last one of a file may lack. */
  needsLineEnd: boolean;
  /** So much is read at once. */
  blockBytes?: number | undefined;
  /** All of it is read at once, and stays where it is until the next stretch. */
  keepsBytes?: boolean;
}

export class StretchReader {
  readonly #stretch: Stretch;
  readonly #how: StretchReading;
  /** Offset in the file of what stands at INPUT_START. */
  #base: number;
  /** Up to this address bytes are loaded. */
  #loaded: number = INPUT_START;
  #joint: JointRows | undefined;

  readonly #blocks: BlockReader | undefined;

  constructor(stretch: Stretch, how: StretchReading) {
    const { from, places } = stretch;
    this.#blocks = places === undefined || typeof from !== "number" ? undefined : new BlockReader(from, "");
    this.#stretch = stretch;
    this.#how = how;
    this.#base = stretch.start;
  }

  /** Where its rows began and ended, when all blocks are taken. */
  get joint(): JointRows {
    if (this.#joint === undefined) throw new Error("a stretch is not read to its end");
    return this.#joint;
  }

  /** Its rows, block by block. Throws {@linkcode MISFIT} at what is no good row. */
  *blocks(): Generator<DecodedBlock> {
    const { memory, splitter, decoder, clock, needsLineEnd, keepsBytes = false } = this.#how;
    const { end: until, isLast } = this.#stretch;
    const blockBytes = keepsBytes ? Number.MAX_SAFE_INTEGER : (this.#how.blockBytes ?? BLOCK_BYTES);
    const begin = this.#findBegin();
    const joint = { begin, end: begin, rows: 0, lines: 0, blanks: 0, crc: 0 };
    let at = this.#address(begin);
    let behind = this.#address(until);
    for (let size = blockBytes; at < behind;) {
      // Each block comes to the place of the one before, which is in the cache.
      if (!keepsBytes) at = this.#toStart(at);
      behind = this.#address(until);
      const end = Math.min(behind, at + size);
      clock.lap("parse");
      memory.reserve(end - INPUT_START + 1);
      this.#load(end);
      clock.lap("read");
      const certified = decoder.certify?.(at, end);
      if (certified !== undefined) {
        this.#join(joint, at, certified);
        if (certified.block !== undefined) yield certified.block;
        at = certified.end;
        size = blockBytes;
        continue;
      }
      const isFinal = isLast && end === behind;
      const found = splitter.split({ memory, start: at, end, isFinal, maxRows: Number.MAX_SAFE_INTEGER });
      if (found.kind === "more" || (found.kind === "rows" && found.end === at)) {
        if (end === behind) break;
        size *= 4;
        continue;
      }
      // What is bad, or too long, is found as the rows before it leave it.
      if (found.kind !== "rows" || found.isBeforeBad === true || splitter.state === PASSING_STATE) throw MISFIT;
      splitter.accept?.();
      this.#join(joint, at, found);
      let rowsEnd = found.end;
      // The last line feed of a file may be missing.
      if (isFinal && needsLineEnd && rowsEnd === behind && memory.bytes[behind - 1] !== LF) {
        memory.bytes[behind] = LF;
        rowsEnd++;
      }
      if (found.rows > 0) yield* decoder.blocks(at, rowsEnd, () => {});
      at = found.end;
      size = blockBytes;
    }
    // Behind the last row of a file nothing is left.
    if (isLast && at < behind) throw MISFIT;
    joint.end = this.#offset(at);
    this.#joint = joint;
  }

  /** Counts rows that begin at an address. */
  #join(
    joint: JointRows,
    at: number,
    { end, rows, lines, blanks = 0 }: { end: number; rows: number; lines: number; blanks?: number | undefined },
  ): void {
    joint.rows += rows;
    joint.lines += lines;
    joint.blanks += blanks;
    joint.crc = Bun.hash.crc32(this.#how.memory.bytes.subarray(at, end), joint.crc);
  }

  /** Forgets what is before an address; returns where that is now. */
  #toStart(at: number): number {
    if (at === INPUT_START) return at;
    const { memory } = this.#how;
    if (this.#loaded > at) memory.bytes.copyWithin(INPUT_START, at, this.#loaded);
    this.#loaded = Math.max(INPUT_START, this.#loaded - (at - INPUT_START));
    this.#base = this.#offset(at);
    return INPUT_START;
  }

  /** Offset of the first row that ends in the stretch. */
  #findBegin(): number {
    const { start, begin } = this.#stretch;
    if (begin !== undefined) {
      this.#base = begin;
      return begin;
    }
    const { memory } = this.#how;
    for (let before = FIRST_BEFORE; before <= MOST_BEFORE; before *= 16) {
      this.#base = Math.max(0, start - before);
      this.#loaded = INPUT_START;
      const edge = this.#address(start);
      memory.reserve(edge - INPUT_START + 1);
      this.#load(edge);
      const feed = memory.bytes.subarray(INPUT_START, edge).lastIndexOf(LF);
      if (feed >= 0) return this.#base + feed + 1;
    }
    throw MISFIT;
  }

  #address(offset: number): number {
    return offset - this.#base + INPUT_START;
  }

  #offset(address: number): number {
    return address - INPUT_START + this.#base;
  }

  #load(to: number): void {
    while (this.#loaded < to) {
      // The system refuses it, or the file has become shorter: who reads it with certainty says so.
      const got = unlessRefused(() => this.#read(to));
      if (got === undefined || got === 0) throw MISFIT;
      this.#loaded += got;
    }
  }

  /** Reads what follows; returns how many bytes. */
  #read(to: number): number {
    const { memory } = this.#how;
    const { from, places, begin = 0 } = this.#stretch;
    const [at, length, offset] = [this.#loaded, to - this.#loaded, this.#offset(this.#loaded)];
    if (places !== undefined && this.#blocks !== undefined)
      return this.#blocks.read(memory.bytes, places, { at, length, offset });
    if (typeof from === "number") return readSync(from, memory.bytes, at, length, offset);
    const piece = from.subarray(offset - begin, offset - begin + length);
    memory.bytes.set(piece, at);
    return piece.length;
  }
}
