/** Texts in a temporary file, one behind the other: written once, then read by their numbers. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { writeError } from "../io/write-error.ts";
import { GrowingNumbers } from "./growing.ts";

const BUFFER_BYTES = 1024 * 1024;
/** Most are asked for in the order in which they stand: so much is read at once. */
const READ_BYTES = 256 * 1024;

export class TextFile {
  readonly path: string;
  readonly #fd: number;
  /** Where each ends. */
  readonly #ends = new GrowingNumbers();
  #pieces: string[] = [];
  #pieceBytes = 0;
  /** Bytes that are there, or will be. */
  #bytes = 0;
  /** What was read last, and where it stands. */
  #read: { from: number; bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "wx+", 0o600);
  }

  add(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    this.#ends.add(this.#bytes);
    this.#pieces.push(text);
    this.#pieceBytes += bytes;
    if (this.#pieceBytes >= BUFFER_BYTES) this.flush();
  }

  /** Writes what is still in memory. */
  flush(): void {
    const bytes = Buffer.from(this.#pieces.join(""));
    this.#pieces = [];
    this.#pieceBytes = 0;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw writeError(error, this.path);
    }
  }

  /** A text, when all are written. */
  at(number: number): string {
    const from = number === 0 ? 0 : this.#ends.at(number - 1);
    const end = this.#ends.at(number);
    const { from: start, bytes } = this.#read;
    if (from < start || end > start + bytes.length) this.#readAt(from, Math.max(end - from, READ_BYTES));
    const at = from - this.#read.from;
    return this.#read.bytes.toString("utf8", at, at + end - from);
  }

  #readAt(from: number, wanted: number): void {
    const bytes = Buffer.alloc(Math.min(wanted, this.#bytes - from));
    let at = 0;
    while (at < bytes.length) {
      const read = readSync(this.#fd, bytes, at, bytes.length - at, from + at);
      if (read === 0) throw new Error(`${this.path} is shorter than what was written`);
      at += read;
    }
    this.#read = { from, bytes };
  }

  close(): void {
    closeSync(this.#fd);
  }
}
