/** The code that a proof is about: what its names stand for, and which expressions are its results. */
import type { AnyNode, Expression, Pattern } from "acorn";
import { boundNames, childNodes, varNames } from "../free-variables.ts";
import { literalKey } from "./proof-syntax.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";

export type FunctionNode = Expression & { type: "ArrowFunctionExpression" | "FunctionExpression" };

export function isFunction(tree: Expression): tree is FunctionNode {
  return tree.type === "ArrowFunctionExpression" || tree.type === "FunctionExpression";
}

/** Names that stand for the row, or for one of its fields. */
export interface Around {
  rowNames: Set<string>;
  columnOf: Map<string, string>;
}

/** What stands around an expression: columns go by their names, and the row by `row`, and by `r` where no column does. */
export function expressionAround(columns: readonly string[]): Around {
  const names = columns.filter((name) => name !== ROW_NAME);
  const around: Around = { rowNames: new Set([ROW_NAME]), columnOf: new Map(names.map((name) => [name, name])) };
  if (!around.columnOf.has(ROW_ALIAS)) around.rowNames.add(ROW_ALIAS);
  return around;
}

export const NOTHING_AROUND: Readonly<Around> = { rowNames: new Set(), columnOf: new Map() };

/** Code that is to be looked at. */
export interface Subject extends Around {
  /** All of it. */
  roots: AnyNode[];
  /** The expressions whose values are its results; undefined when these are not its results as they are. */
  results: Expression[] | undefined;
}

/** What a proof is for. */
export interface ProofOptions {
  /** The results of an asynchronous function are what its promises come to. */
  isAwaited?: boolean;
}

/** A function whose row parameter is a name, or taken apart by names without a rest; undefined for any other. */
export function subjectOf(
  tree: FunctionNode,
  around: Around,
  { isAwaited = false }: ProofOptions = {},
): Subject | undefined {
  const [first, ...others] = tree.params;
  const rowNames = new Set(around.rowNames);
  const columnOf = new Map(around.columnOf);
  const params = tree.params.flatMap(boundNames);
  const vars = varNames(tree.body);
  // Such a variable is the parameter itself.
  if (params.some((name) => vars.includes(name))) return undefined;
  const own = tree.type === "FunctionExpression" && tree.id ? [tree.id.name] : [];
  for (const name of [...own, ...params, ...vars]) {
    rowNames.delete(name);
    columnOf.delete(name);
  }
  const roots: AnyNode[] = [...others, tree.body];
  const row = first?.type === "AssignmentPattern" ? first.left : first;
  if (first?.type === "AssignmentPattern") roots.push(first.right);
  if (row?.type === "Identifier") rowNames.add(row.name);
  else if (row !== undefined && !takeApart(row, columnOf, roots)) return undefined;
  const isPlain = (isAwaited || !tree.async) && !tree.generator;
  return { rowNames, columnOf, roots, results: isPlain ? returnedBy(tree) : undefined };
}

/** Notes which names a pattern binds to which columns; false for a pattern that could bind any column. */
function takeApart(pattern: Pattern, columnOf: Map<string, string>, roots: AnyNode[]): boolean {
  if (pattern.type !== "ObjectPattern") return false;
  for (const property of pattern.properties) {
    if (property.type === "RestElement" || property.computed) return false;
    const column = keyName(property.key);
    if (column === undefined) return false;
    if (property.value.type === "Identifier") columnOf.set(property.value.name, column);
    else {
      // A default or a pattern looks at the value. A use of the column by a name that nothing else has says so.
      const looking = `${column} by a pattern`;
      columnOf.set(looking, column);
      roots.push({ type: "Identifier", name: looking, start: 0, end: 0 }, property.value);
    }
  }
  return true;
}

export function keyName(key: AnyNode): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? literalKey(key.value) : undefined;
}

/** What a function returns: its body, or the arguments of its own return statements. */
export function returnedBy({ body }: FunctionNode): Expression[] {
  if (body.type !== "BlockStatement") return [body];
  const results: Expression[] = [];
  const visit = (node: AnyNode): void => {
    if (/Function|Class/.test(node.type)) return;
    if (node.type === "ReturnStatement" && node.argument) results.push(node.argument);
    for (const child of childNodes(node)) visit(child);
  };
  visit(body);
  return results;
}
