/**
 * What a stream has brought and nobody is done with: workers find the rows in it themselves, and where they were wrong it
 * can be read once more. It lies in memory that is lent to them, so that a byte is copied once on its way.
 */
import type { PieceReader } from "../io/piece-reader.ts";
import { LentMemory } from "./lent-memory.ts";

const LF = 10;

/** Bytes by their place in the stream. */
export interface HeldBytes {
  start: number;
  bytes: Uint8Array;
}

/** Bytes of a stream that end with a line, or with the stream. */
export interface HeldLines extends HeldBytes {
  /** The stream ends with them. */
  isLast: boolean;
}

export class HeldStream {
  readonly #stream: PieceReader;
  readonly #memory = new LentMemory();
  /** What was handed out, in order. */
  #out: HeldBytes[] = [];
  /** What comes behind that: in this memory, from this index on, so many bytes. */
  #buffer: Uint8Array | undefined;
  #from = 0;
  #length = 0;
  /** Where the first of these is in the stream. */
  #start: number;
  /** What comes further is not wanted yet. */
  #wantedEnd = 0;
  /** What did not fit of the last piece. */
  #rest: Uint8Array | undefined;
  #reading: Promise<void> | undefined;
  /** Nothing follows. */
  isEnded = false;

  /**
   * @param start Where in the stream the next byte is.
   * @param came Bytes that have come already.
   */
  constructor(stream: PieceReader, start: number, came: Uint8Array) {
    this.#stream = stream;
    this.#start = start;
    this.#append(came);
  }

  /** Where what was not handed out begins. */
  get front(): number {
    return this.#start;
  }

  /** Behind the last byte that has come. */
  get end(): number {
    return this.#start + this.#length;
  }

  /** Whether a line ends in what was not handed out, up to this place. */
  endsLine(until: number): boolean {
    return this.#lastLine(until) > this.#start;
  }

  /** Whether somebody waits for more. */
  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** Bytes are wanted up to here: it makes room, so that they are not moved when they come. */
  expect(end: number): void {
    this.#wantedEnd = end;
    this.#makeRoom(end);
  }

  #makeRoom(end: number): void {
    const needed = end - this.#start;
    const { length = 0 } = this.#buffer ?? {};
    if (needed <= length - this.#from) return;
    const old = this.#buffer;
    const next = this.#memory.take(needed);
    if (old !== undefined) {
      next.set(old.subarray(this.#from, this.#from + this.#length));
      this.#memory.giveBack(old);
    }
    this.#buffer = next;
    this.#from = 0;
  }

  /** Brings some more bytes; whoever else waits for them gets the same. Rejects as the stream does. */
  more(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.isEnded) return;
    const piece = this.#rest ?? (await this.#stream.peek());
    if (piece.length === 0) {
      this.isEnded = true;
      return;
    }
    // What is behind the end that is wanted would be moved with the rest of its line.
    const missing = this.#wantedEnd - this.end;
    const wanted = missing > 0 ? piece.subarray(0, missing) : piece;
    this.#append(wanted);
    this.#rest = wanted.length < piece.length ? piece.subarray(wanted.length) : undefined;
    if (this.#rest === undefined) this.#stream.take();
  }

  #append(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#makeRoom(this.end + piece.length);
    this.#buffer?.set(piece, this.#from + this.#length);
    this.#length += piece.length;
  }

  /** Hands out the lines that end up to here, and all up to the end of the stream where that is no further. */
  handOut(until: number): HeldLines | undefined {
    const isLast = this.isEnded && this.end <= until;
    const end = isLast ? this.end : this.#lastLine(until);
    const buffer = this.#buffer;
    const length = end - this.#start;
    if (buffer === undefined || length <= 0) return undefined;
    const held = { start: this.#start, bytes: buffer.subarray(this.#from, this.#from + length) };
    const behind = buffer.subarray(this.#from + length, this.#from + this.#length);
    this.#out.push(held);
    this.#buffer = undefined;
    this.#from = 0;
    this.#length = 0;
    this.#start = end;
    // The next lines are most likely as many.
    if (!isLast) this.#makeRoom(end + Math.max(length, behind.length));
    this.#append(behind);
    return { ...held, isLast };
  }

  /** Behind the last line that ends up to here. */
  #lastLine(until: number): number {
    const length = Math.min(this.#length, until - this.#start);
    return this.#start + (this.#buffer?.subarray(this.#from, this.#from + length).lastIndexOf(LF) ?? -1) + 1;
  }

  /** Copies what was held from here on; returns how many bytes. */
  read(offset: number, into: Uint8Array): number {
    let done = 0;
    for (const piece of this.pieces(offset, offset + into.length)) {
      into.set(piece, done);
      done += piece.length;
    }
    return done;
  }

  /** What is held from one place to another, piece by piece. */
  *pieces(from: number, to: number): Generator<Uint8Array> {
    for (const { start, bytes } of this.#held()) {
      const first = Math.max(0, from - start);
      const last = Math.min(bytes.length, to - start);
      if (first < last) yield bytes.subarray(first, last);
    }
  }

  /** The byte before a place, as long as that is held. */
  byteBefore(offset: number): number | undefined {
    const byte = new Uint8Array(1);
    return this.read(offset - 1, byte) === 1 ? byte[0] : undefined;
  }

  #held(): HeldBytes[] {
    const { length = 0 } = this.#buffer ?? {};
    if (length === 0 || this.#buffer === undefined) return this.#out;
    const bytes = this.#buffer.subarray(this.#from, this.#from + this.#length);
    return [...this.#out, { start: this.#start, bytes }];
  }

  /** What has come of the stream and was not held yet. */
  takeRest(): Uint8Array {
    const rest = new Uint8Array(this.#rest ?? []);
    if (this.#rest !== undefined) this.#stream.take();
    this.#rest = undefined;
    return rest;
  }

  /** All before this is done with, and read by nobody any more. */
  pass(offset: number): void {
    for (
      let [first] = this.#out;
      first !== undefined && first.start + first.bytes.length <= offset;
      [first] = this.#out
    ) {
      this.#out.shift();
      this.#memory.giveBack(first.bytes);
    }
    const bytes = offset - this.#start;
    if (bytes <= 0) return;
    this.#from += bytes;
    this.#length -= bytes;
    this.#start = offset;
    if (this.#length > 0 || this.#buffer === undefined) return;
    this.#memory.giveBack(this.#buffer);
    this.#buffer = undefined;
    this.#from = 0;
  }
}
