/**
 * Expressions of the command line: `{ name, age: 2017 - born }` becomes a function of the row. Names are looked up
 * before anything runs, so that a mistyped column is an error with a suggestion and not an empty field.
 */
import { memberOf, textLiteral } from "../generated-code.ts";
import { type AnyNode, type Expression, type Program, parse } from "acorn";
import { RowmillError, WRITE, messageOf } from "../errors.ts";
import { shownColumn, shownColumns } from "../formats/columns.ts";
import type { Row } from "../formats/format.ts";
import { childNodes, findOuterUses } from "../free-variables.ts";
import { checkComparisons } from "./comparison-traps.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { type ColumnUses, expressionUses } from "./column-uses.ts";
import type { RowContext } from "./context.ts";
import { serveRowmill } from "./built-in-rowmill.ts";
import { serveZod } from "./built-in-zod.ts";
import { rowMember, suggestedName } from "./column-code.ts";
import { codeOf } from "./code-parts.ts";
import { nameNotes } from "./name-notes.ts";
import { type Proof, obstacleInTree, proveExpression } from "./proof.ts";
import type { ProofOptions } from "./proof-subject.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";
import { STANDARD_GLOBALS } from "./standard-globals.ts";
import { readKeys, unknownColumn, unknownColumnError } from "./unknown-columns.ts";

/** What inherits nothing but what all objects do, or any object. */
type RowKind = "plain" | "any";

type ExpressionFunction = (row: Row, ctx: RowContext) => unknown;

/** Names that no code in strict mode may declare. */
const UNBINDABLE: ReadonlySet<string> = new Set(["eval", "arguments"]);

/** What the names that are no columns stand for: in the code of the generated function, its context being `ctx`. */
const BUILT_IN: Readonly<Record<string, (ctx: string) => string>> = {
  [ROW_ALIAS]: () => ROW_NAME,
  i: (ctx) => `${ctx}.index`,
  args: (ctx) => `${ctx}.args`,
  lookup: (ctx) => `${ctx}.lookup`,
};

/**
 * Compiles an expression that makes the result of a row. An arrow function is called with `(row, ctx)`.
 *
 * @param columns Names of the input's columns; undefined for formats without a header, where any other name is a
 * property of the row.
 * @param rows What rows without a header are: objects of JSON, or what a schema has made of them.
 * @throws {RowmillError} `transform`, when it does not parse or has a name that nothing stands for.
 */
export function compileExpression(
  expression: string,
  columns: readonly string[] | undefined,
  rows: RowKind = "plain",
): ExpressionFunction {
  const { source, tree } = parseExpression(expression);
  checkComparisons(tree, source);
  const value = compile(source, tree, { columns, rows });
  if (tree.type !== "ArrowFunctionExpression" && tree.type !== "FunctionExpression") return value;
  // The function itself does not depend on the row, only what it is called with does.
  return (row, ctx) => (value(row, ctx) as ExpressionFunction)(row, ctx);
}

/**
 * Columns may be had as members of the row as well as by their names, which cannot be given other values.
 *
 * @throws {RowmillError} `transform`, when an expression reads one that the row has not, or gives one another value.
 */
export function checkMembers(expression: string, columns: readonly string[] | undefined): void {
  if (columns === undefined) return;
  const { source, tree } = parseExpression(expression);
  const rowNames = columns.includes(ROW_ALIAS) ? [ROW_NAME] : [ROW_NAME, ROW_ALIAS];
  const unknown = unknownColumn(tree, source, { columns, rowNames });
  if (unknown !== undefined) throw unknownColumnError(unknown, "the expression", columns);
  if (!ASSIGNS.test(source)) return;
  const { uses } = findOuterUses(tree);
  checkAssignments(tree, ({ name }, node) => columns.includes(name) && uses.get(name)?.has(node) === true);
}

