/**
 * `--sort-by born,-score`: rows in the order of these columns; of equal ones, the first stays first. A worker sorts the rows
 * of its batch, and packs what they are sorted by as arrays of numbers; the arranger merges batches, and no row is read again.
 * What has no room in memory goes to a file, batch by batch.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { columnReader } from "../grouping/row-fields.ts";
import type { MakeStage } from "../stage.ts";
import { SeenColumns, type SeenNames } from "../unseen-column.ts";
import { RunStore } from "./run-store.ts";
import { comparesRows } from "./merge-runs.ts";
import { sortedIndexes } from "./merge-sort.ts";
import { sortKey } from "./sort-keys.ts";
import { type PackedValues, type SortValue, packValues, sortValueOf, valuesInOrder } from "./sort-values.ts";

/** What a batch tells of its rows, which are sorted. */
interface Part extends SeenNames {
  /** By key. */
  values: PackedValues[];
}

export const sort: MakeStage = (asked, { areKnown, memoryBytes, tempDir }) => {
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
      let sorted: { order: Uint32Array; values: PackedValues[] } | undefined;
      const sortedRows = (): { order: Uint32Array; values: PackedValues[] } => {
        if (sorted !== undefined) return sorted;
        const packed = values.map((list, at) => packValues(list, keys[at] ?? { isDescending: false }));
        const order = sortedIndexes(values[0]?.length ?? 0, (a, b) => compare(packed, a, packed, b));
        sorted = { order, values: packed.map((one) => valuesInOrder(one, order)) };
        return sorted;
      };
      return {
        add: (note) => {
          for (const [at, list] of values.entries()) list.push((note as SortValue[])[at]);
          return true;
        },
        kept: () => sortedRows().order,
        pack: () => {
          const part: Part = { values: sortedRows().values, seen, names };
          // What it gives is memory that all threads share; a copy can be handed over.
          return new Uint8Array(serialize(part)).slice();
        },
      };
    },
    arranger: () => {
      const runs = new RunStore(keys, { memoryBytes, tempDir });
      const all = new SeenColumns(areKnown ? [] : columns);
      return {
        take: (bytes, rows) => {
          const part = deserialize(bytes) as Part;
          all.add(part);
          if (part.values[0]?.ranks.length !== rows.ends.length)
            throw new Error("a batch has other rows than its part tells of");
          runs.add({ values: part.values, rows });
        },
        end: () => {
          all.check();
          return runs.merged();
        },
        close: () => runs.close(),
      };
    },
  };
};
