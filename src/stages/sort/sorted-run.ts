/**
 * Rows that are sorted, and what they are sorted by: those of a batch, in memory, or in a file when there is no room for
 * them. There they lie in pages, each of some rows, which can be read by themselves.
 */
import type { SpillFile } from "../../io/spill-file.ts";
import { copyable, startOf } from "../arranged.ts";
import type { PlacedRows } from "../stage.ts";
import type { PackedValues } from "./sort-values.ts";

/** Rows in their order, and the values of each key. */
export interface SortedRows {
  values: readonly PackedValues[];
  rows: PlacedRows;
}

/** Where rows are sorted into a whole: the next ones, or nothing when all are there. */
export interface SortedRun {
  next(): SortedRows | undefined;
}

/** A page has so many bytes of rows, about. */
const PAGE_BYTES = 24 * 1024;

/** Rows in memory. */
export function heldRun(rows: SortedRows): SortedRun {
  let left: SortedRows | undefined = rows;
  return {
    next: () => {
      const all = left;
      left = undefined;
      return all;
    },
  };
}

/** Bytes that rows take in memory. */
export function bytesOf({ values, rows }: SortedRows): number {
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

  write(sorted: SortedRows): void {
    const { ends } = sorted.rows;
    const pages: Uint8Array[] = [];
    for (let from = 0; from < ends.length;) {
      const start = startOf(ends, from);
      let to = from + 1;
      while (to < ends.length && (ends[to] ?? 0) - start <= PAGE_BYTES) to++;
      const page = packPage(sorted, from, to);
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
export function spilledRun(
  file: SpillFile,
  { at, pages }: SpilledRun,
  { keys, bytes }: { keys: number; bytes: number },
): SortedRun {
  let next = 0;
  let place = at;
  let memory = new Uint8Array(0);
  let ready: SortedRows[] = [];
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
          ready.push(unpackPage(memory, from, keys));
          from += pages[page] ?? 0;
        }
        ready.reverse();
      }
      return ready.pop();
    },
  };
}

const WORD = 4;
const NUMBER = 8;

/** The numbers of a page come first, so that they lie where the system wants numbers to lie. */
function layoutOf(
  rows: number,
  textBytes: readonly number[],
  rowBytes: number,
): {
  leads: number[];
  ends: number[];
  rowEnds: number;
  ranks: number[];
  texts: number[];
  bytes: number;
  length: number;
} {
  const keys = textBytes.length;
  // The number of rows, the bytes of rows, and those of the texts of each key.
  let at = aligned((2 + keys) * WORD);
  const take = (bytes: number): number => {
    const place = at;
    at += bytes;
    return place;
  };
  const leads = textBytes.map(() => take(rows * NUMBER));
  const ends = textBytes.map(() => take((rows + 1) * WORD));
  const rowEnds = take(rows * WORD);
  const ranks = textBytes.map(() => take(rows));
  const texts = textBytes.map(take);
  const bytes = take(rowBytes);
  return { leads, ends, rowEnds, ranks, texts, bytes, length: aligned(at) };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / NUMBER) * NUMBER;
}

function packPage({ values, rows }: SortedRows, from: number, to: number): Uint8Array {
  const count = to - from;
  const start = startOf(rows.ends, from);
  const end = startOf(rows.ends, to);
  const textBytes = values.map(({ ends }) => (ends[to] ?? 0) - (ends[from] ?? 0));
  const layout = layoutOf(count, textBytes, end - start);
  const page = Buffer.alloc(layout.length);
  new Uint32Array(page.buffer, page.byteOffset, 2 + values.length).set([count, end - start, ...textBytes]);
  for (const [key, { ranks, leads, texts, ends }] of values.entries()) {
    new Float64Array(page.buffer, page.byteOffset + (layout.leads[key] ?? 0), count).set(leads.subarray(from, to));
    setFrom(new Uint32Array(page.buffer, page.byteOffset + (layout.ends[key] ?? 0), count + 1), ends, from);
    page.set(ranks.subarray(from, to), layout.ranks[key]);
    page.set(texts.subarray(ends[from], ends[to]), layout.texts[key]);
  }
  const rowEnds = new Uint32Array(page.buffer, page.byteOffset + layout.rowEnds, count);
  for (let row = 0; row < count; row++) rowEnds[row] = (rows.ends[from + row] ?? 0) - start;
  copyable(rows.bytes).copy(page, layout.bytes, start, end);
  return page;
}

/** Where texts end, counted from the first of them. */
function setFrom(to: Uint32Array, ends: Uint32Array, from: number): void {
  const start = ends[from] ?? 0;
  for (let at = 0; at < to.length; at++) to[at] = (ends[from + at] ?? 0) - start;
}

function unpackPage(memory: Uint8Array<ArrayBuffer>, from: number, keys: number): SortedRows {
  const { buffer } = memory;
  const [count = 0, rowBytes = 0, ...textBytes] = new Uint32Array(buffer, from, 2 + keys);
  const layout = layoutOf(count, textBytes, rowBytes);
  return {
    values: textBytes.map((length, key) => ({
      ranks: new Uint8Array(buffer, from + (layout.ranks[key] ?? 0), count),
      leads: new Float64Array(buffer, from + (layout.leads[key] ?? 0), count),
      texts: new Uint8Array(buffer, from + (layout.texts[key] ?? 0), length),
      ends: new Uint32Array(buffer, from + (layout.ends[key] ?? 0), count + 1),
    })),
    rows: {
      bytes: new Uint8Array(buffer, from + layout.bytes, rowBytes),
      ends: new Uint32Array(buffer, from + layout.rowEnds, count),
    },
  };
}
