/**
 * What code does with the fields of a row: whether it uses a column as a text, as a number, or both. Types by the data
 * are decided with it: a column of digits of which code takes a slice is text.
 *
 * By the syntax tree alone, and without a proof: what is not found says nothing.
 */
import { once } from "../once.ts";
import type { AnyNode, Expression, Pattern } from "acorn";
import { isNullWord } from "../formats/values/null-words.ts";
import { boundNames, childNodes, findOuterUses, varNames } from "../free-variables.ts";
import { callTree } from "./function-tree.ts";
import { type Around, NOTHING_AROUND, expressionAround, isFunction, keyName } from "./proof-subject.ts";
import { isMadeNumber, isMerelyNamed, isNothing, memberName, writtenPart } from "./proof-syntax.ts";

/** A use of each kind, as it is shown: `born.slice()`; undefined where there is none. */
export interface ColumnUse {
  asText: string | undefined;
  /** It is only put into a text: `${born}`. */
  asWritten: string | undefined;
  asNumber: string | undefined;
  /** What comes of it is another for a text than for a number: `born > died`. */
  asEither: string | undefined;
  /** The same with another column: where that is text, it is one that is put together. */
  joins: readonly Join[];
  /** One of these is a comparison, and no sum. */
  isCompared: boolean;
  /** A number is asked for, and no text, even one of digits, does as well: `born + 1`, `born === 1928`. */
  asExact: string | undefined;
  /** Its truth is asked for, which that of the text `false` is not. */
  asTruth: string | undefined;
  /** It is compared with the empty text. */
  asEmpty: string | undefined;
  /** The code says that it may be missing: `born ?? 0`. */
  asMissing: string | undefined;
  /** It is compared with null: the code knows of fields that stand for it. */
  isNullable: boolean;
}

/** `born + died` */
export interface Join {
  column: string;
  shown: string;
}

export const NO_USE: ColumnUse = {
  asText: undefined,
  asWritten: undefined,
  asNumber: undefined,
  asEither: undefined,
  joins: [],
  isCompared: false,
  asExact: undefined,
  asTruth: undefined,
  asEmpty: undefined,
  asMissing: undefined,
  isNullable: false,
};

export type ColumnUses = ReadonlyMap<string, ColumnUse>;

/** The use of a column that somebody else wants as a text. */
export function wantedAsText(by: string): ColumnUse {
  return { ...NO_USE, asText: by };
}

/** The uses of several pieces of code together. */
export function unionOfUses(all: readonly ColumnUses[]): ColumnUses {
  const union = new Map<string, ColumnUse>();
  for (const [column, use] of all.flatMap((uses) => [...uses]))
    union.set(column, bothUses(union.get(column) ?? NO_USE, use));
  return union;
}

function bothUses(known: ColumnUse, more: ColumnUse): ColumnUse {
  return {
    asText: known.asText ?? more.asText,
    asWritten: known.asWritten ?? more.asWritten,
    asNumber: known.asNumber ?? more.asNumber,
    asEither: known.asEither ?? more.asEither,
    joins: [...known.joins, ...more.joins],
    isCompared: known.isCompared || more.isCompared,
    asExact: known.asExact ?? more.asExact,
    asTruth: known.asTruth ?? more.asTruth,
    asEmpty: known.asEmpty ?? more.asEmpty,
    asMissing: known.asMissing ?? more.asMissing,
    isNullable: known.isNullable || more.isNullable,
  };
}

/** How a function uses the fields of its row, which is its first parameter, or the second one of a step. */
export function functionUses(call: (...args: never[]) => unknown, parameter: 0 | 1 = 0): ColumnUses {
  const tree = callTree(call)?.tree;
  return tree === undefined ? NO_USES : treeUses(tree, { around: NOTHING_AROUND, parameter });
}

/** How an expression uses them, in which columns go by their names. */
export function expressionUses(tree: Expression, columns: readonly string[]): ColumnUses {
  return treeUses(tree, { around: expressionAround(columns), parameter: 0 });
}

const NO_USES: ColumnUses = new Map();

function treeUses(tree: Expression, { around, parameter }: { around: Around; parameter: 0 | 1 }): ColumnUses {
  const names: Around = { rowNames: new Set(around.rowNames), columnOf: new Map(around.columnOf) };
  const roots = isFunction(tree) ? [tree.body, ...tree.params] : [tree];
  const asked: string[] = [];
  if (isFunction(tree)) {
    for (const name of [...tree.params.flatMap(boundNames), ...varNames(tree.body)]) {
      names.rowNames.delete(name);
      names.columnOf.delete(name);
    }
    nameFields(tree.params[parameter], names, asked);
  }
  return new UseReader(names, roots, asked).read();
}

