/**
 * The stretch of an input that the parent looks at: bytes in the kernel's memory, from the first one not yet given to a
 * worker. Of a file it only ever holds what the next batch needs; a stream is read one piece ahead.
 */
import { readSync } from "node:fs";
import { RowmillError, messageOf } from "../errors.ts";
import { INPUT_START, type Memory } from "../formats/memory.ts";
import { BlockFile } from "../io/bgzf/block-file.ts";
import type { BlockPlaces } from "../io/bgzf/blocks.ts";
import type { Compression } from "../io/compression.ts";
import { DecompressingReader } from "../io/decompressing-reader.ts";
import { shownName } from "../io/files.ts";
import type { OpenInput } from "../io/open-input.ts";
import type { PieceReader } from "../io/piece-reader.ts";
import { StreamReader } from "../io/stream-reader.ts";
import { type RawInput, type Transcoding, TranscodingReader } from "../io/transcoding-reader.ts";
import { type HeldLines, HeldStream } from "./held-stream.ts";
import type { InputSums } from "./input-sums.ts";

/** When a stream brings nothing for this long, the rows that have come are dispatched (`tail -f log | rowmill …`). */
const QUIET_MS = 50;
const LF = 10;
/** How much is read at once in search of a line's end. */
const LINE_BYTES = 64 * 1024;

/** So far ahead it is looked where blocks are. */
const FOUND_BYTES = 64 * 1024 * 1024;

/** What of a file can be read by position. */
export interface ReadableBytes {
  fd: number;
  /** As far as is known. */
  end: number;
  /** Nothing is behind that. */
  isAll: boolean;
  /** Where bytes are that are packed in blocks. */
  places?: (from: number, to: number) => BlockPlaces;
}

export class InputWindow {
  readonly #memory: Memory;
  readonly #input: OpenInput;
  #stream: PieceReader | undefined;
  /** What comes of the stream, from when others have taken lines of it. */
  #held: HeldStream | undefined;
  /** Others may take lines of the stream: not where these are longer than what is taken at once, or it is at fault. */
  #givesLines = true;
  /** The bytes in the window are not those of the input: they are decompressed or transcoded. */
  #isConverted = false;
  /** What is packed block by block, of which bytes at any place can be had. */
  #blocks: BlockFile | undefined;
  /** Bytes of the file that are done with, where it has blocks. */
  #packedPosition = 0;
  /** Addresses in the kernel's memory of the first byte and behind the last. */
  start: number = INPUT_START;
  end: number = INPUT_START;
  /** Offset of `start` in the file. */
  position = 0;
  /** Nothing follows `end`. */
  isFinal = false;
  /** The last byte that was consumed. */
  #lastByte: number | undefined;
  readonly #sums: InputSums;
  readonly #until: number;
  /** The file, as far as it is wanted. */
  readonly #file: OpenInput["file"];

  /**
   * @param sums Told of all bytes that are consumed.
   * @param until What is behind so many bytes of a file is left out.
   */
  constructor(memory: Memory, input: OpenInput, sums: InputSums, until: number = Number.POSITIVE_INFINITY) {
    this.#until = until;
    this.#file = input.file && { fd: input.file.fd, size: Math.min(input.file.size, until) };
    this.#memory = memory;
    this.#input = input;
    this.#sums = sums;
    // Files of /proc and the like say that they are empty and are not.
    if (input.file === undefined || input.file.size === 0) this.#stream = input.stream();
  }

