/**
 * Projection: which columns a transform can read at all, by proof. Fields of other columns need not become strings. What
 * is not proven reads every column: a branch that was not taken yet must not lose data.
 */
import { type AnyNode, type Expression, type Pattern, parseExpressionAt } from "acorn";
import { strippedColumns } from "./schema/fields.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** Names of columns, or undefined for all of them. */
export type Reads = ReadonlySet<string> | undefined;

/** The columns that a function of `(row, ctx)` reads, proven by its text. */
export function functionReads(call: (...args: never[]) => unknown): Reads {
  // The text of the function itself: a property of that name could say anything.
  const source = Function.prototype.toString.call(call);
  try {
    const tree = parseExpressionAt(`(${source})`, 0, { ecmaVersion: "latest", sourceType: "module" });
    // Nothing but the function may stand between the brackets.
    return tree.start === 1 && tree.end === source.length + 1 ? treeReads(tree, source) : undefined;
  } catch {
    // Methods, accessors and native functions have no text that stands for itself.
    return undefined;
  }
}

/** The columns that a function reads whose row parameter is taken apart by name, without a rest. */
export function treeReads(tree: Expression, source: string): Reads {
  if (tree.type !== "ArrowFunctionExpression" && tree.type !== "FunctionExpression") return undefined;
  // The row could be had by another name.
  if (/\b(?:arguments|eval)\b/.test(source)) return undefined;
  const [row] = tree.params;
  if (row === undefined) return new Set();
  return patternReads(row.type === "AssignmentPattern" ? row.left : row);
}

function patternReads(pattern: Pattern): Reads {
  if (pattern.type !== "ObjectPattern") return undefined;
  const names = new Set<string>();
  for (const property of pattern.properties) {
    if (property.type === "RestElement" || property.computed) return undefined;
    const name = keyName(property.key);
    if (name === undefined) return undefined;
    names.add(name);
  }
  return names;
}

function keyName(key: AnyNode): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}

/** The columns that a schema's output can hold: those it names, when it strips all others. */
export function schemaReads(schema: StandardSchema): Reads {
  const columns = strippedColumns(schema);
  return columns === undefined ? undefined : new Set(columns);
}

/** All that any of several readers reads. */
export function unionOfReads(all: readonly Reads[]): Reads {
  const union = new Set<string>();
  for (const reads of all) {
    if (reads === undefined) return undefined;
    for (const name of reads) union.add(name);
  }
  return union;
}
