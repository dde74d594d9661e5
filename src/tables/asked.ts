/** Tables beside the input, as options ask for them. */

/** What becomes of rows by whether the table has their key. */
export type JoinKind = (typeof JOIN_KINDS)[number];
export const JOIN_KINDS = ["inner", "left", "semi", "anti"] as const;

/** A table whose columns come to the rows. */
export interface JoinOption {
  /** In any format that is read. */
  file: string;
  /** The columns that must be equal: by their name in the input, what they are called in the table; or one name for both. */
  on: string | Record<string, string>;
  /**
   * `inner`: rows whose key the table has; `left`: all rows; `semi`: those of `inner`, each once and as it is; `anti`: those
   * whose key the table has not. @default "inner"
   */
  kind?: JoinKind;
  /** Stands before the names of the columns that come from the table. */
  prefix?: string;
  /** A key that the table has twice is an error. */
  unique?: boolean;
}

/** A table that code looks things up in. */
export interface LookupOption {
  /** In any format that is read. */
  file: string;
  /** The column, or the columns, by which its rows are found. */
  key: string | string[];
}

/** Whether the columns of the table come to the rows. */
export function addsColumns(kind: JoinKind): boolean {
  return kind === "inner" || kind === "left";
}
