/** The names that stand for the whole row in an expression. */

/** Always stands for the row: a column of that name is `row.row`. */
export const ROW_NAME = "row";
/** Stands for the row unless a column has that name. */
export const ROW_ALIAS = "r";
