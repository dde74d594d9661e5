/**
 * Dates that code makes of texts. `new Date("2024-05-01T12:00")` is in the zone of the machine, `new Date("2024-05-01")` in
 * UTC: where a column holds the former, results differ from machine to machine, and that is said.
 */
import type { AnyNode, Expression } from "acorn";
import { childNodes, findOuterUses } from "../free-variables.ts";
import { type Around, isFunction, subjectOf } from "./proof-subject.ts";
import { memberName } from "./proof-syntax.ts";

/** The columns of which code makes dates as they are: `new Date(at)`, `Date.parse(row.at)`. */
export function dateColumns(tree: Expression, around: Around): string[] {
  const subject = isFunction(tree) ? subjectOf(tree, around) : { ...around, roots: [tree] };
  if (subject === undefined) return [];
  const { rowNames, columnOf, roots } = subject;
  const found = new Set<string>();
  const visit = (node: AnyNode): void => {
    const text = dateText(node);
    if (text?.type === "Identifier") {
      const column = columnOf.get(text.name);
      if (column !== undefined) found.add(column);
    }
    if (text?.type === "MemberExpression" && text.object.type === "Identifier" && rowNames.has(text.object.name)) {
      const name = memberName(text.property, text.computed);
      if (name !== undefined) found.add(name);
    }
    for (const child of childNodes(node)) visit(child);
  };
  for (const root of roots) visit(root);
  return [...found];
}

/** All names in an expression over rows of any keys. */
export function namesIn(tree: Expression): string[] {
  return findOuterUses(tree).names;
}

/** The one argument that a date is made of. */
function dateText(node: AnyNode): AnyNode | undefined {
  if (node.type === "NewExpression" && isDate(node.callee) && node.arguments.length === 1) return node.arguments[0];
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression" || !isDate(node.callee.object))
    return undefined;
  return memberName(node.callee.property, node.callee.computed) === "parse" ? node.arguments[0] : undefined;
}

function isDate(node: AnyNode): boolean {
  return node.type === "Identifier" && node.name === "Date";
}

/** A day alone, in ISO 8601, is read as UTC. */
const DAY = /^[+-]?\d{4,6}(?:-\d\d){0,2}$/;
const ZONE = /(?:\dZ|[+-]\d\d:?\d\d|\b(?:GMT|UTC|[ECMP][SD]T))(?:\s*\([^)]*\))?$/i;

/** Whether a text is a date that is another moment in every time zone. */
export function isLocalDate(text: string): boolean {
  const trimmed = text.trim();
  return /\d/.test(trimmed) && !DAY.test(trimmed) && !ZONE.test(trimmed) && !Number.isNaN(Date.parse(trimmed));
}
