/** Whether an expression gives every row as it is: `row`, `r`, `x => x`. */
import { ROW_ALIAS } from "./row-names.ts";

/** @param columns Those of the input, one of which may be called as the row is; undefined where any field may be. */
export function isIdentity(expression: string, columns: readonly string[] | undefined): boolean {
  if (expression.trim() === ROW_ALIAS) return columns?.includes(ROW_ALIAS) === false;
  return /^\s*(?:row|(\(?)\s*([\w$]+)\s*\)?\s*=>\s*\2)\s*$/.test(expression);
}
