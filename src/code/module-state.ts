/**
 * Variables of a module that its function changes: counters, sets of what was seen, running totals. Each worker has its
 * own, so that results come to depend on how many workers there are. Found by the syntax tree of the module's file:
 * what the function, and functions of the file that it calls, assign or change of what stands outside of them.
 *
 * What cannot change a result is left alone: what is set afresh for each row before it is used, what is made once, and
 * caches whose values come of their keys.
 */
import { type AnyNode, type Expression, type Program, parse } from "acorn";
import { boundNames, childNodes, findOuterUses } from "../free-variables.ts";
import { memberName, writtenPart } from "./proof-syntax.ts";

/** A variable of a module that its function changes. */
export interface ChangedVariable {
  name: string;
  /** Whether results depend on it. `no`: it is only printed. */
  matters: "yes" | "perhaps" | "no";
  /** What it is for, as far as that shows. */
  use: "count" | "sum" | "seen" | "pattern" | "other";
}

/** A function of the file that runs for rows. */
type FunctionNode = AnyNode & { type: "ArrowFunctionExpression" | "FunctionExpression" | "FunctionDeclaration" };

/** Methods that change what they are called on, by what made it. */
const CHANGING: Readonly<Record<string, ReadonlySet<string>>> = {
  Array: new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"]),
  Map: new Set(["set", "delete", "clear", "getOrInsert", "getOrInsertComputed"]),
  Set: new Set(["add", "delete", "clear"]),
};

/** One use of a variable. */
interface Use {
  node: AnyNode;
  kind: "read" | "assign" | "change";
  /** The whole expression that assigns or changes, or reads a member. */
  whole: AnyNode;
}

/**
 * The variables of a module that change with rows.
 *
 * @param source The module's TypeScript.
 * @param loader By the file's extension.
 */
export function changedVariables(source: string, loader: "ts" | "tsx" | "js" | "jsx"): ChangedVariable[] {
  let code: string;
  let program: Program;
  try {
    code = new Bun.Transpiler({ loader, target: "bun" }).transformSync(source);
    program = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  } catch {
    // It is said when it is imported.
    return [];
  }
  return new StateFinder(program, code).find();
}

class StateFinder {
  readonly #code: string;
  readonly #parents = new Map<AnyNode, AnyNode>();
  /** What the file declares at its top, with what it is made of. */
  readonly #declared = new Map<string, AnyNode | undefined>();
  readonly #functions = new Set<FunctionNode>();
  readonly #entries: AnyNode[] = [];

  constructor(program: Program, code: string) {
    this.#code = code;
    this.#note(program);
    for (const statement of program.body) this.#top(statement);
  }

