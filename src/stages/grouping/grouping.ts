/** What `--group-by`, `--count`, `--sum` and their like ask for, and the columns that come of it. */

/** One figure of each group. */
export type Figure = { kind: "count" } | { kind: NumberFigure; column: string };
export type NumberFigure = "sum" | "mean" | "min" | "max";

/** Groups of rows, and what is wanted of each. */
export interface Grouping {
  /** The columns whose values make a group; none: all rows are one. */
  by: string[];
  /** In the order of the output. */
  figures: Figure[];
}

/** The columns of the output, called as Miller calls them. */
export function groupedColumns({ by, figures }: Grouping): string[] {
  return [...by, ...figures.map(figureColumn)];
}

/** What a figure is called. */
export function figureColumn(figure: Figure): string {
  return figure.kind === "count" ? "count" : `${figure.column}_${figure.kind}`;
}

/** The columns of the rows that a grouping looks at. */
export function readColumns({ by, figures }: Grouping): string[] {
  return [...new Set([...by, ...figures.flatMap((figure) => (figure.kind === "count" ? [] : [figure.column]))])];
}
