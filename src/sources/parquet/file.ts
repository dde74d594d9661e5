/** A file that is read by position, by the thread that converts it. */
import { missingHint } from "../../io/missing-file.ts";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { RowmillError, messageOf } from "../../errors.ts";

/** A file of which bytes at any place can be had. */
export interface PlacedFile {
  /** For messages. */
  readonly name: string;
  readonly size: number;
  /**
   * Reads bytes to a place in memory. They must be in the file.
   *
   * @throws {RowmillError} `input`, when they are not there any more.
   */
  read(position: number, into: Uint8Array, where: { at: number; length: number }): void;
  close(): void;
}

/** One read brings no more bytes than this. */
const MOST_BYTES = 1 << 30;

/** A file of this machine. */
export class LocalFile implements PlacedFile {
  /** As the user wrote it. */
  readonly name: string;
  readonly size: number;
  readonly #fd: number;

  /** @throws {RowmillError} `input`, when it cannot be opened, or not be read by position. */
  constructor(name: string, path: string) {
    this.name = name;
    try {
      this.#fd = openSync(path, "r");
    } catch (error) {
      const isMissing = Reflect.get(Object(error), "code") === "ENOENT";
      throw new RowmillError(
        "input",
        `cannot read ${name}: ${isMissing ? "there is no such file" : messageOf(error)}`,
        {
          hint: missingHint(path),
          cause: error,
        },
      );
    }
    const status = fstatSync(this.#fd);
    if (!status.isFile()) {
      closeSync(this.#fd);
      throw new RowmillError("input", `cannot read ${name}: it is no file that can be read from its end`, {
        hint: "write it to a file, and name that",
      });
    }
    this.size = status.size;
  }

  read(position: number, into: Uint8Array, { at, length }: { at: number; length: number }): void {
    for (let got = 0; got < length;) {
      let bytes: number;
      try {
        bytes = readSync(this.#fd, into, at + got, Math.min(length - got, MOST_BYTES), position + got);
      } catch (error) {
        throw new RowmillError("input", `cannot read ${this.name}: ${messageOf(error)}`, { cause: error });
      }
      if (bytes === 0) {
        throw new RowmillError("input", `${this.name} became shorter while it was read`, {
          hint: "run again when nothing writes to it any more",
        });
      }
      got += bytes;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
