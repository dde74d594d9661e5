/**
 * The last rows of all: in memory as long as there is room, and then in files, one after another. A file has as many rows as
 * are wanted at least, so that no more than two are there.
 */
import { SpillFile } from "../../io/spill-file.ts";
import { eachRow, inChunks } from "../arranged.ts";
import type { OwnRows, PlacedRows } from "../stage.ts";

/** A file, and how many rows were written to it, and of how many batches some are wanted yet. */
interface RowsFile {
  file: SpillFile;
  rows: number;
  batches: number;
}

/** Rows of a batch, and where they are. */
type Waiting = { count: number } & (
  { kind: "held"; rows: PlacedRows } | { kind: "in file"; in: RowsFile; at: number; bytes: number }
);

const WORD_BYTES = 4;

export class LastRows {
  readonly #most: number;
  readonly #memoryBytes: number;
  readonly #tempDir: string | undefined;
  #batches: Waiting[] = [];
  #count = 0;
  #heldBytes = 0;
  readonly #files: RowsFile[] = [];

  /** @param most So many are wanted. */
  constructor(most: number, { memoryBytes, tempDir }: { memoryBytes: number; tempDir: string | undefined }) {
    this.#most = most;
    this.#memoryBytes = memoryBytes;
    this.#tempDir = tempDir;
  }

  /** Takes the rows behind all others so far. */
  add(rows: PlacedRows): void {
    if (rows.ends.length === 0) return;
    this.#batches.push({ kind: "held", rows, count: rows.ends.length });
    this.#count += rows.ends.length;
    this.#heldBytes += sizeOf(rows);
    // None of the first batches is among the last rows.
    let over = 0;
    for (let first = this.#batches[over]; first !== undefined; first = this.#batches[over]) {
      if (this.#count - first.count < this.#most) break;
      this.#forget(first);
      over++;
    }
    if (over > 0) this.#batches = this.#batches.slice(over);
    if (this.#heldBytes > this.#memoryBytes) this.#spill();
  }

  #forget(batch: Waiting): void {
    this.#count -= batch.count;
    if (batch.kind === "held") this.#heldBytes -= sizeOf(batch.rows);
    else if (--batch.in.batches === 0 && batch.in !== this.#files.at(-1)) this.#close(batch.in);
  }

  #close(one: RowsFile): void {
    this.#files.splice(this.#files.indexOf(one), 1);
    one.file.close();
  }

  /** Puts all that is in memory into a file. */
  #spill(): void {
    this.#batches = this.#batches.map((batch): Waiting => {
      if (batch.kind === "in file") return batch;
      const { bytes, ends } = batch.rows;
      const file = this.#writing();
      const { at } = file.file.append(bytes);
      file.file.append(new Uint8Array(ends.buffer, ends.byteOffset, ends.byteLength));
      file.rows += batch.count;
      file.batches++;
      return { kind: "in file", in: file, at, bytes: bytes.length, count: batch.count };
    });
    this.#heldBytes = 0;
    // What was written is no longer wanted, and there is as much of it as may be.
    Bun.gc(true);
  }

  #writing(): RowsFile {
    const last = this.#files.at(-1);
    if (last !== undefined && last.rows < this.#most) return last;
    const made = { file: new SpillFile(this.#tempDir), rows: 0, batches: 0 };
    this.#files.push(made);
    if (last?.batches === 0) this.#close(last);
    return made;
  }

  /** The rows that are wanted, in their order. */
  rows(): Iterable<OwnRows> {
    return inChunks(this.#each());
  }

  *#each(): Generator<Uint8Array> {
    let tooMany = this.#count - this.#most;
    for (const batch of this.#batches)
      for (const row of eachRow(batch.kind === "held" ? batch.rows : read(batch))) if (tooMany-- <= 0) yield row;
  }

  close(): void {
    this.#batches = [];
    for (const { file } of this.#files.splice(0)) file.close();
  }
}

function sizeOf({ bytes, ends }: PlacedRows): number {
  return bytes.length + ends.byteLength;
}

function read({ in: { file }, at, bytes, count }: Extract<Waiting, { kind: "in file" }>): PlacedRows {
  const rows = { bytes: new Uint8Array(bytes), ends: new Uint32Array(count) };
  file.read(rows.bytes, at);
  file.read(new Uint8Array(rows.ends.buffer, 0, count * WORD_BYTES), at + bytes);
  return rows;
}
