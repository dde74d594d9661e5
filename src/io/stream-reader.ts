/**
 * Reads a stream (a pipe, a terminal) piece by piece, one read ahead at most, so that memory does not grow when the
 * reader is slower than the writer.
 */
import { read } from "node:fs";
import { RowmillError, messageOf } from "../errors.ts";
import { shownName } from "./files.ts";
import { PIPE_BYTES, widenPipe } from "./pipe-room.ts";
import { SinglePieceReader } from "./piece-reader.ts";

/** Largest piece that one read brings. */
const PIECE_BYTES = 1 << 20;
/** A pipe that was full so many times in a row is made wider. */
const OFTEN_FULL = 16;
/** A non-blocking stream that has nothing yet is asked again after this time. */
const RETRY_MS = 2;

/** A stretch of a file. */
export interface FileRange {
  start: number;
  end: number;
}

export class StreamReader extends SinglePieceReader {
  readonly #fd: number;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  /** How often in a row it brought what a pipe holds. */
  #full = 0;

  /** Where the next piece of a stretch begins, and where that ends; undefined: it is read as it comes. */
  #range: FileRange | undefined;

  /** @param range What of a file is read; without it, all from where it stands. */
  constructor(fd: number, name: string, range?: FileRange) {
    super();
    this.#range = range && { ...range };
    this.#fd = fd;
    this.#name = name;
  }

  protected override async read(): Promise<Uint8Array> {
    for (;;) {
      const range = this.#range;
      const most = range === undefined ? PIECE_BYTES : Math.min(PIECE_BYTES, range.end - range.start);
      if (most === 0) return this.#buffer.subarray(0, 0);
      const { error, bytes } = await readOnce(this.#fd, this.#buffer.subarray(0, most), range?.start ?? null);
      if (error === null) {
        if (range !== undefined) range.start += bytes;
        else this.#noteFull(bytes);
        return this.#buffer.subarray(0, bytes);
      }
      if (error.code === "EOF") return this.#buffer.subarray(0, 0);
      if (error.code !== "EAGAIN" && error.code !== "EINTR") {
        throw new RowmillError("input", `cannot read ${shownName(this.#name)}: ${messageOf(error)}`, { cause: error });
      }
      await Bun.sleep(RETRY_MS);
    }
  }

  #noteFull(bytes: number): void {
    this.#full = bytes === PIPE_BYTES ? this.#full + 1 : 0;
    if (this.#full === OFTEN_FULL) widenPipe(this.#fd);
  }
}

function readOnce(
  fd: number,
  buffer: Buffer,
  position: number | null,
): Promise<{ error: NodeJS.ErrnoException | null; bytes: number }> {
  return new Promise((resolve) => {
    read(fd, buffer, 0, buffer.length, position, (error, bytes) => resolve({ error, bytes }));
  });
}