/** The keys of rows without a header that an expression reads; see unknown-columns.ts. */
export function keysOfExpression(expression: string): string[] {
  const { source, tree } = parseExpression(expression);
  const { names } = findOuterUses(tree);
  return readKeys(tree, source, { rowNames: [ROW_NAME, ROW_ALIAS], bareNames: names.filter(isKey) });
}

/** Whether a name stands for a key of the row where it has one, and for nothing else. */
export function isKey(name: string): boolean {
  return name !== ROW_NAME && !Object.hasOwn(BUILT_IN, name) && !STANDARD_GLOBALS.has(name) && !UNBINDABLE.has(name);
}

/** Notes on the names in an expression; see name-notes.ts. */
export function notesOnExpression(expression: string, columns: readonly string[] | undefined): string[] {
  return columns === undefined ? [] : nameNotes(parseExpression(expression).tree, columns);
}

/** What can be proven of an expression; see proof.ts. */
export function proofOfExpression(
  expression: string,
  columns: readonly string[] | undefined,
  options: ProofOptions = {},
): Proof | undefined {
  const { source, tree } = parseExpression(expression);
  return proveExpression(tree, source, columns, options);
}

/** The piece of an expression for which nothing, or no result, is proven of it. */
export function obstacleInExpression(expression: string, columns: readonly string[]): string | undefined {
  const { source, tree } = parseExpression(expression);
  return obstacleInTree(tree, source, columns);
}

/** The syntax tree of an expression. */
export function treeOfExpression(expression: string): Expression {
  return parseExpression(expression).tree;
}

/** How an expression uses the columns; see column-uses.ts. */
export function usesOfExpression(expression: string, columns: readonly string[]): ColumnUses {
  return expressionUses(parseExpression(expression).tree, columns);
}

/** A run has a function, a filter and some values of groups, and each of them is looked at several times. */
const MOST_PARSED = 8;
const parsedOnes = new Map<string, Parsed>();

/** Parses an expression, once. */
function parseExpression(expression: string): Parsed {
  const known = parsedOnes.get(expression);
  if (known !== undefined) return known;
  const parsed = parseAfresh(expression);
  if (parsedOnes.size === MOST_PARSED) parsedOnes.clear();
  parsedOnes.set(expression, parsed);
  return parsed;
}

/** Parses an expression for later; undefined where it is wrong, which is said when it is compiled. */
export function tryParse(expression: string): Expression | undefined {
  try {
    return treeOfExpression(expression);
  } catch {
    return undefined;
  }
}

function parseAfresh(expression: string): Parsed {
  if (expression.trim() === "") {
    throw new RowmillError("transform", "the expression is empty", { hint: "for example: rowmill -e '{ name }' FILE" });
  }
  try {
    // To JavaScript these are comparisons; in TypeScript they are type arguments, which is what is meant.
    if (TYPE_ARGUMENTS.test(expression)) return onlyExpression(stripTypes(expression));
    return onlyExpression(`(${expression}\n)`);
  } catch (error) {
    if (error instanceof RowmillError) throw error;
  }
  const code = stripTypes(expression);
  try {
    return onlyExpression(code);
  } catch (error) {
    if (error instanceof RowmillError) throw error;
    throw new RowmillError("transform", `cannot compile the expression: ${messageOf(error)}`, { cause: error });
  }
}

/** `new Map<string, number>(…)`, `f<T>(…)`. */
const TYPE_ARGUMENTS = /[\w$]<[^<>=();]*>\(/;

interface Parsed {
  source: string;
  tree: Expression;
}

function onlyExpression(source: string): Parsed {
  const program: Program = parse(source, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: false,
  });
  const [statement, ...more] = program.body;
  // The brackets around it must be those that were put there: `a) + (b` is not one expression.
  if (statement?.type !== "ExpressionStatement" || more.length > 0 || statement.expression.start === 0) {
    throw new RowmillError("transform", "the expression is more than one expression", {
      hint: "for statements write an arrow function: r => { …; return { … }; }",
    });
  }
  const tree = statement.expression;
  // JavaScript would take the last one, and forget the others.
  if (tree.type === "SequenceExpression" && tree.expressions[0]?.type === "ObjectExpression") {
    throw new RowmillError("transform", "the expression is several objects", {
      hint: "for one row write one object: { a, b }; for several rows an array: [{ a }, { b }]",
    });
  }
  if (/\bawait\b/.test(source) && waits(tree)) {
    throw new RowmillError("transform", "the expression waits outside of an async function", {
      hint: "write an async function: async (row) => …",
    });
  }
  return { source: source.slice(tree.start, tree.end), tree };
}

