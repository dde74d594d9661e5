/**
 * What is seen of a run's calls while they are made, for what is only certain at its end: a function that gave nothing for
 * any row, a key of JSON that no row had.
 */
import type { AnyNode, Expression } from "acorn";
import { RowmillError } from "../errors.ts";
import type { DecodedBlock, Row } from "../formats/format.ts";
import { childNodes } from "../free-variables.ts";
import { objectKey } from "../code/column-code.ts";
import type { RowContext } from "../code/context.ts";
import { isLocalDate } from "../code/local-dates.ts";
import { isFunction, returnedBy } from "../code/proof-subject.ts";
import { branches, memberName } from "../code/proof-syntax.ts";
import type { WatchedCalls } from "./wire.ts";

type Call = (row: Row, ctx: RowContext) => unknown;

/** In so many rows of each worker. */
const MAX_DATES = 100;

export class CallWatch {
  /** Keys that no row has had so far. */
  #lacking: readonly string[];
  #hasRows = false;
  #hasGiven = false;
  #hasGivenNothing = false;
  #localDate: WatchedCalls["localDate"];
  /** So many texts of dates are still to be looked at. */
  #datesLeft = 0;
  #looksAtResults = false;

  /** @param keys Those that the code reads of rows of JSON without saying that they may be missing. */
  constructor(keys: readonly string[]) {
    this.#lacking = keys;
  }

  /** All is seen that is looked for: further calls would add nothing. */
  get isSettled(): boolean {
    return this.#lacking.length === 0 && this.#datesLeft <= 0 && (!this.#looksAtResults || this.#hasGiven);
  }

  /** What was seen so far; undefined for nothing. */
  get seen(): WatchedCalls | undefined {
    const isAnything = this.#hasRows || this.#hasGiven || this.#hasGivenNothing || this.#localDate !== undefined;
    if (!isAnything) return undefined;
    return {
      localDate: this.#localDate,
      lacking: this.#hasRows ? this.#lacking : undefined,
      gave: this.#hasGiven ? "something" : this.#hasGivenNothing ? "nothing" : undefined,
    };
  }

