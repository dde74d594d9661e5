/** The syntax tree of a function, by its text. */
import { type Expression, parseExpressionAt } from "acorn";

/** A tree, and the text that it is of. */
export interface FunctionTree {
  tree: Expression;
  source: string;
}

/**
 * The tree of a function or an arrow function; undefined for a method, an accessor, a native function, which have no text
 * that stands for itself.
 */
export function functionTree(call: (...args: never[]) => unknown): FunctionTree | undefined {
  const known = trees.get(call);
  if (known !== undefined) return known;
  const source = textOf(call);
  const tree = wholeTree(source);
  const made = tree && { tree, source };
  if (made !== undefined) trees.set(call, made);
  return made;
}

/** Several look at the same function: it is parsed once. */
const trees = new WeakMap<object, FunctionTree>();

/** As {@linkcode functionTree}, and also the tree of a method: `{ step(accumulator, row) { … } }`. */
export function callTree(call: (...args: never[]) => unknown): FunctionTree | undefined {
  const source = textOf(call);
  const tree = wholeTree(source) ?? methodTree(source);
  return tree && { tree, source };
}

/** The text of the function itself: a property of that name could say anything. */
function textOf(call: (...args: never[]) => unknown): string {
  return Function.prototype.toString.call(call);
}

/** Nothing but the function may stand between the brackets. */
function wholeTree(source: string): Expression | undefined {
  const tree = parsed(`(${source})`);
  return tree?.start === 1 && tree.end === source.length + 1 ? tree : undefined;
}

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
