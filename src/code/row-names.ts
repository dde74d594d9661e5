/** The names that stand for the whole row in an expression. */

/** Always does: a column of that name is `row.row`. */
export const ROW_NAME = "row";
/** Does unless a column is called so. */
export const ROW_ALIAS = "r";
