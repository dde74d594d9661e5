/** Merges sorted runs into one: a tree in which the next row of each plays against the others'. */
import { RowChunk, copyable, startOf } from "../arranged.ts";
import type { OwnRows } from "../stage.ts";
import type { SortKey } from "./sort-keys.ts";
import { type CompareTexts, type PackedValues, comparesTexts } from "./sort-values.ts";
import type { SortedRows, SortedRun } from "./sorted-run.ts";

/** Where a run has come to. */
class Cursor {
  readonly #run: SortedRun;
  values: readonly PackedValues[] = [];
  bytes: Buffer = Buffer.alloc(0);
  ends: Uint32Array = new Uint32Array(0);
  row = -1;
  #rows = 0;

  constructor(run: SortedRun) {
    this.#run = run;
  }

  /** Goes on to the next row; false where there is none. */
  next(): boolean {
    if (++this.row < this.#rows) return true;
    for (;;) {
      const next = this.#run.next();
      if (next === undefined) return false;
      const { values, rows } = next;
      if (rows.ends.length === 0) continue;
      this.values = values;
      this.bytes = copyable(rows.bytes);
      this.ends = rows.ends;
      this.row = 0;
      this.#rows = rows.ends.length;
      return true;
    }
  }
}

/** Takes the rows of all runs in their order; of equal ones, those of the run that stands first. */
class Merge {
  readonly #runs: number;
  readonly #cursors: readonly Cursor[];
  readonly #keys: number;
  readonly #compareTexts: readonly CompareTexts[];
  /** At each place the run that lost there; none has played there yet: -1. */
  readonly #losers: Int32Array;
  /**
   * Of the row at which each run stands, the values, one key behind the other: most games need no more. A run that is used up
   * stands behind all.
   */
  readonly #ranks: Uint8Array;
  readonly #leads: Float64Array;
  #winner = -1;

  constructor(runs: readonly SortedRun[], keys: readonly SortKey[]) {
    this.#runs = runs.length;
    this.#cursors = runs.map((run) => new Cursor(run));
    this.#keys = keys.length;
    this.#compareTexts = keys.map(comparesTexts);
    this.#losers = new Int32Array(runs.length).fill(-1);
    this.#ranks = new Uint8Array(runs.length * keys.length);
    this.#leads = new Float64Array(runs.length * keys.length);
  }

  /** The run whose row is next; undefined where all are used up. */
  next(): Cursor | undefined {
    if (this.#winner < 0) {
      for (let run = this.#runs - 1; run >= 0; run--) {
        this.#advance(run);
        this.#winner = this.#play(run);
      }
    } else {
      this.#advance(this.#winner);
      this.#winner = this.#play(this.#winner);
    }
    return this.#winner < 0 || this.#ranks[this.#winner] === IS_OVER ? undefined : this.#cursors[this.#winner];
  }

  #advance(run: number): void {
    const cursor = this.#cursors[run];
    if (cursor === undefined || !cursor.next()) {
      this.#ranks[run] = IS_OVER;
      return;
    }
    const { values, row } = cursor;
    for (let key = 0, at = run; key < this.#keys; key++, at += this.#runs) {
      const of = values[key];
      if (of === undefined) continue;
      this.#ranks[at] = of.ranks[row] ?? 0;
      this.#leads[at] = of.leads[row] ?? 0;
    }
  }

  #play(run: number): number {
    const losers = this.#losers;
    let winner = run;
    for (let place = (run + this.#runs) >> 1; place > 0; place >>= 1) {
      const loser = losers[place] ?? -1;
      if (this.#isBefore(loser, winner)) {
        losers[place] = winner;
        winner = loser;
      }
    }
    return winner;
  }

  #isBefore(a: number, b: number): boolean {
    // One that has not played wins, so that the first round fills the tree.
    if (a < 0 || b < 0) return a < 0;
    const [ranks, leads] = [this.#ranks, this.#leads];
    for (let key = 0, one = a, two = b; key < this.#keys; key++, one += this.#runs, two += this.#runs) {
      const rank = ranks[one] ?? 0;
      const other = ranks[two] ?? 0;
      if (rank !== other) return rank < other;
      if (rank === IS_OVER) return a < b;
      const lead = leads[one] ?? 0;
      const otherLead = leads[two] ?? 0;
      if (lead !== otherLead) return lead < otherLead;
      const compared = this.#compareTextsOf(key, a, b);
      if (compared !== 0) return compared < 0;
    }
    return a < b;
  }

  #compareTextsOf(key: number, a: number, b: number): number {
    const [one, other, compare] = [this.#cursors[a], this.#cursors[b], this.#compareTexts[key]];
    const [values, otherValues] = [one?.values[key], other?.values[key]];
    if (values === undefined || otherValues === undefined || compare === undefined) return 0;
    return compare(values, one?.row ?? 0, otherValues, other?.row ?? 0);
  }
}

/** Stands behind all rows. */
const IS_OVER = 255;

/** The rows of all runs in their order. */
export function* mergedRows(runs: readonly SortedRun[], keys: readonly SortKey[]): Generator<OwnRows> {
  const merge = new Merge(runs, keys);
  const chunk = new RowChunk();
  for (let cursor = merge.next(); cursor !== undefined; cursor = merge.next()) {
    const { bytes, ends, row } = cursor;
    chunk.add(bytes, startOf(ends, row), ends[row] ?? 0);
    if (chunk.isFull) yield chunk.take();
  }
  if (chunk.rows > 0) yield chunk.take();
}

/** The same, with the values that they are sorted by: for runs that are merged into a longer one. */
export function* mergedRuns(runs: readonly SortedRun[], keys: readonly SortKey[]): Generator<SortedRows> {
  const merge = new Merge(runs, keys);
  const chunk = new RowChunk();
  const texts = keys.map(() => new RowChunk());
  const ranks: number[][] = keys.map(() => []);
  const leads: number[][] = keys.map(() => []);
  const take = (): SortedRows => {
    const values = keys.map((_, key): PackedValues => {
      const text = texts[key]?.take();
      const ends = new Uint32Array((text?.ends.length ?? 0) + 1);
      ends.set(text?.ends ?? [], 1);
      const packed = {
        ranks: Uint8Array.from(ranks[key] ?? []),
        leads: Float64Array.from(leads[key] ?? []),
        texts: text?.bytes ?? new Uint8Array(0),
        ends,
      };
      ranks[key] = [];
      leads[key] = [];
      return packed;
    });
    return { values, rows: chunk.take() };
  };
  for (let cursor = merge.next(); cursor !== undefined; cursor = merge.next()) {
    const { bytes, ends, row, values } = cursor;
    chunk.add(bytes, startOf(ends, row), ends[row] ?? 0);
    for (const [key, of] of values.entries()) {
      ranks[key]?.push(of.ranks[row] ?? 0);
      leads[key]?.push(of.leads[row] ?? 0);
      texts[key]?.add(copyable(of.texts), of.ends[row] ?? 0, of.ends[row + 1] ?? 0);
    }
    if (chunk.isFull) yield take();
  }
  if (chunk.rows > 0) yield take();
}
