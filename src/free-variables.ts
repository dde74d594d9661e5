/**
 * Which names a function's text takes from outside of itself, by its syntax tree.
 *
 * Errs on the side of finding too much: `typeof name` counts, because a name that is missing there would silently be
 * "undefined".
 */
import type { AnyNode, ClassBody, Function as FunctionNode, Identifier, Pattern } from "acorn";

type ClassNode = AnyNode & { type: "ClassExpression" | "ClassDeclaration"; body: ClassBody };

/** What a tree takes from outside. */
export interface OuterUses {
  /** Names that nothing in the tree declares, in the order of their first use. */
  names: string[];
  /** The identifiers that are such a name, by name. */
  uses: ReadonlyMap<string, ReadonlySet<AnyNode>>;
  /** Whether `this` means the one outside (an arrow function has none of its own). */
  hasThis: boolean;
  /** Whether `import.meta` is used, which belongs to a module. */
  hasImportMeta: boolean;
  /** Relative specifiers of dynamic imports. */
  relativeImports: string[];
}

/** Names declared in a scope, and the scope around it. */
interface Scope {
  names: Set<string>;
  outer: Scope | undefined;
  /** Whether `this` and `arguments` are its own, or those of a scope around it that is. */
  hasThis: boolean;
}

/** What was found in a tree: several ask the same of it, and it does not change. */
const known = new WeakMap<AnyNode, OuterUses>();

export function findOuterUses(...roots: AnyNode[]): OuterUses {
  const [first] = roots;
  if (first === undefined || roots.length > 1) return usesIn(roots);
  let uses = known.get(first);
  if (uses === undefined) known.set(first, (uses = usesIn(roots)));
  return uses;
}

function usesIn(roots: readonly AnyNode[]): OuterUses {
  const finder = new UseFinder();
  for (const root of roots) finder.visit(root, { names: new Set(), outer: undefined, hasThis: false });
  const { uses, hasThis, hasImportMeta, relativeImports } = finder;
  return { names: [...uses.keys()], uses, hasThis, hasImportMeta, relativeImports };
}

class UseFinder {
  readonly uses = new Map<string, Set<AnyNode>>();
  hasThis = false;
  hasImportMeta = false;
  readonly relativeImports: string[] = [];

  visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        if (!isDeclared(node.name, scope)) this.#use(node);
        return;
      case "ThisExpression":
        if (!scope.hasThis) this.hasThis = true;
        return;
      case "FunctionExpression":
      case "FunctionDeclaration":
      case "ArrowFunctionExpression":
        this.#visitFunction(node, scope);
        return;
      case "ClassExpression":
      case "ClassDeclaration":
        this.#visitClass(node, scope);
        return;
      case "BlockStatement":
      case "StaticBlock":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        this.#visitChildren(node, blockScope(node, scope));
        return;
      case "CatchClause":
        this.#visitChildren(node, { ...scope, names: new Set(node.param ? boundNames(node.param) : []), outer: scope });
        return;
      case "MemberExpression":
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        this.#visitMember(node, scope);
        return;
      case "LabeledStatement":
        this.visit(node.body, scope);
        return;
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.hasImportMeta = true;
        return;
      case "ImportExpression":
        this.#visitImport(node.source);
        this.#visitChildren(node, scope);
        return;
      default:
        this.#visitChildren(node, scope);
    }
  }

  #use(node: Identifier): void {
    const uses = this.uses.get(node.name);
    if (uses === undefined) this.uses.set(node.name, new Set([node]));
    else uses.add(node);
  }

  #visitFunction(node: FunctionNode & AnyNode, scope: Scope): void {
    const isArrow = node.type === "ArrowFunctionExpression";
    const own = node.params.flatMap(boundNames);
    if (!isArrow) own.push("arguments");
    if (node.type === "FunctionExpression" && node.id) own.push(node.id.name);
    own.push(...varNames(node.body));
    const inner: Scope = { names: new Set(own), outer: scope, hasThis: !isArrow || scope.hasThis };
    for (const param of node.params) this.visit(param, inner);
    this.visit(node.body, inner);
  }

  #visitClass(node: ClassNode, scope: Scope): void {
    if (node.superClass) this.visit(node.superClass, scope);
    this.visit(node.body, { names: new Set(node.id ? [node.id.name] : []), outer: scope, hasThis: true });
  }

  /** `a.b`, `{ b: 1 }`, `class { b() {} }`: a name that is not computed is no variable. */
  #visitMember(
    node: AnyNode & { type: "MemberExpression" | "Property" | "MethodDefinition" | "PropertyDefinition" },
    scope: Scope,
  ): void {
    if (node.type === "MemberExpression") {
      this.visit(node.object, scope);
      if (node.computed) this.visit(node.property, scope);
      return;
    }
    if (node.computed) this.visit(node.key, scope);
    if (node.value) this.visit(node.value, scope);
  }

  #visitImport(source: AnyNode): void {
    if (source.type !== "Literal" || typeof source.value !== "string") return;
    if (/^\.{0,2}\//.test(source.value)) this.relativeImports.push(source.value);
  }

  #visitChildren(node: AnyNode, scope: Scope): void {
    for (const child of childNodes(node)) this.visit(child, scope);
  }
}

function isDeclared(name: string, scope: Scope): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.names.has(name)) return true;
  }
  return false;
}

/** The scope of what is declared directly in a block, loop head or switch. */
function blockScope(node: AnyNode, outer: Scope): Scope {
  const cases = node.type === "SwitchStatement" ? node.cases.flatMap((one) => one.consequent) : childNodes(node);
  const names = cases.flatMap((statement: AnyNode) => {
    if (statement.type === "VariableDeclaration") return statement.declarations.flatMap(({ id }) => boundNames(id));
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      return statement.id ? [statement.id.name] : [];
    }
    return [];
  });
  return { names: new Set(names), outer, hasThis: outer.hasThis || node.type === "StaticBlock" };
}

/** Names that `var` declares anywhere in a function's body, its nested functions left out. */
export function varNames(node: AnyNode): string[] {
  if (/Function|Class/.test(node.type)) return [];
  const own =
    node.type === "VariableDeclaration" && node.kind === "var"
      ? node.declarations.flatMap(({ id }) => boundNames(id))
      : [];
  return [...own, ...childNodes(node).flatMap(varNames)];
}

/** Names that a pattern binds: `{ a, b: [c], ...d }` binds `a`, `c` and `d`. */
export function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "Property" ? property.value : property),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
    case "RestElement":
      return boundNames(pattern.argument);
    case "AssignmentPattern":
      return boundNames(pattern.left);
    default:
      return [];
  }
}

/** The nodes directly below a node. */
export function childNodes(node: AnyNode): AnyNode[] {
  const nodes: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (isNode(value)) nodes.push(value);
    else if (Array.isArray(value)) nodes.push(...value.filter(isNode));
  }
  return nodes;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
