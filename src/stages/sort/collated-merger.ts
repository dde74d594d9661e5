/**
 * Merges sorted runs whose texts are in the order of a language, which the kernel does not know: as `RowMerger` does, and with
 * the same calls.
 */
import type { KeyValues, KeyedRows, MergeStep } from "../../formats/indexed/row-merger.ts";
import { RowChunk, copyable, startOf } from "../arranged.ts";
import { collation } from "./collation.ts";
import type { SortKey } from "./sort-keys.ts";
import { comparesTexts, rankOfTexts, textsOf } from "./sort-values.ts";

/** The rows of a run that were loaded, and the one at which it stands. */
interface Loaded {
  keyed: KeyedRows;
  bytes: Buffer;
  row: number;
  to: number;
  /** The first of them, and from there on, of each key that is in the order of a language, the texts. */
  from: number;
  texts: (string[] | undefined)[];
}

/** Below 0 where the row at which one run stands comes before that of another. */
type Compare = (a: Loaded, b: Loaded) => number;

export class CollatedMerger {
  readonly #runs: (Loaded | undefined)[];
  readonly #keys: readonly SortKey[];
  readonly #compare: Compare;
  /** By place in the tree, the run that has lost there; -1 where none has played yet: it wins, so that the first round fills the tree. */
  readonly #losers: Int32Array;
  #winner = -1;
  /** The winner has come to other rows, and has to play. */
  #isLoaded = false;
  #chunk = new RowChunk();
  #of: number[] = [];

  constructor(runs: number, keys: readonly SortKey[]) {
    this.#runs = Array.from({ length: runs }, () => undefined);
    this.#keys = keys;
    const compares = keys.map(comparesKey);
    this.#compare = (a, b) => {
      for (const compare of compares) {
        const compared = compare(a, b);
        if (compared !== 0) return compared;
      }
      return 0;
    };
    this.#losers = new Int32Array(runs).fill(-1);
  }

  /** Loads rows of a run, from one up to another; undefined where it has no more. At first each run is loaded. */
  load(run: number, keyed: KeyedRows | undefined, [from, to]: readonly [from: number, to: number] = [0, 0]): void {
    this.#runs[run] =
      keyed === undefined || to <= from
        ? undefined
        : {
            keyed,
            bytes: copyable(keyed.rows.bytes),
            row: from,
            to,
            from,
            texts: this.#keys.map(({ locale }, at) => {
              const values = keyed.values[at];
              return locale === undefined || values === undefined ? undefined : textsOf(values, [from, to]);
            }),
          };
    if (this.#winner === run) this.#isLoaded = true;
  }

  /** Goes on, up to where rows are there to be taken, or a run is to be loaded. */
  step(): MergeStep {
    if (this.#winner < 0) for (let run = this.#runs.length - 1; run >= 0; run--) this.#winner = this.#play(run);
    else if (this.#isLoaded) this.#winner = this.#play(this.#winner);
    this.#isLoaded = false;
    for (;;) {
      const run = this.#runs[this.#winner];
      // It comes behind all that have rows: these are used up.
      if (run === undefined) return { rows: this.#chunk.rows === 0 ? undefined : this.#taken(), needs: undefined };
      if (run.row === run.to) return { rows: undefined, needs: this.#winner };
      if (this.#chunk.isFull) return { rows: this.#taken(), needs: undefined };
      const { ends } = run.keyed.rows;
      this.#chunk.add(run.bytes, startOf(ends, run.row), ends[run.row] ?? 0);
      this.#of.push(this.#winner);
      run.row++;
      // Which row is next, nobody knows before that one is there.
      if (run.row < run.to) this.#winner = this.#play(this.#winner);
    }
  }

  #taken(): MergeStep["rows"] {
    const rows = { ...this.#chunk.take(), runs: Uint32Array.from(this.#of) };
    this.#of = [];
    return rows;
  }

  /** Has a run that has come to another row play against the others; returns the first of all. */
  #play(run: number): number {
    let winner = run;
    for (let place = (run + this.#runs.length) >> 1; place > 0; place >>= 1) {
      const loser = this.#losers[place] ?? -1;
      if (!this.#isBefore(loser, winner)) continue;
      this.#losers[place] = winner;
      winner = loser;
    }
    return winner;
  }

  /** Of equal rows, that of the earlier run is first; a run that is used up comes last. */
  #isBefore(one: number, other: number): boolean {
    if (one < 0) return true;
    if (other < 0) return false;
    const [a, b] = [this.#runs[one], this.#runs[other]];
    if (a === undefined || b === undefined) return b === undefined && a !== undefined;
    return (this.#compare(a, b) || one - other) < 0;
  }
}

function comparesKey(key: SortKey, at: number): Compare {
  const { locale } = key;
  const ofText = rankOfTexts(key);
  const sign = key.isDescending ? -1 : 1;
  const compareBytes = comparesTexts(key);
  const compareCollated = locale === undefined ? undefined : collation(locale);
  return (a, b) => {
    const [of, other] = [valuesOf(a, at), valuesOf(b, at)];
    const rank = of.ranks[a.row] ?? 0;
    const otherRank = other.ranks[b.row] ?? 0;
    if (rank !== otherRank) return rank - otherRank;
    const lead = of.leads[a.row] ?? 0;
    const otherLead = other.leads[b.row] ?? 0;
    if (lead !== otherLead) return lead < otherLead ? -1 : 1;
    if (compareCollated === undefined || rank !== ofText) return compareBytes(of, a.row, other, b.row);
    return compareCollated(textAt(a, at), textAt(b, at)) * sign;
  };
}

function valuesOf({ keyed }: Loaded, key: number): KeyValues {
  const values = keyed.values[key];
  if (values === undefined) throw new Error("a run has other keys than it is merged by");
  return values;
}

function textAt({ texts, row, from }: Loaded, key: number): string {
  return texts[key]?.[row - from] ?? "";
}
