/**
 * Whether code has no effect but its result, and can only take as long as what it is given: then it does no harm that it is
 * called for something that turns out to be no row, or twice for one.
 *
 * Decided by the syntax tree, which may hold only what is known to be harmless: names of its own, the row and its fields,
 * a few functions and methods of the language. What it changes must be its own, or what it is given to change.
 */
import type { AnyNode, Expression } from "acorn";
import { boundNames, childNodes, findOuterUses } from "../free-variables.ts";
import { memberName } from "./proof-syntax.ts";
import { isFunction } from "./proof-subject.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";
import { STANDARD_GLOBALS } from "./standard-globals.ts";

const VALUES: ReadonlySet<string> = new Set(["undefined", "NaN", "Infinity"]);
const FUNCTIONS: ReadonlySet<string> = new Set([
  "Number",
  "String",
  "Boolean",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
]);
const MATHS =
  "abs acos asin atan atan2 cbrt ceil cos cosh exp expm1 floor hypot log log10 log1p log2 max min pow round sign sin sinh sqrt tan tanh trunc";
const STATICS: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: wordsOf(MATHS),
  Number: wordsOf("isFinite isInteger isNaN isSafeInteger parseFloat parseInt"),
  Object: wordsOf("entries fromEntries hasOwn keys values"),
  Array: wordsOf("isArray of"),
  Date: wordsOf("parse UTC"),
  JSON: wordsOf("parse stringify"),
};
const CONSTANTS: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: wordsOf("E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2"),
  Number: wordsOf(
    "EPSILON MAX_SAFE_INTEGER MAX_VALUE MIN_SAFE_INTEGER MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
  ),
};
/** Methods of texts, numbers, dates, lists, maps and sets. None of them makes more than a copy of what it is given. */
const METHODS: ReadonlySet<string> = wordsOf(
  `at charAt charCodeAt codePointAt concat endsWith includes indexOf isWellFormed lastIndexOf localeCompare match matchAll
  normalize padEnd padStart replace replaceAll search slice split startsWith substr substring toLowerCase toUpperCase trim
  trimEnd trimStart toString valueOf toFixed toPrecision toExponential test exec
  getDate getDay getFullYear getHours getMilliseconds getMinutes getMonth getSeconds getTime getUTCDate getUTCDay
  getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes getUTCMonth getUTCSeconds toISOString toJSON
  every filter find findIndex findLast flat flatMap forEach join map reduce some toSorted toReversed with entries keys values
  push pop shift unshift sort reverse splice add set get has delete`,
);
const CLASSES: ReadonlySet<string> = new Set(["Date", "Map", "Set"]);
/** Members by which code comes to what all objects share. */
const SHARED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const ARGUMENTS = "args";

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/**
 * Whether an expression is pure, in which columns go by their names.
 *
 * @param columns Undefined for rows without a header: any name may be a field then.
 */
export function isPureExpression(tree: Expression, columns: readonly string[] | undefined): boolean {
  const fields =
    columns ?? findOuterUses(tree).names.filter((name) => !STANDARD_GLOBALS.has(name) && !NO_FIELDS.has(name));
  const given = new Set([...fields, ROW_NAME, ROW_ALIAS]);
  return isFunction(tree) ? isPureFunction(tree, 1, given) : new Purity(given, !given.has(ARGUMENTS)).isPure(tree);
}

/** Statements that may take as long as they like, and functions that others call any number of times. */
const LOOPS: ReadonlySet<string> = wordsOf(
  "ForOfStatement ForInStatement ForStatement WhileStatement DoWhileStatement ArrowFunctionExpression FunctionExpression",
);
/** Methods that may make a pattern of a text, or a text of any length. */
const LONG_METHODS: ReadonlySet<string> = wordsOf("match matchAll search padStart padEnd replaceAll");

/**
 * Whether a pure expression does each thing in it once a row at most, and none of them takes longer than a row is long: no
 * pattern, no large integer, and nothing of the arguments, which may be of any length.
 */
