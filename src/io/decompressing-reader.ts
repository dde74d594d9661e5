/**
 * Reads compressed data unpacked, piece by piece. The runtime's own threads do the work, and only as far as pieces are
 * taken: a small file that unpacks to gigabytes takes no more memory than any other.
 */
import type { Transform } from "node:stream";
import { RowmillError, messageOf } from "../errors.ts";
import type { Compression } from "./compression.ts";
import { shownName } from "./files.ts";
import { SinglePieceReader } from "./piece-reader.ts";
import type { RawInput } from "./transcoding-reader.ts";
import { ZstdFrames } from "./zstd-frames.ts";

/** What one step gives at most. Where data is damaged, the step with the damage is lost: rows before it are read. */
const STEP_BYTES = 64 * 1024;
/** How many unpacked bytes may wait to be taken. */
const WAITING_BYTES = 1 << 20;

/** What is unpacked: a compressed file, or what stands in a zip archive. */
type Packing = Compression | "deflate";

/** Packed bytes. */
type PackedInput = Omit<RawInput, "first"> & {
  /** Those that were read already; undefined: none. */
  first: Uint8Array | undefined;
};

/** What the runtime's decompressors have beside a stream. */
type Decompressor = Transform & { readonly bytesWritten: number };

export class DecompressingReader extends SinglePieceReader {
  readonly #input: PackedInput;
  readonly #packing: Packing;
  readonly #frames: ZstdFrames | undefined;
  #stream: Decompressor | undefined;
  #first: Uint8Array | undefined;
  /** What the stream got last. */
  #fed: Uint8Array = new Uint8Array(0);
  #fedBytes = 0;
  /** The source may go on behind those. */
  #isTaken = true;
  /** Behind its data there may be zeros. */
  #isPadded = false;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The stream has bytes that it is not done with. */
  #isBusy = false;
  /** `push` returned false: the stream waits until `_read` is called. */
  #isHeld = false;
  #isOver = false;
  #failure: Error | undefined;
  #progress: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(input: PackedInput, packing: Packing) {
    super();
    this.#input = input;
    this.#first = input.first;
    this.#packing = packing;
    if (packing === "zstd") this.#frames = new ZstdFrames();
  }

  protected override async read(): Promise<Uint8Array> {
    this.#stream ??= await this.#open();
    for (;;) {
      const piece = this.#waiting.shift();
      if (piece !== undefined) {
        this.#waitingBytes -= piece.length;
        // One that a step has filled is the stream's no more.
        return this.own(piece);
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) {
        if (this.#isPadded) await this.#checkPadding();
        return new Uint8Array(0);
      }
      await this.#advance(this.#stream);
    }
  }

  /** Loading `node:zlib` takes 7 ms: only a run that needs it does. */
  async #open(): Promise<Decompressor> {
    const { createGunzip, createInflateRaw, createZstdDecompress } = await import("node:zlib");
    const create = { gzip: createGunzip, deflate: createInflateRaw, zstd: createZstdDecompress }[this.#packing];
    const stream: Decompressor = create({ chunkSize: STEP_BYTES });
    // Takes the place of the stream's own buffer, which the stream drops at an error: what came before the error must
    // be read.
    stream.push = (chunk: Uint8Array | null) => {
      if (chunk === null) this.#finish(stream);
      else {
        this.#waiting.push(chunk);
        this.#waitingBytes += chunk.length;
      }
      this.#isHeld = this.#waitingBytes >= WAITING_BYTES;
      this.#progress.resolve();
      return !this.#isHeld;
    };
    stream.on("error", (error: unknown) => {
      this.#failure ??= this.#damage(messageOf(error), error);
      this.#progress.resolve();
    });
    return stream;
  }

  /** Lets the stream do one step, and waits for it. */
  async #advance(stream: Decompressor): Promise<void> {
    this.#progress = Promise.withResolvers();
    if (!this.#isBusy) await this.#feed(stream);
    else if (this.#isHeld) {
      this.#isHeld = false;
      // How a reader asks a stream for more.
      stream._read(STEP_BYTES);
    }
    await this.#progress.promise;
  }

  async #feed(stream: Decompressor): Promise<void> {
    const { source, onBytes } = this.#input;
    const first = this.#first;
    this.#first = undefined;
    const bytes = first ?? (await source.peek());
    onBytes(bytes);
    this.#frames?.add(bytes);
    this.#fed = bytes;
    this.#isTaken = first !== undefined;
    this.#fedBytes += bytes.length;
    this.#isBusy = true;
    if (bytes.length === 0 && first === undefined) {
      stream.end();
      return;
    }
    stream.write(bytes, () => {
      this.#takeFed();
      this.#isBusy = false;
      this.#progress.resolve();
    });
  }

  #takeFed(): void {
    if (!this.#isTaken) this.#input.source.take();
    this.#isTaken = true;
  }

  #finish({ bytesWritten }: Decompressor): void {
    this.#isOver = true;
    const rest = this.#fed.subarray(this.#fed.length - (this.#fedBytes - bytesWritten));
    // gzip data may be followed by zeros, which fill the block of a tape; other data by nothing.
    if (this.#packing === "gzip" && !isZeros(rest)) this.#failure ??= this.#damage(SOMETHING);
    this.#isPadded = this.#packing === "gzip" && rest.length > 0;
    if (this.#frames === undefined) return;
    if (bytesWritten < this.#fedBytes) this.#failure ??= this.#damage(SOMETHING);
    else if (!this.#frames.isBetween) this.#failure ??= this.#damage(CUT_OFF);
  }

  /** Zeros go on to the end; where anything else is behind them, a part of the data would be missing. */
  async #checkPadding(): Promise<void> {
    const { source, onBytes } = this.#input;
    this.#takeFed();
    for (;;) {
      const bytes = await source.peek();
      onBytes(bytes);
      if (bytes.length === 0) break;
      if (!isZeros(bytes)) throw (this.#failure = this.#damage(SOMETHING));
      source.take();
    }
    this.#isPadded = false;
  }

  #damage(reason: string, cause?: unknown): RowmillError {
    const name = shownName(this.#input.name);
    const what =
      reason === CUT_OFF
        ? `cannot read ${name} to its end: its ${this.#packing} data is cut off`
        : `cannot read ${name} to its end: its ${this.#packing} data is damaged (${reason})`;
    const command = this.#packing === "deflate" ? "unzip" : this.#packing;
    return new RowmillError("input", what, {
      hint: `copy it again from where it came from; ${command} -t tells whether it is whole`,
      cause,
    });
  }
}

const SOMETHING = "there is something else behind the data";

function isZeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** What zlib says of data that ends too early. */
const CUT_OFF = "unexpected end of file";
