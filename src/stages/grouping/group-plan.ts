/** What all tables of groups of a run have in common. Columns are read by code that is made once, and compiled once. */
import type { Row } from "../../formats/format.ts";
import { type Figure, type Grouping, groupedColumns } from "./grouping.ts";
import { columnReader } from "./row-fields.ts";

export interface GroupPlan {
  /** The columns that make groups. */
  by: readonly ReadColumn[];
  /** The columns of whose numbers figures are wanted. */
  numbers: readonly PlannedNumbers[];
  figures: readonly Figure[];
  /** Columns of the output. */
  columns: readonly string[];
  /** Throws for the values of a new group that the output cannot hold. */
  check: (values: readonly unknown[]) => void;
}

interface ReadColumn {
  name: string;
  read: (row: Row) => unknown;
}

export interface PlannedNumbers extends ReadColumn {
  wantsSums: boolean;
  wantsExtremes: boolean;
}

export function groupPlan(grouping: Grouping, check: GroupPlan["check"]): GroupPlan {
  const numbers = new Map<string, PlannedNumbers>();
  for (const figure of grouping.figures) {
    if (figure.kind === "count") continue;
    const { column: name, kind } = figure;
    const planned = numbers.get(name) ?? { ...readColumn(name), wantsSums: false, wantsExtremes: false };
    if (kind === "sum" || kind === "mean") planned.wantsSums = true;
    else planned.wantsExtremes = true;
    numbers.set(name, planned);
  }
  return {
    by: grouping.by.map(readColumn),
    numbers: [...numbers.values()],
    figures: grouping.figures,
    columns: groupedColumns(grouping),
    check,
  };
}

function readColumn(name: string): ReadColumn {
  return { name, read: columnReader(name) };
}
