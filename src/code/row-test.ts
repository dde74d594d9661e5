/**
 * What a filter asks of the columns of a row, as far as its syntax says so: for inputs that know of many rows between which
 * values those of a column are. Where none of these values lets a row pass, the rows need not be read at all.
 *
 * What is not understood is `unknown`: it may be true or false, have effects, and fail. It does no harm behind a part that
 * decides alone: of `born >= 1980 && f(name)` the second part is not reached by rows for which the first one is false.
 */
import type { AnyNode, Expression } from "acorn";
import { type Around, type Subject, expressionAround, isFunction, subjectOf } from "./proof-subject.ts";
import { memberName } from "./proof-syntax.ts";

/** A condition. It crosses threads: nothing in it is undefined. */
export type RowTest =
  | { is: "all" | "any"; of: readonly [RowTest, RowTest] }
  | { is: "not"; of: RowTest }
  /** The value of a column is compared with another, which stands behind the operator. */
  | { is: "compared"; column: TestedColumn; operator: Comparison; value: Comparable }
  /** It is asked whether there is a value. */
  | { is: "missing"; column: TestedColumn; operator: Equality; value: "null" | "undefined" }
  | { is: "begins"; column: TestedColumn; value: string; isOptional: boolean }
  /** The value of a column stands for itself. */
  | { is: "truth"; column: TestedColumn }
  /** True or false, and nothing else happens. */
  | { is: "either" }
  | { is: "unknown" };

export type Comparable = number | string | boolean;
type Equality = "==" | "===" | "!=" | "!==";
export type Comparison = Equality | "<" | "<=" | ">" | ">=";

/** A column of which it is known what code gets: its values as they are kept, or other ones (`other`) that are no objects. */
export interface TestedColumn {
  name: string;
  as: "number" | "text" | "boolean" | "other";
  /** What code may get where it holds nothing. */
  nothing: readonly ("null" | "undefined" | "empty")[];
}

/** The columns that are known, by name. */
export type TestedColumns = ReadonlyMap<string, TestedColumn>;

const UNKNOWN: RowTest = { is: "unknown" };
const EITHER: RowTest = { is: "either" };
/** What each comparison is when its sides are exchanged. */
const TURNED: Readonly<Record<Comparison, Comparison>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "==": "==",
  "===": "===",
  "!=": "!=",
  "!==": "!==",
};

/** What an expression asks, in which columns go by their names. */
export function rowTestOf(tree: Expression, columns: readonly string[], known: TestedColumns): RowTest {
  const around = expressionAround(columns);
  if (!isFunction(tree)) return new TestReader(around, known).test(tree);
  const subject = subjectOf(tree, around);
  const result = subject && onlyResult(subject, tree);
  return result === undefined ? UNKNOWN : new TestReader(subject ?? around, known).test(result);
}

/** The expression that is all of an arrow function. */
function onlyResult({ results, roots }: Subject, tree: Expression): Expression | undefined {
  if (tree.type !== "ArrowFunctionExpression" || tree.body.type === "BlockStatement") return undefined;
  return results?.length === 1 && roots.length === 1 ? results[0] : undefined;
}

/** Whether a test can decide anything. */
export function saysAnything(test: RowTest): boolean {
  switch (test.is) {
    case "unknown":
    case "either":
      return false;
    case "not":
      return saysAnything(test.of);
    case "all":
    case "any":
      return test.of.some(saysAnything);
    default:
      return true;
  }
}

/** The columns that a test asks for. */
export function testedNames(test: RowTest): string[] {
  if (test.is === "all" || test.is === "any") return [...new Set(test.of.flatMap(testedNames))];
  if (test.is === "not") return testedNames(test.of);
  return "column" in test ? [test.column.name] : [];
}

class TestReader {
  readonly #around: Around;
  readonly #known: TestedColumns;

  constructor(around: Around, known: TestedColumns) {
    this.#around = around;
    this.#known = known;
  }

