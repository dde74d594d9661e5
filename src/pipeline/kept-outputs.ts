/**
 * Output that workers have kept, and write by themselves. The parent gives each its place in the file when all before it
 * have theirs, and knows by memory that it shares with the workers what is written. The bytes lie in such memory too: what
 * a worker had not written when it ended, the parent writes.
 */
import type { PartFile } from "../io/part-file.ts";
import { type WriterBook, shutWriter, writerBook, writingMs, writtenBy } from "../io/placed-writes.ts";
import { type SharedBlocks, giveBack, heldPieces, sharedBlocks } from "../io/shared-blocks.ts";
import { writeError } from "../io/write-error.ts";
import type { FromWorker, KeptBytes, OutputSharing, ToWorker } from "../transform/wire.ts";

/** How much workers keep, in bytes. */
export interface KeepingLimits {
  /** The least output: less is sooner sent than a place for it. */
  from: number;
  /** All that is kept at a time, for each worker that there may be. More is sent. */
  most: number;
  /** It is kept in blocks of this size. */
  block: number;
}

type Tell = (message: ToWorker) => void;

/** A worker that writes. */
interface Writer {
  /** The number of its worker. */
  index: number;
  tell: Tell;
  book: WriterBook;
  /** It begins to write nothing more. */
  isShut: boolean;
  /** What it was just writing then has come to its end. */
  isAtRest: boolean;
  /** How many places it was given. */
  given: number;
  /** Those that may not be written, the oldest first. */
  open: Place[];
}

/** A place in the file that a worker was given. */
interface Place {
  kept: KeptBytes;
  position: number;
  /** It is written. */
  isFilled(): boolean;
  /** The parent has written it. */
  isOurs: boolean;
}

export class KeptOutputs {
  readonly #part: PartFile;
  readonly #limits: KeepingLimits;
  readonly #jobs: number;
  /** All that there have been, by their number. */
  readonly #writers: Writer[] = [];
  /** Those that live, by the number of their worker. */
  readonly #living = new Map<number, { tell: Tell; writer: Writer | undefined }>();
  readonly #failed = Promise.withResolvers<never>();
  /** Hold what is kept, from when workers keep any. */
  #blocks: SharedBlocks | undefined;

  constructor(part: PartFile, limits: KeepingLimits, jobs: number) {
    this.#part = part;
    this.#limits = limits;
    this.#jobs = jobs;
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when something cannot be written. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How long each worker has been writing. */
  get writing(): { worker: number; ms: number }[] {
    return this.#writers.map(({ index, book }) => ({ worker: index, ms: writingMs(book) }));
  }

  /** From now on workers keep output: a short run has no memory made for that. */
  begin(): void {
    if (this.#blocks !== undefined) return;
    const { most, block } = this.#limits;
    this.#blocks = sharedBlocks(most * this.#jobs, block);
    for (const [index, living] of this.#living) living.writer = this.#made(index, living.tell, this.#blocks);
  }

  /** A worker was started. */
  opened(index: number, tell: Tell): void {
    // The one before it may have been given up.
    this.lost(index);
    this.#living.set(index, { tell, writer: this.#blocks && this.#made(index, tell, this.#blocks) });
  }

  /** A worker has ended: what it has not written is written here. */
  lost(index: number): void {
    const writer = this.#living.get(index)?.writer;
    this.#living.delete(index);
    if (writer === undefined) return;
    try {
      this.#fill(writer);
    } catch (error) {
      this.#failed.reject(error);
    }
  }

  /** A worker cannot write. */
  hear({ code }: Extract<FromWorker, { type: "unwritten" }>): void {
    this.#failed.reject(code === undefined ? this.#part.foreignError() : writeError({ code }, this.#part.name));
  }

  /** Gives an output its place, behind all that is written or has one. */
  place(kept: KeptBytes): void {
    const writer = this.#writerOf(kept);
    if (writer.isShut) {
      for (const piece of this.#pieces(kept)) this.#part.write(piece);
      this.drop(kept);
      return;
    }
    const number = ++writer.given;
    const isFilled = (): boolean => place.isOurs || writtenBy(writer.book) >= number;
    const place: Place = { kept, position: 0, isFilled, isOurs: false };
    place.position = this.#part.leavePlace(kept, isFilled);
    while (writer.open[0]?.isFilled() === true) writer.open.shift();
    writer.open.push(place);
    const { blocks, bytes } = kept;
    writer.tell({ type: "place", kept: { blocks, bytes }, position: place.position });
  }

  /** An output is not wanted. */
  drop(kept: KeptBytes): void {
    if (this.#blocks !== undefined) giveBack(this.#blocks, kept);
  }

  /** The bytes of an output, for another way to write them. */
  take(kept: KeptBytes): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(kept.bytes);
    let done = 0;
    for (const piece of this.#pieces(kept)) {
      bytes.set(piece, done);
      done += piece.length;
    }
    this.drop(kept);
    return bytes;
  }

  /** All that has a place is written when this returns, and workers write no more. */
  settle(): void {
    for (const writer of this.#writers) this.#fill(writer);
  }

  /** Workers write no more, whatever they were told, and when they end nothing is written for them: the file may be closed. */
  close(): void {
    this.#living.clear();
    for (const writer of this.#writers) this.#shut(writer);
  }

  #made(index: number, tell: Tell, blocks: SharedBlocks): Writer {
    const writer: Writer = { index, tell, book: writerBook(), isShut: false, isAtRest: false, given: 0, open: [] };
    const sharing: OutputSharing = {
      writer: this.#writers.push(writer) - 1,
      file: this.#part.share(),
      book: writer.book,
      blocks,
      keepsFrom: this.#limits.from,
    };
    tell({ type: "output", sharing });
    return writer;
  }

  #pieces(kept: KeptBytes): Iterable<Uint8Array> {
    return this.#blocks === undefined ? [] : heldPieces(this.#blocks, kept);
  }

  #writerOf({ writer: number }: KeptBytes): Writer {
    const writer = this.#writers[number];
    if (writer === undefined) throw new Error("output was kept by nobody");
    return writer;
  }

  #shut(writer: Writer): void {
    if (writer.isShut) return;
    writer.isShut = true;
    writer.isAtRest = shutWriter(writer.book);
    // A number that is used again would be that of another file.
    if (!writer.isAtRest) this.#part.leaveOpen();
  }

  #fill(writer: Writer): void {
    this.#shut(writer);
    for (const place of writer.open.splice(0)) {
      if (place.isFilled()) continue;
      let { position } = place;
      for (const piece of this.#pieces(place.kept)) {
        this.#part.fillPlace(piece, position);
        position += piece.length;
      }
      place.isOurs = true;
      // Should it be writing that still, it must find the same bytes there.
      if (writer.isAtRest) this.drop(place.kept);
    }
  }
}
