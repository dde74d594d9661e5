/**
 * Columns that code reads of the row and the input has not: `row.nope` would be undefined in every row. Found by the
 * syntax tree, and only where it is certain: the row has no other name and goes nowhere where somebody could add a field,
 * and the code does not say itself that the field may be missing (`row.nope ?? ""`, `"nope" in row`, a default).
 */
import type { AnyNode, Expression, Identifier, Pattern } from "acorn";
import { RowmillError } from "../errors.ts";
import { isPlainName, quotedText, shownColumn, shownColumns } from "../formats/columns.ts";
import { boundNames, childNodes, findOuterUses, varNames } from "../free-variables.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { lookalikes, objectKey, rowMember } from "./column-code.ts";
import { isFunction, keyName } from "./proof-subject.ts";
import { isNothing, memberName, writtenPart } from "./proof-syntax.ts";

export interface UnknownColumn {
  name: string;
  /** The name by which the code has the row, where it takes the column from that. */
  row: string | undefined;
  /** It may be that the code never comes there. */
  isConditional: boolean;
}

/**
 * The first of them in the code.
 *
 * @param tree A function of the row, or an expression.
 * @param source Its text.
 * @param rowNames Names that stand for the row around it.
 */
export function unknownColumn(
  tree: Expression,
  source: string,
  { columns, rowNames }: { columns: readonly string[]; rowNames: readonly string[] },
): UnknownColumn | undefined {
  // Most expressions use no name of the row: they are done here.
  if (!isFunction(tree) && !rowNames.some((name) => findOuterUses(tree).uses.has(name))) return undefined;
  // The row could be had by another name.
  if (/\b(?:arguments|eval)\b/.test(source)) return undefined;
  return new Finder(tree, { columns, rowNames }).find();
}

/**
 * The keys that code reads of rows that may have any, without saying that they may be missing; none where it does not say
 * which.
 *
 * @param bareNames Names in an expression that stand for keys.
 */
export function readKeys(
  tree: Expression,
  source: string,
  { rowNames, bareNames }: { rowNames: readonly string[]; bareNames: readonly string[] },
): string[] {
  if (/\b(?:arguments|eval)\b/.test(source)) return [];
  return new Finder(tree, { columns: [], rowNames }).keys(bareNames);
}

/** One place where a column is read. */
interface Read extends UnknownColumn {
  start: number;
  /** What is done with the value there says that it may be missing. */
  isExpected: boolean;
}

class Finder {
  readonly #tree: Expression;
  readonly #known: Set<string>;
  readonly #rowNames: Set<string>;
  readonly #parents = new Map<AnyNode, AnyNode>();
  readonly #reads: Read[] = [];
  /** The row is passed to code that may change it, or its name may stand for another value. */
  #isLost = false;
  /** It may return or throw before its end. */
  readonly #endsEarly: boolean;

  constructor(tree: Expression, { columns, rowNames }: { columns: readonly string[]; rowNames: readonly string[] }) {
    this.#tree = tree;
    this.#known = new Set(columns);
    this.#rowNames = new Set(rowNames);
    this.#note(tree);
    this.#endsEarly = this.#parents
      .keys()
      .some((node) => /^(?:Return|Throw)Statement$/.test(node.type) && this.#isWithinCondition(node));
  }

  #note(node: AnyNode): void {
    for (const child of childNodes(node)) {
      this.#parents.set(child, node);
      this.#note(child);
    }
  }

