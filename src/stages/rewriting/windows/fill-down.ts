/** `--fill-down city`: an empty field has the last value of its column, or of its group, that is not empty. */
import type { MakeStage } from "../../stage.ts";
import type { TableRow } from "../../stage.ts";
import { SharedNames } from "../shared-names.ts";
import { ColumnPlaces, Groups, isEmpty } from "../values.ts";
import { windowStep } from "./window.ts";

/** Of each column the last value that is not empty, and the names of the row that had it. */
interface LastValues {
  values: unknown[];
  names: (readonly string[])[];
}

export const fillDown: MakeStage = (asked, facts) => ({
  ...windowStep({ stage: "fill-down", asked }, facts),
  rewriter: () => {
    const places = new ColumnPlaces([...asked, ...facts.per], facts.areKnown);
    const groups = new Groups(facts, (): LastValues => ({ values: [], names: [] }));
    const shared = new SharedNames();
    const fill = (row: TableRow): TableRow => {
      const at = places.in(row);
      const last = groups.of(row.values, at.slice(asked.length));
      let { names } = row;
      let values: unknown[] | undefined;
      for (let one = 0; one < asked.length; one++) {
        const column = asked[one] ?? "";
        const value = row.values[at[one] ?? -1];
        if (!isEmpty(value)) {
          last.values[one] = value;
          last.names[one] = row.names;
        } else if (last.values[one] !== undefined) {
          values ??= row.values.slice();
          let place = names === row.names ? (at[one] ?? -1) : names.indexOf(column);
          if (place < 0) {
            place = placeFor(column, names, last.names[one] ?? []);
            names = names.toSpliced(place, 0, column);
            values.splice(place, 0, undefined);
          }
          values[place] = last.values[one];
        }
      }
      if (values === undefined) return row;
      return { names: names === row.names ? names : shared.of(names), values };
    };
    return {
      take: (rows) => rows.map(fill),
      end: () => {
        places.check();
        return [];
      },
    };
  },
});

/** Where a column goes in a row that does not have it, as rows of JSON may not: behind what is before it in the other row. */
function placeFor(column: string, names: readonly string[], other: readonly string[]): number {
  const before = other.slice(0, other.indexOf(column));
  const last = before.findLast((name) => names.includes(name));
  return last === undefined ? 0 : names.indexOf(last) + 1;
}
