/**
 * The keys of the object that an expression writes out, in the order of the code. An object of JavaScript has whole
 * numbers before all other keys.
 */
import type { Expression } from "acorn";
import { isFunction, keyName, returnedBy } from "./proof-subject.ts";

/**
 * The keys of results in the order of the code; undefined where that does not tell.
 *
 * @param columns Those of the input, which stand for the row where it is spread.
 */
export function literalKeys(tree: Expression, columns: readonly string[] | undefined): string[] | undefined {
  if (isFunction(tree)) {
    const [result, ...others] = returnedBy(tree);
    return result === undefined || others.length > 0 ? undefined : literalKeys(result, columns);
  }
  if (tree.type === "ParenthesizedExpression") return literalKeys(tree.expression, columns);
  if (tree.type !== "ObjectExpression") return undefined;
  const keys = new Set<string>();
  for (const property of tree.properties) {
    if (property.type === "SpreadElement") {
      // Most likely it is the row; what else it may be has no columns that count here.
      if (columns === undefined || property.argument.type !== "Identifier") return undefined;
      for (const column of columns) keys.add(column);
      continue;
    }
    const { key, computed } = property;
    const name = computed ? undefined : keyName(key);
    if (name === undefined) return undefined;
    keys.add(name);
  }
  return [...keys];
}