/** Notes what the names of a parameter stand for: the row, or fields that are taken from it. */
function nameFields(pattern: AnyNode | undefined, names: Around, asked: string[]): void {
  if (pattern?.type === "AssignmentPattern") nameFields(pattern.left, names, asked);
  else if (pattern?.type === "Identifier") names.rowNames.add(pattern.name);
  else if (pattern?.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      if (property.type === "RestElement" || property.computed) continue;
      const column = keyName(property.key);
      const value = property.value.type === "AssignmentPattern" ? property.value.left : property.value;
      if (column === undefined || value.type !== "Identifier") continue;
      names.columnOf.set(value.name, column);
      if (property.value.type === "AssignmentPattern") asked.push(column);
    }
  }
}

/** Methods of texts that numbers have not, and arrays neither. */
const textMethods = once(() => stringMethods().filter((name) => !(name in Array.prototype)));
/** Those that arrays have too: of a field they are those of a text all the same. */
const sharedMethods = once(() => stringMethods().filter((name) => name in Array.prototype));

function stringMethods(): string[] {
  return Object.getOwnPropertyNames(String.prototype).filter((name) => !(name in Number.prototype));
}

const NUMBER_METHODS = new Set(["toFixed", "toPrecision", "toExponential"]);
/** Functions that take a text: given a number, `new Date(2017)` is two seconds after 1970. */
const TEXT_FUNCTIONS = new Set([
  "String",
  "Date",
  "encodeURI",
  "encodeURIComponent",
  "decodeURI",
  "decodeURIComponent",
  "escape",
  "unescape",
  "btoa",
  "atob",
]);
const ORDER = new Set(["<", "<=", ">", ">="]);
const COMPARISONS = new Set(["==", "===", "!=", "!==", "<", "<=", ">", ">="]);

class UseReader {
  readonly uses = new Map<string, ColumnUse>();
  readonly #names: Around;
  readonly #roots: readonly AnyNode[];
  readonly #outer: ReadonlyMap<string, ReadonlySet<AnyNode>>;
  /** Variables of the code that are the row, or a field of it, and stay so. */
  readonly #local: Around = { rowNames: new Set(), columnOf: new Map() };

  /** @param asked Columns with a default. */
  constructor(names: Around, roots: readonly AnyNode[], asked: readonly string[]) {
    this.#names = names;
    this.#roots = roots;
    this.#outer = findOuterUses(...roots).uses;
    for (const column of asked) this.uses.set(column, { ...NO_USE, asMissing: `${column} = …` });
    this.#nameLocals();
  }

  /** `const { born } = row`, `const born = row.born`, `const copy = { ...row }` */
  #nameLocals(): void {
    const { declared, changed } = variablesOf(this.#roots);
    const stays = (name: string): boolean => declared.get(name) === 1 && !changed.has(name);
    const asked: string[] = [];
    const visit = (node: AnyNode): void => {
      if (node.type === "VariableDeclarator" && node.init) {
        const column = this.#columnOf(node.init);
        const found: Around = { rowNames: new Set(), columnOf: new Map() };
        if (column !== undefined && node.id.type === "Identifier") found.columnOf.set(node.id.name, column);
        else if (this.#isRow(node.init)) nameFields(node.id, found, asked);
        for (const name of found.rowNames) if (stays(name)) this.#local.rowNames.add(name);
        for (const [name, field] of found.columnOf) if (stays(name)) this.#local.columnOf.set(name, field);
      }
      childNodes(node).forEach(visit);
    };
    this.#roots.forEach(visit);
    for (const column of asked) this.#add(column, { ...NO_USE, asMissing: `${column} = …` });
  }

  /** The row by one of its names, or a copy of it. */
  #isRow(node: AnyNode): boolean {
    if (node.type === "Identifier")
      return (
        this.#local.rowNames.has(node.name) || (this.#names.rowNames.has(node.name) && this.#isOuter(node, node.name))
      );
    const [only, ...others] = node.type === "ObjectExpression" ? node.properties : [];
    return only?.type === "SpreadElement" && others.length === 0 && this.#isRow(only.argument);
  }

