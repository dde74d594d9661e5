/** `--unpivot jan,feb`: a row for each of these columns, with its name and its value in place of all of them. */
import type { MakeStage } from "../stage.ts";
import { unpivotedColumns } from "./asked.ts";
import { ColumnPlaces } from "./values.ts";

export const unpivot: MakeStage = (asked, facts) => {
  const step = { stage: "unpivot", asked, names: facts.names };
  return {
    name: "unpivot",
    what: `${asked.join(", ")} into ${facts.names.join(", ")}`,
    kind: "rewriting",
    keepsRows: false,
    columns: (names) => unpivotedColumns(step, names),
    checked: [],
    check: () => {},
    rewriter: () => {
      const places = new ColumnPlaces(asked, facts.areKnown);
      const known = new WeakMap<readonly string[], { names: readonly string[]; kept: readonly number[] }>();
      const layoutOf = (names: readonly string[]): { names: readonly string[]; kept: readonly number[] } => {
        let layout = known.get(names);
        if (layout === undefined) {
          const kept = [...names.keys()].filter((at) => !asked.includes(names[at] ?? ""));
          layout = { names: unpivotedColumns(step, names), kept };
          known.set(names, layout);
        }
        return layout;
      };
      return {
        take: (rows) =>
          rows.flatMap((row) => {
            const at = places.in(row);
            const { names, kept } = layoutOf(row.names);
            const others = kept.map((place) => row.values[place]);
            return asked.flatMap((column, one) => {
              const value = row.values[at[one] ?? -1];
              // What a row does not have is no row; what is empty is.
              return value === undefined ? [] : [{ names, values: [...others, column, value] }];
            });
          }),
        end: () => {
          places.check();
          return [];
        },
      };
    },
  };
};
