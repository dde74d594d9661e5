/**
 * What can be proven of the objects that code gives as results, by its syntax tree: that each is made for its row, and
 * which of their fields hold no object. Nobody can change such a result when the next row comes.
 */
import type { AnyNode, Expression, Identifier, ObjectExpression } from "acorn";
import { childNodes } from "../free-variables.ts";
import { type FunctionNode, isFunction, keyName, returnedBy } from "./proof-subject.ts";
import { branches, isPlainUse } from "./proof-syntax.ts";

/** What is proven of new objects. */
export interface NewResults {
  /** Names of fields that may hold objects. */
  unsure: ReadonlySet<string>;
  /** There may be fields of any name, spread into a result or given to it later. */
  hasOthers: boolean;
  /** Each is nothing, or an object of fields with names: no list of rows, no promise, no value that is no row. */
  areRows: boolean;
}

/**
 * What is proven of the results of an expression, or of the function that it is; undefined where a result may be an
 * object that others have, too.
 */
export function newResults(tree: Expression): NewResults | undefined {
  if (!isFunction(tree)) return together([tree], (node) => oneResult(node, NO_LOCALS));
  // What a generator yields comes out while it goes on.
  if (tree.generator) return undefined;
  const locals = localObjects(tree);
  const proven = together(returnedBy(tree), (node) => oneResult(node, locals));
  return proven && { ...proven, areRows: proven.areRows && !tree.async };
}

const NO_LOCALS: ReadonlySet<string> = new Set();
const NOTHING: NewResults = { unsure: new Set(), hasOthers: false, areRows: true };
const VALUE: NewResults = { ...NOTHING, areRows: false };
const OTHERS: NewResults = { ...VALUE, hasOthers: true };

function together<Part>(parts: readonly Part[], prove: (part: Part) => NewResults | undefined): NewResults | undefined {
  let { unsure, hasOthers, areRows } = NOTHING;
  for (const part of parts) {
    const proven = prove(part);
    if (proven === undefined) return undefined;
    unsure = unsure.union(proven.unsure);
    hasOthers ||= proven.hasOthers;
    areRows &&= proven.areRows;
  }
  return { unsure, hasOthers, areRows };
}

function oneResult(node: Expression, locals: ReadonlySet<string>): NewResults | undefined {
  const prove = (part: Expression): NewResults | undefined => oneResult(part, locals);
  switch (node.type) {
    case "ParenthesizedExpression":
      return prove(node.expression);
    case "ConditionalExpression":
      return together([node.consequent, node.alternate], prove);
    case "LogicalExpression":
      // No object is false.
      // And a value that is false is no row.
      return node.operator === "&&"
        ? together([null, node.right], (part) => (part === null ? VALUE : prove(part)))
        : together([node.left, node.right], prove);
    case "ObjectExpression":
      return objectResult(node);
    case "ArrayExpression":
      // Its elements are taken out at once: whose array it is does not matter.
      return together([null, ...node.elements], (element) => {
        if (element === null) return VALUE;
        return element.type === "SpreadElement" ? undefined : prove(element);
      });
    case "Identifier":
      return locals.has(node.name) ? OTHERS : isPrimitive(node) ? VALUE : undefined;
    case "Literal":
      return node.value === null && node.regex === undefined ? NOTHING : isPrimitive(node) ? VALUE : undefined;
    default:
      return isPrimitive(node) ? VALUE : undefined;
  }
}

function objectResult({ properties }: ObjectExpression): NewResults | undefined {
  const unsure = new Set<string>();
  let hasOthers = false;
  let areRows = true;
  for (const property of properties) {
    const name = property.type === "SpreadElement" || property.computed ? undefined : keyName(property.key);
    if (name === undefined || name === "then" || name === "__proto__") areRows = false;
    if (property.type === "SpreadElement") hasOthers = true;
    else if (property.kind !== "init") return undefined;
    else if (!isPrimitive(property.value)) {
      // It would be the prototype.
      if (name === "__proto__") return undefined;
      if (name === undefined) hasOthers = true;
      else unsure.add(name);
    }
  }
  return { unsure, hasOthers, areRows };
}

/** Whether the value of an expression is no object, whatever it is made of. */
function isPrimitive(node: Expression): boolean {
  switch (node.type) {
    case "Literal":
      return node.regex === undefined;
    case "TemplateLiteral":
    case "BinaryExpression":
    case "UpdateExpression":
    case "UnaryExpression":
      return true;
    case "ConditionalExpression":
      return isPrimitive(node.consequent) && isPrimitive(node.alternate);
    case "LogicalExpression":
      return isPrimitive(node.right) && (node.operator === "&&" || isPrimitive(node.left));
    case "ParenthesizedExpression":
      return isPrimitive(node.expression);
    case "Identifier":
      return node.name === "undefined";
    default:
      return false;
  }
}

/**
 * Names of the function's own variables that hold an object made for the call, which nobody else gets hold of: each use
 * of the name is a member, or the whole of a result.
 */
function localObjects(tree: FunctionNode): ReadonlySet<string> {
  if (tree.body.type !== "BlockStatement") return NO_LOCALS;
  const locals = new Set<string>();
  for (const statement of tree.body.body) {
    if (statement.type !== "VariableDeclaration" || statement.kind === "var") continue;
    for (const { id, init } of statement.declarations) {
      const isNew = init?.type === "ObjectExpression" && objectResult(init) !== undefined;
      if (isNew && id.type === "Identifier" && isOurs(tree, id)) locals.add(id.name);
    }
  }
  return locals;
}

/** Whether a variable is used in these ways only, and in no function inside of this one. */
function isOurs(tree: FunctionNode, variable: Identifier): boolean {
  const results = new Set<AnyNode>(returnedBy(tree).flatMap(branches));
  const isFine = (node: AnyNode, parent: AnyNode, isInside: boolean): boolean => {
    if (node.type === "Identifier" && node.name === "eval") return false;
    if (node.type === "Identifier" && node.name === variable.name && node !== variable) {
      if (isInside) return false;
      return results.has(node) || parent.type === "SpreadElement" || isName(node, parent);
    }
    // Its object is looked into, or given a field.
    const isMember =
      !isInside && node.type === "MemberExpression" && isIt(node.object, variable) && isPlainUse(node, parent);
    const below = isInside || /Function|Class/.test(node.type);
    return childNodes(node).every((child) => (isMember && child === node.object) || isFine(child, node, below));
  };
  return childNodes(tree.body).every((child) => isFine(child, tree.body, false));
}

function isIt(node: AnyNode, { name }: Identifier): boolean {
  return node.type === "Identifier" && node.name === name;
}

/** Whether an identifier is the name of a member or field, and no use of a variable. */
function isName(node: AnyNode, parent: AnyNode): boolean {
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  return parent.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand;
}
