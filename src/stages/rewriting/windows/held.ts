/**
 * Windows of which no row has its fields before all rows of its group are there: rows wait, as text, and come out in their order.
 * Where there is no room for them in memory they wait in a file.
 */
import type { FoundNumber } from "../../grouping/row-fields.ts";
import { type SortKey, sortKeys } from "../../sort/sort-keys.ts";
import { sortValueOf } from "../../sort/sort-values.ts";
import type { MakeStage, RewritingStage, StepFacts, TableRow } from "../../stage.ts";
import { RowLines } from "../row-text.ts";
import { ColumnPlaces, Groups, checkNumber, numberIn } from "../values.ts";
import { WaitingLines } from "../waiting-lines.ts";
import { Ranks } from "./ranks.ts";
import { RunningSum } from "./running-sum.ts";
import { AddedNames, windowStep } from "./window.ts";

/** A group of rows. */
interface HeldGroup {
  number: number;
  /** By column, the sum of its numbers so far, and when all were there, as a number. */
  sums: (RunningSum | undefined)[];
  totals: (number | undefined)[];
}

/** How the fields of a column are made of all rows. */
interface HeldColumn {
  column: string;
  /** Hears of the value of the next row. */
  hear(value: unknown, group: HeldGroup): void;
  /** When all were heard of: makes what gives the new field of each row, one after the other. */
  fields(): (value: unknown, group: HeldGroup) => unknown;
  /** Gives back what it has beside memory. */
  close(): void;
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
        // Half of it is for what is known of the rows.
        const columns = make(asked, { ...facts, memoryBytes: Math.floor(facts.memoryBytes / 2 / asked.length) });
        const waiting = new WaitingLines({ ...facts, memoryBytes: Math.floor(facts.memoryBytes / 2) });
        const places = new ColumnPlaces([...columns.map(({ column }) => column), ...facts.per], facts.areKnown);
        const added = new AddedNames(step);
        let count = 0;
        const groups = new Groups(facts, (): HeldGroup => ({ number: count++, sums: [], totals: [] }));
        const groupOf = ({ values }: TableRow, at: readonly number[]): HeldGroup =>
          groups.of(values, at.slice(columns.length));
        const lines = new RowLines();
        const close = (): void => {
          waiting.close();
          for (const column of columns) column.close();
        };
        return {
          take: (rows) => {
            for (const row of rows) {
              const at = places.in(row);
              added.behind(row);
              const group = groupOf(row, at);
              for (const [one, column] of columns.entries()) column.hear(row.values[at[one] ?? -1], group);
            }
            waiting.add(rows.map((row) => lines.line(row)).join(""));
            return [];
          },
          *end() {
            try {
              places.check();
              const fields = columns.map((column) => column.fields());
              for (const chunk of waiting.all()) {
                yield lines.rows(chunk).map((one): TableRow => {
                  const at = places.in(one);
                  const group = groupOf(one, at);
                  const values = one.values.slice();
                  for (const [column, field] of fields.entries())
                    values.push(field(one.values[at[column] ?? -1], group));
                  return { names: added.behind(one), values };
                });
              }
            } finally {
              close();
            }
          },
          close,
        };
      },
    };
  };
}

/** `--rank -score`: the place of a row by this column, where equal ones have the same and those behind count them. */
export const rank: MakeStage = heldWindow({
  name: "rank",
  columns: (asked, facts) => sortKeys(asked, facts).map((key) => ranked(key, facts)),
});

function ranked(key: SortKey, facts: StepFacts): HeldColumn {
  const ranks = new Ranks(key, facts);
  const valueOf = sortValueOf(key);
  return {
    column: key.column,
    hear: (value, { number }) => ranks.add(valueOf(value), number),
    fields: () => {
      const all = ranks.all();
      return () => {
        const { value } = all.next();
        return value ?? null;
      };
    },
    close: () => ranks.close(),
  };
}

/** `--share amount`: the part of the group's total. */
export const share: MakeStage = heldWindow({
  name: "share",
  check: checkNumber,
  columns: (asked) => asked.map(shared),
});

function shared(column: string, at: number): HeldColumn {
  return {
    column,
    hear: (value, { sums }) => {
      const number = numberIn(value, column);
      if (number !== undefined) (sums[at] ??= new RunningSum()).add(number);
    },
    fields: () => (value, group) => {
      const number = numberIn(value, column);
      const total = (group.totals[at] ??= Number(group.sums[at]?.sum ?? 0));
      // Of nothing there is no part.
      return number === undefined || total === 0 ? null : doubleOf(number) / total;
    },
    close: () => {},
  };
}

function doubleOf(number: FoundNumber): number {
  return Number(typeof number === "object" ? number.nearest : number);
}
