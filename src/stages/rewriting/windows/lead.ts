/**
 * `--lead price:2`: the value of the row that is so many rows behind. A row waits for those, and the rows behind it with it: they
 * come out in their order.
 */
import type { MakeStage, TableRow } from "../../stage.ts";
import { askedColumn } from "../asked.ts";
import { ColumnPlaces, Groups } from "../values.ts";
import { AddedNames, windowStep } from "./window.ts";

/** A row that waits. */
interface Waiting {
  names: readonly string[];
  values: unknown[];
  /** So many of its new fields are not known yet. */
  missing: number;
}

/** So many rows that have gone out are forgotten together. */
const FORGOTTEN_ROWS = 1024;

export const lead: MakeStage = (asked, facts) => {
  const wanted = asked.map((text) => {
    const { column, rows = 1 } = askedColumn(text);
    return { column, rows };
  });
  const columns = wanted.map(({ column }) => column);
  const farthest = Math.max(...wanted.map(({ rows }) => rows));
  const step = { stage: "lead", asked };
  return {
    ...windowStep(step, facts),
    rewriter: () => {
      const places = new ColumnPlaces([...columns, ...facts.per], facts.areKnown);
      const added = new AddedNames(step);
      /** The last rows of a group, so many as one may wait for. */
      const groups = new Groups(facts.per, (): { last: Waiting[]; next: number } => ({ last: [], next: 0 }));
      let queue: Waiting[] = [];
      let first = 0;
      const take = (row: TableRow): void => {
        const at = places.in(row);
        const waiting: Waiting = {
          names: added.behind(row),
          values: [...row.values, ...wanted.map(() => null)],
          missing: wanted.length,
        };
        const group = groups.of(row.values, at.slice(columns.length));
        for (const [one, { rows }] of wanted.entries()) {
          const before = group.last[(group.next + farthest - rows) % farthest];
          if (before === undefined) continue;
          before.values[before.values.length - wanted.length + one] = row.values[at[one] ?? -1] ?? null;
          before.missing--;
        }
        group.last[group.next] = waiting;
        group.next = (group.next + 1) % farthest;
        queue.push(waiting);
      };
      return {
        take: (rows) => {
          for (const row of rows) take(row);
          const from = first;
          while (queue[first]?.missing === 0) first++;
          const out = queue.slice(from, first);
          if (first >= FORGOTTEN_ROWS) {
            queue = queue.slice(first);
            first = 0;
          }
          return out;
        },
        *end() {
          places.check();
          for (let at = first; at < queue.length; at += FORGOTTEN_ROWS) yield queue.slice(at, at + FORGOTTEN_ROWS);
        },
      };
    },
  };
};
