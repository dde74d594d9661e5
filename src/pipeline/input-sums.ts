/** Checksums of what was read of the inputs: a quick one for `--resume`, and one to keep, for the log of a run. */
import { withoutSecrets } from "../errors.ts";
import { joinedCrc32 } from "../io/crc.ts";
import { type FileDigest, digestOfFile, readPieces } from "../io/digests.ts";
import { BlockFile } from "../io/bgzf/block-file.ts";
import { type OpenInput, openInput } from "../io/open-input.ts";
import type { PieceReader } from "../io/piece-reader.ts";
import { fileSize } from "../short-line.ts";
import { DigestThread, type FarDigest } from "./digest-thread.ts";

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
  /** It is made by a thread, in place of `digest`. */
  far: FarDigest | undefined;
  /** Where it begins in the open file that the thread reads. */
  begin: { fd: number; offset: number } | undefined;
}

/** What is told of an input beside its bytes. */
type NamedInput = Pick<OpenInput, "name" | "connections">;

/** Of so many bytes of a file, a thread makes the hash: of fewer that takes less time than a thread to start. */
const THREAD_BYTES = 4 * 1024 * 1024;

/** So many files stay open at most for the thread. */
const MAX_OPEN = 8;

/** What is packed in blocks is read again by so many bytes. */
const UNPACKED_BYTES = 1024 * 1024;

export class InputSums {
  readonly #keepsHashes: boolean;
  #thread: DigestThread | undefined;
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
   * The inputs that were opened, as far as hashes are kept. Nothing is added any more.
   *
   * @param signal Files that are still to be read for their checksum have none when it says so.
   */
  async hashes(signal: AbortSignal | undefined): Promise<InputHash[]> {
    const found: InputHash[] = [];
    for (const hash of this.#hashes) {
      const { name, connections: { atOnce } = {} } = hash.input;
      const sum = await this.#sumOf(hash, signal);
      found.push({ name: withoutSecrets(name), ...sum, ...(atOnce !== undefined && { connections: atOnce }) });
    }
    return found;
  }

  async #sumOf(
    { converted, bytes, digest, far }: OpenHash,
    signal: AbortSignal | undefined,
  ): Promise<Pick<InputHash, "bytes" | "sha256">> {
    const sha256 = await far?.end(signal);
    if (converted === undefined) return { bytes, ...(far === undefined ? { sha256: digest.digest("hex") } : sha256) };
    return sha256 ?? digestOfShort(converted.path) ?? {};
  }

  /** Hashes that are not made yet are wanted by nobody. */
  close(): void {
    this.#thread?.close();
  }

  #farDigest(): FarDigest {
    this.#thread ??= new DigestThread();
    return this.#thread.open();
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
    if (!this.#keepsHashes) return;
    const path = converted?.path;
    const far = path !== undefined && (fileSize(path) ?? 0) >= THREAD_BYTES ? this.#farDigest() : undefined;
    if (path !== undefined) far?.addFile(path);
    this.#hashes.push({ input, converted, bytes: 0, digest: new Bun.CryptoHasher("sha256"), far, begin: undefined });
  }

  /** The file of the last input that was opened is read until its hash is made: it must stay open. */
  get readsFile(): boolean {
    return this.#hashes.at(-1)?.begin !== undefined;
  }

  /** The next bytes that are done with. */
  add(bytes: Uint8Array): void {
    this.sum(bytes);
    this.hash(bytes);
  }

  /** The next bytes that are done with, where others of the input stand for them. */
  sum(bytes: Uint8Array): void {
    this.#crc = Bun.hash.crc32(bytes, this.#crc);
  }

  /** The next bytes that are done with, whose CRC-32 others have made. */
  hash(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    const hash = this.#open;
    if (hash === undefined) return;
    if (hash.far === undefined) hash.digest.update(bytes);
    this.#count(hash, bytes.length);
  }

  /** So many bytes more are in a hash; the thread reads them, where it is one of its own. */
  #count(hash: OpenHash, bytes: number): void {
    const { far, begin } = hash;
    if (begin !== undefined) {
      const from = begin.offset + hash.bytes;
      far?.addRange(begin.fd, from, from + bytes);
    }
    hash.bytes += bytes;
  }

  /** The hash to which bytes are added. */
  get #open(): OpenHash | undefined {
    const hash = this.#hashes.at(-1);
    return hash?.converted === undefined ? hash : undefined;
  }

  /** The next bytes of a file that are done with, or of which what is in them is. */
  pass(fd: number, from: number, to: number): void {
    const bytes = to - from;
    const hash = this.#open;
    if (hash !== undefined && this.#isForThread(hash, bytes)) {
      const before = hash.bytes;
      hash.far = this.#farDigest();
      hash.begin = { fd, offset: from - before };
      hash.bytes = 0;
      this.#count(hash, before);
    }
    if (hash !== undefined && hash.far === undefined) {
      this.#read(fd, from, to);
      return;
    }
    this.bytes += bytes;
    if (hash !== undefined) this.#count(hash, bytes);
  }

  /** Whether a thread goes on with a hash, which also reads again what is in it already. */
  #isForThread(hash: OpenHash, added: number): boolean {
    if (hash.far !== undefined || hash.bytes > 2 * THREAD_BYTES || hash.bytes + added < THREAD_BYTES) return false;
    return this.#hashes.filter(({ begin }) => begin !== undefined).length < MAX_OPEN;
  }

  #read(fd: number, from: number, to: number): void {
    for (const piece of readPieces({ fd, from, to })) this.hash(piece);
  }

  /** CRC-32 of the next bytes that others are done with. */
  join(crc: number, bytes: number): void {
    this.#crc = joinedCrc32(this.#crc, crc, bytes);
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
      const read = { fd: file.fd, from: 0, to: Math.min(end ?? file.size, file.size) };
      for (const piece of readPieces(read)) this.add(piece);
      return;
    }
    blocks.find(end ?? Number.POSITIVE_INFINITY);
    const last = Math.min(end ?? blocks.end, blocks.end);
    const buffer = new Uint8Array(UNPACKED_BYTES);
    for (let at = 0; at < last; at += buffer.length) {
      const length = Math.min(buffer.length, last - at);
      blocks.read(buffer, { at: 0, length, offset: at });
      this.sum(buffer.subarray(0, length));
    }
    this.#read(file.fd, 0, blocks.packedAt(last));
    // What is behind blocks counts as it stands.
    if (end === undefined && blocks.other !== undefined)
      for (const piece of readPieces({ fd: file.fd, from: blocks.other, to: file.size })) this.add(piece);
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

/** The checksum of a file that is short; nothing where it cannot be read any more. */
function digestOfShort(path: string | undefined): FileDigest | undefined {
  if (path === undefined || (fileSize(path) ?? Number.POSITIVE_INFINITY) >= THREAD_BYTES) return undefined;
  try {
    return digestOfFile(path);
  } catch {
    return undefined;
  }
}
