/**
 * Lists of records in one file for what does not fit in memory: each is written as it comes, and read by itself, in its
 * order. A list collects records until they are worth a write; what is read at once holds whole records.
 */
import { SpillFile } from "./spill-file.ts";

/** Records of a list are written together when they have so many bytes. */
const LIST_BYTES = 64 * 1024;
/** So much of a list is read at once, or one stretch as it was written. */
const READ_BYTES = 1024 * 1024;

interface List {
  /** Where its bytes are in the file, stretch by stretch. */
  written: { at: number[]; lengths: number[] };
  /** Records that are not there yet. */
  waiting: Buffer | undefined;
  used: number;
}

export class SpillLists {
  readonly #file: SpillFile;
  readonly #lists: List[];

  /**
   * @param folder The folder for such files; undefined for that of the system.
   * @throws {RowmillError} `spill`, where no file can be made there.
   */
  constructor(folder: string | undefined, lists: number) {
    this.#file = new SpillFile(folder);
    this.#lists = Array.from({ length: lists }, () => ({
      written: { at: [], lengths: [] },
      waiting: undefined,
      used: 0,
    }));
  }

  /** Memory for the next record of a list, which the caller fills at once. */
  room(list: number, length: number): { to: Buffer; at: number } {
    const own = this.#of(list);
    if (own.waiting === undefined || own.used + length > own.waiting.length) {
      this.#write(list);
      if (own.waiting === undefined || length > own.waiting.length)
        own.waiting = Buffer.allocUnsafeSlow(Math.max(LIST_BYTES, length));
    }
    const at = own.used;
    own.used += length;
    return { to: own.waiting, at };
  }

  /** The records of a list, many at a time; valid until the next ones are asked for. */
  *read(list: number): Generator<Buffer> {
    this.#write(list);
    const { at, lengths } = this.#of(list).written;
    let memory = Buffer.allocUnsafeSlow(0);
    for (let next = 0; next < at.length;) {
      const first = next;
      let length = lengths[next++] ?? 0;
      while (next < at.length && length + (lengths[next] ?? 0) <= READ_BYTES) length += lengths[next++] ?? 0;
      if (memory.length < length) memory = Buffer.allocUnsafeSlow(length);
      let end = 0;
      for (let one = first; one < next; one++) {
        const bytes = lengths[one] ?? 0;
        this.#file.read(memory.subarray(end, end + bytes), at[one] ?? 0);
        end += bytes;
      }
      yield memory.subarray(0, length);
    }
  }

  /** Gives room in the file back. */
  close(): void {
    for (const own of this.#lists) own.waiting = undefined;
    this.#file.close();
  }

  #write(list: number): void {
    const own = this.#of(list);
    if (own.waiting === undefined || own.used === 0) return;
    const { at, length } = this.#file.append(own.waiting.subarray(0, own.used));
    own.written.at.push(at);
    own.written.lengths.push(length);
    own.used = 0;
    // A record that is longer than others takes no room when it is written.
    if (own.waiting.length > LIST_BYTES) own.waiting = undefined;
  }

  #of(list: number): List {
    const own = this.#lists[list];
    if (own === undefined) throw new Error("there is no such list");
    return own;
  }
}
