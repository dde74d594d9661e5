/** Windows of which no row has its fields before all rows of its group are there: rows wait, as text, and come out in their order. */
import type { MakeStage, RewritingStage, StepFacts, TableRow } from "../../stage.ts";
import { sortedIndexes } from "../../sort/merge-sort.ts";
import { type SortKey, sortKeys } from "../../sort/sort-keys.ts";
import { type SortValue, comparesRows, sortValueOf, valuesOfKey } from "../../sort/sort-values.ts";
import type { FoundNumber } from "../../grouping/row-fields.ts";
import { RowLines } from "../row-text.ts";
import { ColumnPlaces, Groups, checkNumber, numberIn } from "../values.ts";
import { RunningSum } from "./running-sum.ts";
import { AddedNames, windowStep } from "./window.ts";

/** How the fields of a column are made of all rows. */
interface HeldColumn {
  column: string;
  /** Hears of the value of the next row, of which number it is. */
  hear(value: unknown, row: number, group: GroupRows): void;
  /** The new field of each row, one behind the other, when all were heard of. */
  fields(groups: readonly GroupRows[], rows: number): (row: number, value: unknown) => unknown;
}

/** The rows of a group, by number. */
interface GroupRows {
  rows: number[];
}

interface HeldWindow {
  name: string;
  columns: (asked: readonly string[], facts: StepFacts) => HeldColumn[];
  check?: RewritingStage["check"];
}

function heldWindow({ name, columns: make, check }: HeldWindow): MakeStage {
  return (asked: readonly string[], facts: StepFacts): RewritingStage => {
    const step = { stage: name, asked };
    return {
      ...windowStep(step, facts, { check, checked: asked }),
      rewriter: () => {
        const columns = make(asked, facts);
        const places = new ColumnPlaces([...columns.map(({ column }) => column), ...facts.per], facts.areKnown);
        const added = new AddedNames(step);
        const all: GroupRows[] = [];
        const groups = new Groups(facts.per, () => {
          const group: GroupRows = { rows: [] };
          all.push(group);
          return group;
        });
        const lines = new RowLines();
        const chunks: string[] = [];
        let count = 0;
        return {
          take: (rows) => {
            for (const row of rows) {
              const at = places.in(row);
              added.behind(row);
              const group = groups.of(row.values, at.slice(columns.length));
              for (const [one, column] of columns.entries()) column.hear(row.values[at[one] ?? -1], count, group);
              group.rows.push(count++);
            }
            chunks.push(rows.map((row) => lines.line(row)).join(""));
            return [];
          },
          *end() {
            places.check();
            const fields = columns.map((column) => column.fields(all, count));
            let row = 0;
            for (const chunk of chunks) {
              const out = lines.rows(chunk).map((one): TableRow => {
                const at = places.in(one);
                const values = one.values.slice();
                for (const [column, field] of fields.entries()) values.push(field(row, one.values[at[column] ?? -1]));
                row++;
                return { names: added.behind(one), values };
              });
              yield out;
            }
          },
        };
      },
    };
  };
}

/** `--rank -score`: the place of a row by this column, where equal ones have the same and those behind count them. */
export const rank: MakeStage = heldWindow({
  name: "rank",
  columns: (asked, facts) => sortKeys(asked, facts).map(ranked),
});

function ranked(key: SortKey): HeldColumn {
  const values: SortValue[] = [];
  const valueOf = sortValueOf(key);
  return {
    column: key.column,
    hear: (value) => void values.push(valueOf(value)),
    fields: (groups, count) => {
      const compare = comparesRows([key], [valuesOfKey(values, key)]);
      const ranks = new Uint32Array(count);
      for (const { rows } of groups) {
        const rowAt = (place: number): number => rows[place] ?? 0;
        const order = sortedIndexes(rows.length, (a, b) => compare(rowAt(a), rowAt(b)));
        let last = 0;
        for (const [place, index] of order.entries()) {
          const row = rowAt(index);
          const isSame = place > 0 && compare(rowAt(order[place - 1] ?? 0), row) === 0;
          if (!isSame) last = place + 1;
          ranks[row] = last;
        }
      }
      return (row) => ranks[row];
    },
  };
}

/** `--share amount`: the part of the group's total. */
export const share: MakeStage = heldWindow({
  name: "share",
  check: checkNumber,
  columns: (asked) => asked.map(shared),
});

function shared(column: string): HeldColumn {
  const sums = new Map<GroupRows, RunningSum>();
  return {
    column,
    hear: (value, _, group) => {
      const number = numberIn(value, column);
      if (number === undefined) return;
      let sum = sums.get(group);
      if (sum === undefined) sums.set(group, (sum = new RunningSum()));
      sum.add(number);
    },
    fields: (groups, count) => {
      const totals = new Float64Array(count);
      for (const group of groups) {
        const total = Number(sums.get(group)?.sum ?? 0);
        for (const row of group.rows) totals[row] = total;
      }
      return (row, value) => {
        const number = numberIn(value, column);
        const total = totals[row] ?? 0;
        // Of nothing there is no part.
        return number === undefined || total === 0 ? null : doubleOf(number) / total;
      };
    },
  };
}

function doubleOf(number: FoundNumber): number {
  return Number(typeof number === "object" ? number.nearest : number);
}
