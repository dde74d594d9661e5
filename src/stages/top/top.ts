/**
 * `--top 10 --by -score,name`: the first rows in the order of these columns, which is that of `--sort-by`; of equal ones,
 * those that came first. A batch hands over no more of its rows than are wanted, and no more are kept.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { firstRows, inChunks } from "../arranged.ts";
import { columnReader } from "../grouping/row-fields.ts";
import { sort } from "../sort/sort.ts";
import { sortKeys } from "../sort/sort-keys.ts";
import { sortValueOf } from "../sort/sort-values.ts";
import type { Arranger, MakeStage, StepFacts, StepStage } from "../stage.ts";
import { SeenColumns, type SeenNames } from "../unseen-column.ts";
import { BestRows, type Values } from "./best-rows.ts";

/** More rows than so many are sorted as all are, with the room that there is for that. */
const MANY_ROWS = 65_536;

/** What a batch tells. */
interface Part extends SeenNames {
  /** Of the rows that it hands over. */
  values: Values[];
}

export const top: MakeStage = (asked, facts) =>
  (facts.most ?? 0) > MANY_ROWS ? topOfSorted(asked, facts) : topInMemory(asked, facts);

/** The first rows of all in their order. */
function topOfSorted(asked: readonly string[], facts: StepFacts): StepStage {
  const { most = 0 } = facts;
  const stage = sort(asked, facts);
  if (stage.kind !== "arranging") throw new Error("to sort is to arrange");
  const what = `${most} by ${asked.join(", ")}`;
  const arranger = (): Arranger => {
    const all = stage.arranger();
    return {
      take: (part, rows) => all.take(part, rows),
      end: () => firstRows(all.end(), most),
      close: () => all.close?.(),
    };
  };
  return { ...stage, name: "top", what, arranger };
}

const topInMemory: MakeStage = (asked, { areKnown, most = 0, locale }) => {
  const keys = sortKeys(asked, { locale });
  const columns = keys.map(({ column }) => column);
  const fields = keys.map((key) => ({ read: columnReader(key.column), valueOf: sortValueOf(key) }));
  const seen = columns.map(() => false);
  let names: string[] = [];
  return {
    kind: "arranging",
    name: "top",
    what: `${most} by ${asked.join(", ")}`,
    note: (row: Row): Values => {
      if (names.length === 0) names = Object.keys(row);
      return fields.map(({ read, valueOf }, at) => {
        const field = read(row);
        if (field !== undefined) seen[at] = true;
        return valueOf(field);
      });
    },
    part: () => {
      const best = new BestRows<{ values: Values; row: number }>(most, keys);
      let rows = 0;
      const inOrder = (): { values: Values; row: number }[] => best.sorted().toSorted((a, b) => a.row - b.row);
      return {
        add: (note) => {
          const values = note as Values;
          if (best.wants(values)) best.add({ values, row: rows });
          rows++;
          return true;
        },
        kept: () => Uint32Array.from(inOrder(), ({ row }) => row),
        pack: () => {
          const part: Part = { values: inOrder().map(({ values }) => values), seen, names };
          // What it gives is memory that all threads share; a copy can be handed over.
          return new Uint8Array(serialize(part)).slice();
        },
      };
    },
    arranger: () => {
      const best = new BestRows<{ values: Values; bytes: Uint8Array }>(most, keys);
      const all = new SeenColumns(areKnown ? [] : columns);
      return {
        take: (packed, { bytes, ends }) => {
          const part = deserialize(packed) as Part;
          all.add(part);
          if (part.values.length !== ends.length) throw new Error("a batch has other rows than its part tells of");
          for (const [row, values] of part.values.entries()) {
            // A copy: of the other rows of its batch, nothing is kept.
            if (best.wants(values)) best.add({ values, bytes: bytes.slice(row === 0 ? 0 : ends[row - 1], ends[row]) });
          }
        },
        end: () => {
          all.check();
          return inChunks(best.sorted().map(({ bytes }) => bytes));
        },
      };
    },
  };
};
