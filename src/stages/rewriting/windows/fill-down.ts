/** `--fill-down city`: an empty field has the last value of its column, or of its group, that is not empty. */
import type { MakeStage } from "../../stage.ts";
import { ColumnPlaces, Groups, isEmpty } from "../values.ts";
import { windowStep } from "./window.ts";

export const fillDown: MakeStage = (asked, facts) => ({
  ...windowStep({ stage: "fill-down", asked }, facts),
  rewriter: () => {
    const places = new ColumnPlaces([...asked, ...facts.per], facts.areKnown);
    const groups = new Groups(facts, (): unknown[] => []);
    return {
      take: (rows) =>
        rows.map((row) => {
          const at = places.in(row);
          const last = groups.of(row.values, at.slice(asked.length));
          let filled: unknown[] | undefined;
          for (let one = 0; one < asked.length; one++) {
            const place = at[one] ?? -1;
            if (place < 0) continue;
            const value = row.values[place];
            if (!isEmpty(value)) last[one] = value;
            else if (last[one] !== undefined) {
              filled ??= row.values.slice();
              filled[place] = last[one];
            }
          }
          return filled === undefined ? row : { names: row.names, values: filled };
        }),
      end: () => {
        places.check();
        return [];
      },
    };
  },
});
