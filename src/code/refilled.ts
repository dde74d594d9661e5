/**
 * Functions that fill an object of their module anew for each row: `out.id = row.id; …; return out`. Their results can be
 * woven as if each were an object of its own, since a woven row is written before the next one comes.
 */
import type { AnyNode, BlockStatement, Expression, Pattern } from "acorn";
import type { Row } from "../formats/format.ts";
import { boundNames } from "../free-variables.ts";
import type { RowContext } from "./context.ts";
import { isFunction } from "./proof-subject.ts";
import { memberName } from "./proof-syntax.ts";

/** The object that a function fills, and what it sets its fields to. */
export interface Refill {
  name: string;
  fields: ReadonlyMap<string, Expression>;
}

type RowCall = (row: Row, ctx: RowContext) => unknown;

/** Keys that change how an object behaves: it would not be written by its fields. */
const NO_FIELDS = new Set(["__proto__", "toJSON", "then"]);

/**
 * The fields that a function sets, if it does nothing else; undefined for any other function.
 *
 * @param isRow Whether a node is the row. Members of anything else could be getters, which may not be called twice.
 */
export function refillOf(tree: Expression, isRow: (node: AnyNode) => boolean): Refill | undefined {
  if (!isFunction(tree) || tree.async || tree.generator || tree.body.type !== "BlockStatement") return undefined;
  const name = returnedName(tree.body);
  if (name === undefined || !tree.params.every(isPlainParameter)) return undefined;
  const own = [
    ...tree.params.flatMap(boundNames),
    ...(tree.type === "FunctionExpression" && tree.id ? [tree.id.name] : []),
  ];
  const fields = own.includes(name) ? undefined : setFields(tree.body, { object: name, isRow });
  return fields === undefined || fields.size === 0 ? undefined : { name, fields };
}

/** Whether a parameter runs no code: no default, no pattern in a pattern. */
function isPlainParameter(parameter: Pattern): boolean {
  if (parameter.type === "Identifier") return true;
  return (
    parameter.type === "ObjectPattern" &&
    parameter.properties.every(
      (property) => property.type === "Property" && !property.computed && property.value.type === "Identifier",
    )
  );
}

/** What an expression may look at. */
interface Reading {
  /** Not at the object that is filled. */
  object: string;
  isRow: (node: AnyNode) => boolean;
}

/** The name that the last statement returns. */
function returnedName({ body }: BlockStatement): string | undefined {
  const last = body.at(-1);
  if (last?.type !== "ReturnStatement" || last.argument?.type !== "Identifier") return undefined;
  return last.argument.name;
}

/** The fields that all other statements set, each of them once. */
function setFields({ body }: BlockStatement, reading: Reading): Refill["fields"] | undefined {
  const fields = new Map<string, Expression>();
  for (const statement of body.slice(0, -1)) {
    const set = statement.type === "ExpressionStatement" ? statement.expression : undefined;
    if (set?.type !== "AssignmentExpression" || set.operator !== "=") return undefined;
    const { left, right } = set;
    if (left.type !== "MemberExpression" || !isNamed(left.object, reading.object)) return undefined;
    const name = memberName(left.property, left.computed);
    if (name === undefined || NO_FIELDS.has(name) || fields.has(name) || !isOnlyRead(right, reading)) return undefined;
    fields.set(name, right);
  }
  return fields;
}

function isNamed(node: AnyNode, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

/** Whether an expression only reads values, so that it can be asked for twice. */
function isOnlyRead(node: AnyNode, reading: Reading): boolean {
  const all = (...parts: AnyNode[]): boolean => parts.every((part) => isOnlyRead(part, reading));
  switch (node.type) {
    case "Literal":
      return node.regex === undefined;
    case "Identifier":
      return node.name !== reading.object;
    case "MemberExpression":
      return reading.isRow(node.object) && memberName(node.property, node.computed) !== undefined;
    case "TemplateLiteral":
      return all(...node.expressions);
    case "UnaryExpression":
      return node.operator !== "delete" && all(node.argument);
    case "BinaryExpression":
    case "LogicalExpression":
      return all(node.left, node.right);
    case "ConditionalExpression":
      return all(node.test, node.consequent, node.alternate);
    case "ParenthesizedExpression":
      return all(node.expression);
    default:
      return false;
  }
}

/** Thrown for a result that is not the object that it was before. */
export const OTHER_RESULT: unique symbol = Symbol("another result");

/**
 * The object that the function fills, taken from a row that was not woven. Rows are woven only while it holds plain
 * fields and nothing else, so that setting them has no other effect.
 */
export class RefilledObject {
  readonly #names: ReadonlySet<string>;
  #last: unknown;

  /** @param names Its fields. */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** The function, whose results are noted. */
  noting(call: RowCall): RowCall {
    return (row, ctx) => (this.#last = call(row, ctx));
  }

  /**
   * The object, or undefined where it is not known yet or not plain. Must be asked before each block: other code runs
   * between them.
   */
  get plain(): object | undefined {
    const result = this.#last;
    return this.#isPlain(result) ? result : undefined;
  }

  #isPlain(result: unknown): result is object {
    if (typeof result !== "object" || result === null || isProxy(result)) return false;
    if (Object.getPrototypeOf(result) !== Object.prototype) return false;
    const own = Reflect.ownKeys(result);
    return (
      own.length === this.#names.size &&
      own.every((key) => {
        const isField = typeof key === "string" && this.#names.has(key);
        return isField && Object.hasOwn(Object.getOwnPropertyDescriptor(result, key) ?? {}, "value");
      })
    );
  }
}

function isProxy(value: object): boolean {
  return process.getBuiltinModule("node:util").types.isProxy(value);
}
