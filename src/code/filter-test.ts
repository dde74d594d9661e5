/** Tests that give a field another value: `row.a = 2`, `r => r.a = 2`. Loaded for filters that may have one. */
import type { AnyNode, Expression } from "acorn";
import { RowmillError, WRITE } from "../errors.ts";
import { inJavaScript } from "./other-languages.ts";

/** @throws {RowmillError} `transform`, for a filter whose answer is the value that it assigns. */
export function checkTest(tree: Expression, expression: string, columns: readonly string[] | undefined): void {
  const isGiven = tested(tree).some(
    (node) => node.type === "AssignmentExpression" && node.operator === "=" && node.left.type === "MemberExpression",
  );
  if (!isGiven) return;
  const text = inJavaScript(expression, columns)?.text;
  throw new RowmillError("transform", "the filter gives a field another value: to compare is ===", {
    ...(text !== undefined && { hint: `${WRITE}${text}` }),
  });
}

/** The parts of a test whose truth decides its answer. */
function tested(node: AnyNode): AnyNode[] {
  switch (node.type) {
    case "LogicalExpression":
      return [node.left, node.right].flatMap(tested);
    case "UnaryExpression":
      return node.operator === "!" ? tested(node.argument) : [node];
    case "ConditionalExpression":
      return [node.test, node.consequent, node.alternate].flatMap(tested);
    case "ArrowFunctionExpression":
      return node.body.type === "BlockStatement" ? [] : tested(node.body);
    case "ParenthesizedExpression":
      return tested(node.expression);
    default:
      return [node];
  }
}
