/**
 * A file that several threads write at once, each where it is told. The thread that tells them knows what is written,
 * and no thread begins to write any more once it says so: the memory that they share is all that they need for that.
 */
import { fstatSync, writeSync } from "node:fs";

/** What the writers of a file share. */
export interface SharedFile {
  fd: number;
  /** Up to where anybody has written, and up to where places were given out. */
  ends: BigInt64Array;
}

const HIGHEST = 0;
const GIVEN = 1;

/** What a writer shares with the thread that tells it. */
export type WriterBook = BigInt64Array;

/** It may not write any more. */
const SHUT = 0;
/** It is writing just now. */
const BUSY = 1;
/** How many places it has written. */
const WRITTEN = 2;
/** How long that took, in microseconds: in 32 bits that would be half an hour. */
const MICROS = 3;
const BOOK_WORDS = 4;

/** Looks again whether a writer is done, should its sign be missed. */
const LOOK_MS = 20;
/** A thread that ends in the middle of a write gives no sign: it is waited for so long. */
const PATIENCE_MS = 1_000;

/** The length of a file is not what its writers have made it. */
export class ForeignLengthError extends Error {}

/** A file that has this length now is shared. */
export function sharedFile(fd: number, length: number): SharedFile {
  const ends = new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)).fill(BigInt(length));
  return { fd, ends };
}

export function writerBook(): WriterBook {
  return new BigInt64Array(new SharedArrayBuffer(BOOK_WORDS * BigInt64Array.BYTES_PER_ELEMENT));
}

/** Places up to here are given out. */
export function giveOut({ ends }: SharedFile, end: number): void {
  Atomics.store(ends, GIVEN, BigInt(end));
}

/** Somebody has written up to here. */
export function noteWritten({ ends }: SharedFile, end: number): void {
  const now = BigInt(end);
  for (let highest = Atomics.load(ends, HIGHEST); highest < now;) {
    const before = Atomics.compareExchange(ends, HIGHEST, highest, now);
    if (before === highest) return;
    highest = before;
  }
}

/**
 * Whoever shortens the file would leave a hole of zeros in it, whoever makes it longer something at its end.
 *
 * @throws {ForeignLengthError}
 */
export function assertShared({ fd, ends }: SharedFile): void {
  const least = Atomics.load(ends, HIGHEST);
  const { size } = fstatSync(fd, { bigint: true });
  if (size < least || size > Atomics.load(ends, GIVEN)) throw new ForeignLengthError("another program writes here");
}

/** Writes all of the bytes at a position. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Writes at the places that it is given, one after another; after an error nothing more. */
export class PlacedWriter {
  readonly #file: SharedFile;
  readonly #book: WriterBook;
  #hasFailed = false;

  constructor(file: SharedFile, book: WriterBook) {
    this.#file = file;
    this.#book = book;
  }

  /** Writes, unless nothing is to be written any more; tells whether it has. */
  write(pieces: Iterable<Uint8Array>, position: number): boolean {
    if (this.#hasFailed) return false;
    const begun = performance.now();
    Atomics.store(this.#book, BUSY, 1n);
    try {
      // Looked at when the sign is given: whoever shuts it looks for that sign afterwards.
      if (Atomics.load(this.#book, SHUT) === 1n) return false;
      assertShared(this.#file);
      let end = position;
      for (const piece of pieces) {
        writeAll(this.#file.fd, piece, end);
        end += piece.length;
      }
      noteWritten(this.#file, end);
      Atomics.add(this.#book, WRITTEN, 1n);
      return true;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      Atomics.add(this.#book, MICROS, BigInt(Math.round((performance.now() - begun) * 1000)));
      Atomics.store(this.#book, BUSY, 0n);
      Atomics.notify(this.#book, BUSY);
    }
  }
}

/** How many of its places a writer has written. */
export function writtenBy(book: WriterBook): number {
  return Number(Atomics.load(book, WRITTEN));
}

/** How long a writer has been writing. */
export function writingMs(book: WriterBook): number {
  return Number(Atomics.load(book, MICROS)) / 1000;
}

/**
 * From now on a writer begins to write nothing. What it is just writing is waited for.
 *
 * @returns Whether that has come to its end: otherwise the file must stay open.
 */
export function shutWriter(book: WriterBook): boolean {
  Atomics.store(book, SHUT, 1n);
  const until = performance.now() + PATIENCE_MS;
  while (Atomics.load(book, BUSY) === 1n) {
    if (performance.now() > until) return false;
    Atomics.wait(book, BUSY, 1n, LOOK_MS);
  }
  return true;
}
