/**
 * Where the parts of results come from, as far as the code says it: `{ cost: price, at: place.lat }` holds two numbers of
 * the row by other names. They are written as they are spelled there.
 *
 * Only what is plain in the syntax tree is found: members of the row, names that such parts were given, and objects and
 * lists that are written out. What is said of a part counts only where the result holds the very value of that part.
 */
import type { AnyNode, AssignmentExpression, Expression, Pattern } from "acorn";
import type { ObjectSpelling, Spelling } from "../formats/values/spelling-tree.ts";
import { boundNames, childNodes } from "../free-variables.ts";
import { type FunctionNode, isFunction, keyName, returnedBy } from "./proof-subject.ts";
import { branches, isNothing, memberName, writtenPart } from "./proof-syntax.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";

/** What is known of the parts of results by the code. */
export interface HandedOn {
  /** The spelling of a result, by that of its row; undefined where the code does not show which parts it hands on. */
  spelling: ((spelling: ObjectSpelling, row: object) => ObjectSpelling | undefined) | undefined;
  /** Names of fields whose numbers the code computes somewhere. */
  computed: ReadonlySet<string>;
}

/** What an expression gives; undefined where the code does not say. */
type Source = PartSource | ObjectSource | ListSource | undefined;

/** A part of the row: the keys that lead to it. */
interface PartSource {
  kind: "part";
  path: readonly string[];
}

interface ObjectSource {
  kind: "object";
  members: readonly Member[];
}

/** A field, or all those of an object that is spread. */
interface Member {
  name: string | undefined;
  source: Source;
}

interface ListSource {
  kind: "list";
  items: readonly Source[];
}

/** What names stand for; undefined for a name of which that is not known. */
type Scope = ReadonlyMap<string, Source>;

const ROW: PartSource = { kind: "part", path: [] };

/**
 * What code hands on.
 *
 * @param tree An expression of the command line, whose names are fields of the row, or a function.
 */
export function handedOnBy(tree: Expression, isExpression: boolean): HandedOn {
  const around = isExpression ? fieldOrRow : (): Source => undefined;
  const source = isFunction(tree) ? resultOf(tree, around) : sourceOf(tree, around);
  const computed = new Set<string>();
  noteComputed(tree, computed);
  return { spelling: source?.kind === "object" ? spellingOf(source) : undefined, computed };
}

function spellingOf(source: ObjectSource): HandedOn["spelling"] {
  const named = new Set(source.members.map(({ name }) => name));
  return (spelling, row) => {
    const { parts } = objectFrom(source, { spelling, row });
    // Fields that the code does not name may be the row's fields of the same names.
    const others = [...spelling.parts].filter(([name]) => !named.has(name) && !parts.has(name));
    return { kind: "object", keys: spelling.keys, parts: new Map([...others, ...parts]) };
  };
}

/** Finds fields that are set to a computed value anywhere in the code. */
function noteComputed(node: AnyNode, computed: Set<string>): void {
  if (node.type === "Property" && !node.computed && isComputed(node.value)) {
    const name = keyName(node.key);
    if (name !== undefined) computed.add(name);
  } else if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
    const name = memberName(node.left.property, node.left.computed);
    if (name !== undefined && (node.operator !== "=" || isComputed(node.right))) computed.add(name);
  }
  for (const child of childNodes(node)) noteComputed(child, computed);
}

const COMPUTING = new Set(["Number", "parseFloat", "parseInt"]);

function isComputed(node: AnyNode): boolean {
  switch (node.type) {
    case "Literal":
    case "BinaryExpression":
    case "UnaryExpression":
    case "UpdateExpression":
      return true;
    case "ConditionalExpression":
      return isComputed(node.consequent) || isComputed(node.alternate);
    case "LogicalExpression":
      return isComputed(node.right);
    case "MemberExpression":
      return memberName(node.property, node.computed) === "length";
    case "CallExpression": {
      const { callee } = node;
      if (callee.type === "Identifier") return COMPUTING.has(callee.name);
      if (callee.type !== "MemberExpression") return false;
      const isMath = callee.object.type === "Identifier" && callee.object.name === "Math";
      return isMath || memberName(callee.property, callee.computed) === "reduce";
    }
    default:
      return false;
  }
}

type Lookup = (name: string) => Source;