  /**
   * From here on the window holds what is packed in blocks, from its first byte, if the input is a file of such. Nothing may
   * have been consumed yet.
   */
  readBlocks(): boolean {
    const { file, name } = this.#input;
    if (file === undefined || this.#stream !== undefined) return false;
    this.#blocks = BlockFile.open(file, name, this.#until);
    if (this.#blocks !== undefined) this.#empty();
    return this.#blocks !== undefined;
  }

  #empty(): void {
    this.end = this.start;
    this.isFinal = false;
  }

  /** From here on the window holds the decompressed input, from its first byte. Nothing may have been consumed yet. */
  decompress(compression: Compression): void {
    this.#readBy((raw) => new DecompressingReader(raw, compression));
  }

  /**
   * From here on the window holds the input transcoded to UTF-8, from its first byte. Nothing may have been consumed
   * yet.
   */
  transcode(how: Transcoding): void {
    if (this.#blocks !== undefined) {
      this.#blocks = undefined;
      this.#empty();
      this.decompress("gzip");
    }
    this.#readBy((raw) => new TranscodingReader(raw, how));
  }

  #readBy(make: (raw: RawInput) => PieceReader): void {
    // A file has been read by position only: as a stream it starts with its first byte.
    // A copy: what is read goes where these bytes are.
    const first = new Uint8Array(this.#stream === undefined ? [] : this.#memory.bytes.subarray(this.start, this.end));
    const source = this.#stream ?? this.#input.stream();
    // Sums are of the input as it is, so that they can be made again of the file.
    const onBytes = this.#isConverted ? () => {} : (bytes: Uint8Array): void => this.#sums.add(bytes);
    this.#stream = make({ source, first, onBytes, name: this.#input.name });
    this.#isConverted = true;
    this.#empty();
  }

  /** Bytes can be read again by position. */
  get isSeekable(): boolean {
    return this.#stream === undefined;
  }

  /** What of a file others may read themselves: from where the window stands as far as is known. */
  get readable(): ReadableBytes | undefined {
    const file = this.#file;
    if (file === undefined || !this.isSeekable) return undefined;
    const { fd, size } = file;
    const blocks = this.#blocks;
    if (blocks === undefined) return { fd, end: size, isAll: true };
    blocks.find(this.position + FOUND_BYTES);
    const isAll = blocks.isKnown && blocks.other === undefined;
    return { fd, end: blocks.end, isAll, places: (from, to) => blocks.places(from, to) };
  }

  /** It was seen to its end, and lacks the block that is the last one of a whole file. */
  get lacksEnd(): boolean {
    const blocks = this.#blocks;
    return blocks?.isKnown === true && blocks.other === undefined && !blocks.hasEnd;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** The first bytes of the window, at most so many; valid until more are read. */
  head(most: number): Buffer {
    return this.#memory.bytes.subarray(this.start, Math.min(this.end, this.start + most));
  }

  /** Bytes of the input from `start` on: known of a file, and of a stream that has ended. */
  get remaining(): number | undefined {
    if (this.isFinal) return this.length;
    if (this.#held?.isEnded === true) return this.#held.end - this.position;
    if (this.#blocks !== undefined && this.isSeekable) return this.#blocks.remaining(this.position);
    return this.#file === undefined || !this.isSeekable ? undefined : this.#file.size - this.position;
  }

  /**
   * Brings at least `least` bytes into the window (fewer only at the end), and up to `wanted` as far as they come
   * without a pause.
   *
   * @throws {RowmillError} `input`, when it cannot be read on. Only when the bytes that came before are fewer than
   * `least`: rows before a fault are rows.
   */
  async fill(least: number, wanted: number): Promise<void> {
    this.#fillByPosition(least, wanted);
    const stream = this.#stream;
    if (this.#held !== undefined) {
      await this.#fillFromHeld(this.#held, { least, wanted, quietMs: QUIET_MS });
      return;
    }
    while (stream !== undefined && !this.isFinal && this.length < wanted) {
      if (stream.isHeld === true && this.length >= least) return;
      const pending = stream.peek();
      const piece = this.length < least ? await pending : await orQuiet(pending, QUIET_MS).catch(() => undefined);
      if (piece === undefined) return;
      this.#append(piece);
      stream.take();
    }
  }

  async #fillFromHeld(
    held: HeldStream,
    { least, wanted, quietMs }: { least: number; wanted: number; quietMs: number },
  ): Promise<void> {
    for (;;) {
      this.#copyHeld(held, wanted);
      if (this.isFinal || this.length >= wanted) return;
      if (this.length < least) await held.more();
      else if (!(await cameSoon(held.more(), quietMs).catch(() => false))) return;
    }
  }

  #copyHeld(held: HeldStream, wanted: number): void {
    const offset = this.position + this.length;
    const missing = Math.min(wanted - this.length, held.end - offset);
    if (missing > 0) {
      this.#makeRoom(missing);
      this.end += held.read(offset, this.#memory.bytes.subarray(this.end, this.end + missing));
    }
    this.isFinal = held.isEnded && this.position + this.length === held.end;
  }

  /** Where the lines of a stream begin that nobody has taken; undefined where none can be taken. */
  get untaken(): number | undefined {
    if (this.#stream === undefined || !this.#givesLines) return undefined;
    const held = this.#held;
    if (held === undefined) return this.isFinal ? undefined : this.position;
    return held.isEnded && held.front === held.end ? undefined : held.front;
  }

  /**
   * Takes lines of a stream, in which somebody else looks for rows, up to a place in it. They can be read here as well until
   * they are passed. Undefined where no line ends before that.
   *
   * @param mayPause Fewer are taken where the stream brings nothing for a while.
   */
  async takeLines(until: number, mayPause: boolean): Promise<HeldLines | undefined> {
    const stream = this.#stream;
    if (stream === undefined) return undefined;
    const held = (this.#held ??= this.#hold(stream));
    // One byte more tells whether it ends there.
    held.expect(until + 1);
    try {
      while (!held.isEnded && held.end <= until) {
        const more = held.more();
        if (!mayPause || !held.endsLine(until)) await more;
        else if (!(await cameSoon(more, QUIET_MS))) break;
      }
    } catch {
      // Whoever reads on says what it is.
      this.#givesLines = false;
    }
    const lines = held.handOut(until);
    if (lines === undefined) this.#givesLines = false;
    return lines;
  }

  #hold(stream: PieceReader): HeldStream {
    const held = new HeldStream(stream, this.position, this.#memory.bytes.subarray(this.start, this.end));
    this.start = INPUT_START;
    this.end = INPUT_START;
    return held;
  }

  /** Whether nothing is behind a place. */
  endsAt(offset: number): boolean {
    const { readable } = this;
    if (readable !== undefined) return readable.isAll && offset === readable.end;
    return this.#held?.isEnded === true && offset === this.#held.end;
  }

  /** Nobody has lines any more. Where none is taken any more, bytes need not be held to be read again. */
  letGo(): void {
    const held = this.#held;
    if (held === undefined || this.#givesLines || held.isReading) return;
    this.#copyHeld(held, held.end - this.position);
    const rest = held.takeRest();
    if (rest.length > 0) this.#append(rest);
    this.#held = undefined;
  }

  /** Brings up to `wanted` bytes into the window, as far as they come without a pause of `quietMs`. */
  async fillOrQuiet(wanted: number, quietMs: number): Promise<void> {
    this.#fillByPosition(0, wanted);
    const stream = this.#stream;
    if (this.#held !== undefined) {
      await this.#fillFromHeld(this.#held, { least: 0, wanted, quietMs });
      return;
    }
    while (stream !== undefined && !this.isFinal && this.length < wanted && stream.isHeld !== true) {
      const piece = await orQuiet(stream.peek(), quietMs).catch(() => undefined);
      if (piece === undefined) return;
      this.#append(piece);
      stream.take();
    }
  }

  /** Address of the first line feed in the window. */
  get lineFeed(): number | undefined {
    const at = this.#memory.bytes.subarray(this.start, this.end).indexOf(LF);
    return at < 0 ? undefined : this.start + at;
  }

  /** Consumes the first line, with its line end; at the end of the input that may be missing. */
  async takeLine(): Promise<Buffer> {
    while (this.lineFeed === undefined && !this.isFinal) await this.fill(this.length + 1, this.length + LINE_BYTES);
    const to = (this.lineFeed ?? this.end - 1) + 1;
    const line = Buffer.from(this.head(to - this.start));
    this.consume(to);
    return line;
  }

  /** Whether all was read, and its last line has no end. */
  get endsOpen(): boolean {
    if (!this.isFinal || this.length > 0 || this.position === 0) return false;
    return (this.#lastByte ?? this.#byteAt(this.position - 1)) !== LF;
  }

  /** A byte of a file that somebody else has passed. */
  #byteAt(offset: number): number | undefined {
    const file = this.#input.file;
    if (file === undefined) return LF;
    const at = this.end;
    if (this.#blocks !== undefined) {
      this.#blocks.read(this.#memory.bytes, { at, length: 1, offset });
      return this.#memory.bytes[at];
    }
    return this.#read(file.fd, { at, length: 1, offset }) === 1 ? this.#memory.bytes[at] : LF;
  }

  /** Passes over the first line, however long; at the end of the input there may be less. */
  async passLine(): Promise<void> {
    while (this.lineFeed === undefined && !this.isFinal) {
      this.consume(this.end);
      await this.fill(1, LINE_BYTES);
    }
    this.consume((this.lineFeed ?? this.end - 1) + 1);
  }

  /** Consumes the bytes up to `to`. */
  consume(to: number): void {
    if (to > this.start) this.#lastByte = this.#memory.bytes[to - 1];
    const bytes = this.#memory.bytes.subarray(this.start, to);
    if (this.#blocks !== undefined && this.isSeekable) this.#sums.sum(bytes);
    else if (!this.#isConverted) this.#sums.add(bytes);
    this.position += to - this.start;
    this.start = to;
    this.#held?.pass(this.position);
    this.#passBlocks();
  }

  /** Of a file that has blocks, those count that were read. */
  #passBlocks(): void {
    if (this.#blocks === undefined || !this.isSeekable) return;
    const packed = this.#blocks.packedAt(this.position);
    this.#sums.pass(this.#blocks.fd, this.#packedPosition, packed);
    this.#packedPosition = packed;
  }

  /** Goes on behind bytes that others have read, whose checksum is this. */
  pass(offset: number, crc: number): void {
    const bytes = offset - this.position;
    const held = this.#held;
    if (!this.#isConverted) this.#sums.join(crc, bytes);
    if (!this.#isConverted && held !== undefined)
      for (const piece of held.pieces(this.position, offset)) this.#sums.hash(piece);
    if (this.isSeekable && this.#file !== undefined && this.#blocks === undefined)
      this.#sums.pass(this.#file.fd, this.position, offset);
    const last = bytes > 0 ? held?.byteBefore(offset) : this.#lastByte;
    this.seek(offset);
    this.#passBlocks();
    if (held === undefined) return;
    this.#lastByte = last;
    held.pass(offset);
    this.isFinal = held.isEnded && offset === held.end;
  }

  /** Goes on where an earlier run has stopped. */
  resume(offset: number): void {
    this.#blocks?.find(offset + 1);
    this.#packedPosition = this.#blocks?.packedAt(offset) ?? 0;
    this.seek(offset);
  }

  /** Goes on at another offset of a file: somebody else has read what is before it. */
  seek(offset: number): void {
    this.start = INPUT_START;
    this.end = INPUT_START;
    this.position = offset;
    this.isFinal = false;
    this.#lastByte = undefined;
  }

  #fillByPosition(least: number, wanted: number): void {
    const { file } = this.#input;
    if (file === undefined || this.#file === undefined || !this.isSeekable) return;
    if (this.#blocks === undefined) this.#fillFromFile(this.#file, wanted);
    else this.#fillFromBlocks(this.#blocks, file, { least, wanted });
  }

  #fillFromBlocks(
    blocks: BlockFile,
    { fd, size }: { fd: number; size: number },
    { least, wanted }: { least: number; wanted: number },
  ): void {
    const offset = this.position + this.length;
    // One byte more tells whether it is the last.
    blocks.find(this.position + wanted + 1);
    const missing = Math.min(wanted - this.length, blocks.end - offset);
    if (missing > 0) {
      this.#makeRoom(missing);
      try {
        for (let got = 0; got < missing;) {
          const bytes = blocks.read(this.#memory.bytes, { at: this.end, length: missing - got, offset: offset + got });
          got += bytes;
          this.end += bytes;
        }
      } catch (error) {
        if (this.length < least) throw error;
        return;
      }
    }
    if (!blocks.isKnown || this.position + this.length < blocks.end) return;
    const { other } = blocks;
    if (other === undefined) {
      this.isFinal = true;
      return;
    }
    // What is no block may be another member of gzip; a block that was cut off gives what is left of it.
    const { name } = this.#input;
    const source = new StreamReader(fd, name, { start: other, end: size });
    const raw = { name, source, first: undefined, onBytes: (bytes: Uint8Array) => this.#sums.add(bytes) };
    this.#sums.sum(this.#memory.bytes.subarray(this.start, this.end));
    this.#sums.pass(fd, this.#packedPosition, other);
    this.#stream = new DecompressingReader(raw, "gzip");
    this.#isConverted = true;
  }

  #fillFromFile({ fd, size }: { fd: number; size: number }, wanted: number): void {
    const offset = this.position + this.length;
    const missing = Math.min(wanted - this.length, size - offset);
    if (missing > 0) {
      this.#makeRoom(missing);
      let got = 0;
      while (got < missing) {
        const bytes = this.#read(fd, { at: this.end + got, length: missing - got, offset: offset + got });
        if (bytes === 0) {
          throw new RowmillError("input", `${this.#input.name} became shorter while it was read`, {
            hint: "run again when nothing writes to it any more",
          });
        }
        got += bytes;
      }
      this.end += got;
    }
    this.isFinal = this.position + this.length >= size;
  }

  #read(fd: number, { at, length, offset }: { at: number; length: number; offset: number }): number {
    try {
      return readSync(fd, this.#memory.bytes, at, length, offset);
    } catch (error) {
      throw new RowmillError("input", `cannot read ${shownName(this.#input.name)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #append(piece: Uint8Array): void {
    if (piece.length === 0) {
      this.isFinal = true;
      return;
    }
    this.#makeRoom(piece.length);
    this.#memory.bytes.set(piece, this.end);
    this.end += piece.length;
  }

  /**
   * Moves what is left to the front when it is less than what is done with, so that each byte is moved once on average,
   * and grows the memory where that is not enough.
   */
  #makeRoom(bytes: number): void {
    const { length } = this;
    if (this.start - INPUT_START > length) {
      this.#memory.bytes.copyWithin(INPUT_START, this.start, this.end);
      this.start = INPUT_START;
      this.end = INPUT_START + length;
    }
    // One byte more: a last line feed that is missing is added behind the end.
    this.#memory.reserve(this.end - INPUT_START + bytes + 1);
  }
}

/** Whether a promise is kept before the stream counts as quiet. */
async function cameSoon(pending: Promise<void>, quietMs: number): Promise<boolean> {
  const came = await orQuiet(
    pending.then(() => true),
    quietMs,
  );
  return came === true;
}

/** The value of a promise, or undefined when it does not come before the stream counts as quiet. */
function orQuiet<T>(pending: Promise<T>, quietMs: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), quietMs);
    pending.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