export function isStraight(tree: Expression): boolean {
  return isFunction(tree) ? [...tree.params, tree.body].every(isStraightNode) : isStraightNode(tree);
}

function isStraightNode(node: AnyNode): boolean {
  if (LOOPS.has(node.type) || (node.type === "Identifier" && node.name === ARGUMENTS)) return false;
  if (node.type === "Literal" && (node.regex != null || typeof node.value === "bigint")) return false;
  if (node.type === "MemberExpression" && LONG_METHODS.has(memberName(node.property, node.computed) ?? ""))
    return false;
  return childNodes(node).every(isStraightNode);
}

/** Methods that change what they are called on. */
const CHANGING_METHODS: ReadonlySet<string> = wordsOf("push pop shift unshift sort reverse splice add set delete");

/** Whether a pure expression leaves all that it is given as it is: it assigns nothing, not even what is its own. */
export function changesNothing(node: AnyNode): boolean {
  if (node.type === "AssignmentExpression" || node.type === "UpdateExpression") return false;
  if (node.type === "UnaryExpression" && node.operator === "delete") return false;
  if (node.type === "MemberExpression" && CHANGING_METHODS.has(memberName(node.property, node.computed) ?? ""))
    return false;
  return childNodes(node).every(changesNothing);
}

/** What expressions have beside the row, of which the place in the input is no matter of the row alone. */
const NO_FIELDS: ReadonlySet<string> = new Set([ARGUMENTS, "ctx", "i"]);

/**
 * Whether a function is pure.
 *
 * @param params It may have so many parameters, which are its own to change; behind them comes the context of the row.
 */
export function isPureFunction(tree: Expression, params: number, given: ReadonlySet<string> = new Set()): boolean {
  if (!isFunction(tree) || tree.async || tree.generator || tree.params.length > params) return false;
  return new Purity(given, false).isPure(tree);
}

class Purity {
  /** Names that stand for the row and its fields. */
  readonly #given: ReadonlySet<string>;
  readonly #hasArguments: boolean;
  /** Names that the code declares anywhere. */
  readonly #own = new Set<string>();

  constructor(given: ReadonlySet<string>, hasArguments: boolean) {
    this.#given = given;
    this.#hasArguments = hasArguments;
  }

