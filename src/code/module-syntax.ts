/** The syntax tree of a module's file, and what is asked of it: what a node stands in, what names stand for. */
import type { AnyNode, Program } from "acorn";
import { childNodes, findOuterUses } from "../free-variables.ts";
import { memberName, writtenPart } from "./proof-syntax.ts";

/** A function of the file. */
export type FunctionNode = AnyNode & { type: "ArrowFunctionExpression" | "FunctionExpression" | "FunctionDeclaration" };

/** One use of a variable. */
export interface Use {
  node: AnyNode;
  kind: "read" | "assign" | "change";
  /** The whole expression that assigns or changes, or reads a member. */
  whole: AnyNode;
}

/** Methods that change what they are called on, by what made it. */
export const CHANGING: Readonly<Record<string, ReadonlySet<string>>> = {
  Array: new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"]),
  Map: new Set(["set", "delete", "clear", "getOrInsert", "getOrInsertComputed"]),
  Set: new Set(["add", "delete", "clear"]),
  Date: new Set(
    ["", "UTC"].flatMap((zone) =>
      ["Date", "FullYear", "Hours", "Milliseconds", "Minutes", "Month", "Seconds"].map((part) => `set${zone}${part}`),
    ),
  ).add("setTime"),
};

export class ModuleSyntax {
  readonly #code: string;
  readonly #parents = new Map<AnyNode, AnyNode>();
  /** What the file declares at its top, with what it is made of. */
  readonly declared: Map<string, AnyNode | undefined> = new Map();

  constructor(program: Program, code: string) {
    this.#code = code;
    this.#note(program);
  }

  #note(node: AnyNode): void {
    for (const child of childNodes(node)) {
      this.#parents.set(child, node);
      this.#note(child);
    }
  }

  parentOf(node: AnyNode): AnyNode | undefined {
    return this.#parents.get(node);
  }

  functionOf(name: string): FunctionNode | undefined {
    const made = this.declared.get(name);
    return made !== undefined && isFunctionNode(made) ? made : undefined;
  }

  functionAround(node: AnyNode): FunctionNode | undefined {
    let at = this.#parents.get(node);
    while (at !== undefined && !isFunctionNode(at)) at = this.#parents.get(at);
    return at;
  }

  /** The longest chain of members that begins with a node. */
  memberRoot(node: AnyNode): AnyNode {
    const parent = this.#parents.get(node);
    return parent?.type === "MemberExpression" && parent.object === node ? this.memberRoot(parent) : node;
  }

  /** Whether what a name stands for in a function is changed there: `list.push(…)`, `entry.count++`. */
  changesIn(one: FunctionNode, name: string): boolean {
    const visit = (node: AnyNode): boolean => {
      if (node.type === "Identifier" && node.name === name && this.#changesMember(node)) return true;
      return childNodes(node).some(visit);
    };
    return visit(one.body);
  }

  #changesMember(node: AnyNode): boolean {
    const root = this.memberRoot(node);
    if (root === node) return false;
    if (this.writes(root)) return true;
    const method = root.type === "MemberExpression" ? memberName(root.property, root.computed) : undefined;
    const call = this.parentOf(root);
    const isCalled = call?.type === "CallExpression" && call.callee === root;
    return isCalled && Object.values(CHANGING).some((names) => names.has(method ?? ""));
  }

  writes(node: AnyNode): boolean {
    const parent = this.#parents.get(node);
    if (parent === undefined) return false;
    if (writtenPart(parent) === node && parent.type !== "VariableDeclarator") return true;
    return /Pattern$|^Property$|RestElement/.test(parent.type) && this.#isTarget(parent);
  }

  #isTarget(pattern: AnyNode): boolean {
    const parent = this.#parents.get(pattern);
    if (parent === undefined || parent.type === "VariableDeclarator") return false;
    return (
      writtenPart(parent) === pattern || (/Pattern$|^Property$|RestElement/.test(parent.type) && this.#isTarget(parent))
    );
  }

  /** What a variable of a function is given; undefined for one of the module, and nothing for a parameter. */
  valuesOf(node: AnyNode & { type: "Identifier" }): AnyNode[] | undefined {
    const around = this.functionAround(node);
    if (around === undefined) return undefined;
    if (findOuterUses(around).uses.get(node.name)?.has(node) === true && !this.#isLocalOf(around, node.name))
      return undefined;
    const values: AnyNode[] = [];
    const visit = (at: AnyNode): void => {
      if (at.type === "VariableDeclarator" && at.id.type === "Identifier" && at.id.name === node.name && at.init)
        values.push(at.init);
      if (at.type === "AssignmentExpression" && at.left.type === "Identifier" && at.left.name === node.name)
        values.push(at.right);
      for (const child of childNodes(at)) visit(child);
    };
    visit(around.body);
    return values;
  }

  /** Whether a function around this one declares the name. */
  #isLocalOf(one: FunctionNode, name: string): boolean {
    let at: AnyNode | undefined = this.#parents.get(one);
    while (at !== undefined && !isFunctionNode(at)) at = this.#parents.get(at);
    return at !== undefined && (findOuterUses(at).uses.get(name) === undefined || this.#isLocalOf(at, name));
  }

  /** Names in a piece of code that belong to a function around it. */
  locals(node: AnyNode): string[] {
    return findOuterUses(node).names.filter((name) => !this.declared.has(name) && !Object.hasOwn(globalThis, name));
  }

  has(node: AnyNode, name: string): boolean {
    return (
      (node.type === "Identifier" && node.name === name) || childNodes(node).some((child) => this.has(child, name))
    );
  }

  text({ start, end }: AnyNode): string {
    return this.#code.slice(start, end);
  }
}

export function isFunctionNode(node: AnyNode): node is FunctionNode {
  return /^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type);
}

/** What a variable is made as, of the kinds whose methods are known. */
export function kindOf(made: AnyNode | undefined): keyof typeof CHANGING | undefined {
  if (made?.type === "ArrayExpression") return "Array";
  if (made?.type !== "NewExpression" || made.callee.type !== "Identifier") return undefined;
  const { name } = made.callee;
  if (/^(?:Weak)?Map$/.test(name)) return "Map";
  if (/^(?:Weak)?Set$/.test(name)) return "Set";
  return name === "Array" || name === "Date" ? name : undefined;
}

/** What an entry is set to: `known.set(key, value)`, `known[key] = value`. */
export function storedValue(change: AnyNode): AnyNode | undefined {
  if (change.type === "AssignmentExpression" && change.left.type === "MemberExpression" && change.left.computed)
    return change.right;
  return change.type === "CallExpression" ? change.arguments[1] : undefined;
}
