/** What the place of a node in a syntax tree says of its use. */
import type { AnyNode, Expression } from "acorn";

/** Whether a member is only read: called, its object would be passed on as `this`. */
export function isPlainUse(node: AnyNode, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case "CallExpression":
    case "NewExpression":
      return parent.callee !== node;
    case "TaggedTemplateExpression":
      return parent.tag !== node;
    case "UnaryExpression":
      return parent.operator !== "delete";
    case "ChainExpression":
      return false;
    default:
      return true;
  }
}

const ARITHMETIC = new Set(["-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"]);
const COMPARISON = new Set(["<", "<=", ">", ">="]);

/** Whether the value of a node is used as a number and nothing else. */
export function isMadeNumber(node: AnyNode, parent: AnyNode): boolean {
  if (parent.type === "UnaryExpression") return parent.operator === "+" || parent.operator === "-";
  if (parent.type !== "BinaryExpression") return false;
  if (ARITHMETIC.has(parent.operator)) return true;
  const other = parent.left === node ? parent.right : parent.left;
  return COMPARISON.has(parent.operator) && other.type === "Literal" && typeof other.value === "number";
}

const EQUALITY = new Set(["==", "===", "!=", "!=="]);

/**
 * Whether it makes no difference to the code around a node that is a number or missing, whether a missing one is NaN or
 * undefined: arithmetic gives NaN either way, and a comparison is false.
 */
export function isMissingNaN(node: AnyNode, parent: AnyNode): boolean {
  if (isMadeNumber(node, parent)) return true;
  if (parent.type !== "BinaryExpression") return false;
  if (COMPARISON.has(parent.operator)) return true;
  const other = parent.left === node ? parent.right : parent.left;
  return (
    (EQUALITY.has(parent.operator) || parent.operator === "+") &&
    other.type === "Literal" &&
    typeof other.value === "number"
  );
}

export function memberName(property: AnyNode, isComputed: boolean): string | undefined {
  if (!isComputed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" ? literalKey(property.value) : undefined;
}

/** The key that a literal stands for. */
export function literalKey(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** What a node gives a value to. */
export function writtenPart(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case "AssignmentExpression":
      return node.left;
    case "UpdateExpression":
      return node.argument;
    case "ForInStatement":
    case "ForOfStatement":
      return node.left;
    case "VariableDeclarator":
      return node.id;
    default:
      return undefined;
  }
}

/** The expressions that a result may come from. */
export function branches(node: Expression): Expression[] {
  if (node.type === "ConditionalExpression") return [...branches(node.consequent), ...branches(node.alternate)];
  if (node.type === "ParenthesizedExpression") return branches(node.expression);
  return [node];
}

/** `null`, `undefined`, `void 0` */
export function isNothing(node: AnyNode): boolean {
  if (node.type === "Literal") return node.raw === "null";
  if (node.type === "UnaryExpression") return node.operator === "void";
  return node.type === "Identifier" && node.name === "undefined";
}

/** The name of a member, or of a property, which is no variable. */
export function isMerelyNamed(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.property === node && !parent.computed;
  return parent?.type === "Property" && parent.key === node && parent.value !== node && !parent.computed;
}