  isPure(tree: AnyNode): boolean {
    this.#declare(tree);
    // A name may be its own in one place, and something else's in another.
    if (findOuterUses(tree).names.some((name) => this.#own.has(name))) return false;
    return isFunction(tree as Expression) ? this.#isPureCallback(tree) : this.#isPure(tree);
  }

  #declare(node: AnyNode): void {
    if (node.type === "VariableDeclarator") for (const name of boundNames(node.id)) this.#own.add(name);
    if (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression")
      for (const name of node.params.flatMap(boundNames)) this.#own.add(name);
    if (node.type === "CatchClause" && node.param) for (const name of boundNames(node.param)) this.#own.add(name);
    for (const child of childNodes(node)) this.#declare(child);
  }

  #isPure(node: AnyNode): boolean {
    switch (node.type) {
      case "Identifier":
        return this.#own.has(node.name) || this.#given.has(node.name) || VALUES.has(node.name);
      case "MemberExpression":
        return this.#isPureMember(node);
      case "CallExpression":
        return this.#isPureCall(node);
      case "NewExpression": {
        const { callee } = node;
        const isKnown = callee.type === "Identifier" && CLASSES.has(callee.name) && !this.#isShadowed(callee.name);
        // Without an argument a date is the time of the call.
        const hasMade = callee.type === "Identifier" && (callee.name !== "Date" || node.arguments.length > 0);
        return isKnown && hasMade && node.arguments.every((argument) => this.#isPure(argument));
      }
      case "AssignmentExpression":
        return this.#mayAssign(node.left) && this.#isPure(node.right);
      case "UpdateExpression":
        return this.#mayAssign(node.argument);
      case "UnaryExpression":
        return node.operator === "delete" ? this.#mayAssign(node.argument) : this.#isPure(node.argument);
      case "Property":
        return (
          node.kind === "init" &&
          !node.method &&
          (!node.computed || this.#isPure(node.key)) &&
          (node.computed || node.key.type !== "Identifier" || !SHARED.has(node.key.name)) &&
          this.#isPure(node.value)
        );
      case "VariableDeclarator":
        return this.#isPurePattern(node.id) && (!node.init || this.#isPure(node.init));
      case "ForOfStatement":
        return !node.await && childNodes(node).every((child) => this.#isPure(child));
      default:
        return HARMLESS.has(node.type) && childNodes(node).every((child) => this.#isPure(child));
    }
  }

  /** Defaults and computed keys of a pattern are code; its names are its own. */
  #isPurePattern(node: AnyNode): boolean {
    switch (node.type) {
      case "Identifier":
        return true;
      case "AssignmentPattern":
        return this.#isPurePattern(node.left) && this.#isPure(node.right);
      case "RestElement":
        return this.#isPurePattern(node.argument);
      case "ArrayPattern":
        return node.elements.every((element) => element === null || this.#isPurePattern(element));
      case "ObjectPattern":
        return node.properties.every((property) =>
          property.type === "RestElement"
            ? this.#isPurePattern(property)
            : !property.computed && this.#isPurePattern(property.value),
        );
      default:
        return false;
    }
  }

  #isShadowed(name: string): boolean {
    return this.#own.has(name) || this.#given.has(name);
  }

  #isPureMember(node: AnyNode & { type: "MemberExpression" }): boolean {
    const { object, property, computed } = node;
    const name = memberName(property, computed);
    if (name === undefined ? !computed || !this.#isPure(property) : SHARED.has(name)) return false;
    if (object.type === "Identifier" && !this.#isShadowed(object.name)) {
      if (object.name === ARGUMENTS) return this.#hasArguments;
      return name !== undefined && CONSTANTS[object.name]?.has(name) === true;
    }
    return this.#isPure(object);
  }

  #isPureCall({ callee, arguments: given }: AnyNode & { type: "CallExpression" }): boolean {
    if (!given.every((argument) => this.#isPure(argument) || this.#isPureCallback(argument))) return false;
    if (callee.type === "Identifier") return FUNCTIONS.has(callee.name) && !this.#isShadowed(callee.name);
    if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return false;
    const { object } = callee;
    const { name } = callee.property;
    // A text of any length may come of these.
    if (name.startsWith("pad") && given[0]?.type !== "Literal") return false;
    if (object.type === "Identifier" && !this.#isShadowed(object.name)) return STATICS[object.name]?.has(name) === true;
    return METHODS.has(name) && this.#isPure(object);
  }

  /** A function that is called at once, by what it is handed to. */
  #isPureCallback(node: AnyNode): boolean {
    if (node.type !== "ArrowFunctionExpression" && node.type !== "FunctionExpression") return false;
    const isPlain = !node.async && !node.generator && !(node.type === "FunctionExpression" && node.id);
    return isPlain && node.params.every((param) => this.#isPurePattern(param)) && this.#isPure(node.body);
  }

  /** Only what is its own, or was given to it, may be changed. */
  #mayAssign(node: AnyNode): boolean {
    if (node.type === "Identifier") return this.#own.has(node.name);
    if (node.type !== "MemberExpression") return false;
    const { object } = node;
    return !(object.type === "Identifier" && !this.#isShadowed(object.name)) && this.#isPureMember(node);
  }
}

/** What is harmless where all its parts are. */
const HARMLESS: ReadonlySet<string> = wordsOf(
  `Literal TemplateLiteral TemplateElement ParenthesizedExpression ChainExpression BinaryExpression LogicalExpression
  ConditionalExpression SequenceExpression ObjectExpression ArrayExpression SpreadElement BlockStatement ExpressionStatement
  ReturnStatement IfStatement VariableDeclaration EmptyStatement ThrowStatement BreakStatement ContinueStatement
  SwitchStatement SwitchCase TryStatement CatchClause`,
);
