/**
 * Whether a Map, or an object, of a module is a cache: its entries come of their keys, or are at least left as they are, so that
 * a row finds nothing in it that another row has changed.
 */
import type { AnyNode } from "acorn";
import { childNodes } from "../free-variables.ts";
import { type ModuleSyntax, type Use, isFunctionNode, kindOf, storedValue } from "./module-syntax.ts";
import { isMerelyNamed, memberName } from "./proof-syntax.ts";

export class ModuleCaches {
  readonly #syntax: ModuleSyntax;

  constructor(syntax: ModuleSyntax) {
    this.#syntax = syntax;
  }

  /** A map, or an object, of which nothing but single entries is looked at. */
  isCache(name: string, uses: readonly Use[]): boolean {
    const kind = kindOf(this.#syntax.declared.get(name));
    if (kind === "Map") {
      return (
        uses.every(({ node }) => {
          const member = this.#syntax.parentOf(node);
          const method = member?.type === "MemberExpression" ? memberName(member.property, member.computed) : undefined;
          if (method === "has" || method === "size") return this.#onlyDecides(member ?? node);
          if (method === "keys") return this.#isToDrop(member ?? node, name);
          return ["get", "set", "delete", "clear", "getOrInsert", "getOrInsertComputed"].includes(method ?? "");
        }) && !this.#countsUp(name, uses)
      );
    }
    if (!isPlainObject(this.#syntax.declared.get(name))) return false;
    return (
      uses.every(({ node, kind: how, whole }) => {
        const member = this.#syntax.parentOf(node);
        if (member?.type === "BinaryExpression") return member.operator === "in" && this.#onlyDecides(member);
        if (member?.type !== "MemberExpression" || !member.computed) return false;
        if (how === "read") return true;
        return (
          whole.type === "AssignmentExpression" && /^(?:\?\?|\|\|)?=$/.test(whole.operator) && whole.left === member
        );
      }) && !this.#countsUp(name, uses)
    );
  }

  /** `cache.delete(cache.keys().next().value)`: the oldest entry makes room. */
  #isToDrop(node: AnyNode, name: string): boolean {
    let at: AnyNode | undefined = node;
    while (at !== undefined && !isFunctionNode(at)) {
      if (at.type === "CallExpression" && this.#syntax.text(at.callee) === `${name}.delete`) return true;
      at = this.#syntax.parentOf(at);
    }
    return false;
  }

  /** An entry that is made of the one before, or changed later, is no cache. */
  #countsUp(name: string, uses: readonly Use[]): boolean {
    return uses.some(({ kind, whole }) => {
      if (kind !== "change") return false;
      const value = storedValue(whole);
      return value !== undefined && !isFunctionNode(value) && !this.#isEntryOrNew(value, { name, seen: new Set() });
    });
  }

  /** Whether a value is an entry as it is in the cache, and left so, or one that has nothing of it. */
  #isEntryOrNew(node: AnyNode, of: { name: string; seen: Set<string> }): boolean {
    switch (node.type) {
      case "LogicalExpression":
        return this.#isEntryOrNew(node.left, of) && this.#isEntryOrNew(node.right, of);
      case "ConditionalExpression":
        return this.#isEntryOrNew(node.consequent, of) && this.#isEntryOrNew(node.alternate, of);
      case "AssignmentExpression":
        return this.#isEntryOrNew(node.right, of);
      case "AwaitExpression":
        return this.#isEntryOrNew(node.argument, of);
      case "Identifier": {
        if (of.seen.has(node.name)) return true;
        of.seen.add(node.name);
        const values = this.#syntax.valuesOf(node) ?? [];
        const isEntry = values.some((value) => this.#syntax.has(value, of.name));
        return values.every((value) => this.#isEntryOrNew(value, of)) && !(isEntry && this.#isChangedHere(node));
      }
      case "CallExpression":
      case "MemberExpression":
        return this.#isRead(node, of.name) || !this.#syntax.has(node, of.name);
      default:
        return !this.#syntax.has(node, of.name);
    }
  }

  /** Whether an entry is set whether there is one or not, to something else: the next row of its key finds that of this one. */
  isReplaced(name: string, whole: AnyNode): boolean {
    const value = storedValue(whole);
    const statement = this.#syntax.parentOf(whole);
    const block = statement && this.#syntax.parentOf(statement);
    const around = block && this.#syntax.parentOf(block);
    if (value === undefined || statement?.type !== "ExpressionStatement") return false;
    if (around === undefined || !isFunctionNode(around)) return false;
    // Behind a way out for entries that are there, it is a cache.
    const hasWayOut = childNodes(block ?? whole).some((one) => one.end <= whole.start && one.type === "IfStatement");
    const values = value.type === "Identifier" ? (this.#syntax.valuesOf(value) ?? []) : [value];
    return !hasWayOut && !values.some((one) => this.#syntax.has(one, name));
  }

  /** `cache.get(key)`, `cache[key]` */
  #isRead(node: AnyNode, name: string): boolean {
    if (node.type === "MemberExpression") return node.computed && this.#syntax.text(node.object) === name;
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
    const { object, property, computed } = node.callee;
    return this.#syntax.text(object) === name && memberName(property, computed) === "get";
  }

  /** Whether what a variable of a function holds is changed. */
  #isChangedHere(local: AnyNode & { type: "Identifier" }): boolean {
    const around = this.#syntax.functionAround(local);
    return around !== undefined && this.#syntax.changesIn(around, local.name);
  }

  /** Whether a value says nothing but which way the code goes on: it stands in a test, or its variable does. */
  #onlyDecides(node: AnyNode, seen: Set<string> = new Set()): boolean {
    let at = node;
    for (let parent = this.#syntax.parentOf(at); parent !== undefined; parent = this.#syntax.parentOf(at)) {
      if (/^(?:If|While|DoWhile|For)Statement$|^ConditionalExpression$/.test(parent.type))
        return "test" in parent && parent.test === at;
      if (parent.type === "LogicalExpression" && parent.left === at) return true;
      if (parent.type === "VariableDeclarator" && parent.id.type === "Identifier") {
        const { name } = parent.id;
        // A block within may have another variable of that name.
        if (seen.has(name)) return true;
        seen.add(name);
        const around = this.#syntax.functionAround(parent);
        const uses: AnyNode[] = [];
        const visit = (one: AnyNode): void => {
          if (
            one.type === "Identifier" &&
            one.name === name &&
            one !== parent.id &&
            !isMerelyNamed(one, this.#syntax.parentOf(one))
          )
            uses.push(one);
          for (const child of childNodes(one)) visit(child);
        };
        if (around !== undefined) visit(around.body);
        return uses.every((use) => this.#onlyDecides(use, seen));
      }
      if (!/^(?:Unary|Binary|Logical|Call|Member)Expression$/.test(parent.type)) return false;
      at = parent;
    }
    return false;
  }

  /** Whether each value that is put into a cache comes of its key, of the module and of nothing else. */
  isOfItsKeys(name: string, changes: readonly Use[]): boolean {
    return changes.every(({ whole }) => {
      if (whole.type === "AssignmentExpression") {
        const key = whole.left.type === "MemberExpression" ? whole.left.property : undefined;
        return key !== undefined && this.#comesOf(whole.right, { key: this.#syntax.text(key), name, seen: new Set() });
      }
      if (whole.type !== "CallExpression" || whole.arguments.length < 2) return true;
      const [key, value] = whole.arguments;
      return (
        key !== undefined &&
        value !== undefined &&
        this.#comesOf(value, { key: this.#syntax.text(key), name, seen: new Set() })
      );
    });
  }

  #comesOf(node: AnyNode, of: { key: string; name: string; seen: Set<string> }): boolean {
    if (this.#syntax.text(node) === of.key) return true;
    if (node.type === "Identifier") {
      if (node.name === of.name || of.seen.has(node.name)) return true;
      const values = this.#syntax.valuesOf(node);
      if (values === undefined) return true;
      of.seen.add(node.name);
      return values.length > 0 && values.every((value) => this.#comesOf(value, of));
    }
    if (isFunctionNode(node)) return this.#syntax.locals(node).every((local) => local === of.key);
    if (node.type === "MemberExpression") {
      return this.#comesOf(node.object, of) && (!node.computed || this.#comesOf(node.property, of));
    }
    if (node.type === "Property")
      return this.#comesOf(node.value, of) && (!node.computed || this.#comesOf(node.key, of));
    return childNodes(node).every((child) => this.#comesOf(child, of));
  }
}

/** `{}`, `Object.create(null)` */
function isPlainObject(made: AnyNode | undefined): boolean {
  if (made?.type === "ObjectExpression") return true;
  if (made?.type !== "CallExpression" || made.callee.type !== "MemberExpression") return false;
  const { object, property, computed } = made.callee;
  return object.type === "Identifier" && object.name === "Object" && memberName(property, computed) === "create";
}