/** What a name stands for around an expression: fields go before what is built in, but for the row's full name. */
function fieldOrRow(name: string): Source {
  if (name === ROW_NAME) return ROW;
  // It is the row, or a field of that name: that differs from row to row.
  return name === ROW_ALIAS ? undefined : { kind: "part", path: [name] };
}

function resultOf(tree: FunctionNode, around: Lookup): Source {
  const scope = scopeOf(tree, around);
  const lookup = (name: string): Source => (scope.has(name) ? scope.get(name) : around(name));
  const all = returnedBy(tree)
    .flatMap(branches)
    .flatMap((node) => (node.type === "ArrayExpression" ? node.elements : [node]))
    .filter((node) => node !== null && !isNothing(node))
    .map((node) => (node === null || node.type === "SpreadElement" ? undefined : sourceOf(node, lookup)));
  const [first, ...others] = all;
  return others.reduce(together, first);
}

/** What two sources have in common. */
function together(a: Source, b: Source): Source {
  if (isSame(a, b)) return a;
  if (a?.kind !== "object" || b?.kind !== "object") return undefined;
  const isSpreadFirst = [a, b].every(({ members }) => members.slice(1).every(({ name }) => name !== undefined));
  if (!isSpreadFirst) return undefined;
  const spread = [...a.members, ...b.members].find(({ name }) => name === undefined);
  const names = new Set([...a.members, ...b.members].flatMap(({ name }) => (name === undefined ? [] : [name])));
  const members = [...names].map((name) => {
    const found = [a, b].flatMap((one) => one.members.filter((member) => member.name === name).slice(-1));
    const [first, second = first] = found;
    return { name, source: isSame(first?.source, second?.source) ? first?.source : undefined };
  });
  return { kind: "object", members: spread === undefined ? members : [spread, ...members] };
}

function isSame(a: Source, b: Source): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The function's own names: of its parameters, and of variables that keep the value that they begin with. */
function scopeOf(tree: FunctionNode, around: Lookup): Scope {
  const scope = new Map<string, Source>();
  const lookup = (name: string): Source => (scope.has(name) ? scope.get(name) : around(name));
  const [first, ...others] = tree.params;
  for (const name of others.flatMap(boundNames)) scope.set(name, undefined);
  if (first !== undefined) bind(first, ROW, scope);
  const declared = new Set(scope.keys());
  const visit = (node: AnyNode): void => {
    if (node.type === "VariableDeclaration") {
      for (const { id, init } of node.declarations) {
        const names = boundNames(id);
        const isFirst = node.kind === "const" && !names.some((name) => declared.has(name));
        for (const name of names) declared.add(name);
        if (isFirst && init) bind(id, sourceOf(init, lookup), scope);
        else for (const name of names) scope.set(name, undefined);
      }
    } else if (/Function|Class/.test(node.type)) return;
    else if (node.type !== "VariableDeclarator") {
      const target = writtenPart(node);
      if (target?.type === "Identifier") scope.set(target.name, undefined);
      else if (node.type === "AssignmentExpression") addMember(node, scope, lookup);
    }
    for (const child of childNodes(node)) visit(child);
  };
  visit(tree.body);
  return scope;
}

/** Notes a field that an object of the function's own is given: `out.cost = row.price`. */
function addMember({ left, right, operator }: AssignmentExpression, scope: Map<string, Source>, lookup: Lookup): void {
  if (left.type !== "MemberExpression" || left.object.type !== "Identifier") return;
  const object = scope.get(left.object.name);
  const name = memberName(left.property, left.computed);
  if (object?.kind !== "object" || name === undefined) return;
  const source = operator === "=" ? sourceOf(right, lookup) : undefined;
  const isOther = object.members.some((member) => member.name === name && !isSame(member.source, source));
  const members = [...object.members, { name, source: isOther ? undefined : source }];
  scope.set(left.object.name, { kind: "object", members });
}

