/** Which members of a field that is an object expressions look at. */
import type { AnyNode, Expression } from "acorn";
import { childNodes } from "../free-variables.ts";
import { isFunction } from "./proof-subject.ts";
import { memberName } from "./proof-syntax.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";

/** Undefined where one of them may look at all of it, or hand it on. Names of their own must not be those of columns. */
export function membersLookedAt(trees: readonly Expression[], column: string): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  return trees.every((tree) => !isFunction(tree) && areMembers(tree, column, found)) ? found : undefined;
}

/** Whether all uses of the column name a member of it; these are noted. */
function areMembers(node: AnyNode, column: string, found: Set<string>): boolean {
  if (node.type === "Identifier") return node.name !== column && !isRow(node);
  if (node.type === "Property" && !node.computed) return areMembers(node.value, column, found);
  if (node.type !== "MemberExpression") return childNodes(node).every((child) => areMembers(child, column, found));
  const { object, property, computed } = node;
  const name = memberName(property, computed);
  if (name === undefined) return [object, property].every((part) => areMembers(part, column, found));
  if (isColumn(object, column)) {
    found.add(name);
    return true;
  }
  // Of the row it is another column.
  return (isRow(object) && name !== column) || areMembers(object, column, found);
}

function isRow(node: AnyNode): boolean {
  return node.type === "Identifier" && (node.name === ROW_NAME || node.name === ROW_ALIAS);
}

function isColumn(node: AnyNode, column: string): boolean {
  if (node.type === "Identifier") return node.name === column;
  return node.type === "MemberExpression" && isRow(node.object) && memberName(node.property, node.computed) === column;
}