  find(): UnknownColumn | undefined {
    const roots = this.#roots();
    const { uses } = findOuterUses(...roots);
    for (const name of this.#rowNames)
      for (const node of uses.get(name) ?? []) if (node.type === "Identifier") this.#useOfRow(node);
    if (this.#isLost) return undefined;
    const expected = new Set(this.#reads.filter(({ isExpected }) => isExpected).map(({ name }) => name));
    const unknown = this.#reads.filter(({ name }) => !this.#known.has(name) && !expected.has(name));
    return unknown.toSorted((a, b) => a.start - b.start)[0];
  }

  keys(bareNames: readonly string[]): string[] {
    const roots = this.#roots();
    const { uses } = findOuterUses(...roots);
    for (const name of this.#rowNames)
      for (const node of uses.get(name) ?? []) if (node.type === "Identifier") this.#useOfRow(node);
    for (const name of bareNames) {
      for (const node of uses.get(name) ?? []) {
        const isExpected = this.#mayBeMissing(node) || this.#isSet(node);
        this.#read({ name, row: undefined, start: node.start, isExpected, isConditional: false });
      }
    }
    if (this.#isLost) return [];
    const expected = new Set(this.#reads.filter(({ isExpected }) => isExpected).map(({ name }) => name));
    return [...new Set(this.#reads.map(({ name }) => name))].filter(
      (name) => !expected.has(name) && !this.#known.has(name),
    );
  }

  /** The code in which the row goes by its names: of a function its body, its first parameter being the row. */
  #roots(): AnyNode[] {
    const tree = this.#tree;
    if (!isFunction(tree)) return [tree];
    const [first, ...others] = tree.params;
    const own = tree.type === "FunctionExpression" && tree.id ? [tree.id.name] : [];
    const vars = varNames(tree.body);
    for (const name of [...own, ...tree.params.flatMap(boundNames), ...vars]) this.#rowNames.delete(name);
    const row = first?.type === "AssignmentPattern" ? first.left : first;
    if (row?.type === "Identifier" && !vars.includes(row.name)) this.#rowNames.add(row.name);
    else if (row?.type === "ObjectPattern") this.#takenApart(row, undefined);
    return [...others, tree.body];
  }

  #useOfRow(node: Identifier): void {
    const parent = this.#parents.get(node);
    if (parent?.type === "MemberExpression" && parent.object === node) {
      this.#member(parent, node.name);
      return;
    }
    if (parent?.type === "SpreadElement") return;
    if (parent?.type === "BinaryExpression") {
      if (parent.operator === "in" && parent.right === node) this.#isAskedFor(parent.left);
      return;
    }
    if (parent?.type === "VariableDeclarator" && parent.init === node && parent.id.type === "ObjectPattern") {
      this.#takenApart(parent.id, node.name);
      return;
    }
    if (parent?.type === "CallExpression" && parent.callee !== node && looksOnly(parent.callee)) {
      const [, asked] = parent.arguments;
      if (asked !== undefined) this.#isAskedFor(asked);
      return;
    }
    if (!this.#isHandedBack(node)) this.#isLost = true;
  }

  #member(member: AnyNode & { type: "MemberExpression" }, row: string): void {
    const name = memberName(member.property, member.computed);
    if (this.#isWritten(member)) {
      if (name === undefined) this.#isLost = true;
      else this.#known.add(name);
      return;
    }
    if (name === undefined) return;
    this.#read({
      name,
      row,
      start: member.start,
      isExpected: this.#mayBeMissing(member),
      isConditional: this.#isConditional(member),
    });
  }

  #read(read: Read): void {
    // Members that every object inherits are there.
    if (!(read.name in Object.prototype)) this.#reads.push(read);
  }

  /** `{ a, b: c, d = 1 }` in the place of a row. */
  #takenApart(pattern: Pattern & { type: "ObjectPattern" }, row: string | undefined): void {
    for (const property of pattern.properties) {
      if (property.type === "RestElement") continue;
      const name = property.computed ? memberName(property.key, true) : keyName(property.key);
      if (name === undefined) continue;
      const { value } = property;
      const isExpected =
        value.type === "AssignmentPattern" || (value.type === "Identifier" && this.#isEverExpected(value.name));
      const isConditional = row !== undefined && this.#isConditional(pattern);
      this.#read({ name, row, start: property.start, isExpected, isConditional });
    }
  }

  /** Whether a use of a name says that its value may be missing, whichever variable that is. */
  #isEverExpected(name: string): boolean {
    return this.#parents
      .keys()
      .some(
        (node) => node.type === "Identifier" && node.name === name && (this.#mayBeMissing(node) || this.#isSet(node)),
      );
  }

  #isSet(node: AnyNode): boolean {
    const parent = this.#parents.get(node);
    return parent !== undefined && writtenPart(parent) === node && parent.type !== "VariableDeclarator";
  }

  /** `"nope" in row`, `Object.hasOwn(row, "nope")`: it may be there or not. */
  #isAskedFor(node: AnyNode): void {
    if (node.type === "Literal" && typeof node.value === "string") this.#known.add(node.value);
  }

