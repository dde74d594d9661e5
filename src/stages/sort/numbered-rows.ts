/** Rows in ascending order of numbers, of equal ones as they came: in memory, or in a file where there is no room for them. */
import { keptRows } from "../arranged.ts";
import type { OwnRows, PlacedRows } from "../stage.ts";
import { sortedIndexes } from "./merge-sort.ts";
import { RunStore } from "./run-store.ts";

/** The key of a row is its number. */
const BY_NUMBER = [{ column: "", isDescending: false, as: undefined }];
const NO_TEXTS = new Uint8Array(0);

export class NumberedRows {
  readonly #runs: RunStore;

  constructor(room: { memoryBytes: number; tempDir: string | undefined }) {
    this.#runs = new RunStore(BY_NUMBER, room);
  }

  /** Takes rows, and the number of each. */
  add(rows: PlacedRows, numbers: Float64Array): void {
    const count = numbers.length;
    if (count === 0) return;
    const order = sortedIndexes(count, (a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0));
    const isInOrder = order.every((row, at) => row === at);
    const values = {
      ranks: new Uint8Array(count),
      leads: isInOrder ? numbers : Float64Array.from(order, (row) => numbers[row] ?? 0),
      texts: NO_TEXTS,
      ends: new Uint32Array(count + 1),
    };
    this.#runs.add({ values: [values], rows: isInOrder ? rows : keptRows(rows, order) });
  }

  /** All of them in their order. */
  merged(): Generator<OwnRows> {
    return this.#runs.merged();
  }

  close(): void {
    this.#runs.close();
  }
}