/** Whether there is an `await` that is in no function: a module could have it, an expression cannot. */
function waits(node: AnyNode): boolean {
  if (/Function/.test(node.type)) return false;
  return node.type === "AwaitExpression" || childNodes(node).some(waits);
}

/** JavaScript from TypeScript. When it is neither, the error shows where. */
function stripTypes(expression: string): string {
  const before = "export default (";
  try {
    const code = new Bun.Transpiler({ loader: "ts", target: "bun" }).transformSync(`${before}${expression}\n)`);
    return `(${code
      .trim()
      .replace(/^export default /, "")
      .replace(/;$/, "")})`;
  } catch (error) {
    throw compileError(expression, error, before.length);
  }
}

/** Where the compiler stopped, in the expression as it was written; `shift` columns stood before its first line. */
function compileError(expression: string, thrown: unknown, shift: number): RowmillError {
  // Several errors come together; the first is the one to mend.
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const position: unknown = Reflect.get(Object(error), "position");
  const line = Number(Reflect.get(Object(position), "line"));
  const lines = expression.split("\n");
  if (line > lines.length) {
    const isClosed = hasExtraBracket(expression);
    return new RowmillError(
      "transform",
      `cannot compile the expression: ${isClosed ? "it closes a bracket that it has not opened" : "it ends too early"}`,
      {
        frames: `    ${expression}`,
        hint: isClosed ? "take that bracket out" : "a bracket, quote or value is missing at its end",
        cause: thrown,
      },
    );
  }
  const column = Number(Reflect.get(Object(position), "column")) - (line === 1 ? shift : 0);
  const marker = Number.isNaN(column) ? "" : `\n    ${" ".repeat(Math.max(0, column - 1))}^`;
  return new RowmillError("transform", `cannot compile the expression: ${messageOf(error)}`, {
    frames: `    ${lines[line - 1] ?? expression}${marker}`,
    hint: compileHint(expression, messageOf(error)),
    cause: thrown,
  });
}

