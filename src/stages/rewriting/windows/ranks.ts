/**
 * The ranks of rows by a column, each group by itself: rows are sorted by group and value, a stretch of them at a time, and
 * merged when all are there; what comes out is put in the order of the rows again. Both go to a file where there is no room.
 */
import type { KeyValues } from "../../../formats/indexed/row-merger.ts";
import { RowChunk, copyable, eachRow, startOf } from "../../arranged.ts";
import { collation } from "../../sort/collation.ts";
import { sortedIndexes } from "../../sort/merge-sort.ts";
import { NumberedRows } from "../../sort/numbered-rows.ts";
import { RunStore } from "../../sort/run-store.ts";
import type { SortKey } from "../../sort/sort-keys.ts";
import { type SortValue, comparesRows, rankOfTexts, valuesInOrder, valuesOfKey } from "../../sort/sort-values.ts";
import type { OwnRows } from "../../stage.ts";

/** So many rows are sorted together. */
const RUN_ROWS = 16_384;

const GROUP: SortKey = { column: "", isDescending: false, as: undefined };

/** Of a row the number, the group, and the value: its rank among kinds of values, its number, and its text behind these. */
const GROUP_AT = 8;
const KIND_AT = 12;
const LEAD_AT = 13;
const TEXT_AT = 21;
const RANK_BYTES = 8;

interface Room {
  memoryBytes: number;
  tempDir: string | undefined;
}

export class Ranks {
  readonly #key: SortKey;
  readonly #room: Room;
  readonly #runs: RunStore;
  readonly #inOrder: NumberedRows;
  #groups: number[] = [];
  #values: SortValue[] = [];
  #count = 0;

  constructor(key: SortKey, { memoryBytes, tempDir }: Room) {
    this.#key = key;
    // Both have rows when the first gives them to the second.
    this.#room = { memoryBytes: Math.floor(memoryBytes / 2), tempDir };
    this.#runs = new RunStore([GROUP, key], this.#room);
    this.#inOrder = new NumberedRows(this.#room);
  }

  /** Takes the value of the next row, and the number of its group. */
  add(value: SortValue, group: number): void {
    this.#values.push(value);
    this.#groups.push(group);
    if (this.#values.length === RUN_ROWS) this.#sort();
  }

  #sort(): void {
    const keys = [GROUP, this.#key];
    const values = [valuesOfKey(this.#groups, GROUP), valuesOfKey(this.#values, this.#key)];
    const order = sortedIndexes(this.#values.length, comparesRows(keys, values));
    const [, own] = values;
    if (own === undefined) throw new Error("rows are ranked by a value");
    const chunk = new RowChunk(order.length * (TEXT_AT + RANK_BYTES), order.length);
    const head = Buffer.allocUnsafeSlow(TEXT_AT);
    const texts = copyable(own.texts);
    for (const row of order) {
      head.writeDoubleLE(this.#count + row);
      head.writeUInt32LE(this.#groups[row] ?? 0, GROUP_AT);
      writeValue(head, own, row);
      chunk.add(head, 0, TEXT_AT);
      chunk.extend(texts, own.ends[row] ?? 0, own.ends[row + 1] ?? 0);
    }
    this.#runs.add({ values: values.map((of) => valuesInOrder(of, order)), rows: chunk.take() });
    this.#count += order.length;
    this.#values = [];
    this.#groups = [];
  }

  /** The ranks of all rows, one after the other in the order in which they came. */
  *all(): Generator<number> {
    this.#sort();
    const isShort = this.#count * Uint32Array.BYTES_PER_ELEMENT <= this.#room.memoryBytes;
    if (isShort) yield* this.#inMemory();
    else yield* this.#inFile();
  }

  *#inMemory(): Generator<number> {
    const ranks = new Uint32Array(this.#count);
    for (const { numbers, own } of this.#ranked()) for (const [at, row] of numbers.entries()) ranks[row] = own[at] ?? 0;
    yield* ranks;
  }

  *#inFile(): Generator<number> {
    const rank = Buffer.allocUnsafeSlow(RANK_BYTES);
    for (const { numbers, own } of this.#ranked()) {
      const chunk = new RowChunk(own.length * RANK_BYTES, own.length);
      for (const one of own) {
        rank.writeDoubleLE(one);
        chunk.add(rank, 0, RANK_BYTES);
      }
      this.#inOrder.add(chunk.take(), Float64Array.from(numbers));
    }
    for (const { bytes, ends } of this.#inOrder.merged()) {
      const from = copyable(bytes);
      for (let row = 0; row < ends.length; row++) yield from.readDoubleLE(startOf(ends, row));
    }
  }

  /** Numbers of rows with their ranks, in the order of these, group by group. */
  *#ranked(): Generator<{ numbers: number[]; own: number[] }> {
    const isSame = sameValue(this.#key);
    let before: Buffer | undefined;
    let place = 0;
    let rank = 0;
    for (const rows of this.#runs.merged()) {
      const numbers: number[] = [];
      const own: number[] = [];
      for (const bytes of rowsOf(rows)) {
        const isOfGroup = before?.readUInt32LE(GROUP_AT) === bytes.readUInt32LE(GROUP_AT);
        place = isOfGroup ? place + 1 : 1;
        if (!isOfGroup || before === undefined || !isSame(before, bytes)) rank = place;
        numbers.push(bytes.readDoubleLE());
        own.push(rank);
        before = bytes;
      }
      yield { numbers, own };
    }
  }

  close(): void {
    this.#runs.close();
    this.#inOrder.close();
  }
}

function* rowsOf(rows: OwnRows): Generator<Buffer> {
  for (const row of eachRow(rows)) yield copyable(row);
}

function writeValue(to: Buffer, { ranks, leads }: KeyValues, row: number): void {
  to[KIND_AT] = ranks[row] ?? 0;
  // 0 and -0 are the same.
  to.writeDoubleLE((leads[row] ?? 0) + 0, LEAD_AT);
}

/** Makes the function that tells whether two rows of a group have the same value. */
function sameValue(key: SortKey): (a: Buffer, b: Buffer) => boolean {
  const { locale } = key;
  if (locale === undefined) return isEqual;
  const ofText = rankOfTexts(key);
  const compare = collation(locale);
  return (a, b) =>
    a[KIND_AT] === ofText && b[KIND_AT] === ofText ? compare(textOf(a), textOf(b)) === 0 : isEqual(a, b);
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.compare(b, KIND_AT, b.length, KIND_AT, a.length) === 0;
}

function textOf(row: Buffer): string {
  return row.toString("utf8", TEXT_AT);
}