  #add(column: string, use: ColumnUse): void {
    this.uses.set(column, bothUses(this.uses.get(column) ?? NO_USE, use));
  }

  read(): ColumnUses {
    for (const root of this.#roots) this.#visit(root, []);
    return this.uses;
  }

  /** Looks at a node; `above` are the nodes that it stands in, the nearest last. */
  #visit(node: AnyNode, above: readonly AnyNode[]): void {
    const column = isMerelyNamed(node, above.at(-1)) ? undefined : this.#columnOf(node);
    if (column !== undefined) this.#note(column, node, above);
    const inside = [...above, node];
    for (const child of childNodes(node)) this.#visit(child, inside);
  }

  /** The column whose field an expression is. */
  #columnOf(node: AnyNode): string | undefined {
    const { rowNames, columnOf } = this.#names;
    if (node.type === "Identifier") {
      if (this.#local.columnOf.has(node.name)) return this.#local.columnOf.get(node.name);
      return this.#isOuter(node, node.name) ? columnOf.get(node.name) : undefined;
    }
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return undefined;
    const { name } = node.object;
    const isRow = this.#local.rowNames.has(name) || (rowNames.has(name) && this.#isOuter(node.object, name));
    return isRow ? memberName(node.property, node.computed) : undefined;
  }

  #isOuter(node: AnyNode, name: string): boolean {
    return this.#outer.get(name)?.has(node) === true;
  }

  #note(column: string, node: AnyNode, above: readonly AnyNode[]): void {
    const use = useOf(column, node, above);
    const isNullable = isComparedWithNull(node, above.at(-1));
    const isAsked = isAskedForMissing(node, above.at(-1));
    if (use === undefined && !isNullable && !isAsked) return;
    const other = use?.as === "either" ? otherOf(node, above.at(-1)) : undefined;
    const joined = other && this.#columnOf(other);
    this.#add(column, {
      ...NO_USE,
      isNullable,
      ...(isAsked && { asMissing: column }),
      isCompared: use?.as === "either" && !use.shown.includes("+"),
      ...(use !== undefined && joined === undefined && { [AS[use.as]]: use.shown }),
      ...(use !== undefined && joined !== undefined && { joins: [{ column: joined, shown: use.shown }] }),
      ...(use?.as === "exact" && { asNumber: use.shown }),
    });
  }
}

/** `x === null`: undefined would be something else to it. */
function isComparedWithNull(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type !== "BinaryExpression" || (parent.operator !== "===" && parent.operator !== "!==")) return false;
  const other = otherOf(node, parent);
  return other?.type === "Literal" && other.raw === "null";
}

/** `x ?? 0`, `x == null`, `x === undefined`, `x?.y`, `typeof x` */
function isAskedForMissing(node: AnyNode, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case "LogicalExpression":
      return parent.operator === "??" && parent.left === node;
    case "MemberExpression":
      return parent.object === node && parent.optional;
    case "UnaryExpression":
      return parent.operator === "typeof";
    case "BinaryExpression":
      return /^[!=]==?$/.test(parent.operator) && isNothing(parent.left === node ? parent.right : parent.left);
    default:
      return false;
  }
}

/** The other operand. */
function otherOf(node: AnyNode, parent: AnyNode | undefined): AnyNode | undefined {
  if (parent?.type !== "BinaryExpression") return undefined;
  return parent.left === node ? parent.right : parent.left;
}

/** How often each variable of a piece of code is declared in it, and which get other values. */
function variablesOf(roots: readonly AnyNode[]): { declared: Map<string, number>; changed: Set<string> } {
  const declared = new Map<string, number>();
  const changed = new Set<string>();
  const declare = (pattern: AnyNode): void => {
    for (const name of boundNames(pattern as Pattern)) declared.set(name, (declared.get(name) ?? 0) + 1);
  };
  const visit = (node: AnyNode): void => {
    if (node.type === "VariableDeclarator") declare(node.id);
    else if (/Function/.test(node.type) && "params" in node) (node.params as AnyNode[]).forEach(declare);
    else if (node.type === "CatchClause" && node.param) declare(node.param);
    else {
      const target = writtenPart(node);
      if (target !== undefined && target.type !== "VariableDeclaration")
        for (const name of boundNames(target as Pattern)) changed.add(name);
    }
    childNodes(node).forEach(visit);
  };
  roots.forEach(visit);
  return { declared, changed };
}

const AS = {
  text: "asText",
  written: "asWritten",
  number: "asNumber",
  either: "asEither",
  exact: "asExact",
  truth: "asTruth",
  empty: "asEmpty",
} as const;

interface Use {
  as: keyof typeof AS;
  shown: string;
}

function text(shown: string): Use {
  return { as: "text", shown };
}

function written(shown: string): Use {
  return { as: "written", shown };
}

function number(shown: string): Use {
  return { as: "number", shown };
}

function exact(shown: string): Use {
  return { as: "exact", shown };
}

