/**
 * Reads a stream (a pipe, a terminal) piece by piece, one read ahead at most, so that memory does not grow when the
 * reader is slower than the writer.
 */
import { read } from "node:fs";
import { RowmillError, messageOf } from "../errors.ts";
import { shownName } from "./files.ts";
import { SinglePieceReader } from "./piece-reader.ts";

/** Largest piece that one read brings. */
const PIECE_BYTES = 1 << 20;
/** A non-blocking stream that has nothing yet is asked again after this time. */
const RETRY_MS = 2;

export class StreamReader extends SinglePieceReader {
  readonly #fd: number;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);

  constructor(fd: number, name: string) {
    super();
    this.#fd = fd;
    this.#name = name;
  }

  protected override async read(): Promise<Uint8Array> {
    for (;;) {
      const { error, bytes } = await readOnce(this.#fd, this.#buffer);
      if (error === null) return this.#buffer.subarray(0, bytes);
      if (error.code === "EOF") return this.#buffer.subarray(0, 0);
      if (error.code !== "EAGAIN" && error.code !== "EINTR") {
        throw new RowmillError("input", `cannot read ${shownName(this.#name)}: ${messageOf(error)}`, { cause: error });
      }
      await Bun.sleep(RETRY_MS);
    }
  }
}

function readOnce(fd: number, buffer: Buffer): Promise<{ error: NodeJS.ErrnoException | null; bytes: number }> {
  return new Promise((resolve) => {
    read(fd, buffer, 0, buffer.length, null, (error, bytes) => resolve({ error, bytes }));
  });
}
