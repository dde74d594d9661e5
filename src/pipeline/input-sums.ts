/** Checksums of what was read of the inputs: a quick one for `--resume`, and one to keep, for the log of a run. */
import { readSync } from "node:fs";
import { withoutSecrets } from "../errors.ts";
import { joinedCrc32 } from "../io/crc.ts";
import { BlockFile } from "../io/bgzf/block-file.ts";
import { type OpenInput, openInput } from "../io/open-input.ts";
import type { PieceReader } from "../io/piece-reader.ts";

/** How much of an input was read, and what it was. */
export interface InputHash {
  name: string;
  /** Bytes read; of a file that threads make text of, all that it has. Of a database it is not known. */
  bytes?: number;
  /** SHA-256 of these bytes. */
  sha256?: string;
  /** Of a file on a server: over how many connections it came at once, at most. */
  connections?: number;
}

interface OpenHash {
  input: NamedInput;
  /** Set where text is made of it, whose bytes are not those of the input: its file, if that has a checksum. */
  converted: { path: string | undefined } | undefined;
  bytes: number;
  digest: Bun.CryptoHasher;
}

/** What is told of an input beside its bytes. */
type NamedInput = Pick<OpenInput, "name" | "connections">;

export class InputSums {
  readonly #keepsHashes: boolean;
  #hashes: OpenHash[] = [];
  #crc = 0;
  /** Bytes so far, of all inputs. */
  bytes = 0;

  /** @param options Hashes to keep are slower than the reading: they are made only when they are wanted. */
  constructor({ keepsHashes }: { keepsHashes: boolean }) {
    this.#keepsHashes = keepsHashes;
  }

  /** CRC-32 of all bytes so far, of all inputs. */
  get crc(): number {
    return this.#crc;
  }

  /**
   * The inputs that were opened, as far as hashes are kept.
   *
   * @param signal Files that are still to be read for their checksum have none when it says so.
   */
  async hashes(signal: AbortSignal | undefined): Promise<InputHash[]> {
    const found: InputHash[] = [];
    for (const { input, converted, bytes, digest } of this.#hashes) {
      const { atOnce } = input.connections ?? {};
      const sum =
        converted === undefined
          ? { bytes, sha256: digest.copy().digest("hex") }
          : await sumOfFile(converted.path, signal);
      found.push({ name: withoutSecrets(input.name), ...sum, ...(atOnce !== undefined && { connections: atOnce }) });
    }
    return found;
  }

  /** Starts again, as if these files had been read, of which text was made. */
  passed(files: readonly { name: string; path: string | undefined }[]): void {
    this.#hashes = [];
    for (const { name, path } of files) this.open({ name }, { path });
  }

  /**
   * What follows belongs to this input.
   *
   * @param converted See {@linkcode OpenHash}.
   */
  open(input: NamedInput, converted?: { path: string | undefined }): void {
    if (this.#keepsHashes) this.#hashes.push({ input, converted, bytes: 0, digest: new Bun.CryptoHasher("sha256") });
  }

  /** The next bytes that are done with. */
  add(bytes: Uint8Array): void {
    this.sum(bytes);
    this.#hash(bytes);
  }

  /** The next bytes that are done with, where others of the input stand for them. */
  sum(bytes: Uint8Array): void {
    this.#crc = Bun.hash.crc32(bytes, this.#crc);
  }

  #hash(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    const hash = this.#hashes.at(-1);
    if (hash === undefined || hash.converted !== undefined) return;
    hash.digest.update(bytes);
    hash.bytes += bytes.length;
  }

  /** Bytes of a file of which what is in them is done with. */
  pass(fd: number, from: number, to: number): void {
    if (!this.#keepsHashes) this.bytes += to - from;
    else for (const piece of readPieces(fd, from, to)) this.#hash(piece);
  }

  /**
   * The next bytes that others are done with.
   *
   * @param counted How many of the input they stand for.
   */
  join(crc: number, bytes: number, counted: number): void {
    this.#crc = joinedCrc32(this.#crc, crc, bytes);
    this.bytes += counted;
  }

  /** Bytes must be seen: there is a checksum that cannot be joined. */
  get needsBytes(): boolean {
    return this.#keepsHashes;
  }

  /** Starts again, as if these inputs had been read, the last one up to `offset`. */
  async readAgain(names: readonly string[], offset: number): Promise<void> {
    this.#crc = 0;
    this.bytes = 0;
    this.#hashes = [];
    for (const [index, name] of names.entries()) {
      this.open({ name });
      const end = index === names.length - 1 ? offset : undefined;
      const input = await openInput(name);
      try {
        if (input.file === undefined) await this.#addStream(input.stream());
        else this.#addFile(name, input.file, end);
      } finally {
        input.close();
      }
    }
  }

  #addFile(name: string, file: { fd: number; size: number }, end: number | undefined): void {
    const blocks = BlockFile.open(file, name);
    if (blocks === undefined) {
      for (const piece of readPieces(file.fd, 0, Math.min(end ?? file.size, file.size))) this.add(piece);
      return;
    }
    blocks.find(end ?? Number.POSITIVE_INFINITY);
    const last = Math.min(end ?? blocks.end, blocks.end);
    const buffer = new Uint8Array(PIECE_BYTES);
    for (let at = 0; at < last; at += buffer.length) {
      const length = Math.min(buffer.length, last - at);
      blocks.read(buffer, { at: 0, length, offset: at });
      this.sum(buffer.subarray(0, length));
    }
    this.pass(file.fd, 0, blocks.packedAt(last));
    // What is behind blocks counts as it stands.
    if (end === undefined && blocks.other !== undefined)
      for (const piece of readPieces(file.fd, blocks.other, file.size)) this.add(piece);
  }

  async #addStream(stream: PieceReader): Promise<void> {
    for (;;) {
      const piece = await stream.peek();
      if (piece.length === 0) return;
      this.add(piece);
      stream.take();
    }
  }
}

const PIECE_BYTES = 1 << 20;

/** The checksum of a whole file; nothing where it cannot be read any more, or nobody waits for it. */
async function sumOfFile(
  path: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Pick<InputHash, "bytes" | "sha256">> {
  if (path === undefined) return {};
  const digest = new Bun.CryptoHasher("sha256");
  let bytes = 0;
  try {
    for await (const piece of Bun.file(path).stream()) {
      if (signal?.aborted === true) return {};
      digest.update(piece);
      bytes += piece.length;
    }
  } catch {
    return {};
  }
  return { bytes, sha256: digest.digest("hex") };
}

/** Bytes of a file, piece by piece. A piece is valid until the next. */
function* readPieces(fd: number, from: number, to: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, to - from));
  for (let at = from; at < to;) {
    const got = readSync(fd, buffer, 0, Math.min(buffer.length, to - at), at);
    if (got === 0) return;
    yield buffer.subarray(0, got);
    at += got;
  }
}
