/** The columns that the `step` of a reduce reads, by the same proof as for a function: the row is its second parameter. */
import { type Expression, parseExpressionAt } from "acorn";
import { type Reads, treeReads } from "../reads.ts";

/** The columns, or undefined for all of them. */
export function stepReads(step: (...args: never[]) => unknown): Reads {
  const source = Function.prototype.toString.call(step);
  const tree = functionTree(`(${source})`, source.length) ?? methodTree(source);
  const shifted = tree === undefined ? undefined : withoutAccumulator(tree);
  return shifted === undefined ? undefined : treeReads(shifted, source);
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
