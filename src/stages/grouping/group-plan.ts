/** What all tables of groups of a run have in common. Columns are read by code that is made once, and compiled once. */
import type { Row } from "../../formats/format.ts";
import { type NumberStores, collecting } from "./collected-numbers.ts";
import type { DistinctCounts, PackedDistinct } from "./approx/distinct-counts.ts";
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
  /** Makes what quantiles are read off, where any are wanted: 0.5 is the median. */
  stores: NumberStores | undefined;
}

export interface PlannedValues extends ReadColumn {
  wantsFirst: boolean;
  wantsLast: boolean;
  /** How often each different value is there. */
  wantsCounts: boolean;
  wantsAll: boolean;
  /** Makes what says about how many different values there are, where that is enough. */
  distinct: Sketches["distinct"] | undefined;
  check: CheckValues;
}

/** What figures are made of where they need not be exact. */
export interface Sketches {
  numbers: (quantiles: readonly number[]) => NumberStores;
  distinct: { make: () => DistinctCounts; unpack: (packed: PackedDistinct) => DistinctCounts };
}

/**
 * @param checkOf Makes the check of values of these columns.
 * @param sketches Those that were loaded, where figures need not be exact.
 */
export function groupPlan(
  grouping: Grouping,
  checkOf: (columns: readonly string[]) => CheckValues,
  sketches?: Sketches,
): GroupPlan {
  const kindsOf = new Map<string, Figure[]>();
  for (const figure of grouping.figures) {
    if (figure.kind === "count") continue;
    kindsOf.set(figure.column, [...(kindsOf.get(figure.column) ?? []), figure]);
  }
  const columns = [...kindsOf];
  return {
    by: grouping.by.map(readColumn),
    numbers: columns.flatMap(([name, figures]) => plannedNumbers(name, figures, sketches)),
    values: columns.flatMap(([name, figures]) =>
      plannedValues(readColumn(name), { figures, check: checkOf([name]), sketches }),
    ),
    figures: grouping.figures,
    columns: groupedColumns(grouping),
    check: checkOf(grouping.by),
  };
}

function plannedNumbers(name: string, figures: readonly Figure[], sketches: Sketches | undefined): PlannedNumbers[] {
  const kinds = new Set(figures.map(({ kind }) => kind).filter((kind) => !isValueFigure(kind)));
  if (kinds.size === 0) return [];
  const wantsSquares = kinds.has("var") || kinds.has("stddev");
  const quantiles = [...new Set(figures.flatMap((figure) => quantileOf(figure) ?? []))];
  return [
    {
      ...readColumn(name),
      wantsSums: wantsSquares || kinds.has("sum") || kinds.has("mean"),
      wantsSquares,
      wantsExtremes: kinds.has("min") || kinds.has("max"),
      stores: quantiles.length === 0 ? undefined : (sketches?.numbers ?? collecting)(quantiles),
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
  { figures, check, sketches }: { figures: readonly Figure[]; check: CheckValues; sketches: Sketches | undefined },
): PlannedValues[] {
  const kinds = new Set(figures.map(({ kind }) => kind).filter(isValueFigure));
  if (kinds.size === 0) return [];
  // Where the commonest value is wanted, all different ones are kept.
  const isSketched = kinds.has("distinct-count") && !kinds.has("mode") && sketches !== undefined;
  return [
    {
      ...column,
      distinct: isSketched ? sketches.distinct : undefined,
      wantsFirst: kinds.has("first-value"),
      wantsLast: kinds.has("last-value"),
      wantsCounts: !isSketched && (kinds.has("mode") || kinds.has("distinct-count")),
      wantsAll: kinds.has("collect"),
      check,
    },
  ];
}

function readColumn(name: string): ReadColumn {
  return { name, read: columnReader(name) };
}
