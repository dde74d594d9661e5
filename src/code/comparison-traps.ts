/**
 * Operators that JavaScript takes, and that mean something else than they seem to: `1 < a < 3`, `a == 3 || 4`, `!a == 5`,
 * `first || " " || last`, `n ^ 2`.
 */
import type { AnyNode, BinaryExpression, Expression } from "acorn";
import { RowmillError, WRITE } from "../errors.ts";
import { childNodes } from "../free-variables.ts";

const ORDER = /^[<>]=?$/;
const EQUALITY = /^[!=]==?$/;

/** The text of a part of an expression. */
type TextOf = (node: AnyNode) => string;

/** @throws {RowmillError} `transform`, for an expression with one of them; `source` is its text. */
export function checkComparisons(tree: Expression, source: string): void {
  const textOf: TextOf = ({ start, end }) => source.slice(start - tree.start, end - tree.start);
  const visit = (node: AnyNode): void => {
    if (node.type === "BinaryExpression") checkComparison(node, textOf);
    if (node.type === "LogicalExpression" && node.operator === "||") checkAlternative(node, textOf);
    if (node.type === "BinaryExpression" && node.operator === "^") checkPower(node, textOf);
    childNodes(node).forEach(visit);
  };
  visit(tree);
}

function checkComparison(node: BinaryExpression, textOf: TextOf): void {
  const { left, right, operator } = node;
  // In brackets, it is meant.
  if (left.start !== node.start) return;
  if (left.type === "BinaryExpression" && isComparison(left) && isComparison(node)) {
    const isTruth = EQUALITY.test(operator) && (isTruthValue(right) || ORDER.test(left.operator));
    if (isTruth) return;
    const meant = `${textOf(left)} && ${textOf(left.right)} ${operator} ${textOf(right)}`;
    throw trap(`${textOf(node)} compares true or false with ${textOf(right)}`, meant);
  }
  if (left.type !== "UnaryExpression" || left.operator !== "!") return;
  // `!!a === b` asks for the truth of both.
  if (left.argument.type === "UnaryExpression" && left.argument.operator === "!") return;
  const asks = operator === "in" || operator === "instanceof";
  if (!asks && (!isComparison(node) || isTruthValue(right))) return;
  const [asked, meant] = [`${textOf(left.argument)} ${operator} ${textOf(right)}`, operator.replace(/^==/, "!=")];
  const isEquality = operator.startsWith("==");
  throw trap(
    `${textOf(node)} compares true or false with ${textOf(right)}`,
    isEquality ? `${textOf(left.argument)} ${meant} ${textOf(right)}` : `!(${asked})`,
  );
}

/** In other languages it is the power of a number. */
function checkPower({ left, right }: BinaryExpression, textOf: TextOf): void {
  if (right.type === "BinaryExpression" ? !isExponent(right.left) : !isExponent(right)) return;
  throw trap("^ is the exclusive or of bits", `${textOf(left)} ** ${textOf(right)}`);
}

function isExponent(node: AnyNode): boolean {
  return node.type === "Literal" && (node.value === 2 || node.value === 3);
}

/**
 * A text or a number behind `||` is an answer of its own, and true: what stands behind it in turn is never looked at. In SQL
 * `||` puts texts together.
 */
function checkAlternative({ left, right }: AnyNode & { type: "LogicalExpression" }, textOf: TextOf): void {
  const before = left.type === "LogicalExpression" && left.operator === "||" ? left.right : left;
  if (before.type === "Literal" && typeof before.value === "string" && before.value !== "") {
    const parts = `${textOf(left)} || ${textOf(right)}`.split(/\s*\|\|\s*/);
    throw trap(`what stands behind || ${textOf(before)} is never looked at`, parts.join(" + "));
  }
  if (before.type !== "BinaryExpression" || !EQUALITY.test(before.operator)) return;
  if (right.type !== "Literal" || !/^(?:string|number)$/.test(typeof right.value)) return;
  const meant = `${textOf(left)} || ${textOf(before.left)} ${before.operator} ${textOf(right)}`;
  throw trap(`${textOf(right)} behind || is compared with nothing`, meant);
}

function isComparison({ operator }: BinaryExpression): boolean {
  return ORDER.test(operator) || EQUALITY.test(operator);
}

function isTruthValue(node: AnyNode): boolean {
  if (node.type === "Literal") return typeof node.value === "boolean";
  if (node.type === "UnaryExpression") return node.operator === "!";
  if (node.type === "CallExpression") return node.callee.type === "Identifier" && node.callee.name === "Boolean";
  return node.type === "BinaryExpression" && isComparison(node);
}

function trap(message: string, meant: string): RowmillError {
  return new RowmillError("transform", message, { hint: `${WRITE}${meant}` });
}