  find(): ChangedVariable[] {
    for (const entry of this.#entries) this.#reach(entry);
    const uses = new Map<string, Use[]>();
    for (const one of this.#functions) {
      for (const [name, nodes] of findOuterUses(one).uses) {
        if (!this.#declared.has(name) || this.#functionOf(name) !== undefined) continue;
        for (const node of nodes) {
          // Functions that lie within each other are looked at together.
          const known = uses.get(name) ?? [];
          if (!known.some((use) => use.node === node)) known.push(this.#use(node, name));
          uses.set(name, known);
        }
      }
    }
    return [...uses].flatMap(([name, all]) => this.#judge(name, all) ?? []);
  }

  #note(node: AnyNode): void {
    for (const child of childNodes(node)) {
      this.#parents.set(child, node);
      this.#note(child);
    }
  }

  #top(statement: AnyNode): void {
    switch (statement.type) {
      case "VariableDeclaration":
        for (const { id, init } of statement.declarations)
          for (const name of boundNames(id))
            this.#declared.set(name, id.type === "Identifier" ? (init ?? undefined) : id);
        break;
      case "FunctionDeclaration":
      case "ClassDeclaration":
        if (statement.id) this.#declared.set(statement.id.name, statement);
        break;
      case "ExportNamedDeclaration":
        if (statement.declaration) this.#exported(statement.declaration);
        for (const { local, exported } of statement.specifiers)
          if (isEntryName(nameOf(exported))) this.#entries.push(local);
        break;
      case "ExportDefaultDeclaration":
        this.#entries.push(statement.declaration);
        break;
      case "ExpressionStatement":
        // CommonJS.
        if (statement.expression.type === "AssignmentExpression") {
          const { left, right } = statement.expression;
          if (/^(?:module\.)?exports(?:\.\w+)?$/.test(this.#text(left))) this.#entries.push(right);
        }
        break;
      default:
    }
  }

  #exported(declaration: AnyNode): void {
    this.#top(declaration);
    if (declaration.type === "FunctionDeclaration" && declaration.id !== null && isEntryName(declaration.id.name))
      this.#entries.push(declaration);
    if (declaration.type !== "VariableDeclaration") return;
    for (const { id, init } of declaration.declarations)
      if (init && boundNames(id).some(isEntryName)) this.#entries.push(init);
  }

  /** Notes the functions that run when a value is called: itself, those in it, and those of the file that they call. */
  #reach(node: AnyNode): void {
    if (node.type === "Identifier") {
      const known = this.#functionOf(node.name) ?? this.#declared.get(node.name);
      if (known !== undefined && known !== node) this.#reach(known);
      return;
    }
    if (isFunctionNode(node)) {
      if (this.#functions.has(node)) return;
      this.#functions.add(node);
      for (const name of findOuterUses(node).names) {
        const called = this.#functionOf(name);
        if (called !== undefined) this.#reach(called);
      }
      return;
    }
    if (node.type === "ObjectExpression") {
      // Of a reduce, `step` has the rows.
      for (const property of node.properties)
        if (property.type === "Property" && nameOf(property.key) === "step") this.#reach(property.value);
      return;
    }
    // What a function is made by is called once.
    if (node.type === "CallExpression") for (const argument of node.arguments) this.#reach(argument);
  }

  #functionOf(name: string): FunctionNode | undefined {
    const made = this.#declared.get(name);
    return made !== undefined && isFunctionNode(made) ? made : undefined;
  }

  #use(node: AnyNode, name: string): Use {
    const root = this.#memberRoot(node);
    const parent = this.#parents.get(root);
    const isWritten = parent !== undefined && this.#writes(root);
    if (isWritten && root === node) return { node, kind: "assign", whole: this.#writing(root) };
    if (isWritten || (parent?.type === "UnaryExpression" && parent.operator === "delete"))
      return { node, kind: "change", whole: this.#writing(root) };
    const call = this.#changingCall(node, name) ?? this.#deepChange(root);
    return call === undefined ? { node, kind: "read", whole: root } : { node, kind: "change", whole: call };
  }

  /** The longest chain of members that begins with a node. */
  #memberRoot(node: AnyNode): AnyNode {
    const parent = this.#parents.get(node);
    return parent?.type === "MemberExpression" && parent.object === node ? this.#memberRoot(parent) : node;
  }

  #writes(node: AnyNode): boolean {
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

  #writing(node: AnyNode): AnyNode {
    let at = node;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      at = parent;
      if (/^(?:Assignment|Update|Unary)Expression$|^For/.test(at.type)) return at;
    }
    return at;
  }

  /** `seen.add(…)`, `Object.assign(known, …)`, a method of a class of the file that changes its object. */
  #changingCall(node: AnyNode, name: string): AnyNode | undefined {
    const member = this.#parents.get(node);
    if (member?.type === "CallExpression" && member.arguments[0] === node && isObjectAssign(member.callee))
      return member;
    if (member?.type !== "MemberExpression" || member.object !== node) return undefined;
    const call = this.#parents.get(member);
    const method = memberName(member.property, member.computed);
    if (call?.type !== "CallExpression" || call.callee !== member || method === undefined) return undefined;
    const made = this.#declared.get(name);
    if (isLastingPattern(made))
      return method === "test" || (method === "exec" && !this.#isLooped(call)) ? call : undefined;
    const kind = kindOf(made);
    if (kind !== undefined) return CHANGING[kind]?.has(method) === true ? call : undefined;
    if (made?.type === "ObjectExpression") {
      const own = made.properties.find((one) => one.type === "Property" && nameOf(one.key) === method);
      return own?.type === "Property" && this.#writesThis(own.value) ? call : undefined;
    }
    return made?.type === "NewExpression" &&
      made.callee.type === "Identifier" &&
      this.#changesThis(made.callee.name, method)
      ? call
      : undefined;
  }

