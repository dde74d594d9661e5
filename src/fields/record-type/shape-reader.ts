/**
 * Makes a shape of a type of TypeScript, by its syntax tree: names are looked up in their file, and in the files that it
 * imports. A type of which anything cannot be held against a value is no shape at all.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../../errors.ts";
import { type Annotation, type Names, type Placed, typeArguments, typeOf } from "./row-annotation.ts";
import type { Shape, ShapeField } from "./shape.ts";
import { type SourceFile, type TsNode, nameOf, part, parts, plain, readSourceFile } from "./source-file.ts";

/** Why a type cannot be used: ends a sentence about it. */
export class Unusable extends Error {}

type ObjectShape = Shape & { kind: "object" };

/** Types deeper than this are not read. */
const MAX_DEPTH = 50;

const KEYWORDS: Readonly<
  Record<string, Shape["kind"] & ("string" | "number" | "boolean" | "bigint" | "null" | "undefined" | "unknown")>
> = {
  TSStringKeyword: "string",
  TSNumberKeyword: "number",
  TSBooleanKeyword: "boolean",
  TSBigIntKeyword: "bigint",
  TSNullKeyword: "null",
  TSUndefinedKeyword: "undefined",
  TSVoidKeyword: "undefined",
  TSUnknownKeyword: "unknown",
  TSAnyKeyword: "unknown",
};

/** Names, for messages, of the kinds of types that no value can be checked against. */
const OTHERS: Readonly<Record<string, string>> = {
  TSConditionalType: "a conditional type",
  TSMappedType: "a mapped type",
  TSFunctionType: "a function, which no field is",
  TSConstructorType: "a function, which no field is",
  TSMethodSignature: "a function, which no field is",
  TSCallSignatureDeclaration: "a function, which no field is",
  TSConstructSignatureDeclaration: "a function, which no field is",
  TSTypeQuery: "typeof, the type of a value",
  TSInferType: "infer",
  TSNeverKeyword: "never",
  TSSymbolKeyword: "a symbol, which no field is",
  TSThisType: "this",
  TSTypePredicate: "a type predicate",
};

export class ShapeReader implements Names {
  /** Files that were read, by path. */
  readonly #files = new Map<string, SourceFile>();
  /** Types that hold themselves. */
  readonly named: Record<string, Shape> = {};
  /**
   * Named types that are being read, with the names under which they are kept if they turn out to contain themselves.
   */
  readonly #open = new Map<TsNode, { name: string; isUsed: boolean }>();
  #depth = 0;

  /** @param known Files that are read already. */
  constructor(known: readonly SourceFile[] = []) {
    for (const file of known) this.#files.set(file.path, file);
  }

  /** The paths of all files that were read. */
  get files(): string[] {
    return [...this.#files.keys()];
  }

  /** @throws {Unusable} If it cannot be read. */
  file(path: string): SourceFile {
    let file = this.#files.get(path);
    if (file === undefined) {
      try {
        file = readSourceFile(path);
      } catch (error) {
        throw new Unusable(`cannot be read: ${path}: ${messageOf(error)}`);
      }
      this.#files.set(path, file);
    }
    return file;
  }

  /**
   * The fields of a row.
   *
   * @throws {Unusable} If the type cannot be used.
   */
  row({ node, file, isList }: Annotation): readonly ShapeField[] {
    const shape = this.#read(isList ? elementOf({ node, file }) : { node, file });
    const row = shape.kind === "named" ? this.named[shape.name] : shape;
    if (row?.kind === "union") throw new Unusable("is a union, and not one kind of rows");
    if (row?.kind === "unknown") throw new Unusable("names no columns");
    if (row?.kind !== "object") throw new Unusable("is no object with fields");
    if (row.fields.length === 0) throw new Unusable("names no columns");
    if (row.rest !== undefined && !takesTexts(row.rest))
      throw new Unusable("says what columns are that it does not name");
    return row.fields;
  }

  /** What a name of a file stands for, in whichever file that is; undefined where it cannot be found. */
  follow(file: SourceFile, name: string): Placed | undefined {
    const binding = file.names.get(name);
    if (binding === undefined) return undefined;
    if (binding.kind === "declared") {
      const [node] = binding.nodes;
      return node && { node, file };
    }
    if (binding.name === undefined) return undefined;
    const other = this.#imported(file, binding.from);
    return this.#exported(other, binding.name, 0);
  }

  exported(file: SourceFile, name: string): Placed | undefined {
    return this.#exported(file, name, 0);
  }

  #exported(file: SourceFile, name: string, depth: number): Placed | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const found = file.exports.get(name);
    if (found?.kind === "imported") {
      return found.name === undefined
        ? undefined
        : this.#exported(this.#imported(file, found.from), found.name, depth + 1);
    }
    if (found?.kind === "node") return { node: found.node, file };
    if (found !== undefined) return this.follow(file, found.name);
    for (const from of file.passedOn) {
      const passed = this.#exported(this.#imported(file, from), name, depth + 1);
      if (passed !== undefined) return passed;
    }
    return undefined;
  }