  test(node: AnyNode): RowTest {
    switch (node.type) {
      case "ParenthesizedExpression":
        return this.test(node.expression);
      case "LogicalExpression":
        if (node.operator === "??") return UNKNOWN;
        return { is: node.operator === "&&" ? "all" : "any", of: [this.test(node.left), this.test(node.right)] };
      case "UnaryExpression":
        return node.operator === "!" ? { is: "not", of: this.test(node.argument) } : UNKNOWN;
      case "BinaryExpression":
        return this.#compared(node.operator, node.left, node.right);
      case "ChainExpression":
        return node.expression.type === "CallExpression" ? this.#called(node.expression) : UNKNOWN;
      case "CallExpression":
        return this.#called(node);
      default: {
        const column = this.#column(node);
        if (column !== undefined) return { is: "truth", column };
        return literalOf(node) === undefined ? UNKNOWN : EITHER;
      }
    }
  }

  #compared(operator: string, left: AnyNode, right: AnyNode): RowTest {
    if (!isComparison(operator)) return UNKNOWN;
    const [ofLeft, ofRight] = [this.#column(left), this.#column(right)];
    if (ofLeft !== undefined) return this.#columnCompared(ofLeft, operator, right);
    if (ofRight !== undefined) return this.#columnCompared(ofRight, TURNED[operator], left);
    return UNKNOWN;
  }

  #columnCompared(column: TestedColumn, operator: Comparison, other: AnyNode): RowTest {
    const value = literalOf(other);
    if (value !== undefined) return { is: "compared", column, operator, value };
    const nothing = this.#nothing(other);
    if (nothing !== undefined)
      return isEquality(operator) ? { is: "missing", column, operator, value: nothing } : EITHER;
    // Texts, numbers and truths are compared without any effect.
    return this.#column(other) === undefined ? UNKNOWN : EITHER;
  }

  /** `["Oslo", "Rome"].includes(city)`, `city.startsWith("O")` */
  #called({ callee, arguments: given }: AnyNode & { type: "CallExpression" }): RowTest {
    const [only, ...others] = given;
    if (callee.type !== "MemberExpression" || only === undefined || others.length > 0) return UNKNOWN;
    const method = memberName(callee.property, callee.computed);
    if (method === "includes" && callee.object.type === "ArrayExpression") return this.#listed(callee.object, only);
    if (method !== "startsWith") return UNKNOWN;
    const column = this.#column(callee.object);
    const value = literalOf(only);
    if (column?.as !== "text" || typeof value !== "string") return UNKNOWN;
    return { is: "begins", column, value, isOptional: callee.optional };
  }

  #listed({ elements }: AnyNode & { type: "ArrayExpression" }, asked: AnyNode): RowTest {
    const column = this.#column(asked);
    if (column === undefined) return UNKNOWN;
    let test: RowTest | undefined;
    for (const element of elements) {
      const value = element === null ? undefined : literalOf(element);
      if (value === undefined) return UNKNOWN;
      const one: RowTest = { is: "compared", column, operator: "===", value };
      test = test === undefined ? one : { is: "any", of: [test, one] };
    }
    return test ?? EITHER;
  }

  /** The column that a node stands for, where code gets it as it is kept. */
  #column(node: AnyNode): TestedColumn | undefined {
    if (node.type === "ParenthesizedExpression") return this.#column(node.expression);
    const name = this.#columnName(node);
    return name === undefined ? undefined : this.#known.get(name);
  }

  #columnName(node: AnyNode): string | undefined {
    const { rowNames, columnOf } = this.#around;
    if (node.type === "Identifier") return columnOf.get(node.name);
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return undefined;
    return rowNames.has(node.object.name) ? memberName(node.property, node.computed) : undefined;
  }

  #nothing(node: AnyNode): "null" | "undefined" | undefined {
    if (node.type === "Literal") return node.raw === "null" ? "null" : undefined;
    const isName = node.type === "Identifier" && node.name === "undefined";
    return isName && !this.#around.columnOf.has("undefined") ? "undefined" : undefined;
  }
}

/** A value that stands in the code. */
function literalOf(node: AnyNode): Comparable | undefined {
  if (node.type === "ParenthesizedExpression") return literalOf(node.expression);
  if (node.type === "UnaryExpression" && (node.operator === "-" || node.operator === "+")) {
    const value = literalOf(node.argument);
    if (typeof value !== "number") return undefined;
    return node.operator === "-" ? -value : value;
  }
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  if (node.type !== "Literal") return undefined;
  const { value } = node;
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : undefined;
}

function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(TURNED, operator);
}

function isEquality(operator: Comparison): operator is Equality {
  return /^[!=]/.test(operator);
}
