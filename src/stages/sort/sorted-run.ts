/**
 * Rows that are sorted, and what they are sorted by: those of a batch, in memory, or in a file when there is no room for
 * them. There they lie in pages, each of some rows, which can be read by themselves.
 */
import type { KeyedRows } from "../../formats/indexed/row-merger.ts";
import type { SpillFile } from "../../io/spill-file.ts";
import { startOf } from "../arranged.ts";
import { packValues, unpackValues } from "./packed-values.ts";

/** Where rows are sorted into a whole: the next ones, or nothing when all are there. */
export interface SortedRun {
  next(): KeyedRows | undefined;
}

/** A page has so many bytes of rows, about. */
const PAGE_BYTES = 8 * 1024;

/** Rows in memory. */
export function heldRun(rows: KeyedRows): SortedRun {
  let left: KeyedRows | undefined = rows;
  return {
    next: () => {
      const all = left;
      left = undefined;
      return all;
    },
  };
}

/** Bytes that rows take in memory. */
export function bytesOf({ values, rows }: KeyedRows): number {
  const ofValues = values.map(
    ({ ranks, leads, texts, ends }) => ranks.length + leads.byteLength + texts.length + ends.byteLength,
  );
  return ofValues.reduce((sum, bytes) => sum + bytes, rows.bytes.length + rows.ends.byteLength);
}

/** A run in a file: where it begins, and the length of each page. */
export interface SpilledRun {
  at: number;
  pages: Uint32Array;
}

/** Writes pages of a run behind each other. */
export class PageWriter {
  readonly #file: SpillFile;
  readonly #at: number;
  readonly #pages: number[] = [];

  constructor(file: SpillFile) {
    this.#file = file;
    this.#at = file.length;
  }

  write(sorted: KeyedRows): void {
    const { ends } = sorted.rows;
    const pages: Uint8Array[] = [];
    for (let from = 0; from < ends.length;) {
      const start = startOf(ends, from);
      let to = from + 1;
      while (to < ends.length && (ends[to] ?? 0) - start <= PAGE_BYTES) to++;
      const page = packRows(sorted, from, to);
      this.#pages.push(page.length);
      pages.push(page);
      from = to;
    }
    this.#file.append(Buffer.concat(pages));
  }

  end(): SpilledRun {
    return { at: this.#at, pages: Uint32Array.from(this.#pages) };
  }
}

/** Reads a run from its file: as many pages at once as fit into so many bytes, and at least one. */
export function spilledRun(file: SpillFile, { at, pages }: SpilledRun, bytes: number): SortedRun {
  let next = 0;
  let place = at;
  let memory = new Uint8Array(0);
  let ready: KeyedRows[] = [];
  return {
    next: () => {
      if (ready.length === 0) {
        if (next >= pages.length) return undefined;
        const first = next;
        let length = pages[next++] ?? 0;
        while (next < pages.length && length + (pages[next] ?? 0) <= bytes) length += pages[next++] ?? 0;
        // Pages are read when those before are used up.
        if (memory.length < length) memory = new Uint8Array(length);
        file.read(memory.subarray(0, length), place);
        place += length;
        let from = 0;
        for (let page = first; page < next; page++) {
          const { values, ends, beside } = unpackValues(memory, from);
          ready.push({ values, rows: { bytes: beside, ends } });
          from += pages[page] ?? 0;
        }
        ready.reverse();
      }
      return ready.pop();
    },
  };
}

/** A page of some of the rows. */
function packRows({ values, rows }: KeyedRows, from: number, to: number): Uint8Array {
  const start = startOf(rows.ends, from);
  const ends = new Uint32Array(to - from);
  for (let row = 0; row < ends.length; row++) ends[row] = (rows.ends[from + row] ?? 0) - start;
  return packValues(values, { from, to, ends, beside: rows.bytes.subarray(start, startOf(rows.ends, to)) });
}
