/**
 * The sorted runs of a sort, in memory as long as there is room for them, and then in a file. They are merged once, as long
 * as a page of each fits in memory, else runs that lie side by side are first merged into longer ones.
 */
import type { KeyedRows } from "../../formats/indexed/row-merger.ts";
import { SpillFile } from "../../io/spill-file.ts";
import type { OwnRows } from "../stage.ts";
import { mergedRows, mergedRuns } from "./merge-runs.ts";
import type { SortKey } from "./sort-keys.ts";
import { PageWriter, type SortedRun, type SpilledRun, bytesOf, heldRun, spilledRun } from "./sorted-run.ts";

/** Of a run that is merged, so much is read at once at least. */
const LEAST_READ_BYTES = 16 * 1024;

/** What was merged and written is collected when it is so much: where memory is short, the runtime would wait longer. */
const COLLECT_BYTES = 64 * 1024 * 1024;

export class RunStore {
  readonly #keys: readonly SortKey[];
  readonly #memoryBytes: number;
  readonly #tempDir: string | undefined;
  #file: SpillFile | undefined;
  /** In input order; those in memory are the last. */
  #spilled: SpilledRun[] = [];
  #held: KeyedRows[] = [];
  #heldBytes = 0;

  constructor(
    keys: readonly SortKey[],
    { memoryBytes, tempDir }: { memoryBytes: number; tempDir: string | undefined },
  ) {
    this.#keys = keys;
    this.#memoryBytes = memoryBytes;
    this.#tempDir = tempDir;
  }

  /** Adds a run whose rows stand behind those of all others so far. */
  add(rows: KeyedRows): void {
    if (rows.rows.ends.length === 0) return;
    this.#held.push(rows);
    this.#heldBytes += bytesOf(rows);
    if (this.#heldBytes > this.#memoryBytes) this.#spill();
  }

  /** All rows in their order. */
  *merged(): Generator<OwnRows> {
    try {
      if (this.#spilled.length > 0) this.#spill();
      const most = Math.max(2, Math.floor(this.#memoryBytes / LEAST_READ_BYTES));
      while (this.#spilled.length > most) this.#mergeSome(most);
      const isSpilled = this.#spilled.length > 0;
      let bytes = 0;
      for (const rows of mergedRows([...this.#readers(this.#spilled), ...this.#held.map(heldRun)], this.#keys)) {
        yield rows;
        bytes += rows.bytes.length;
        if (!isSpilled || bytes < COLLECT_BYTES) continue;
        bytes = 0;
        Bun.gc(true);
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#held = [];
    this.#file?.close();
    this.#file = undefined;
  }

  /** Puts all that is in memory into the file. */
  #spill(): void {
    this.#file ??= new SpillFile(this.#tempDir);
    for (const rows of this.#held) {
      const writer = new PageWriter(this.#file);
      writer.write(rows);
      this.#spilled.push(writer.end());
    }
    this.#held = [];
    this.#heldBytes = 0;
    // What was written is no longer wanted, and there is as much of it as may be.
    Bun.gc(true);
  }

  /** Merges runs that lie side by side: into fewer, each of at most so many. */
  #mergeSome(most: number): void {
    const { file } = this.#reading;
    const merged: SpilledRun[] = [];
    for (let from = 0; from < this.#spilled.length; from += most) {
      const writer = new PageWriter(file);
      for (const rows of mergedRuns(this.#readers(this.#spilled.slice(from, from + most)), this.#keys))
        writer.write(rows);
      merged.push(writer.end());
    }
    this.#spilled = merged;
  }

  #readers(runs: readonly SpilledRun[]): SortedRun[] {
    if (runs.length === 0) return [];
    const { file } = this.#reading;
    const bytes = Math.floor(this.#memoryBytes / runs.length);
    return runs.map((run) => spilledRun(file, run, bytes));
  }

  get #reading(): { file: SpillFile } {
    if (this.#file === undefined) throw new Error("no run is in a file");
    return { file: this.#file };
  }
}
