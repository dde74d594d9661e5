/** What all tables of groups of a run have in common. Columns are read by code that is made once, and compiled once. */
import type { Row } from "../../formats/format.ts";
import { type CollectedOptions, NoteMemory } from "./collected-numbers.ts";
import { type Figure, type Grouping, groupedColumns, isValueFigure } from "./grouping.ts";
import { columnReader } from "./row-fields.ts";

export interface GroupPlan {
  /** The columns that make groups. */
  by: readonly ReadColumn[];
  /** The columns of whose numbers figures are wanted. */
  numbers: readonly PlannedNumbers[];
  /** Those of whose values some are, whatever they are. */
  values: readonly PlannedValues[];
  figures: readonly Figure[];
  /** Columns of the output. */
  columns: readonly string[];
  /** Throws for the values of a new group that the output cannot hold. */
  check: CheckValues;
}

/** Throws for values of some columns that the output cannot hold. */
export type CheckValues = (values: readonly unknown[]) => void;

interface ReadColumn {
  name: string;
  read: (row: Row) => unknown;
}

export interface PlannedNumbers extends ReadColumn {
  wantsSums: boolean;
  wantsSquares: boolean;
  wantsExtremes: boolean;
  /** The quantiles that are wanted, if any: 0.5 is the median. */
  collects: CollectedOptions;
}

export interface PlannedValues extends ReadColumn {
  wantsFirst: boolean;
  wantsLast: boolean;
  /** How often each different value is there. */
  wantsCounts: boolean;
  wantsAll: boolean;
  check: CheckValues;
}

/** @param checkOf Makes the check of values of these columns. */
export function groupPlan(grouping: Grouping, checkOf: (columns: readonly string[]) => CheckValues): GroupPlan {
  const kindsOf = new Map<string, Figure[]>();
  for (const figure of grouping.figures) {
    if (figure.kind === "count") continue;
    kindsOf.set(figure.column, [...(kindsOf.get(figure.column) ?? []), figure]);
  }
  const columns = [...kindsOf];
  return {
    by: grouping.by.map(readColumn),
    numbers: columns.flatMap(([name, figures]) => plannedNumbers(name, figures)),
    values: columns.flatMap(([name, figures]) => plannedValues(readColumn(name), { figures, check: checkOf([name]) })),
    figures: grouping.figures,
    columns: groupedColumns(grouping),
    check: checkOf(grouping.by),
  };
}

function plannedNumbers(name: string, figures: readonly Figure[]): PlannedNumbers[] {
  const kinds = new Set(figures.map(({ kind }) => kind).filter((kind) => !isValueFigure(kind)));
  if (kinds.size === 0) return [];
  const wantsSquares = kinds.has("var") || kinds.has("stddev");
  const quantiles = figures.flatMap((figure) => quantileOf(figure) ?? []);
  return [
    {
      ...readColumn(name),
      wantsSums: wantsSquares || kinds.has("sum") || kinds.has("mean"),
      wantsSquares,
      wantsExtremes: kinds.has("min") || kinds.has("max"),
      collects: { quantiles: [...new Set(quantiles)], memory: new NoteMemory() },
    },
  ];
}

/** The share that a figure is a quantile at. */
export function quantileOf(figure: Figure): number | undefined {
  if (figure.kind === "median") return 0.5;
  return figure.kind === "quantile" ? figure.at : undefined;
}

function plannedValues(
  column: ReadColumn,
  { figures, check }: { figures: readonly Figure[]; check: CheckValues },
): PlannedValues[] {
  const kinds = new Set(figures.map(({ kind }) => kind).filter(isValueFigure));
  if (kinds.size === 0) return [];
  return [
    {
      ...column,
      wantsFirst: kinds.has("first-value"),
      wantsLast: kinds.has("last-value"),
      wantsCounts: kinds.has("mode") || kinds.has("distinct-count"),
      wantsAll: kinds.has("collect"),
      check,
    },
  ];
}

function readColumn(name: string): ReadColumn {
  return { name, read: columnReader(name) };
}
