/** Whether an expression gives every row as it is: `r`, `row`, `x => x`. */
export function isIdentity(expression: string): boolean {
  return /^\s*(?:row|r|(\(?)\s*([\w$]+)\s*\)?\s*=>\s*\2)\s*$/.test(expression);
}
