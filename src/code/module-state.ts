/**
 * Variables of a module that its function changes: counters, sets of what was seen, running totals. Each worker has its
 * own, so that results come to depend on how many workers there are. Found by the syntax tree of the module's file:
 * what the function, and functions of the file that it calls, assign or change of what stands outside of them.
 *
 * What cannot change a result is left alone: what is set afresh for each row before it is used, what is made once, and
 * caches whose values come of their keys.
 */
import { type AnyNode, type Expression, type Pattern, type Program, parse } from "acorn";
import { boundNames, childNodes, findOuterUses } from "../free-variables.ts";
import { ModuleCaches } from "./module-caches.ts";
import {
  CHANGING,
  type FunctionNode,
  ModuleSyntax,
  type Use,
  isFunctionNode,
  kindOf,
  storedValue,
} from "./module-syntax.ts";
import { memberName } from "./proof-syntax.ts";

/** A variable of a module that its function changes. */
export interface ChangedVariable {
  name: string;
  /** Whether results depend on it. `no`: it is only printed. */
  matters: "yes" | "perhaps" | "no";
  /** What it is for, as far as that shows. */
  use: "count" | "sum" | "seen" | "pattern" | "other";
}

/**
 * The variables of a module that change with rows.
 *
 * @param source The module's TypeScript.
 * @param loader By the file's extension.
 */
export function changedVariables(source: string, loader: Loader): ChangedVariable[] {
  // What does not parse is said when it is imported.
  return stateFinder(source, loader)?.find() ?? [];
}

/**
 * Whether the functions of a module change nothing that stands outside of them: then no object that they give can change behind
 * their backs. False where that does not show: another file of the user's, or a package, may keep anything.
 */
export function keepsNothing(source: string, loader: Loader): boolean {
  return stateFinder(source, loader)?.changesNothing() === true;
}

type Loader = "ts" | "tsx" | "js" | "jsx";

/** Undefined for what is no module. */
function stateFinder(source: string, loader: Loader): StateFinder | undefined {
  let code: string;
  let program: Program;
  try {
    code = new Bun.Transpiler({ loader, target: "bun" }).transformSync(source);
    program = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  } catch {
    return undefined;
  }
  return new StateFinder(program, code);
}

class StateFinder {
  readonly #syntax: ModuleSyntax;
  readonly #caches: ModuleCaches;
  readonly #functions = new Set<FunctionNode>();
  readonly #entries: AnyNode[] = [];
  /** Code of other files may run, which is not looked at. */
  readonly #isForeign: boolean;