function either(shown: string): Use {
  return { as: "either", shown };
}

function truth(shown: string): Use {
  return { as: "truth", shown };
}

function useOf(column: string, node: AnyNode, above: readonly AnyNode[]): Use | undefined {
  const parent = above.at(-1);
  if (parent === undefined || (parent.type === "ArrowFunctionExpression" && above.length === 1))
    return truth(`whether ${column} holds`);
  switch (parent.type) {
    case "ChainExpression":
      return useOf(column, parent, above.slice(0, -1));
    case "LogicalExpression":
      if (parent.operator === "&&" && parent.left === node) return truth(`${column} && …`);
      // Its value may be the value of the whole expression.
      return useOf(column, parent, above.slice(0, -1));
    case "ConditionalExpression":
      return parent.test === node ? truth(`${column} ? …`) : useOf(column, parent, above.slice(0, -1));
    case "IfStatement":
      return truth(`if (${column})`);
    case "MemberExpression":
      return parent.object === node ? memberUse(column, parent, above.at(-2)) : undefined;
    case "TemplateLiteral":
      return isSaid(above) ? undefined : written(`\${${column}} in a template`);
    case "SwitchStatement": {
      const tests = parent.cases.flatMap(({ test }) => (test === null || test === undefined ? [] : [test]));
      if (parent.discriminant !== node) return undefined;
      if (tests.some(isText)) return text(`switch (${column}) with texts`);
      return tests.some(isNumber) ? exact(`switch (${column}) with numbers`) : undefined;
    }
    case "CallExpression":
    case "NewExpression":
      return parent.callee === node ? undefined : argumentUse(column, parent);
    case "BinaryExpression": {
      if (isMadeNumber(node, parent)) return number(`${column} ${parent.operator} …`);
      const other = parent.left === node ? parent.right : parent.left;
      if (parent.operator === "+") {
        if (isText(other)) return isSaid(above) ? undefined : written(`${column} + a text`);
        if (isNumber(other)) return exact(`${column} + a number`);
        return givesText(other) ? undefined : either(`${column} + …`);
      }
      if (!COMPARISONS.has(parent.operator)) return undefined;
      const isStrict = parent.operator.length === 3;
      if (isEmptyText(other)) return { as: "empty", shown: `${column} ${parent.operator} ""` };
      // JavaScript makes a number of a text of digits where it compares one with a number.
      if (isNumericText(other) && !isStrict) return number(`${column} ${parent.operator} a number`);
      // Who asks for the word that stands where there is no value, takes it for a number otherwise.
      if (isNullText(other)) return undefined;
      if (isText(other)) return text(`${column} ${parent.operator} a text`);
      if (isStrict && isArgument(other)) return text(`${column} ${parent.operator} an argument, a text`);
      if (isTruthLiteral(other)) return truth(`${column} ${parent.operator} …`);
      if (isNumber(other)) return (isStrict ? exact : number)(`${column} ${parent.operator} a number`);
      return ORDER.has(parent.operator) ? either(`${column} ${parent.operator} …`) : undefined;
    }
    case "AssignmentExpression":
      return parent.operator === "+=" && parent.right === node ? either(`+= ${column}`) : undefined;
    case "UnaryExpression":
      // `+x` says that it is to become a number, whatever it is.
      if (parent.operator === "!") return truth(`!${column}`);
      return parent.operator === "-" ? number(`-${column}`) : undefined;
    default:
      return undefined;
  }
}

/** Whether a value is only thrown or logged, which says nothing about its type. */
function isSaid(above: readonly AnyNode[]): boolean {
  return above.some((node) => {
    if (node.type === "ThrowStatement") return true;
    if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
    // In the text of a function, the runtime drops `new` before `Error(…)`.
    if (node.callee.type === "Identifier") return node.callee.name.endsWith("Error");
    if (node.callee.type !== "MemberExpression") return false;
    const { object, property, computed } = node.callee;
    const name = memberName(property, computed);
    return object.type === "Identifier" && (object.name === "console" || (object.name === "ctx" && name === "log"));
  });
}

function memberUse(
  column: string,
  member: AnyNode & { type: "MemberExpression" },
  parent: AnyNode | undefined,
): Use | undefined {
  const name = memberName(member.property, member.computed);
  if (name === undefined || name === "length")
    return { as: "text", shown: `${column}${name === undefined ? "[…]" : ".length"}` };
  if (parent?.type !== "CallExpression" || parent.callee !== member) return undefined;
  if (textMethods().includes(name) || sharedMethods().includes(name))
    return { as: "text", shown: `${column}.${name}()` };
  return NUMBER_METHODS.has(name) ? { as: "number", shown: `${column}.${name}()` } : undefined;
}

