/**
 * `--sort-by born,-score`: rows in the order of these columns; of equal ones, the first stays first. A worker sorts the rows
 * of its batch, and packs what they are sorted by as arrays of numbers; the arranger merges batches, and no row is read again.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { columnReader } from "../grouping/row-fields.ts";
import type { MakeStage, PlacedRows } from "../stage.ts";
import { SeenColumns, type SeenNames } from "../unseen-column.ts";
import { sortedIndexes } from "./merge-sort.ts";
import { type SortKey, sortKey } from "./sort-keys.ts";
import { type PackedValues, type SortValue, comparesValues, packValues, sortValueOf } from "./sort-values.ts";

/** What a batch tells. */
interface Part extends SeenNames {
  /** Its rows in their new order. */
  order: Uint32Array;
  /** By key. */
  values: PackedValues[];
}

/** A batch that is sorted. */
interface Run extends Pick<Part, "order" | "values"> {
  rows: PlacedRows;
}

export const sort: MakeStage = (asked, { areKnown }) => {
  const keys = asked.map(sortKey);
  const columns = keys.map(({ column }) => column);
  const readers = columns.map(columnReader);
  const valueOf = keys.map(sortValueOf);
  const compare = comparesRows(keys);
  const seen = columns.map(() => false);
  let names: string[] = [];
  return {
    kind: "arranging",
    name: "sort",
    what: `by ${asked.join(", ")}`,
    note: (row: Row) => {
      if (names.length === 0) names = Object.keys(row);
      return readers.map((read, at) => {
        const field = read(row);
        if (field !== undefined) seen[at] = true;
        return valueOf[at]?.(field);
      });
    },
    part: () => {
      const values = keys.map((): SortValue[] => []);
      return {
        add: (note) => {
          for (const [at, list] of values.entries()) list.push((note as SortValue[])[at]);
          return true;
        },
        pack: () => {
          const packed = values.map(packValues);
          const order = sortedIndexes(values[0]?.length ?? 0, (a, b) => compare(packed, a, packed, b));
          const part: Part = { order, values: packed, seen, names };
          // What it gives is memory that all threads share; a copy can be handed over.
          return new Uint8Array(serialize(part)).slice();
        },
      };
    },
    arranger: () => {
      const runs: Run[] = [];
      const all = new SeenColumns(areKnown ? [] : columns);
      return {
        take: (bytes, rows) => {
          const part = deserialize(bytes) as Part;
          all.add(part);
          if (part.order.length !== rows.ends.length) throw new Error("a batch has other rows than its part tells of");
          if (part.order.length > 0) runs.push({ order: part.order, values: part.values, rows });
        },
        end: () => {
          all.check();
          return merged(runs, compare);
        },
      };
    },
  };
};

/** Compares a row with one of another batch, or of the same. */
type CompareRows = (a: readonly PackedValues[], atA: number, b: readonly PackedValues[], atB: number) => number;

function comparesRows(keys: readonly SortKey[]): CompareRows {
  const [first, ...others] = keys.map(comparesValues);
  return (a, atA, b, atB) => {
    const [one, other] = [a[0], b[0]];
    if (first === undefined || one === undefined || other === undefined) return 0;
    const compared = first(one, atA, other, atB);
    return compared === 0 && others.length > 0 ? compareOthers(others, a, atA, b, atB) : compared;
  };
}

/** Compares by the keys behind the first. */
function compareOthers(
  others: readonly ReturnType<typeof comparesValues>[],
  ...[a, atA, b, atB]: Parameters<CompareRows>
): number {
  for (let key = 0; key < others.length; key++) {
    const [one, other, compare] = [a[key + 1], b[key + 1], others[key]];
    if (one === undefined || other === undefined || compare === undefined) continue;
    const compared = compare(one, atA, other, atB);
    if (compared !== 0) return compared;
  }
  return 0;
}

/** The rows of all batches in their order: a tree in which each batch's next row plays against the others'. */
function* merged(runs: readonly Run[], compare: CompareRows): Generator<Uint8Array> {
  const count = runs.length;
  const next = new Uint32Array(count);
  /** At each place the batch that lost there; none has played there yet: -1. */
  const losers = new Int32Array(count).fill(-1);
  const isBefore = (a: number, b: number): boolean => {
    // One that has not played wins, so that the first round fills the tree.
    if (a < 0 || b < 0) return a < 0;
    const [one, other] = [runs[a], runs[b]];
    const [atOne, atOther] = [one?.order[next[a] ?? 0], other?.order[next[b] ?? 0]];
    if (one === undefined || atOne === undefined) return false;
    if (other === undefined || atOther === undefined) return true;
    const compared = compare(one.values, atOne, other.values, atOther);
    return compared === 0 ? a < b : compared < 0;
  };
  const play = (run: number): number => {
    let winner = run;
    for (let place = (run + count) >> 1; place > 0; place >>= 1) {
      const loser = losers[place] ?? -1;
      if (isBefore(loser, winner)) {
        losers[place] = winner;
        winner = loser;
      }
    }
    return winner;
  };
  let first = -1;
  for (let run = count - 1; run >= 0; run--) first = play(run);
  for (;;) {
    const run = runs[first];
    const row = run?.order[next[first] ?? 0];
    if (run === undefined || row === undefined) return;
    const { bytes, ends } = run.rows;
    yield bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
    next[first] = (next[first] ?? 0) + 1;
    first = play(first);
  }
}