  /** The call with a look at the keys of its rows. */
  lookingAtKeys(call: Call): Call {
    if (this.#lacking.length === 0) return call;
    let isDone = false;
    return (row, ctx) => {
      // Mostly the first row has all of them: for the others it is one test.
      if (!isDone) isDone = this.#lookAtKeys(row);
      return call(row, ctx);
    };
  }

  /** Looks at the keys of rows for which nothing was called yet. */
  lookAtRows(block: Pick<DecodedBlock, "rows" | "count">): void {
    if (this.#lacking.length === 0) return;
    const { rows, count } = block;
    for (let at = 0; at < count; at++) {
      const row = rows[at];
      if (row !== undefined && this.#lookAtKeys(row)) return;
    }
  }

  #lookAtKeys(row: Row): boolean {
    this.#hasRows = true;
    this.#lacking = this.#lacking.filter((key) => !Object.hasOwn(row, key));
    return this.#lacking.length === 0;
  }

  /** The call with a look at the texts, in the first rows, of which it makes dates. */
  lookingAtDates(call: Call, columns: readonly string[]): Call {
    if (columns.length === 0) return call;
    this.#datesLeft = MAX_DATES;
    const look = (row: Row): void => {
      this.#datesLeft--;
      for (const column of columns) {
        const text: unknown = row[column];
        if (typeof text === "string" && isLocalDate(text)) this.#localDate ??= { column, text };
      }
    };
    return (row, ctx) => {
      if (this.#datesLeft > 0) look(row);
      return call(row, ctx);
    };
  }

  /** The call with a look at whether it gives anything. */
  lookingAtResults(call: Call): Call {
    this.#looksAtResults = true;
    const look = (result: unknown): void => {
      if (result === undefined) this.#hasGivenNothing = true;
      else {
        this.#hasGiven = true;
        isDone = true;
      }
    };
    let isDone = false;
    return (row, ctx) => {
      const result = call(row, ctx);
      if (isDone) return result;
      if (result instanceof Promise) result.then(look, () => {});
      else look(result);
      return result;
    };
  }
}

/**
 * Whether undefined is nothing that the author of a function, or of an expression, has asked for: it does not say so, and
 * may give it all the same.
 */
export function mayGiveNothing(tree: Expression): boolean {
  const results = isFunction(tree) ? returnedBy(tree).flatMap(branches) : branches(tree);
  if (results.some(isUndefined)) return false;
  if (results.length > 0 && results.every(({ type }) => /^(?:Object|Array)Expression$/.test(type))) return false;
  // An expression that only logs wants no rows.
  if (!isFunction(tree)) return !results.some(isLogging);
  if (tree.generator) return false;
  if (tree.body.type !== "BlockStatement") return true;
  if (hasBareReturn(tree.body)) return false;
  // Behind conditions, to give nothing is a way to drop a row.
  return results.length === 0 || tree.body.body.at(-1)?.type === "ReturnStatement";
}

function isUndefined(node: AnyNode): boolean {
  return (
    (node.type === "Identifier" && node.name === "undefined") ||
    (node.type === "UnaryExpression" && node.operator === "void") ||
    (node.type === "LogicalExpression" && isUndefined(node.right))
  );
}

/** `console.log(name)` */
function isLogging(node: AnyNode): boolean {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
  const { object } = node.callee;
  return object.type === "Identifier" && object.name === "console";
}

function hasBareReturn(node: AnyNode): boolean {
  if (/Function|Class/.test(node.type)) return false;
  return (node.type === "ReturnStatement" && !node.argument) || childNodes(node).some(hasBareReturn);
}

/**
 * `(row) => { name: row.name }` is a function of one statement that gives nothing, whatever the row.
 *
 * @param who What the function is called in the message.
 * @throws {RowmillError} `transform`, for such a function.
 */
export function checkGives(
  tree: Expression,
  source: string,
  { who, gives }: { who: string; gives: "a row" | "a value" },
): void {
  if (!isFunction(tree) || tree.body.type !== "BlockStatement") return;
  const { body } = tree.body;
  if (body.length === 0 || !body.every((one) => isPlainValue(one))) return;
  const textOf = (from: number, to: number): string => source.slice(from - tree.start, to - tree.start).trim();
  const head = textOf(tree.start, tree.body.start).replaceAll(/\s+/g, " ");
  const fields = body.map((one) => fieldOf(one, textOf));
  const isRow = gives === "a row";
  const value = isRow
    ? `{ ${fields.join(", ")} }`
    : textOf(body[0]?.start ?? 0, body.at(-1)?.end ?? 0).replace(/\s*;$/, "");
  const hint =
    tree.type !== "ArrowFunctionExpression"
      ? `what a function gives stands behind return: ${head} { return ${value}; }`
      : isRow
        ? `an object that a function gives stands in brackets: ${head} (${value})`
        : `what a function gives stands without braces: ${head} ${value}`;
  throw new RowmillError("transform", `${who} gives nothing, whatever the row: its braces hold statements`, { hint });
}

/** A statement as the field that was meant. */
function fieldOf(statement: AnyNode, textOf: (from: number, to: number) => string): string {
  const text = textOf(statement.start, statement.end).replace(/\s*;$/, "").replaceAll(/\s+/g, " ");
  if (statement.type !== "ExpressionStatement") return text;
  const { expression } = statement;
  if (expression.type === "Identifier") return text;
  // `{ a, b }` is one value behind the other.
  if (expression.type === "SequenceExpression" && expression.expressions.every(({ type }) => type === "Identifier"))
    return text;
  const name =
    expression.type === "MemberExpression" ? memberName(expression.property, expression.computed) : undefined;
  return `${name === undefined ? "value" : objectKey(name)}: ${text}`;
}

/** A label, or a value of which nothing comes. */
function isPlainValue(node: AnyNode): boolean {
  if (node.type === "LabeledStatement") return node.body.type === "ExpressionStatement";
  if (node.type !== "ExpressionStatement") return false;
  const isNothing = (one: AnyNode): boolean =>
    !/^(?:Call|New|Assignment|Update|Await|Yield|Import|TaggedTemplate)/.test(one.type) &&
    childNodes(one).every(isNothing);
  return isNothing(node.expression) && node.expression.type !== "Literal";
}
