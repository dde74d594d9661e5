/** What can be proven of the `step` of a reduce, as of any function: the row is its second parameter. */
import type { Expression } from "acorn";
import { callTree } from "./function-tree.ts";
import { type Proof, proveTree } from "./proof.ts";

/** What is proven; undefined when it may look at every column. */
export function proveStep(
  step: (...args: never[]) => unknown,
  columns: readonly string[] | undefined,
): Proof | undefined {
  const found = callTree(step);
  const shifted = found && withoutAccumulator(found.tree);
  return found && shifted && proveTree(shifted, found.source, columns);
}

/**
 * The function with the row as its first parameter; undefined where its first parameter is a rest parameter, which
 * holds the row as well.
 */
function withoutAccumulator(tree: Expression): Expression | undefined {
  if (tree.type !== "ArrowFunctionExpression" && tree.type !== "FunctionExpression") return undefined;
  if (tree.params[0]?.type === "RestElement") return undefined;
  return { ...tree, params: tree.params.slice(1) };
}
