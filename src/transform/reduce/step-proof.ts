/** What can be proven of the `step` of a reduce, as of any function: the row is its second parameter. */
import { type Expression, parseExpressionAt } from "acorn";
import { type Proof, proveTree } from "../proof.ts";

/** What is proven; undefined when it may look at every column. */
export function proveStep(
  step: (...args: never[]) => unknown,
  columns: readonly string[] | undefined,
): Proof | undefined {
  const source = Function.prototype.toString.call(step);
  const tree = functionTree(`(${source})`, source.length) ?? methodTree(source);
  const shifted = tree === undefined ? undefined : withoutAccumulator(tree);
  return shifted === undefined ? undefined : proveTree(shifted, source, columns);
}

/** A function or arrow function: nothing else may stand between the brackets. */
function functionTree(code: string, length: number): Expression | undefined {
  const tree = parsed(code);
  return tree?.start === 1 && tree.end === length + 1 ? tree : undefined;
}

/** A method, as `reduce = { step(accumulator, row) { … } }` has it. */
function methodTree(source: string): Expression | undefined {
  const tree = parsed(`({${source}})`);
  if (tree?.type !== "ObjectExpression" || tree.end !== source.length + 3) return undefined;
  const [method, ...more] = tree.properties;
  if (method?.type !== "Property" || !method.method || more.length > 0) return undefined;
  return method.value;
}

function parsed(code: string): Expression | undefined {
  try {
    return parseExpressionAt(code, 0, { ecmaVersion: "latest", sourceType: "module" });
  } catch {
    return undefined;
  }
}

/** The function with the row as its first parameter; undefined where the first one takes that in as well. */
function withoutAccumulator(tree: Expression): Expression | undefined {
  if (tree.type !== "ArrowFunctionExpression" && tree.type !== "FunctionExpression") return undefined;
  if (tree.params[0]?.type === "RestElement") return undefined;
  return { ...tree, params: tree.params.slice(1) };
}