/** What a function makes of an argument. */
function argumentUse(
  column: string,
  { callee, arguments: given }: AnyNode & { type: "CallExpression" | "NewExpression" },
): Use | undefined {
  if (callee.type === "Identifier") {
    // The parts of a date are numbers.
    if (callee.name === "Date" && given.length > 1) return { as: "number", shown: `Date(…, ${column})` };
    if (callee.name === "String") return written(`String(${column})`);
    return TEXT_FUNCTIONS.has(callee.name) ? { as: "text", shown: `${callee.name}(${column})` } : undefined;
  }
  if (callee.type !== "MemberExpression") return undefined;
  const name = memberName(callee.property, callee.computed) ?? "";
  const { object } = callee;
  const isNamed = (wanted: string): boolean => object.type === "Identifier" && object.name === wanted;
  if (isNamed("Math")) return { as: "number", shown: `Math.${name}(${column})` };
  if (isNamed("Date") && name === "UTC") return { as: "number", shown: `Date.UTC(${column})` };
  if (isNamed("Date")) return { as: "text", shown: `Date.${name}(${column})` };
  if (object.type === "Literal" && "regex" in object) return { as: "text", shown: `a pattern's ${name}(${column})` };
  if (textMethods().includes(name) || isText(object)) return { as: "text", shown: `${name}(${column})` };
  const items = itemsOf(object);
  if (items.some(isText)) return { as: "text", shown: `${name}(${column}) of texts` };
  return items.some(isNumber) ? { as: "exact", shown: `${name}(${column}) of numbers` } : undefined;
}

/** The items of a list or a set that is written down where it is used. */
function itemsOf(node: AnyNode): AnyNode[] {
  if (node.type === "ArrayExpression") return node.elements.filter((item) => item !== null);
  if (node.type === "NewExpression" && node.callee.type === "Identifier" && node.callee.name === "Set") {
    return node.arguments.flatMap(itemsOf);
  }
  return [];
}

function isEmptyText(node: AnyNode): boolean {
  return node.type === "Literal" && node.value === "";
}

function isNullText(node: AnyNode): boolean {
  return node.type === "Literal" && typeof node.value === "string" && isNullWord(node.value);
}

/** `args.born`, `ctx.args.born`: what comes of the command line is text. */
function isArgument(node: AnyNode): boolean {
  if (node.type !== "MemberExpression") return false;
  const { object } = node;
  if (object.type === "Identifier") return object.name === "args";
  return object.type === "MemberExpression" && memberName(object.property, object.computed) === "args";
}

function isTruthLiteral(node: AnyNode): boolean {
  return (
    (node.type === "Literal" && typeof node.value === "boolean") ||
    // `true` may stand as `!0`.
    (node.type === "UnaryExpression" && node.operator === "!" && node.argument.type === "Literal")
  );
}

function isNumericText(node: AnyNode): boolean {
  return node.type === "Literal" && typeof node.value === "string" && /^-?\d+(?:\.\d+)?$/.test(node.value);
}

/** Whether the value of an expression is a text, as far as its form tells. */
function isText(node: AnyNode): boolean {
  if (node.type === "Literal") return typeof node.value === "string";
  if (node.type === "TemplateLiteral") return true;
  return node.type === "BinaryExpression" && node.operator === "+" && (isText(node.left) || isText(node.right));
}

const TEXT_GIVING = new Set(
  "concat join normalize padEnd padStart repeat replace replaceAll slice substr substring toFixed toISOString toLowerCase toPrecision toString toUpperCase trim trimEnd trimStart".split(
    " ",
  ),
);

/** Whether a call most likely gives a text. */
function givesText(node: AnyNode): boolean {
  if (node.type === "BinaryExpression" && node.operator === "+") return givesText(node.left) || givesText(node.right);
  if (isText(node)) return true;
  if (node.type !== "CallExpression") return false;
  const { callee } = node;
  if (callee.type === "Identifier") return callee.name === "String";
  if (callee.type !== "MemberExpression") return false;
  return TEXT_GIVING.has(memberName(callee.property, callee.computed) ?? "");
}

const ARITHMETIC = new Set(["-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"]);

function isNumber(node: AnyNode): boolean {
  if (node.type === "Literal") return typeof node.value === "number";
  if (node.type === "UnaryExpression") return node.operator === "-" || node.operator === "+";
  if (node.type !== "BinaryExpression") return false;
  return ARITHMETIC.has(node.operator) || (node.operator === "+" && isNumber(node.left) && isNumber(node.right));
}