/** Notes what the names of a pattern stand for. */
function bind(pattern: Pattern, source: Source, scope: Map<string, Source>): void {
  if (pattern.type === "Identifier") scope.set(pattern.name, source);
  else if (pattern.type === "AssignmentPattern") bind(pattern.left, source, scope);
  else if (pattern.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      if (property.type === "RestElement") bind(property.argument, source, scope);
      else bind(property.value, memberOf(source, property.computed ? undefined : keyName(property.key)), scope);
    }
  } else if (pattern.type === "ArrayPattern") {
    for (const [at, element] of pattern.elements.entries()) {
      const isItem = element !== null && element.type !== "RestElement";
      if (element !== null) bind(element, isItem ? memberOf(source, String(at)) : undefined, scope);
    }
  } else for (const name of boundNames(pattern)) scope.set(name, undefined);
}

function sourceOf(node: Expression, lookup: Lookup): Source {
  switch (node.type) {
    case "ParenthesizedExpression":
    case "ChainExpression":
      return sourceOf(node.expression, lookup);
    case "AwaitExpression":
      return sourceOf(node.argument, lookup);
    case "Identifier":
      return lookup(node.name);
    case "MemberExpression":
      return node.object.type === "Super"
        ? undefined
        : memberOf(sourceOf(node.object, lookup), memberName(node.property, node.computed));
    case "LogicalExpression":
      // What stands on the right is no part that is spelled in a way of its own.
      return node.operator === "??" ? sourceOf(node.left, lookup) : undefined;
    case "ConditionalExpression":
      return together(sourceOf(node.consequent, lookup), sourceOf(node.alternate, lookup));
    case "ArrayExpression":
      return {
        kind: "list",
        items: node.elements.map((item) =>
          item === null || item.type === "SpreadElement" ? undefined : sourceOf(item, lookup),
        ),
      };
    case "ObjectExpression":
      return {
        kind: "object",
        members: node.properties.flatMap((property): Member[] => {
          if (property.type === "SpreadElement")
            return [{ name: undefined, source: sourceOf(property.argument, lookup) }];
          const name = property.computed ? undefined : keyName(property.key);
          return name === undefined || property.kind !== "init"
            ? []
            : [{ name, source: sourceOf(property.value, lookup) }];
        }),
      };
    default:
      return undefined;
  }
}

function memberOf(source: Source, name: string | undefined): Source {
  if (name === undefined || source === undefined) return undefined;
  if (source.kind === "part") return { kind: "part", path: [...source.path, name] };
  if (source.kind === "list") return source.items[Number(name)];
  const isKnown = source.members.every((member) => member.name !== undefined);
  return isKnown ? source.members.findLast((member) => member.name === name)?.source : undefined;
}

/** A row, and how it was spelled. */
interface SpelledAs {
  spelling: ObjectSpelling;
  row: object;
}

function spellingFrom(source: Source, as: SpelledAs): Spelling | undefined {
  switch (source?.kind) {
    case undefined:
      return undefined;
    case "part":
      return source.path.reduce<Spelling | undefined>(partOf, as.spelling);
    case "list":
      return {
        kind: "list",
        parts: new Map(source.items.flatMap((item, at) => entryOf(at, spellingFrom(item, as)))),
      };
    case "object":
      return objectFrom(source, as);
  }
}

function entryOf<Key>(key: Key, spelling: Spelling | undefined): [Key, Spelling][] {
  return spelling === undefined ? [] : [[key, spelling]];
}

function partOf(spelling: Spelling | undefined, key: string): Spelling | undefined {
  if (spelling?.kind === "object") return spelling.parts.get(key);
  return spelling?.kind === "list" ? spelling.parts.get(Number(key)) : undefined;
}

function objectFrom({ members }: ObjectSource, as: SpelledAs): ObjectSpelling {
  const parts = new Map<string, Spelling>();
  const set = (name: string, part: Spelling | undefined): void => {
    if (part === undefined) parts.delete(name);
    else parts.set(name, part);
  };
  for (const { name, source } of members) {
    // Where the code does not show what a field is, it may be the row's field of the same name.
    if (name !== undefined) set(name, source === undefined ? as.spelling.parts.get(name) : spellingFrom(source, as));
    else if (source?.kind === "part") {
      const spread = spellingFrom(source, as);
      for (const key of Object.keys(Object(valueAt(as.row, source.path)))) set(key, partOf(spread, key));
    } else {
      const spread = spellingFrom(source, as);
      if (spread?.kind === "object") for (const [key, part] of spread.parts) set(key, part);
    }
  }
  return { kind: "object", keys: undefined, parts };
}

function valueAt(row: object, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const key of path) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}