  /** `state.seen.add(…)`: what lies in an object changes by its own methods. */
  #deepChange(root: AnyNode): AnyNode | undefined {
    const call = this.#parents.get(root);
    if (root.type !== "MemberExpression" || root.object.type !== "MemberExpression") return undefined;
    const method = memberName(root.property, root.computed) ?? "";
    const changes = Object.values(CHANGING).some((names) => names.has(method));
    return changes && call?.type === "CallExpression" && call.callee === root ? call : undefined;
  }

  /** `while ((match = pattern.exec(text)) !== null)` goes on to the end, and the next one starts at the start. */
  #isLooped(node: AnyNode): boolean {
    let at = node;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      if (isFunctionNode(parent)) return false;
      if (/^(?:While|DoWhile|For)Statement$/.test(parent.type)) return true;
      at = parent;
    }
    return false;
  }

  #changesThis(className: string, method: string): boolean {
    const found = this.#declared.get(className);
    if (found?.type !== "ClassDeclaration") return false;
    const body = found.body.body.find((one) => one.type === "MethodDefinition" && nameOf(one.key) === method);
    return body !== undefined && this.#writesThis(body);
  }

  #writesThis(node: AnyNode): boolean {
    if (node.type === "ThisExpression") {
      const root = this.#memberRoot(node);
      const member = this.#parents.get(node);
      const last = root.type === "MemberExpression" ? memberName(root.property, root.computed) : undefined;
      const isCalled = this.#parents.get(root)?.type === "CallExpression";
      const changes = isCalled && Object.values(CHANGING).some((names) => names.has(last ?? ""));
      return member !== undefined && (this.#writes(root) || (changes && root !== member));
    }
    return childNodes(node).some((child) => this.#writesThis(child));
  }

  #judge(name: string, uses: readonly Use[]): ChangedVariable | undefined {
    const changes = uses.filter(({ kind }) => kind !== "read");
    if (changes.length === 0 || this.#isAfresh(name, uses) || this.#isMadeOnce(name, changes)) return undefined;
    const use = useOf(changes, this.#declared.get(name));
    if (changes.some(({ whole }) => isMark(storedValue(whole)))) return { name, matters: "yes", use };
    if (this.#isCache(name, uses)) {
      if (this.#isOfItsKeys(name, changes)) return undefined;
      return { name, matters: changes.some(({ whole }) => this.#isReplaced(name, whole)) ? "yes" : "perhaps", use };
    }
    if (!this.#isOnlyKept(uses)) return { name, matters: "yes", use };
    // What is set to something of the row, and never looked at, counts nothing.
    return changes.some(
      ({ kind, whole }) => kind === "assign" && whole.type === "AssignmentExpression" && whole.operator === "=",
    )
      ? undefined
      : { name, matters: "no", use };
  }

  /** Whether it is set for each row before anything else is done with it. */
  #isAfresh(name: string, uses: readonly Use[]): boolean {
    const [around] = [...new Set(uses.map(({ node }) => this.#functionAround(node)))];
    if (around === undefined || uses.some(({ node }) => this.#functionAround(node) !== around)) return false;
    if (around.body.type !== "BlockStatement") return false;
    const first = uses.toSorted((a, b) => a.node.start - b.node.start)[0];
    const statement = first && this.#parents.get(first.whole);
    const isDirect = statement?.type === "ExpressionStatement" && this.#parents.get(statement) === around.body;
    if (first !== undefined && isDirect && this.#resets(first, name)) return true;
    return this.#isRefilled(uses);
  }

  /** `x = …` that is not made of itself, `list.length = 0`, `known.clear()`. */
  #resets({ kind, whole }: Use, name: string): boolean {
    if (kind === "assign")
      return whole.type === "AssignmentExpression" && whole.operator === "=" && !this.#has(whole.right, name);
    const text = this.#text(whole).replaceAll(/\s/g, "");
    return text === `${name}.length=0` || text === `${name}.lastIndex=0` || text === `${name}.clear()`;
  }

  /** An object whose fields are all set for each row before they are used: it holds nothing of the row before. */
  #isRefilled(uses: readonly Use[]): boolean {
    const afresh: { place: string; block: AnyNode }[] = [];
    for (const { kind, node, whole } of uses.toSorted((a, b) => a.node.start - b.node.start)) {
      const place = this.#text(this.#placeOf(whole, node));
      const block = kind === "change" ? this.#settingBlock(whole) : undefined;
      if (block !== undefined) afresh.push({ place: place.replace(/\.(?:length|clear)$/, ""), block });
      const here = afresh.filter((known) => node.start >= known.block.start && node.end <= known.block.end);
      const isKnown = whole === node ? here.length > 0 : here.some((known) => isWithin(place, known.place));
      if (kind === "assign" || !isKnown) return false;
    }
    return true;
  }

  /** What a use writes, or reads: a chain of members. */
  #placeOf(whole: AnyNode, node: AnyNode): AnyNode {
    if (whole.type === "AssignmentExpression") return whole.left;
    return whole.type === "CallExpression" ? whole.callee : whole === node ? node : this.#memberRoot(node);
  }

  /** The block in which `out.name = …`, `out.list.length = 0`, `out.known.clear()` holds, whatever came before. */
  #settingBlock(whole: AnyNode): AnyNode | undefined {
    const statement = this.#parents.get(whole);
    const block = statement && this.#parents.get(statement);
    const around = block && this.#parents.get(block);
    const isCertain = around !== undefined && (isFunctionNode(around) || around.type.startsWith("For"));
    if (statement?.type !== "ExpressionStatement" || !isCertain) return undefined;
    const isSet =
      whole.type === "CallExpression"
        ? this.#text(whole).endsWith(".clear()")
        : whole.type === "AssignmentExpression" && whole.operator === "=" && !/\[/.test(this.#text(whole.left));
    return isSet ? block : undefined;
  }

  /** `db ??= open()`: whichever row is the first, it is the same. */
  #isMadeOnce(name: string, changes: readonly Use[]): boolean {
    return changes.every(({ kind, whole }) => {
      if (kind !== "assign" || whole.type !== "AssignmentExpression") return false;
      const isGuarded = /^(?:\?\?|\|\|)=$/.test(whole.operator) || this.#isGuarded(whole, name);
      return isGuarded && !this.#locals(whole.right).some((local) => local !== name);
    });
  }

  /** `if (!x) x = …`, `if (x === undefined) x = …`. */
  #isGuarded(node: AnyNode, name: string): boolean {
    let at = node;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      if (isFunctionNode(parent)) return false;
      if (parent.type === "IfStatement" && parent.consequent === at && this.#asksForNone(parent.test, name))
        return true;
      at = parent;
    }
    return false;
  }

  #asksForNone(test: AnyNode, name: string): boolean {
    const text = this.#text(test).replaceAll(/\s/g, "");
    return [`!${name}`, `${name}===undefined`, `${name}==null`, `${name}===null`, `${name}==undefined`].includes(text);
  }

  /** A map, or an object, of which nothing but single entries is looked at. */
  #isCache(name: string, uses: readonly Use[]): boolean {
    const kind = kindOf(this.#declared.get(name));
    if (kind === "Map") {
      return (
        uses.every(({ node }) => {
          const member = this.#parents.get(node);
          const method = member?.type === "MemberExpression" ? memberName(member.property, member.computed) : undefined;
          if (method === "has" || method === "size") return this.#onlyDecides(member ?? node);
          return ["get", "set", "delete", "clear", "getOrInsert", "getOrInsertComputed"].includes(method ?? "");
        }) && !this.#countsUp(name, uses)
      );
    }
    if (this.#declared.get(name)?.type !== "ObjectExpression") return false;
    return (
      uses.every(({ node, kind: how, whole }) => {
        const member = this.#parents.get(node);
        if (member?.type === "BinaryExpression") return member.operator === "in" && this.#onlyDecides(member);
        if (member?.type !== "MemberExpression" || !member.computed) return false;
        if (how === "read") return true;
        return (
          whole.type === "AssignmentExpression" && /^(?:\?\?|\|\|)?=$/.test(whole.operator) && whole.left === member
        );
      }) && !this.#countsUp(name, uses)
    );
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
        const values = this.#valuesOf(node) ?? [];
        const isEntry = values.some((value) => this.#has(value, of.name));
        return values.every((value) => this.#isEntryOrNew(value, of)) && !(isEntry && this.#isChangedHere(node));
      }
      case "CallExpression":
      case "MemberExpression":
        return this.#isRead(node, of.name) || !this.#has(node, of.name);
      default:
        return !this.#has(node, of.name);
    }
  }

  /** Whether an entry is set whether there is one or not, to something else: the next row of its key finds that of this one. */
  #isReplaced(name: string, whole: AnyNode): boolean {
    const value = storedValue(whole);
    const statement = this.#parents.get(whole);
    const block = statement && this.#parents.get(statement);
    const around = block && this.#parents.get(block);
    if (value === undefined || statement?.type !== "ExpressionStatement") return false;
    if (around === undefined || !isFunctionNode(around)) return false;
    // Behind a way out for entries that are there, it is a cache.
    const hasWayOut = childNodes(block ?? whole).some((one) => one.end <= whole.start && one.type === "IfStatement");
    const values = value.type === "Identifier" ? (this.#valuesOf(value) ?? []) : [value];
    return !hasWayOut && !values.some((one) => this.#has(one, name));
  }

  /** `cache.get(key)`, `cache[key]` */
  #isRead(node: AnyNode, name: string): boolean {
    if (node.type === "MemberExpression") return node.computed && this.#text(node.object) === name;
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
    const { object, property, computed } = node.callee;
    return this.#text(object) === name && memberName(property, computed) === "get";
  }

  /** Whether what a variable of a function holds is changed: `list.push(…)`, `entry.count++`. */
  #isChangedHere(local: AnyNode & { type: "Identifier" }): boolean {
    const around = this.#functionAround(local);
    const visit = (node: AnyNode): boolean => {
      if (node.type === "Identifier" && node.name === local.name && this.#changesMember(node)) return true;
      return childNodes(node).some(visit);
    };
    return around !== undefined && visit(around.body);
  }

  /** The name of a member, which is no variable. */
  #isMerelyNamed(node: AnyNode): boolean {
    const parent = this.#parents.get(node);
    if (parent?.type === "MemberExpression") return parent.property === node && !parent.computed;
    return parent?.type === "Property" && parent.key === node && parent.value !== node && !parent.computed;
  }

  #changesMember(node: AnyNode): boolean {
    const root = this.#memberRoot(node);
    if (root === node) return false;
    if (this.#writes(root)) return true;
    const method = root.type === "MemberExpression" ? memberName(root.property, root.computed) : undefined;
    const call = this.#parents.get(root);
    const isCalled = call?.type === "CallExpression" && call.callee === root;
    return isCalled && Object.values(CHANGING).some((names) => names.has(method ?? ""));
  }

  /** Whether a value says nothing but which way the code goes on: it stands in a test, or its variable does. */
  #onlyDecides(node: AnyNode): boolean {
    let at = node;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      if (/^(?:If|While|DoWhile|For)Statement$|^ConditionalExpression$/.test(parent.type))
        return "test" in parent && parent.test === at;
      if (parent.type === "LogicalExpression" && parent.left === at) return true;
      if (parent.type === "VariableDeclarator" && parent.id.type === "Identifier") {
        const { name } = parent.id;
        const around = this.#functionAround(parent);
        const uses: AnyNode[] = [];
        const visit = (one: AnyNode): void => {
          if (one.type === "Identifier" && one.name === name && one !== parent.id && !this.#isMerelyNamed(one))
            uses.push(one);
          for (const child of childNodes(one)) visit(child);
        };
        if (around !== undefined) visit(around.body);
        return uses.every((use) => this.#onlyDecides(use));
      }
      if (!/^(?:Unary|Binary|Logical|Call|Member)Expression$/.test(parent.type)) return false;
      at = parent;
    }
    return false;
  }

  /** Whether each value that is put into a cache comes of its key, of the module and of nothing else. */
  #isOfItsKeys(name: string, changes: readonly Use[]): boolean {
    return changes.every(({ whole }) => {
      if (whole.type === "AssignmentExpression") {
        const key = whole.left.type === "MemberExpression" ? whole.left.property : undefined;
        return key !== undefined && this.#comesOf(whole.right, { key: this.#text(key), name, seen: new Set() });
      }
      if (whole.type !== "CallExpression" || whole.arguments.length < 2) return true;
      const [key, value] = whole.arguments;
      return (
        key !== undefined &&
        value !== undefined &&
        this.#comesOf(value, { key: this.#text(key), name, seen: new Set() })
      );
    });
  }

  #comesOf(node: AnyNode, of: { key: string; name: string; seen: Set<string> }): boolean {
    if (this.#text(node) === of.key) return true;
    if (node.type === "Identifier") {
      if (node.name === of.name || of.seen.has(node.name)) return true;
      const values = this.#valuesOf(node);
      if (values === undefined) return true;
      of.seen.add(node.name);
      return values.length > 0 && values.every((value) => this.#comesOf(value, of));
    }
    if (isFunctionNode(node)) return this.#locals(node).every((local) => local === of.key);
    if (node.type === "MemberExpression") {
      return this.#comesOf(node.object, of) && (!node.computed || this.#comesOf(node.property, of));
    }
    if (node.type === "Property")
      return this.#comesOf(node.value, of) && (!node.computed || this.#comesOf(node.key, of));
    return childNodes(node).every((child) => this.#comesOf(child, of));
  }

  /** What a variable of a function is given; undefined for one of the module, and nothing for a parameter. */
  #valuesOf(node: AnyNode & { type: "Identifier" }): AnyNode[] | undefined {
    const around = this.#functionAround(node);
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

  /** Whether nothing is done with it but to count on: `n++`, `counts[key] = (counts[key] ?? 0) + 1`. */
  #isOnlyKept(uses: readonly Use[]): boolean {
    const updates = uses.filter(({ kind }) => kind !== "read").map(({ whole }) => whole);
    const isStatement = updates.every((whole) => this.#parents.get(whole)?.type === "ExpressionStatement");
    const isIn = ({ node }: Use): boolean => updates.some(({ start, end }) => node.start >= start && node.end <= end);
    return isStatement && uses.every((use) => use.kind !== "read" || isIn(use) || this.#isAskedForUpdate(use, updates));
  }

  /** `if (before !== undefined) before.sum = 0`: it decides about itself alone. */
  #isAskedForUpdate({ node }: Use, updates: readonly AnyNode[]): boolean {
    let at: AnyNode | undefined = node;
    while (at !== undefined && at.type !== "IfStatement") at = this.#parents.get(at);
    if (at === undefined || node.end > at.test.end || at.alternate) return false;
    const { consequent } = at;
    const statements = consequent.type === "BlockStatement" ? consequent.body : [consequent];
    return statements.every((one) => one.type === "ExpressionStatement" && updates.includes(one.expression));
  }

  /** Names in a piece of code that belong to a function around it. */
  #locals(node: AnyNode): string[] {
    return findOuterUses(node).names.filter((name) => !this.#declared.has(name) && !Object.hasOwn(globalThis, name));
  }

  #functionAround(node: AnyNode): FunctionNode | undefined {
    let at = this.#parents.get(node);
    while (at !== undefined && !isFunctionNode(at)) at = this.#parents.get(at);
    return at;
  }

  #has(node: AnyNode, name: string): boolean {
    return (
      (node.type === "Identifier" && node.name === name) || childNodes(node).some((child) => this.#has(child, name))
    );
  }

  #text({ start, end }: AnyNode): string {
    return this.#code.slice(start, end);
  }
}

/** Whether a chain of members goes through another one. */
function isWithin(place: string, known: string): boolean {
  return place === known || (place.startsWith(known) && /^\??[.[]/.test(place.slice(known.length)));
}

function isEntryName(name: string | undefined): boolean {
  return name === "default" || name === "batch" || name === "reduce";
}

function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

function isFunctionNode(node: AnyNode): node is FunctionNode {
  return /^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type);
}

function isObjectAssign(callee: AnyNode): boolean {
  return (
    callee.type === "MemberExpression" &&
    nameOf(callee.object) === "Object" &&
    ["assign", "defineProperty"].includes(memberName(callee.property, callee.computed) ?? "")
  );
}

/** What a variable is made as, of the kinds whose methods are known. */
function kindOf(made: AnyNode | undefined): keyof typeof CHANGING | undefined {
  if (made?.type === "ArrayExpression") return "Array";
  if (made?.type !== "NewExpression" || made.callee.type !== "Identifier") return undefined;
  const { name } = made.callee;
  if (/^(?:Weak)?Map$/.test(name)) return "Map";
  if (/^(?:Weak)?Set$/.test(name)) return "Set";
  return name === "Array" ? "Array" : undefined;
}

/** What a variable is for, by how it changes. */
function useOf(changes: readonly Use[], made: AnyNode | undefined): ChangedVariable["use"] {
  if (kindOf(made) === "Set" || changes.some(({ whole }) => isMark(storedValue(whole)))) return "seen";
  if (isLastingPattern(made)) return "pattern";
  if (changes.some(({ whole }) => whole.type === "UpdateExpression")) return "count";
  const sums = changes.flatMap(({ whole }) =>
    whole.type === "AssignmentExpression" && whole.operator === "+=" ? [whole] : [],
  );
  if (sums.length === 0) return "other";
  return sums.every(({ right }) => isOne(right)) ? "count" : "sum";
}

function isOne(node: Expression): boolean {
  return node.type === "Literal" && node.value === 1;
}

/** What an entry is set to: `known.set(key, value)`, `known[key] = value`. */
function storedValue(change: AnyNode): AnyNode | undefined {
  if (change.type === "AssignmentExpression" && change.left.type === "MemberExpression" && change.left.computed)
    return change.right;
  return change.type === "CallExpression" ? change.arguments[1] : undefined;
}

/** A value that says nothing but that its key has come, or that is filled later. */
function isMark(value: AnyNode | undefined): boolean {
  switch (value?.type) {
    case "Literal":
      return true;
    // `true` may stand as `!0`.
    case "UnaryExpression":
      return isMark(value.argument);
    case "ArrayExpression":
      return value.elements.every((element) => element !== null && isMark(element));
    case "ObjectExpression":
      return value.properties.every((property) => property.type === "Property" && isMark(property.value));
    case "NewExpression":
      return value.arguments.length === 0;
    default:
      return false;
  }
}

/** A regular expression that remembers where it stopped. */
function isLastingPattern(made: AnyNode | undefined): boolean {
  return made?.type === "Literal" && made.regex !== undefined && /[gy]/.test(made.regex?.flags ?? "");
}