  /** The file that an import names. @throws {Unusable} Where there is none with types. */
  #imported(file: SourceFile, from: string): SourceFile {
    return this.file(typesFile(from, dirname(file.path)));
  }

  #read({ node, file }: Placed): Shape {
    if (this.#depth > MAX_DEPTH) throw new Unusable("is too deep");
    this.#depth++;
    try {
      return this.#shape(node, file);
    } finally {
      this.#depth--;
    }
  }

  #shape(node: TsNode, file: SourceFile): Shape {
    const keyword = KEYWORDS[node.type];
    if (keyword !== undefined) return { kind: keyword };
    const read = (name: string): Shape => this.#read({ node: must(typeOf(part(node, name))), file });
    switch (node.type) {
      case "TSParenthesizedType":
        return read("typeAnnotation");
      case "TSObjectKeyword":
        return { kind: "object", fields: [], rest: undefined };
      case "TSLiteralType":
        return literal(must(part(node, "literal")));
      case "TSArrayType":
        return { kind: "array", items: read("elementType") };
      case "TSTupleType":
        return this.#tuple(node, file);
      case "TSUnionType":
        return union(parts(node, "types").map((one) => this.#read({ node: one, file })));
      case "TSIntersectionType":
        return intersection(parts(node, "types").map((one) => this.#object({ node: one, file })));
      case "TSTypeLiteral":
        return this.#members(parts(node, "members"), file);
      case "TSTypeOperator":
        return this.#operator(node, file);
      case "TSIndexedAccessType":
        return this.#member(node, file);
      case "TSTypeReference":
        return this.#reference(node, file);
      case "TSImportType":
        return this.#importType(node, file);
      default:
        throw new Unusable(`has ${OTHERS[node.type] ?? "a kind of type that says nothing of values"}`);
    }
  }

  #object(placed: Placed): ObjectShape {
    const shape = this.#read(placed);
    if (shape.kind === "named") throw new Unusable(`builds ${shape.name} on itself`);
    if (shape.kind !== "object") throw new Unusable("joins types with & that are no objects");
    return shape;
  }

  #tuple(node: TsNode, file: SourceFile): Shape {
    const items: Shape[] = [];
    let optional = 0;
    let rest: Shape | undefined;
    for (const item of parts(node, "elementTypes")) {
      const isNamed = item.type === "TSNamedTupleMember";
      const type = isNamed ? must(part(item, "elementType")) : item;
      if (item.type === "TSRestType") {
        const list = must(part(item, "typeAnnotation"));
        const shape = this.#read({
          node: list.type === "TSNamedTupleMember" ? must(part(list, "elementType")) : list,
          file,
        });
        if (shape.kind !== "array") throw new Unusable("has a list whose length is not known in the middle");
        rest = shape.items;
      } else if (type.type === "TSOptionalType" || (isNamed && plain(item, "optional") === true)) {
        optional++;
        items.push(this.#read({ node: part(type, "typeAnnotation") ?? type, file }));
      } else items.push(this.#read({ node: type, file }));
    }
    return { kind: "tuple", items, optional, rest };
  }

  #members(members: readonly TsNode[], file: SourceFile): ObjectShape {
    const fields: ShapeField[] = [];
    let rest: Shape | undefined;
    for (const member of members) {
      const type = typeOf(part(member, "typeAnnotation"));
      if (member.type === "TSIndexSignature") {
        rest = type === undefined ? { kind: "unknown" } : this.#read({ node: type, file });
        continue;
      }
      if (member.type !== "TSPropertySignature")
        throw new Unusable(`has ${OTHERS[member.type] ?? "something that is no field"}`);
      const name = nameOf(part(member, "key"));
      if (name === undefined || (plain(member, "computed") === true && part(member, "key")?.type !== "Literal"))
        throw new Unusable("has a name that is computed");
      if (name === "__proto__") throw new Unusable("has a field called __proto__");
      const isOptional = plain(member, "optional") === true;
      fields.push({
        name,
        shape: type === undefined ? { kind: "unknown" } : this.#read({ node: type, file }),
        isOptional,
      });
    }
    return { kind: "object", fields, rest };
  }

  #operator(node: TsNode, file: SourceFile): Shape {
    const inner = { node: must(typeOf(part(node, "typeAnnotation"))), file };
    switch (plain(node, "operator")) {
      case "readonly":
        return this.#read(inner);
      case "keyof":
        return union(this.#object(inner).fields.map(({ name }) => ({ kind: "literal", value: name })));
      default:
        throw new Unusable("has a symbol, which no field is");
    }
  }

  #member(node: TsNode, file: SourceFile): Shape {
    const from = this.#read({ node: must(part(node, "objectType")), file });
    const index = this.#read({ node: must(part(node, "indexType")), file });
    if (index.kind === "number" && from.kind === "array") return from.items;
    if (from.kind !== "object") throw new Unusable("takes a member of what is no object");
    return union(
      namesOf(index).map((name) => {
        const field = from.fields.find((one) => one.name === name);
        if (field === undefined) throw new Unusable(`takes the member ${name} of what has none`);
        return field.isOptional ? union([field.shape, { kind: "undefined" }]) : field.shape;
      }),
    );
  }

  #importType(node: TsNode, file: SourceFile): Shape {
    const name = nameOf(part(node, "qualifier"));
    const from = nameOf(part(node, "argument") ?? part(node, "source"));
    if (name === undefined || from === undefined) throw new Unusable("imports a whole module");
    const found = this.#exported(this.#imported(file, from), name, 0);
    if (found === undefined) throw new Unusable(`imports ${name}, which ${from} does not export`);
    return this.#declared(name, [found.node], found.file, typeArguments(node));
  }

  #reference(node: TsNode, file: SourceFile): Shape {
    const named = must(part(node, "typeName"));
    const given = typeArguments(node);
    if (named.type === "TSQualifiedName") return this.#qualified(named, file, given);
    const name = nameOf(named) ?? "";
    const binding = file.names.get(name);
    if (binding === undefined) return this.#builtIn(name, given, file);
    if (binding.kind === "declared") return this.#declared(name, binding.nodes, file, given);
    const found = this.follow(file, name);
    if (found === undefined) throw new Unusable(`has ${name}, which ${binding.from} does not export`);
    const again = found.file.names.get(nameOf(part(found.node, "id")) ?? "");
    const nodes = again?.kind === "declared" && again.nodes.includes(found.node) ? again.nodes : [found.node];
    return this.#declared(name, nodes, found.file, given);
  }

  /** `types.Scientist`: of a module that is imported as a whole. */
  #qualified(node: TsNode, file: SourceFile, given: readonly TsNode[]): Shape {
    const left = nameOf(part(node, "left")) ?? "";
    const name = nameOf(part(node, "right")) ?? "";
    const binding = file.names.get(left);
    if (
      binding?.kind === "imported" &&
      /^zod(?:\/|$)/.test(binding.from) &&
      ["infer", "input", "output"].includes(name)
    )
      throw new Unusable(`is made of a schema: export that, as schema, and rows are checked by it`);
    if (binding?.kind !== "imported" || binding.name !== undefined)
      throw new Unusable(`has ${left}.${name}, which is not of a module of types`);
    const found = this.#exported(this.#imported(file, binding.from), name, 0);
    if (found === undefined) throw new Unusable(`has ${left}.${name}, which ${binding.from} does not export`);
    return this.#declared(name, [found.node], found.file, given);
  }

  #declared(name: string, nodes: readonly TsNode[], file: SourceFile, given: readonly TsNode[]): Shape {
    const [first] = nodes;
    if (first === undefined) throw new Unusable(`has ${name}, which is not declared`);
    const open = this.#open.get(first);
    if (open !== undefined) {
      open.isUsed = true;
      return { kind: "named", name: open.name };
    }
    if (given.length > 0 || part(first, "typeParameters") !== undefined)
      throw new Unusable(`has ${name}, which is generic`);
    const own = { name: this.#freeName(name), isUsed: false };
    this.#open.set(first, own);
    try {
      const shape = this.#ofDeclaration(name, nodes, file);
      if (!own.isUsed) return shape;
      this.named[own.name] = shape;
      return { kind: "named", name: own.name };
    } finally {
      this.#open.delete(first);
    }
  }

  /** Two files may have types of one name. */
  #freeName(name: string): string {
    const taken = new Set([...Object.keys(this.named), ...[...this.#open.values()].map((one) => one.name)]);
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}${count}`;
    return free;
  }

  #ofDeclaration(name: string, nodes: readonly TsNode[], file: SourceFile): Shape {
    const [first] = nodes;
    switch (first?.type) {
      case "TSInterfaceDeclaration": {
        const own = nodes.filter(({ type }) => type === "TSInterfaceDeclaration");
        const bases = own.flatMap((node) => parts(node, "extends").map((base) => this.#base(base, file)));
        const members = own.flatMap((node) => parts(must(part(node, "body")), "body"));
        return extended(bases, this.#members(members, file));
      }
      case "TSTypeAliasDeclaration":
        return this.#read({ node: must(typeOf(part(first, "typeAnnotation"))), file });
      case "TSEnumDeclaration":
        return enumShape(first);
      case "ClassDeclaration":
        throw new Unusable(`has ${name}, which is a class: rows are plain objects`);
      default:
        throw new Unusable(`has ${name}, which is no type that can be read`);
    }
  }

  #base(base: TsNode, file: SourceFile): ObjectShape {
    const expression = must(part(base, "expression"));
    const reference = {
      ...base,
      type: "TSTypeReference",
      typeName: expression,
      typeArguments: part(base, "typeArguments") ?? part(base, "typeParameters"),
    };
    return this.#object({ node: reference, file });
  }

  #builtIn(name: string, given: readonly TsNode[], file: SourceFile): Shape {
    const [first, second] = given.map((node) => (): Placed => ({ node, file }));
    const one = (): Placed => must(first?.());
    const names = (): string[] => namesOf(this.#read(must(second?.())));
    const object = (): ObjectShape => this.#object(one());
    const eachField = (change: (field: ShapeField) => ShapeField): ObjectShape => {
      const shape = object();
      return { ...shape, fields: shape.fields.map(change) };
    };
    switch (name) {
      case "Date":
        return { kind: "date" };
      case "Array":
      case "ReadonlyArray":
        return { kind: "array", items: this.#read(one()) };
      case "Readonly":
        return this.#read(one());
      case "Partial":
        return eachField((field) => ({ ...field, isOptional: true }));
      case "Required":
        return eachField((field) => ({ ...field, shape: without(field.shape, "undefined"), isOptional: false }));
      case "Pick": {
        const shape = object();
        const kept = new Set(names());
        return { ...shape, fields: shape.fields.filter((field) => kept.has(field.name)) };
      }
      case "Omit": {
        const shape = object();
        const left = new Set(names());
        return { ...shape, fields: shape.fields.filter((field) => !left.has(field.name)) };
      }
      case "Record":
        return record(this.#read(one()), this.#read(must(second?.())));
      case "NonNullable":
        return without(without(this.#read(one()), "null"), "undefined");
      case "Exclude":
      case "Extract": {
        const all = optionsOf(this.#read(one()));
        const named = new Set(optionsOf(this.#read(must(second?.()))).map((shape) => JSON.stringify(shape)));
        return union(all.filter((shape) => named.has(JSON.stringify(shape)) === (name === "Extract")));
      }
      default:
        throw new Unusable(`has ${name}, which this file neither declares nor imports`);
    }
  }
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Unusable("is not complete");
  return value;
}

/** The type of a row, where rows come in a list. */
function elementOf({ node, file }: Placed): Placed {
  switch (node.type) {
    case "TSParenthesizedType":
      return elementOf({ node: must(part(node, "typeAnnotation")), file });
    case "TSTypeOperator":
      return elementOf({ node: must(typeOf(part(node, "typeAnnotation"))), file });
    case "TSArrayType":
      return { node: must(part(node, "elementType")), file };
    case "TSTypeReference":
      if (["Array", "ReadonlyArray"].includes(nameOf(part(node, "typeName")) ?? ""))
        return { node: must(typeArguments(node)[0]), file };
  }
  throw new Unusable("is no list of rows: write Row[]");
}

function takesTexts(shape: Shape): boolean {
  return optionsOf(shape).some(({ kind }) => kind === "string" || kind === "unknown");
}

function literal(node: TsNode): Shape {
  if (node.type === "UnaryExpression") {
    const inner = literal(must(part(node, "argument")));
    if (plain(node, "operator") === "-") {
      if (inner.kind === "literal" && typeof inner.value === "number") return { kind: "literal", value: -inner.value };
      if (inner.kind === "bigint literal") return { kind: "bigint literal", digits: `-${inner.digits}` };
    }
    return inner;
  }
  if (node.type === "TemplateLiteral") {
    const [quasi, ...more] = parts(node, "quasis");
    const text: unknown = quasi && Reflect.get(Object(plain(quasi, "value")), "cooked");
    if (more.length === 0 && typeof text === "string") return { kind: "literal", value: text };
    throw new Unusable("has a template of texts");
  }
  const digits = plain(node, "bigint");
  if (typeof digits === "string") return { kind: "bigint literal", digits: String(BigInt(digits)) };
  const value = plain(node, "value");
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return { kind: "literal", value };
  throw new Unusable("has a kind of literal that is no value of a field");
}

function optionsOf(shape: Shape): readonly Shape[] {
  return shape.kind === "union" ? shape.options : [shape];
}

/** A union without unions in it, each option once. */
function union(shapes: readonly Shape[]): Shape {
  const options = new Map(shapes.flatMap(optionsOf).map((shape) => [JSON.stringify(shape), shape]));
  if ([...options.values()].some(({ kind }) => kind === "unknown")) return { kind: "unknown" };
  const [only, ...more] = options.values();
  if (only === undefined) throw new Unusable("has never");
  return more.length === 0 ? only : { kind: "union", options: [...options.values()] };
}

function without(shape: Shape, kind: Shape["kind"]): Shape {
  return union(optionsOf(shape).filter((option) => option.kind !== kind));
}

/** The names that a union of literals has. */
function namesOf(shape: Shape): string[] {
  return optionsOf(shape).map((option) => {
    if (option.kind !== "literal") throw new Unusable("takes members by something else than their names");
    return String(option.value);
  });
}

function record(keys: Shape, value: Shape): ObjectShape {
  if (optionsOf(keys).some(({ kind }) => kind === "string" || kind === "number"))
    return { kind: "object", fields: [], rest: value };
  return {
    kind: "object",
    fields: namesOf(keys).map((name) => ({ name, shape: value, isOptional: false })),
    rest: undefined,
  };
}

/** What an interface says itself stands in place of what it extends says. */
function extended(bases: readonly ObjectShape[], own: ObjectShape): ObjectShape {
  const fields = new Map([...bases, own].flatMap((shape) => shape.fields.map((field) => [field.name, field] as const)));
  return {
    kind: "object",
    fields: [...fields.values()],
    rest: own.rest ?? bases.find(({ rest }) => rest !== undefined)?.rest,
  };
}

function intersection(all: readonly ObjectShape[]): ObjectShape {
  const fields = new Map<string, ShapeField>();
  for (const { fields: more } of all) {
    for (const field of more) {
      const known = fields.get(field.name);
      if (known !== undefined && JSON.stringify(known.shape) !== JSON.stringify(field.shape))
        throw new Unusable(`joins two types of ${field.name} with &`);
      fields.set(field.name, { ...field, isOptional: field.isOptional && known?.isOptional !== false });
    }
  }
  return { kind: "object", fields: [...fields.values()], rest: all.find(({ rest }) => rest !== undefined)?.rest };
}

function enumShape(node: TsNode): Shape {
  let next: number | undefined = 0;
  const values = parts(node, "members").map((member): Shape => {
    const given = part(member, "initializer");
    const shape: Shape | undefined =
      given === undefined ? (next === undefined ? undefined : { kind: "literal", value: next }) : literal(given);
    if (shape?.kind !== "literal") throw new Unusable("has an enum whose values are computed");
    next = typeof shape.value === "number" ? shape.value + 1 : undefined;
    return shape;
  });
  return union(values);
}

/** The file with the types of a module. @throws {Unusable} Where there is none. */
function typesFile(from: string, folder: string): string {
  let path: string;
  try {
    path = Bun.resolveSync(from, folder);
  } catch {
    const beside = declarationBeside(join(folder, from));
    if (beside !== undefined && /^\.{1,2}\//.test(from)) return beside;
    throw new Unusable(`comes from ${from}, which is not there`);
  }
  if (/\.[cm]?tsx?$/.test(path)) return path;
  const found =
    declarationBeside(path.replace(/\.[cm]?jsx?$/, "")) ?? (/^[./]/.test(from) ? undefined : packageTypes(from, path));
  if (found === undefined) throw new Unusable(`comes from ${from}, which has no declarations`);
  return found;
}

function declarationBeside(path: string): string | undefined {
  return [".d.ts", ".d.mts", ".d.cts"].map((ending) => `${path}${ending}`).find((one) => existsSync(one));
}

/** The declarations that a package names for itself as a whole. */
function packageTypes(name: string, path: string): string | undefined {
  const folders = path.split("/node_modules/");
  const root = `${folders.slice(0, -1).join("/node_modules/")}/node_modules/${name}`;
  const file = join(root, "package.json");
  if (folders.length < 2 || !existsSync(file)) return undefined;
  const said: unknown = JSON.parse(readFileSync(file, "utf8"));
  const types: unknown = Reflect.get(Object(said), "types") ?? Reflect.get(Object(said), "typings");
  return typeof types === "string" && existsSync(join(root, types)) ? join(root, types) : undefined;
}
