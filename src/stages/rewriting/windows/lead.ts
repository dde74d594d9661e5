/**
 * `--lead price:2`: the value of the row that is so many rows behind. A row waits for those, and the rows behind it with it: they
 * come out in their order.
 */
import { ENTRY_BYTES, noRoom, shownCount, valueBytes } from "../../kept.ts";
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
  /** What it takes, about: the values that it gets are those of others. */
  bytes: number;
}

/** What a row takes beside its values. */
const WAITING_BYTES = 2 * ENTRY_BYTES;

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
      const groups = new Groups(facts, (): { last: Waiting[]; next: number } => ({ last: [], next: 0 }));
      let queue: Waiting[] = [];
      let first = 0;
      /** Of the rows that wait. */
      let bytes = 0;
      const take = (row: TableRow): void => {
        const at = places.in(row);
        const waiting: Waiting = {
          names: added.behind(row),
          values: [...row.values, ...wanted.map(() => null)],
          missing: wanted.length,
          bytes: WAITING_BYTES + row.values.reduce((sum: number, value) => sum + valueBytes(value), 0),
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
        bytes += waiting.bytes;
        if (bytes > facts.mostBytes)
          throw noRoom(`--lead has ${shownCount(queue.length - first)} rows that wait for others`, {
            most: facts.mostBytes,
            hint:
              facts.per.length === 0
                ? "a row waits for the one whose value it gets: take one that is fewer rows behind"
                : `where the rows of a group stand together, few wait: --sort-by ${facts.per.join(",")} before --lead`,
          });
      };
      return {
        take: (rows) => {
          for (const row of rows) take(row);
          const from = first;
          for (let row = queue[first]; row?.missing === 0; row = queue[first]) {
            bytes -= row.bytes;
            first++;
          }
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
