/**
 * Steps that add columns to the rows that they are given, in the order in which these come, for each group by itself. Of a
 * group they hold no more than its state.
 */
import type { MakeStage, RewritingStage, StepFacts, TableRow } from "../../stage.ts";
import { addedColumns, askedColumn, takesRows, withAdded } from "../asked.ts";
import { ColumnPlaces, Groups } from "../values.ts";

/** What a window knows of the rows of a group: gives the new field of the next one. */
type NextField = (value: unknown) => unknown;

/** A kind of window. */
interface WindowKind {
  name: string;
  /** Makes the state of a group. @param rows The number behind the column, where there is one. */
  group: (column: string, rows: number | undefined) => NextField;
  /** What is wrong with a value. */
  check?: RewritingStage["check"];
}

/** A window, but for what makes its fields. @param checked Columns whose values it wants to be of a kind. */
export function windowStep(
  { stage, asked }: { stage: string; asked: readonly string[] },
  { per }: StepFacts,
  { check, checked = [] }: { check?: RewritingStage["check"] | undefined; checked?: readonly string[] } = {},
): Omit<RewritingStage, "rewriter"> {
  const by = per.length === 0 ? "" : `per ${per.join(", ")}`;
  return {
    name: stage,
    what: [asked.join(", "), by].filter((part) => part !== "").join(" "),
    kind: "rewriting",
    keepsRows: true,
    columns: (names) => withAdded({ stage, asked }, names),
    checked: check === undefined ? [] : checked,
    check: (value, column) => check?.(value, column),
  };
}

/** Makes steps of a kind that give the fields of a row as it comes. */
export function runningWindow({ name, group, check }: WindowKind): MakeStage {
  return (asked, facts) => {
    const wanted = asked.map((text) => (takesRows(name) ? askedColumn(text) : { column: text, rows: undefined }));
    const columns = wanted.map(({ column }) => column);
    // What counts rows looks at no column.
    const makers = name === "cumcount" ? [{ column: "", rows: undefined }] : wanted;
    const step = { stage: name, asked };
    return {
      ...windowStep(step, facts, { check, checked: columns }),
      rewriter: () => {
        const places = new ColumnPlaces([...columns, ...facts.per], facts.areKnown);
        const added = new AddedNames(step);
        const groups = new Groups(facts, () => makers.map(({ column, rows }) => group(column, rows)));
        return {
          take: (rows) =>
            rows.map((row) => {
              const at = places.in(row);
              const { values } = row;
              const state = groups.of(values, facts.per.length === 0 ? NO_PLACES : at.slice(columns.length));
              const all = values.slice();
              for (let one = 0; one < state.length; one++) all.push(state[one]?.(values[at[one] ?? -1]));
              return { names: added.behind(row), values: all };
            }),
          end: () => {
            places.check();
            return [];
          },
        };
      },
    };
  };
}

const NO_PLACES: readonly number[] = [];

/** The names of rows with those that a step adds: the same list for the same names. */
export class AddedNames {
  readonly #step: Parameters<typeof addedColumns>[0];
  readonly #known = new WeakMap<readonly string[], readonly string[]>();

  constructor(step: Parameters<typeof addedColumns>[0]) {
    this.#step = step;
  }

  behind({ names }: TableRow): readonly string[] {
    let all = this.#known.get(names);
    if (all === undefined) {
      all = withAdded(this.#step, names);
      this.#known.set(names, all);
    }
    return all;
  }
}