function compileHint(expression: string, message: string): string {
  if (/^Unexpected (?:\?\?|\|\||&&)$/.test(message) && expression.includes("??")) {
    return "put brackets around what belongs together: (a ?? b) || c";
  }
  if (message === "Unexpected **") return "put brackets around what belongs together: (-a) ** 2";
  if (message.startsWith("Unterminated")) return "close the quote, and quote the whole expression in the shell";
  const isObject = /^\s*\(?\{/.test(expression);
  return isObject ? "an object is written { name: value, … }" : "an expression of JavaScript, or TypeScript, is wanted";
}

function hasExtraBracket(expression: string): boolean {
  const isCode = codeOf(expression);
  let open = 0;
  for (let at = 0; at < expression.length; at++) {
    if (isCode[at] !== true) continue;
    const character = expression[at] ?? "";
    if ("([{".includes(character)) open++;
    if (")]}".includes(character) && --open < 0) return true;
  }
  return false;
}

/**
 * An expression may import what is built in, and nothing else: it has no folder of its own to find packages in, and what
 * lies in the current folder is data.
 */
function checkImports(node: AnyNode): void {
  if (node.type === "ImportExpression") {
    const { source } = node;
    const name = source.type === "Literal" ? String(source.value) : undefined;
    if (name === "zod") serveZod();
    else if (name === "rowmill") serveRowmill({ hasOwn: false });
    else if (name === undefined || !isBuiltIn(name)) {
      throw new RowmillError("transform", `an expression cannot import ${name ?? "a computed name"}`, {
        hint: "it can import what is built in, such as node:crypto or zod; for packages write a transform file",
      });
    }
  }
  for (const child of childNodes(node)) checkImports(child);
}

/** `node:module` would tell as well, but takes 5 ms to load. */
function isBuiltIn(name: string): boolean {
  return name === "bun" || name.startsWith("bun:") || process.getBuiltinModule(name) !== undefined;
}

/** An expression with neither an assignment nor `in` need not be searched for them. */
const MISLEADING = /(?<![=!<>])=(?!=)|\bin\b/;

/** What is JavaScript, and never means what it says: a comparison of another language, or a sign that was mistyped. */
function checkComparison(source: string, tree: Expression, known: ReadonlySet<string> | undefined): void {
  const assigned = assignedField(tree) ?? assignedIn(tree);
  if (assigned !== undefined) {
    throw new RowmillError("transform", `the expression assigns to ${assigned}, which is no variable`, {
      hint: "to compare, write ==",
    });
  }
  if (looksForKeys(tree)) {
    throw new RowmillError("transform", "the expression looks for a key of a list, with in", {
      hint: "to look for one of several values: [a, b].includes(value)",
    });
  }
  if (tree.type !== "ArrowFunctionExpression" || tree.body.type !== "Literal") return;
  const [parameter, ...more] = tree.params;
  if (more.length > 0 || parameter?.type !== "Identifier" || known?.has(parameter.name) !== true) return;
  throw new RowmillError("transform", `the expression is a function that always gives ${tree.body.raw}`, {
    hint: `${WRITE}${parameter.name} >= ${source.slice(tree.body.start - tree.start, tree.body.end - tree.start)}`,
  });
}

/** Whether `in` is asked of a list that stands there: it looks for the number of an item, and never for an item. */
function looksForKeys(node: AnyNode): boolean {
  if (node.type === "BinaryExpression" && node.operator === "in") {
    if (["ArrayExpression", "SequenceExpression", "Literal"].includes(node.right.type)) return true;
  }
  return childNodes(node).some(looksForKeys);
}

/** A field of the row that is all the expression sets, to a text or number: that would be its result. */
function assignedField(tree: Expression): string | undefined {
  if (tree.type !== "AssignmentExpression" || tree.right.type !== "Literal") return undefined;
  const { left } = tree;
  const isField =
    left.type === "MemberExpression" && left.object.type === "Identifier" && left.object.name === ROW_NAME;
  return isField && left.property.type === "Identifier" ? `${ROW_NAME}.${left.property.name}` : undefined;
}

/** A name to which a value is given outside of functions, where no variable can be. */
function assignedIn(node: AnyNode): string | undefined {
  if (/Function/.test(node.type)) return undefined;
  if (node.type === "AssignmentExpression" && node.left.type === "Identifier") return node.left.name;
  for (const child of childNodes(node)) {
    const found = assignedIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compile(
  source: string,
  tree: Expression,
  { columns, rows }: { columns: readonly string[] | undefined; rows: RowKind },
): ExpressionFunction {
  checkImports(tree);
  const known = columns === undefined ? undefined : new Set(columns);
  if (MISLEADING.test(source)) checkComparison(source, tree, known);
  const { names } = findOuterUses(tree);
  // A column may have any name, that of what stands around the expression as well.
  const around: Around = { ctx: unusedName("ctx", names), globals: unusedName("globals", names) };
  const bindings: string[] = [];
  for (const name of names) {
    if (name === ROW_NAME) continue;
    if (UNBINDABLE.has(name) && (known?.has(name) ?? name === "arguments")) throw reservedWord(name);
    if (name === "eval") continue;
    const meaning = known === undefined ? meaningInJson(name, around, rows) : meaningInColumns(name, around, known);
    if (meaning !== undefined) bindings.push(`const ${name} = ${meaning};`);
  }
  const code = `"use strict"; return (${ROW_NAME}, ${around.ctx}) => { ${bindings.join(" ")} return (${source}\n); };`;
  try {
    // oxlint-disable-next-line no-implied-eval -- running the user's expression is what this is for
    return new Function(around.globals, code)(globalThis) as ExpressionFunction;
  } catch (error) {
    throw new RowmillError("transform", `cannot compile the expression: ${messageOf(error)}`, { cause: error });
  }
}

/** Code in which something may be given a value. */
const ASSIGNS = /[^=!<>]=[^=>]|[-+*/%&|^?]=|\+\+|--/;

/** Columns go by names that cannot be given another value. */
function checkAssignments(node: AnyNode, isColumn: (named: { name: string }, node: AnyNode) => boolean): void {
  const target =
    node.type === "AssignmentExpression" ? node.left : node.type === "UpdateExpression" ? node.argument : undefined;
  if (target?.type === "Identifier" && isColumn(target, target)) {
    const { name } = target;
    throw new RowmillError("transform", `the expression gives the column ${name} another value`, {
      hint: `a row with another value is { ...row, ${name}: … }; to compare is ${name} === …`,
    });
  }
  for (const child of childNodes(node)) checkAssignments(child, isColumn);
}

function reservedWord(name: string): RowmillError {
  return new RowmillError("transform", `${name} is a word of JavaScript's own`, {
    hint: `a column of that name is ${rowMember(name)}`,
  });
}

/** Names in the generated code: of the row's context, and of the object that holds the real globals. */
interface Around {
  ctx: string;
  globals: string;
}

function unusedName(wanted: string, used: readonly string[]): string {
  let name = wanted;
  while (used.includes(name)) name += "_";
  return name;
}

/** What a name stands for where the columns are known; undefined for a global. */
function meaningInColumns(name: string, { ctx, globals }: Around, columns: ReadonlySet<string>): string | undefined {
  // A ragged row may lack it, and every object inherits a `constructor`.
  if (columns.has(name)) return name in Object.prototype ? ownField(name, globals, NOTHING) : fieldOf(name);
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name]?.(ctx);
  if (STANDARD_GLOBALS.has(name)) return undefined;
  const near = nearest(name, [...columns, ROW_NAME]);
  if (name === "ctx") {
    throw new RowmillError("transform", "the expression uses ctx, which a function has", {
      hint: "write a function: (row, ctx) => …",
    });
  }
  throw new RowmillError("transform", `the expression uses ${shownColumn(name)}, which is no column of the input`, {
    hint:
      near === undefined
        ? `the columns are: ${shownColumns([...columns])}`
        : didYouMean(near === ROW_NAME ? near : suggestedName(near, name)),
    lacks: name,
  });
}

/** Rows without a header: the row's own property comes first, also over a global. */
function meaningInJson(name: string, { ctx, globals }: Around, rows: RowKind): string {
  // To ask whether it is the row's own takes longer than the rest.
  if (rows === "plain" && isKey(name) && !(name in Object.prototype)) return fieldOf(name);
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]?.(ctx) : undefined;
  const global = STANDARD_GLOBALS.has(name) ? memberOf(globals, name) : NOTHING;
  return ownField(name, globals, builtIn ?? global);
}

/** Undefined, and not by its name: the expression may use that one for a field. */
const NOTHING = "void 0";

function fieldOf(name: string): string {
  return memberOf(ROW_NAME, name);
}

/** The field where a row has it. Object is not called by its name either. */
function ownField(name: string, globals: string, otherwise: string): string {
  return `${globals}.Object.hasOwn(${ROW_NAME}, ${textLiteral(name)}) ? ${fieldOf(name)} : ${otherwise}`;
}
