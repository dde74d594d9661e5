/** What `--group-by`, `--count`, `--sum` and their like ask for, and the columns that come of it. */

/** Figures of the numbers of a column. */
const NUMBER_FIGURES = ["sum", "mean", "min", "max", "median", "stddev", "var"] as const;
/** Figures of its values, whatever these are. */
const VALUE_FIGURES = ["mode", "first-value", "last-value", "distinct-count", "collect"] as const;

type NumberFigure = (typeof NUMBER_FIGURES)[number];
export type ValueFigure = (typeof VALUE_FIGURES)[number];

/** One figure of each group. */
export type Figure =
  | { kind: "count" }
  | { kind: NumberFigure | ValueFigure; column: string }
  /** The number below which this share of them lies: `at` is from 0 to 1. */
  | { kind: "quantile"; column: string; at: number };

/** Groups of rows, and what is wanted of each. */
export interface Grouping {
  /** The columns whose values make a group; none: all rows are one. */
  by: string[];
  /** In the order of the output. */
  figures: Figure[];
  /** Those of which sketches can be made need not be exact. */
  isApprox: boolean;
}

/** The options that ask for it. */
export interface AskedGrouping {
  groupBy?: string[] | undefined;
  figures?: Figure[] | undefined;
  countDistinct?: string[] | undefined;
  approx?: boolean | undefined;
}

/** The groups and figures that are asked for, where they are. */
export function groupingOf({
  groupBy,
  figures,
  countDistinct,
  approx: isApprox = false,
}: AskedGrouping): Grouping | undefined {
  if (countDistinct !== undefined) return { by: countDistinct, figures: [{ kind: "count" }], isApprox };
  return groupBy === undefined && figures === undefined
    ? undefined
    : { by: groupBy ?? [], figures: figures ?? [], isApprox };
}

/** Whether a sketch can stand for what a figure is made of. */
export function isSketched({ kind }: Figure): boolean {
  return kind === "median" || kind === "quantile" || kind === "distinct-count";
}

/** The flag that names the columns of groups, without its dashes. */
export function groupFlag({ countDistinct }: AskedGrouping): string {
  return countDistinct === undefined ? "group-by" : "count-distinct";
}

export function isValueFigure(kind: Figure["kind"]): kind is ValueFigure {
  return VALUE_FIGURES.some((known) => known === kind);
}

/** Whether it is one, whoever has made it. */
export function isFigure(figure: unknown): figure is Figure {
  if (typeof figure !== "object" || figure === null || !("kind" in figure)) return false;
  if (figure.kind === "count") return true;
  if (!("column" in figure) || typeof figure.column !== "string") return false;
  if (figure.kind !== "quantile") return [...NUMBER_FIGURES, ...VALUE_FIGURES].some((kind) => kind === figure.kind);
  return "at" in figure && typeof figure.at === "number" && figure.at >= 0 && figure.at <= 1;
}

/** The columns of the output, called as Miller calls them. */
export function groupedColumns({ by, figures }: Pick<Grouping, "by" | "figures">): string[] {
  return [...by, ...figures.map(figureColumn)];
}

/** What a figure is called. */
export function figureColumn(figure: Figure): string {
  switch (figure.kind) {
    case "count":
      return "count";
    case "quantile":
      return `${figure.column}_p${percent(figure.at)}`;
    case "first-value":
      return `${figure.column}_first`;
    case "last-value":
      return `${figure.column}_last`;
    case "distinct-count":
      return `${figure.column}_distinct_count`;
    default:
      return `${figure.column}_${figure.kind}`;
  }
}

/** So many digits of a share are those that it was written with: 0.07 × 100 is 7. */
const SHARE_DIGITS = 15;

function percent(share: number): string {
  return String(Number((share * 100).toPrecision(SHARE_DIGITS)));
}

/** The columns of the rows that a grouping looks at. */
export function readColumns({ by, figures }: Pick<Grouping, "by" | "figures">): string[] {
  return [...new Set([...by, ...figures.flatMap((figure) => (figure.kind === "count" ? [] : [figure.column]))])];
}

/** Those whose values stand in the output as they are. */
export function shownColumns({ by, figures }: Grouping): string[] {
  return [
    ...by,
    ...figures.flatMap((figure) => (isValueFigure(figure.kind) && "column" in figure ? [figure.column] : [])),
  ];
}