  constructor(program: Program, code: string) {
    const imports = program.body.filter((one) => one.type === "ImportDeclaration");
    this.#isForeign =
      /\b(?:require|import)\s*\(/.test(code) ||
      imports.some(({ source }) => !/^(?:node:|zod$|bun$)/.test(String(source.value)));
    this.#syntax = new ModuleSyntax(program, code);
    this.#caches = new ModuleCaches(this.#syntax);
    for (const statement of program.body) this.#top(statement);
  }

  find(): ChangedVariable[] {
    const variables = [...this.#uses()].flatMap(([name, all]) => this.#judge(name, all) ?? []);
    return [...variables, ...this.#changedGlobals(), ...this.#changedByEntries()];
  }

  changesNothing(): boolean {
    if (this.#isForeign) return false;
    const uses = [...this.#uses().values()].flat();
    // What a call makes may be kept by what it was made by.
    const isPlain = [...this.#syntax.declared.values()].every((made) => made?.type !== "CallExpression");
    const isChanged = uses.some(({ kind }) => kind !== "read");
    return isPlain && !isChanged && this.#functions.size > 0 && this.#changedGlobals().length === 0;
  }

  /** How the functions use each variable of the module. */
  #uses(): Map<string, Use[]> {
    for (const entry of this.#entries) this.#reach(entry);
    const uses = new Map<string, Use[]>();
    for (const one of this.#functions) {
      for (const [name, nodes] of findOuterUses(one).uses) {
        if (!this.#syntax.declared.has(name)) continue;
        const isFunction = this.#syntax.functionOf(name) !== undefined;
        for (const node of nodes) {
          // A function is called; what it holds can be changed as in any object.
          if (isFunction && !this.#isMemberWritten(node)) continue;
          // Functions that lie within each other are looked at together.
          const known = uses.get(name) ?? [];
          if (!known.some((use) => use.node === node)) known.push(this.#use(node, name));
          uses.set(name, known);
        }
      }
    }
    return uses;
  }

  /** `export default (() => { let sum = 0; return (row) => … })()` */
  #changedByEntries(): ChangedVariable[] {
    return this.#entries.flatMap((entry) => {
      const made = entry.type === "Identifier" ? this.#syntax.declared.get(entry.name) : entry;
      const name = this.#countedBy(made);
      return name === undefined ? [] : [{ name, matters: "yes" as const, use: "other" as const }];
    });
  }

  /** `globalThis.count = (globalThis.count ?? 0) + 1`; what is set where there is none is made once. */
  #changedGlobals(): ChangedVariable[] {
    const names = new Map<string, ChangedVariable["use"]>();
    for (const one of this.#functions) {
      for (const node of findOuterUses(one).uses.get("globalThis") ?? []) {
        const { root, kind, whole } = { root: this.#syntax.memberRoot(node), ...this.#use(node, "globalThis") };
        const isMade = whole.type === "AssignmentExpression" && /^(?:\?\?|\|\|)=$/.test(whole.operator);
        if (kind === "change" && !isMade) names.set(this.#syntax.text(root), useOf([{ node, kind, whole }], undefined));
      }
    }
    return [...names].map(([name, use]) => ({ name, matters: "yes", use }));
  }

  #top(statement: AnyNode): void {
    switch (statement.type) {
      case "VariableDeclaration":
        for (const { id, init } of statement.declarations)
          for (const name of boundNames(id))
            this.#syntax.declared.set(name, id.type === "Identifier" ? (init ?? undefined) : id);
        break;
      case "FunctionDeclaration":
      case "ClassDeclaration":
        if (statement.id) this.#syntax.declared.set(statement.id.name, statement);
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
          if (/^(?:module\.)?exports(?:\.\w+)?$/.test(this.#syntax.text(left))) this.#entries.push(right);
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
      const known = this.#syntax.functionOf(node.name) ?? this.#syntax.declared.get(node.name);
      if (known !== undefined && known !== node) this.#reach(known);
      return;
    }
    if (isFunctionNode(node)) {
      if (this.#functions.has(node)) return;
      this.#functions.add(node);
      for (const name of findOuterUses(node).names) {
        const called = this.#syntax.functionOf(name);
        if (called !== undefined) this.#reach(called);
        for (const method of this.#methodsUsed(name, node)) this.#reach(method);
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

  #isMemberWritten(node: AnyNode): boolean {
    const root = this.#syntax.memberRoot(node);
    return root !== node && this.#syntax.writes(root);
  }

  /** The functions of an object, or a class, of the module that a function uses; getters too, which run by their names. */
  #methodsUsed(name: string, one: FunctionNode): AnyNode[] {
    const made = this.#syntax.declared.get(name);
    if (made?.type !== "ObjectExpression" && made?.type !== "ClassDeclaration") return [];
    const members = [...(findOuterUses(one).uses.get(name) ?? [])].map((node) => this.#syntax.parentOf(node));
    const used = new Set(
      members.flatMap((member) =>
        member?.type === "MemberExpression" ? [memberName(member.property, member.computed)] : [],
      ),
    );
    const methods: AnyNode[] =
      made.type === "ObjectExpression"
        ? made.properties
        : made.body.body.filter((member) => member.type === "MethodDefinition" && member.static);
    return methods.flatMap((method) => {
      if ((method.type !== "Property" && method.type !== "MethodDefinition") || method.kind === "set") return [];
      if (!used.has(nameOf(method.key))) return [];
      const value = method.value?.type === "Identifier" ? this.#syntax.functionOf(method.value.name) : method.value;
      return value && isFunctionNode(value) ? [value] : [];
    });
  }

  #use(node: AnyNode, name: string): Use {
    const root = this.#syntax.memberRoot(node);
    const parent = this.#syntax.parentOf(root);
    const isWritten = parent !== undefined && this.#syntax.writes(root);
    if (isWritten && root === node) return { node, kind: "assign", whole: this.#writing(root) };
    if (isWritten || (parent?.type === "UnaryExpression" && parent.operator === "delete"))
      return { node, kind: "change", whole: this.#writing(root) };
    const call = this.#changingCall(node, name) ?? this.#deepChange(root) ?? this.#changedElsewhere(node, name);
    return call === undefined ? { node, kind: "read", whole: root } : { node, kind: "change", whole: call };
  }

  #writing(node: AnyNode): AnyNode {
    let at = node;
    for (let parent = this.#syntax.parentOf(at); parent !== undefined; parent = this.#syntax.parentOf(at)) {
      at = parent;
      if (/^(?:Assignment|Update|Unary)Expression$|^For/.test(at.type)) return at;
    }
    return at;
  }

  /** `seen.add(…)`, `Object.assign(known, …)`, a method of a class of the file that changes its object. */
  #changingCall(node: AnyNode, name: string): AnyNode | undefined {
    const member = this.#syntax.parentOf(node);
    if (member?.type === "CallExpression" && member.arguments[0] === node && isObjectAssign(member.callee))
      return member;
    if (member?.type !== "MemberExpression" || member.object !== node) return undefined;
    const call = this.#syntax.parentOf(member);
    const method = memberName(member.property, member.computed);
    if (call?.type !== "CallExpression" || call.callee !== member || method === undefined) return undefined;
    const made = this.#syntax.declared.get(name);
    if (isLastingPattern(made))
      return method === "test" || (method === "exec" && !this.#isLooped(call)) ? call : undefined;
    const kind = kindOf(made);
    // Taken out of another object: what it is, does not show.
    if (made?.type === "ObjectPattern")
      return Object.values(CHANGING).some((names) => names.has(method)) ? call : undefined;
    if (kind !== undefined) return CHANGING[kind]?.has(method) === true ? call : undefined;
    // An iterator goes on from row to row.
    if (made?.type === "CallExpression" && method === "next") return call;
    if (made?.type === "ObjectExpression") {
      const own = made.properties.find((one) => one.type === "Property" && nameOf(one.key) === method);
      return own?.type === "Property" && this.#writesThis(own.value) ? call : undefined;
    }
    if (made?.type === "ClassDeclaration") return this.#changesThis(name, method) ? call : undefined;
    return made?.type === "NewExpression" &&
      made.callee.type === "Identifier" &&
      this.#changesThis(made.callee.name, method)
      ? call
      : undefined;
  }

  /** A function of the file changes what it is given, another name stands for the same object, or a closure counts. */
  #changedElsewhere(node: AnyNode, name: string): AnyNode | undefined {
    const parent = this.#syntax.parentOf(node);
    if (parent?.type === "CallExpression" && parent.callee === node)
      return this.#countedBy(this.#syntax.declared.get(name)) === undefined ? undefined : parent;
    if (parent?.type === "CallExpression" && parent.callee.type === "Identifier") {
      const called = this.#syntax.functionOf(parent.callee.name);
      const parameter = called?.params[parent.arguments.findIndex((argument) => argument === node)];
      const isChanged = parameter?.type === "Identifier" && called && this.#syntax.changesIn(called, parameter.name);
      return isChanged === true ? parent : undefined;
    }
    return this.#changedByOtherName(node);
  }

  /** `const s = state`, `const g = odd ? state.a : state.b`, `for (const one of list)`, `list.forEach((one) => …)`. */
  #changedByOtherName(node: AnyNode): AnyNode | undefined {
    let at = this.#syntax.memberRoot(node);
    for (let parent = this.#syntax.parentOf(at); parent !== undefined; parent = this.#syntax.parentOf(at)) {
      const isPassed =
        parent.type === "LogicalExpression" || (parent.type === "ConditionalExpression" && parent.test !== at);
      if (!isPassed) break;
      at = parent;
    }
    const parent = this.#syntax.parentOf(at);
    const around = this.#syntax.functionAround(node);
    if (parent === undefined || around === undefined) return undefined;
    const isChanged = (pattern: AnyNode, one: FunctionNode): boolean =>
      boundNames(pattern as Pattern).some((local) => this.#syntax.changesIn(one, local));
    if (parent.type === "VariableDeclarator" && parent.init === at)
      return isChanged(parent.id, around) ? parent : undefined;
    if (parent.type === "ForOfStatement" && parent.right === at) {
      const declared = parent.left.type === "VariableDeclaration" ? parent.left.declarations[0]?.id : undefined;
      return declared !== undefined && isChanged(declared, around) ? parent : undefined;
    }
    // The chain ends with the method.
    if (parent.type !== "CallExpression" || parent.callee !== at || at.type !== "MemberExpression") return undefined;
    const [callback] = parent.arguments;
    if (callback === undefined || !isFunctionNode(callback) || at.object.type === "CallExpression") return undefined;
    const [first] = callback.params;
    return first !== undefined && isChanged(first, callback) ? parent : undefined;
  }

  /** `(() => { let n = 0; return () => n++; })()`: the variable that what is called keeps, and changes. */
  #countedBy(made: AnyNode | undefined): string | undefined {
    if (made?.type !== "CallExpression") return undefined;
    const { callee } = made;
    const maker = callee.type === "Identifier" ? this.#syntax.functionOf(callee.name) : callee;
    if (maker === undefined || !isFunctionNode(maker)) return undefined;
    const visit = (node: AnyNode): string | undefined => {
      const own = isFunctionNode(node) ? this.#countsOutside(node, maker) : undefined;
      if (own !== undefined) return own;
      for (const child of childNodes(node)) {
        const found = visit(child);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return visit(maker.body);
  }

  /** `n++` and `n = n + 1` of a variable of the function around it. */
  #countsOutside(inner: FunctionNode, maker: FunctionNode): string | undefined {
    const outside = new Set(findOuterUses(maker).names);
    const made = new Map(ownVariables(maker));
    const counted = [...findOuterUses(inner).uses].find(([name, nodes]) => {
      if (outside.has(name)) return false;
      return [...nodes].some((node) => {
        if (!this.#syntax.writes(node)) return this.#collects(node, made.get(name));
        const whole = this.#writing(node);
        if (whole.type !== "AssignmentExpression") return true;
        return !/^(?:\?\?|\|\|)=$/.test(whole.operator) && !this.#isGuarded(whole, name);
      });
    });
    return counted?.[0];
  }

  /** `seen.add(…)` of a Set, `list.push(…)` of a list. */
  #collects(node: AnyNode, made: AnyNode | undefined): boolean {
    const member = this.#syntax.parentOf(node);
    if (member?.type !== "MemberExpression" || member.object !== node) return false;
    const method = memberName(member.property, member.computed) ?? "";
    const kind = kindOf(made);
    return (kind === "Set" && method === "add") || (kind === "Array" && method === "push");
  }

  /** `state.seen.add(…)`: what lies in an object changes by its own methods. */
  #deepChange(root: AnyNode): AnyNode | undefined {
    const call = this.#syntax.parentOf(root);
    if (root.type !== "MemberExpression" || root.object.type !== "MemberExpression") return undefined;
    const method = memberName(root.property, root.computed) ?? "";
    const changes = Object.values(CHANGING).some((names) => names.has(method));
    return changes && call?.type === "CallExpression" && call.callee === root ? call : undefined;
  }

  /** `while ((match = pattern.exec(text)) !== null)` goes on to the end, and the next one starts at the start. */
  #isLooped(node: AnyNode): boolean {
    let at = node;
    for (let parent = this.#syntax.parentOf(at); parent !== undefined; parent = this.#syntax.parentOf(at)) {
      if (isFunctionNode(parent)) return false;
      if (/^(?:While|DoWhile|For)Statement$/.test(parent.type)) return true;
      at = parent;
    }
    return false;
  }

  #changesThis(className: string, method: string): boolean {
    return this.#changesOfMethod(className, method).length > 0;
  }

  /** How a method of a class changes its object: see {@linkcode StateFinder.#changesOfThis}. */
  #changesOfMethod(className: string, method: string): string[] {
    const found = this.#syntax.declared.get(className);
    if (found?.type !== "ClassDeclaration") return [];
    const body = found.body.body.find((one) => one.type === "MethodDefinition" && nameOf(one.key) === method);
    return body === undefined ? [] : this.#changesOfThis(body);
  }

  #writesThis(node: AnyNode): boolean {
    return this.#changesOfThis(node).length > 0;
  }

  /** The methods by which code changes what `this` holds, and `=` where it writes it itself. */
  #changesOfThis(node: AnyNode): string[] {
    if (node.type !== "ThisExpression") return childNodes(node).flatMap((child) => this.#changesOfThis(child));
    const root = this.#syntax.memberRoot(node);
    const member = this.#syntax.parentOf(node);
    if (member === undefined) return [];
    if (this.#syntax.writes(root)) return ["="];
    const last = root.type === "MemberExpression" ? memberName(root.property, root.computed) : undefined;
    const isCalled = this.#syntax.parentOf(root)?.type === "CallExpression";
    const changes = isCalled && Object.values(CHANGING).some((names) => names.has(last ?? ""));
    return changes && root !== member && last !== undefined ? [last] : [];
  }

  /** Whether all that changes are entries of a map in an object of a class of the file. */
  #isCacheOfClass(made: AnyNode | undefined, changes: readonly Use[]): boolean {
    if (made?.type !== "NewExpression" || made.callee.type !== "Identifier") return false;
    const { name } = made.callee;
    return changes.every(({ node }) => {
      const member = this.#syntax.parentOf(node);
      if (member?.type !== "MemberExpression") return false;
      const method = memberName(member.property, member.computed) ?? "";
      const how = this.#changesOfMethod(name, method);
      return how.length > 0 && how.every((one) => ["set", "delete", "clear"].includes(one));
    });
  }

  #judge(name: string, uses: readonly Use[]): ChangedVariable | undefined {
    const changes = uses.filter(({ kind }) => kind !== "read");
    if (changes.length === 0 || this.#isAfresh(name, uses) || this.#isMadeOnce(name, changes)) return undefined;
    const made = this.#syntax.declared.get(name);
    const use = useOf(changes, made);
    // Who sets entries of a map for others may keep a cache.
    const isElsewhere = changes.some(({ node, whole }) => this.#changedElsewhere(node, name) === whole);
    if (this.#isCacheOfClass(made, changes)) return { name, matters: "perhaps", use };
    if (made?.type === "ObjectPattern" && changes.every(({ kind }) => kind === "change")) {
      const isEntry = changes.every(({ whole }) => this.#syntax.text(whole).startsWith(`${name}.set(`));
      return { name, matters: isEntry ? "perhaps" : "yes", use };
    }
    if (isElsewhere) return { name, matters: kindOf(made) === "Map" ? "perhaps" : "yes", use };
    if (isBytes(made) && changes.every(({ whole }) => isPlainSetting(whole))) return { name, matters: "perhaps", use };
    if (changes.some(({ whole }) => isMark(storedValue(whole)))) return { name, matters: "yes", use };
    if (this.#caches.isCache(name, uses)) {
      if (this.#caches.isOfItsKeys(name, changes)) return undefined;
      return {
        name,
        matters: changes.some(({ whole }) => this.#caches.isReplaced(name, whole)) ? "yes" : "perhaps",
        use,
      };
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
    const [around] = [...new Set(uses.map(({ node }) => this.#syntax.functionAround(node)))];
    if (around === undefined || uses.some(({ node }) => this.#syntax.functionAround(node) !== around)) return false;
    if (around.body.type !== "BlockStatement") return false;
    const first = uses.toSorted((a, b) => a.node.start - b.node.start)[0];
    const statement = first && this.#syntax.parentOf(first.whole);
    const isDirect = statement?.type === "ExpressionStatement" && this.#syntax.parentOf(statement) === around.body;
    if (first !== undefined && isDirect && this.#resets(first, name)) return true;
    return this.#isRefilled(uses);
  }

  /** `x = …` that is not made of itself, `list.length = 0`, `known.clear()`. */
  #resets({ kind, whole }: Use, name: string): boolean {
    if (kind === "assign")
      return whole.type === "AssignmentExpression" && whole.operator === "=" && !this.#syntax.has(whole.right, name);
    const text = this.#syntax.text(whole).replaceAll(/\s/g, "");
    if (text === `${name}.length=0` || text === `${name}.lastIndex=0` || text === `${name}.clear()`) return true;
    if (whole.type !== "CallExpression" || !/^\.(?:setTime|fill)\([^,]*\)$/.test(text.slice(name.length))) return false;
    return !whole.arguments.some((argument) => this.#syntax.has(argument, name));
  }

  /** An object whose fields are all set for each row before they are used: it holds nothing of the row before. */
  #isRefilled(uses: readonly Use[]): boolean {
    const afresh: { place: string; block: AnyNode }[] = [];
    for (const { kind, node, whole } of uses.toSorted((a, b) => a.node.start - b.node.start)) {
      const place = this.#syntax.text(this.#placeOf(whole, node));
      const block = kind === "change" ? this.#settingBlock(whole) : undefined;
      if (block !== undefined) afresh.push({ place: place.replace(/\.(?:length|clear)$/, ""), block });
      const here = afresh.filter((known) => node.start >= known.block.start && node.end <= known.block.end);
      const isWhole = whole === node || this.#isRead(whole);
      const isKnown = isWhole ? here.length > 0 : here.some((known) => isWithin(place, known.place));
      if (kind === "assign" || !isKnown) return false;
    }
    return true;
  }

  /** `list.join()` reads all that a list holds. */
  #isRead(whole: AnyNode): boolean {
    if (whole.type !== "MemberExpression" || whole.object.type !== "Identifier") return false;
    const call = this.#syntax.parentOf(whole);
    const method = memberName(whole.property, whole.computed) ?? "";
    return call?.type === "CallExpression" && call.callee === whole && method in Array.prototype;
  }

  /** What a use writes, or reads: a chain of members. */
  #placeOf(whole: AnyNode, node: AnyNode): AnyNode {
    if (whole.type === "AssignmentExpression") return whole.left;
    return whole.type === "CallExpression" ? whole.callee : whole === node ? node : this.#syntax.memberRoot(node);
  }

  /** The block in which `out.name = …`, `out.list.length = 0`, `out.known.clear()` holds, whatever came before. */
  #settingBlock(whole: AnyNode): AnyNode | undefined {
    const statement = this.#syntax.parentOf(whole);
    const block = statement && this.#syntax.parentOf(statement);
    const around = block && this.#syntax.parentOf(block);
    const isCertain = around !== undefined && (isFunctionNode(around) || around.type.startsWith("For"));
    if (statement?.type !== "ExpressionStatement" || !isCertain) return undefined;
    const isSet =
      whole.type === "CallExpression"
        ? this.#syntax.text(whole).endsWith(".clear()")
        : whole.type === "AssignmentExpression" &&
          whole.operator === "=" &&
          // A number names one item, as a name does.
          !/\[(?!\d+\])/.test(this.#syntax.text(whole.left)) &&
          // `best.n = Math.max(best.n, n)` is made of the row before.
          !this.#syntax.has(whole.right, rootName(whole.left) ?? "");
    return isSet ? block : undefined;
  }

  /** `db ??= open()`: whichever row is the first, it is the same. */
  #isMadeOnce(name: string, changes: readonly Use[]): boolean {
    return changes.every(({ kind, whole }) => {
      if (kind !== "assign" || whole.type !== "AssignmentExpression") return false;
      const isGuarded = /^(?:\?\?|\|\|)=$/.test(whole.operator) || this.#isGuarded(whole, name);
      return isGuarded && !this.#syntax.locals(whole.right).some((local) => local !== name);
    });
  }

  /** `if (!x) x = …`, `if (x === undefined) x = …`. */
  #isGuarded(node: AnyNode, name: string): boolean {
    let at = node;
    for (let parent = this.#syntax.parentOf(at); parent !== undefined; parent = this.#syntax.parentOf(at)) {
      if (isFunctionNode(parent)) return false;
      if (parent.type === "IfStatement" && parent.consequent === at && this.#asksForNone(parent.test, name))
        return true;
      at = parent;
    }
    return false;
  }

  #asksForNone(test: AnyNode, name: string): boolean {
    const text = this.#syntax.text(test).replaceAll(/\s/g, "");
    return [`!${name}`, `${name}===undefined`, `${name}==null`, `${name}===null`, `${name}==undefined`].includes(text);
  }

  /** Whether nothing is done with it but to count on: `n++`, `counts[key] = (counts[key] ?? 0) + 1`. */
  #isOnlyKept(uses: readonly Use[]): boolean {
    const updates = uses.filter(({ kind }) => kind !== "read").map(({ whole }) => whole);
    const isStatement = updates.every((whole) => this.#syntax.parentOf(whole)?.type === "ExpressionStatement");
    const isIn = ({ node }: Use): boolean => updates.some(({ start, end }) => node.start >= start && node.end <= end);
    return isStatement && uses.every((use) => use.kind !== "read" || isIn(use) || this.#isAskedForUpdate(use, updates));
  }

  /** `if (before !== undefined) before.sum = 0`: it decides about itself alone. */
  #isAskedForUpdate({ node }: Use, updates: readonly AnyNode[]): boolean {
    let at: AnyNode | undefined = node;
    while (at !== undefined && at.type !== "IfStatement") at = this.#syntax.parentOf(at);
    if (at === undefined || node.end > at.test.end || at.alternate) return false;
    const { consequent } = at;
    const statements = consequent.type === "BlockStatement" ? consequent.body : [consequent];
    return statements.every((one) => one.type === "ExpressionStatement" && updates.includes(one.expression));
  }
}

/** The variables of a function, but for those of functions in it, with what they are made of. */
function ownVariables(one: FunctionNode): [name: string, made: AnyNode][] {
  const found: [string, AnyNode][] = [];
  const visit = (node: AnyNode): void => {
    if (isFunctionNode(node)) return;
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.init)
      found.push([node.id.name, node.init]);
    childNodes(node).forEach(visit);
  };
  visit(one.body);
  return found;
}

/** The variable that a chain of members begins with. */
function rootName(node: AnyNode): string | undefined {
  if (node.type === "MemberExpression") return rootName(node.object);
  return node.type === "Identifier" ? node.name : undefined;
}

/** Memory of a fixed length, which is mostly filled anew for each row. */
function isBytes(made: AnyNode | undefined): boolean {
  const callee = made?.type === "NewExpression" || made?.type === "CallExpression" ? made.callee : undefined;
  if (callee?.type === "Identifier") return /^(?:Big)?(?:Int|Uint|Float)\w+Array$/.test(callee.name);
  return callee?.type === "MemberExpression" && nameOf(callee.object) === "Buffer";
}

function isPlainSetting(whole: AnyNode): boolean {
  return whole.type === "AssignmentExpression" && whole.operator === "=";
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

function isObjectAssign(callee: AnyNode): boolean {
  return (
    callee.type === "MemberExpression" &&
    nameOf(callee.object) === "Object" &&
    ["assign", "defineProperty"].includes(memberName(callee.property, callee.computed) ?? "")
  );
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
  if (made?.type === "NewExpression" || made?.type === "CallExpression") {
    const [, flags] = made.arguments;
    const isPattern = made.callee.type === "Identifier" && made.callee.name === "RegExp";
    return isPattern && flags?.type === "Literal" && /[gy]/.test(String(flags.value));
  }
  return made?.type === "Literal" && made.regex !== undefined && /[gy]/.test(made.regex?.flags ?? "");
}
