/** Packed bytes that wait until all are there: in memory, and in a file where they are many. */
import { SpillFile } from "../../io/spill-file.ts";

/** So many are kept in memory, of all sheets of a workbook together. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/** Where bytes are: in memory, or in the file. */
export type SpooledBytes = Uint8Array<ArrayBuffer> | { at: number; length: number };

export class Spool {
  readonly #tempDir: string | undefined;
  #kept = 0;
  #file: SpillFile | undefined;

  constructor(tempDir: string | undefined) {
    this.#tempDir = tempDir;
  }

  /** @throws {RowmillError} `spill`, where there is no room for them. */
  add(bytes: Uint8Array<ArrayBuffer>): SpooledBytes {
    if (this.#kept + bytes.length <= MEMORY_BYTES) {
      this.#kept += bytes.length;
      return bytes;
    }
    this.#file ??= new SpillFile(this.#tempDir);
    return this.#file.append(bytes);
  }

  get(bytes: SpooledBytes): Uint8Array<ArrayBuffer> {
    if (bytes instanceof Uint8Array) return bytes;
    const read = new Uint8Array(bytes.length);
    this.#file?.read(read, bytes.at);
    return read;
  }

  close(): void {
    this.#file?.close();
  }
}
