/**
 * Rows of which it is not certain yet whether they are the first of their key: there is no room in memory for the digests of more
 * keys. They wait in a file, in lists by their digests, so that the rows of a key are in one list, in their order. When all are
 * there, each list is looked at by itself, and the first rows of their keys are put in the order of all.
 */
import { DIGEST_WORDS } from "../../formats/indexed/row-digester.ts";
import { SpillLists } from "../../io/spill-lists.ts";
import { RowChunk, copyable, startOf } from "../arranged.ts";
import { NumberedRows } from "../sort/numbered-rows.ts";
import type { CutRows, WaitedRows } from "../stage.ts";
import { KnownDigests } from "./known-digests.ts";

/** So many lists: where the keys that wait are so many times those that there is room for, each list fits. */
const LISTS = 64;
const LIST_SHIFT = 26;

/** The digest of a row's key, its number among those that wait, that of its row of the input, and its length; the row follows. */
const NUMBER_AT = 16;
const INPUT_AT = 24;
const LENGTH_AT = 32;
const HEAD_BYTES = 36;
const WORD_BYTES = 4;
/** Behind the bytes of a row, while it is put in order, its row of the input. */
const INPUT_BYTES = 8;

const NONE = -1;

export class WaitingRows {
  readonly #lists: SpillLists;
  readonly #room: { memoryBytes: number; tempDir: string | undefined };
  readonly #checkSize: (known: KnownDigests) => void;
  #count = 0;
  #inOrder: NumberedRows | undefined;

  /** @param checkSize Throws where there are too many digests. */
  constructor(room: { memoryBytes: number; tempDir: string | undefined }, checkSize: (known: KnownDigests) => void) {
    this.#lists = new SpillLists(room.tempDir, LISTS);
    this.#room = room;
    this.#checkSize = checkSize;
  }

  /** Takes a row of a batch with the digest of its key. */
  add(digests: Uint32Array, row: number, { bytes, ends, inputOf }: CutRows): void {
    const at = row * DIGEST_WORDS;
    const [start, end] = [startOf(ends, row), ends[row] ?? 0];
    const { to, at: place } = this.#lists.room((digests[at] ?? 0) >>> LIST_SHIFT, HEAD_BYTES + end - start);
    for (let word = 0; word < DIGEST_WORDS; word++)
      to.writeUInt32LE(digests[at + word] ?? 0, place + word * WORD_BYTES);
    to.writeDoubleLE(this.#count++, place + NUMBER_AT);
    to.writeDoubleLE(inputOf(row), place + INPUT_AT);
    to.writeUInt32LE(end - start, place + LENGTH_AT);
    copyable(bytes).copy(to, place + HEAD_BYTES, start, end);
  }

  /** Those that are the first of their keys, in their order. */
  *first(): Generator<WaitedRows> {
    const inOrder = new NumberedRows(this.#room);
    this.#inOrder = inOrder;
    for (let list = 0; list < LISTS; list++) {
      const known = new KnownDigests();
      for (const records of this.#lists.read(list)) this.#addFirst(records, known, inOrder);
    }
    this.#lists.close();
    let before = NONE;
    for (const { bytes, ends } of inOrder.merged()) {
      const from = copyable(bytes);
      const chunk = new RowChunk(Math.max(1, bytes.length), Math.max(1, ends.length));
      const isMapped = new Uint8Array(ends.length);
      for (let row = 0; row < ends.length; row++) {
        const end = (ends[row] ?? 0) - INPUT_BYTES;
        const input = from.readDoubleLE(end);
        chunk.add(from, startOf(ends, row), end);
        if (input === before) continue;
        isMapped[row] = 1;
        before = input;
      }
      yield { ...chunk.take(), isMapped };
    }
  }

  #addFirst(records: Buffer, known: KnownDigests, to: NumberedRows): void {
    const chunk = new RowChunk();
    const numbers: number[] = [];
    const words = new Uint32Array(DIGEST_WORDS);
    for (let at = 0; at < records.length;) {
      const start = at + HEAD_BYTES;
      const end = start + records.readUInt32LE(at + LENGTH_AT);
      for (let word = 0; word < DIGEST_WORDS; word++) words[word] = records.readUInt32LE(at + word * WORD_BYTES);
      if (known.add(words, 0)) {
        chunk.add(records, start, end);
        chunk.extend(records, at + INPUT_AT, at + INPUT_AT + INPUT_BYTES);
        numbers.push(records.readDoubleLE(at + NUMBER_AT));
      }
      at = end;
    }
    this.#checkSize(known);
    to.add(chunk.take(), Float64Array.from(numbers));
  }

  close(): void {
    this.#lists.close();
    this.#inOrder?.close();
  }
}
