/**
 * What is said of the names in an expression that could mean two things: a column, and what else goes by its name. Said
 * only of names that the expression uses.
 */
import type { AnyNode, Expression } from "acorn";
import { childNodes, findOuterUses } from "../free-variables.ts";
import { rowMember } from "./column-code.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";
import { STANDARD_GLOBALS } from "./standard-globals.ts";

/** What hides behind a column of such a name. */
const HIDDEN_BY_COLUMN: Readonly<Record<string, string>> = {
  [ROW_ALIAS]: `the whole row is ${ROW_NAME}`,
  i: "the number of the row is ctx.index in (row, ctx) => …",
  args: "what --arg says is ctx.args in (row, ctx) => …",
  lookup: "the tables of --lookup are ctx.lookup in (row, ctx) => …",
  ctx: "what a function gets beside the row is ctx in (row, ctx) => …",
};

/** One line for each such name, in the order of their first use. */
export function nameNotes(tree: Expression, columns: readonly string[]): string[] {
  if (!columns.some(couldMeanElse)) return [];
  const known = new Set(columns);
  const { names, uses } = findOuterUses(tree);
  const notes = names.filter((name) => known.has(name)).flatMap((name) => noteOf(name, known) ?? []);
  if (known.has(ROW_NAME) && meansValue(tree, uses.get(ROW_NAME) ?? new Set()))
    notes.push(`${ROW_NAME} is the whole row here; the column ${ROW_NAME} is ${rowMember(ROW_NAME)}`);
  for (const word of MEANT_BY_WORD.intersection(known)) {
    if (usesWord(tree, word))
      notes.push(`${word} is JavaScript's own word here; the column ${word} is ${rowMember(word)}`);
  }
  return notes;
}

function couldMeanElse(column: string): boolean {
  return (
    column === ROW_NAME ||
    Object.hasOwn(HIDDEN_BY_COLUMN, column) ||
    STANDARD_GLOBALS.has(column) ||
    MEANT_BY_WORD.has(column)
  );
}

function noteOf(name: string, columns: ReadonlySet<string>): string | undefined {
  if (name === ROW_NAME) return undefined;
  if (Object.hasOwn(HIDDEN_BY_COLUMN, name))
    return `${name} is the column of that name here; ${HIDDEN_BY_COLUMN[name]}`;
  if (!STANDARD_GLOBALS.has(name)) return undefined;
  const own = columns.has("globalThis") ? "" : `; JavaScript's own is globalThis.${name}`;
  return `${name} is the column of that name here${own}`;
}

/** Whether a name stands where the value of a column is more likely meant than the whole row: in a field, or a sum. */
function meansValue(node: AnyNode, uses: ReadonlySet<AnyNode>): boolean {
  const isValue =
    (node.type === "Property" && uses.has(node.value)) ||
    (node.type === "BinaryExpression" && node.operator !== "in" && (uses.has(node.left) || uses.has(node.right))) ||
    (node.type === "TemplateLiteral" && node.expressions.some((one) => uses.has(one))) ||
    (node.type === "UnaryExpression" && uses.has(node.argument));
  return isValue || childNodes(node).some((child) => meansValue(child, uses));
}

/** Words that are no names, and make an expression all the same: nobody is told that they are no column. */
const MEANT_BY_WORD: ReadonlySet<string> = new Set(["this", "null", "true", "false", "void", "typeof", "delete"]);

function usesWord(node: AnyNode, word: string): boolean {
  return isWord(node, word) || childNodes(node).some((child) => usesWord(child, word));
}

function isWord(node: AnyNode, word: string): boolean {
  if (node.type === "ThisExpression") return word === "this";
  if (node.type === "Literal") return node.raw === word;
  // `void + 1` is meant for a sum.
  return node.type === "UnaryExpression" && node.operator === word && node.argument.type === "UnaryExpression";
}
