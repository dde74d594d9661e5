/**
 * `--sort-by born,-score`: rows in the order of these columns; of equal ones, the first stays first. A worker sorts the rows
 * of its batch, and packs what they are sorted by as arrays of numbers; the arranger merges batches, and no row is read again.
 * What has no room in memory goes to a file, batch by batch.
 */
import type { KeyValues } from "../../formats/indexed/row-merger.ts";
import type { Row } from "../../formats/format.ts";
import { columnReader } from "../grouping/row-fields.ts";
import type { MakeStage } from "../stage.ts";
import { SeenColumns, type SeenNames } from "../unseen-column.ts";
import { RunStore } from "./run-store.ts";
import { packValues, unpackValues } from "./packed-values.ts";
import { sortedIndexes } from "./merge-sort.ts";
import { sortKeys } from "./sort-keys.ts";
import { type SortValue, comparesRows, sortValueOf, valuesInOrder, valuesOfKey } from "./sort-values.ts";

export const sort: MakeStage = (asked, { areKnown, memoryBytes, tempDir, locale }) => {
  const keys = sortKeys(asked, { locale });
  const columns = keys.map(({ column }) => column);
  const readers = columns.map(columnReader);
  const valueOf = keys.map(sortValueOf);
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
      let sorted: { order: Uint32Array; values: KeyValues[] } | undefined;
      const sortedRows = (): { order: Uint32Array; values: KeyValues[] } => {
        if (sorted !== undefined) return sorted;
        const packed = values.map((list, at) => valuesOfKey(list, keys[at] ?? { isDescending: false }));
        const order = sortedIndexes(values[0]?.length ?? 0, comparesRows(keys, packed));
        sorted = { order, values: packed.map((one) => valuesInOrder(one, order)) };
        return sorted;
      };
      return {
        add: (note) => {
          for (const [at, list] of values.entries()) list.push((note as SortValue[])[at]);
          return true;
        },
        kept: () => sortedRows().order,
        // Before the values, what is known of columns.
        pack: () => {
          const told = Buffer.from(JSON.stringify({ seen, names } satisfies SeenNames));
          const { order, values: sortedValues } = sortedRows();
          return packValues(sortedValues, { from: 0, to: order.length, ends: new Uint32Array(0), beside: told });
        },
      };
    },
    arranger: () => {
      const runs = new RunStore(keys, { memoryBytes, tempDir });
      const all = new SeenColumns(areKnown ? [] : columns);
      return {
        take: (bytes, rows) => {
          const { values, beside } = unpackValues(bytes);
          all.add(JSON.parse(Buffer.from(beside).toString()) as SeenNames);
          if (values[0]?.ranks.length !== rows.ends.length)
            throw new Error("a batch has other rows than its part tells of");
          runs.add({ values, rows });
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