  #isWritten(member: AnyNode): boolean {
    let at: AnyNode | undefined = member;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      if (writtenPart(parent) === at) return true;
      if (parent.type === "UnaryExpression" && parent.operator === "delete") return true;
      if (!/Pattern|Property|RestElement/.test(parent.type)) return false;
      at = parent;
    }
    return false;
  }

  /** Whether what stands around a value says that there may be none. */
  #mayBeMissing(node: AnyNode): boolean {
    const parent = this.#parents.get(node);
    switch (parent?.type) {
      case "LogicalExpression":
        return parent.operator !== "&&" && (parent.left === node || this.#isKnownRead(parent.left));
      case "MemberExpression":
        return parent.object === node && parent.optional;
      case "CallExpression":
        return parent.callee === node && parent.optional;
      case "UnaryExpression":
        return parent.operator === "typeof" || parent.operator === "void";
      case "BinaryExpression":
        return /^[!=]==?$/.test(parent.operator) && isNothing(parent.left === node ? parent.right : parent.left);
      case "ChainExpression":
        return this.#mayBeMissing(parent);
      default:
        return false;
    }
  }

  /** `row.email || row.mail`: one of them is there. */
  #isKnownRead(node: AnyNode): boolean {
    if (node.type === "LogicalExpression") return this.#isKnownRead(node.left) || this.#isKnownRead(node.right);
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return false;
    return this.#rowNames.has(node.object.name) && this.#known.has(memberName(node.property, node.computed) ?? "");
  }

  /** Whether the value of a node is a result as it is, or is only looked at. */
  #isHandedBack(node: AnyNode): boolean {
    const parent = this.#parents.get(node);
    switch (parent?.type) {
      case "ReturnStatement":
        // The caller of a function inside it is not known.
        return this.#functionAround(parent) === this.#tree;
      case undefined:
      case "ExpressionStatement":
      case "IfStatement":
      case "TemplateLiteral":
        return true;
      case "ArrowFunctionExpression":
        return parent === this.#tree && parent.body === node;
      case "UnaryExpression":
        return parent.operator !== "delete";
      case "ConditionalExpression":
        return parent.test === node || this.#isHandedBack(parent);
      case "LogicalExpression":
        return this.#isHandedBack(parent);
      default:
        return false;
    }
  }

  #functionAround(node: AnyNode): AnyNode | undefined {
    let at = this.#parents.get(node);
    while (at !== undefined && !/Function/.test(at.type)) at = this.#parents.get(at);
    return at;
  }

  /** Whether the code may run without reaching a node. */
  #isConditional(node: AnyNode): boolean {
    return this.#endsEarly || this.#isWithinCondition(node);
  }

  #isWithinCondition(node: AnyNode): boolean {
    let at = node;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      if (parent.type === "ConditionalExpression" && parent.test !== at) return true;
      if (parent.type === "LogicalExpression" && parent.left !== at) return true;
      if (parent.type === "IfStatement" && parent.test !== at) return true;
      if (
        /^(?:SwitchCase|TryStatement|CatchClause)$|Function|^(?:For|While)/.test(parent.type) &&
        parent !== this.#tree
      )
        return true;
      at = parent;
    }
    return false;
  }
}

/** The error of such a column; `who` is the code that reads it. */
export function unknownColumnError(
  { name, row }: UnknownColumn,
  who: string,
  columns: readonly string[],
): RowmillError {
  const near = nearest(name, columns);
  const what = row === undefined ? shownColumn(name) : rowMember(name, row);
  const optional = row === undefined ? `{ ${objectKey(name)}: value = "" }` : `${rowMember(name, row)} ?? ""`;
  const instead = near === undefined ? undefined : memberLike(near, name, row);
  const which = instead === undefined ? `the columns are: ${shownColumns(columns)}` : didYouMean(instead);
  return new RowmillError("transform", `${who} uses ${what}, which is no column of the input`, {
    hint: `${which} (one that may be missing: ${optional})`,
    lacks: name,
  });
}

/** The column in the place of the one that was written. */
function memberLike(column: string, written: string, row: string | undefined): string {
  const escaped = lookalikes(column, written);
  if (row !== undefined) return rowMember(column, row, escaped);
  return escaped === undefined && isPlainName(column) ? column : quotedText(column, escaped);
}

/** `Object.keys`, `JSON.stringify` and their like neither change the row nor keep it. */
function looksOnly(callee: AnyNode): boolean {
  if (callee.type === "Identifier") return callee.name === "String" || callee.name === "Boolean";
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return false;
  const name = memberName(callee.property, callee.computed) ?? "";
  return LOOKING[callee.object.name]?.includes(name) ?? false;
}

const LOOKING: Readonly<Record<string, readonly string[]>> = {
  Object: ["keys", "values", "entries", "hasOwn"],
  JSON: ["stringify"],
  console: ["log", "info", "debug", "warn", "error"],
};
