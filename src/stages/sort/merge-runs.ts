/** Merges sorted runs into one. Rows of each are handed to what merges them, some at a time. */
import { openMemory } from "../../formats/memory.ts";
import { type KeyValues, type KeyedRows, RowMerger } from "../../formats/indexed/row-merger.ts";
import { RowChunk, copyable, startOf } from "../arranged.ts";
import type { OwnRows } from "../stage.ts";
import { CollatedMerger } from "./collated-merger.ts";
import type { SortKey } from "./sort-keys.ts";
import { valuesBetween } from "./sort-values.ts";
import type { SortedRun } from "./sorted-run.ts";

/** Of all runs together, so many bytes of rows are handed over at once, about; of each so many at least. */
const HANDED_BYTES = 16 * 1024 * 1024;
const LEAST_BYTES = 8 * 1024;

/** Where a run has come to. */
interface Cursor {
  run: SortedRun;
  rows: KeyedRows | undefined;
  /** Rows of them that were handed over. */
  handed: number;
}

/** Merges runs; of each chunk of rows it tells of which run they are. */
function* merged(
  runs: readonly SortedRun[],
  keys: readonly SortKey[],
  loaded: (run: number, rows: KeyedRows, range: readonly [from: number, to: number]) => void = () => {},
): Generator<OwnRows & { runs: Uint32Array }> {
  if (runs.length === 0) return;
  const merger = keys.some(({ locale }) => locale !== undefined)
    ? new CollatedMerger(runs.length, keys)
    : new RowMerger(openMemory(), runs.length, keys);
  const cursors = runs.map((run): Cursor => ({ run, rows: undefined, handed: 0 }));
  const atOnce = Math.max(LEAST_BYTES, Math.floor(HANDED_BYTES / runs.length));
  const load = (run: number): void => {
    const cursor = cursors[run];
    if (cursor === undefined) throw new Error("there is no such run");
    while (cursor.rows === undefined || cursor.handed === cursor.rows.rows.ends.length) {
      cursor.rows = cursor.run.next();
      cursor.handed = 0;
      if (cursor.rows === undefined) {
        merger.load(run, undefined);
        return;
      }
    }
    const { rows, handed: from } = cursor;
    const { ends } = rows.rows;
    const most = startOf(ends, from) + atOnce;
    let to = from + 1;
    while (to < ends.length && (ends[to] ?? 0) <= most) to++;
    loaded(run, rows, [from, to]);
    merger.load(run, rows, [from, to]);
    cursor.handed = to;
  };
  for (const run of runs.keys()) load(run);
  for (;;) {
    const { rows, needs } = merger.step();
    if (needs !== undefined) load(needs);
    else if (rows === undefined) return;
    else yield rows;
  }
}

/** The rows of all runs in their order. */
export function mergedRows(runs: readonly SortedRun[], keys: readonly SortKey[]): Iterable<OwnRows> {
  return merged(runs, keys);
}

/** The same, with the values that they are sorted by: for runs that are merged into a longer one. */
export function* mergedRuns(runs: readonly SortedRun[], keys: readonly SortKey[]): Generator<KeyedRows> {
  // The values of what was handed over and did not come out yet: what a run has read may be gone by then.
  const waiting = runs.map((): { values: KeyValues[]; row: number; rows: number }[] => []);
  const loaded = (run: number, { values }: KeyedRows, [from, to]: readonly [number, number]): void => {
    waiting[run]?.push({ values: values.map((of) => valuesBetween(of, from, to)), row: 0, rows: to - from });
  };
  for (const { bytes, ends, runs: merging } of merged(runs, keys, loaded)) {
    const texts = keys.map(() => new RowChunk());
    const ranks = keys.map(() => new Uint8Array(merging.length));
    const leads = keys.map(() => new Float64Array(merging.length));
    for (const [at, run] of merging.entries()) {
      const [next] = waiting[run] ?? [];
      if (next === undefined) throw new Error("a row was merged that was not there");
      const row = next.row++;
      for (const [key, of] of next.values.entries()) {
        ranks[key]?.fill(of.ranks[row] ?? 0, at, at + 1);
        leads[key]?.fill(of.leads[row] ?? 0, at, at + 1);
        texts[key]?.add(copyable(of.texts), of.ends[row] ?? 0, of.ends[row + 1] ?? 0);
      }
      if (next.row === next.rows) waiting[run]?.shift();
    }
    const values = keys.map((_, key): KeyValues => {
      const text = texts[key]?.take();
      const textEnds = new Uint32Array(merging.length + 1);
      textEnds.set(text?.ends ?? [], 1);
      return {
        ranks: ranks[key] ?? new Uint8Array(0),
        leads: leads[key] ?? new Float64Array(0),
        texts: text?.bytes ?? new Uint8Array(0),
        ends: textEnds,
      };
    });
    yield { values, rows: { bytes, ends } };
  }
}
