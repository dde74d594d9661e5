/**
 * A file of TypeScript: what it declares, imports and exports, by its syntax tree.
 *
 * Parsed by acorn, which Rowmill has anyway, with Svelte's plugin for TypeScript: 210 KB in all, and an eighth of the time
 * that @babel/parser takes to load. The runtime's own parser gives no tree, and those with one are native modules, of
 * which a program for another machine would need another one.
 */
import { readFileSync } from "node:fs";
import { tsPlugin } from "@sveltejs/acorn-typescript";
import { type Options, Parser } from "acorn";

/** A node of the tree. The parser's own types know no TypeScript: what is taken of one is looked at. */
export interface TsNode {
  type: string;
  start: number;
  end: number;
  loc: { start: { line: number; column: number } };
}

/** Something that a file has under a name. */
export type Binding =
  | { kind: "declared"; nodes: TsNode[] }
  /** `name` is undefined for all of a module: `import * as types`. */
  | { kind: "imported"; from: string; name: string | undefined };

export interface SourceFile {
  path: string;
  text: string;
  /** Types, functions and variables of the file, and what it imports. */
  names: ReadonlyMap<string, Binding>;
  /** What it exports: a name of its own, an expression, or something of another file. */
  exports: ReadonlyMap<string, Exported>;
  /** Files all of whose names it exports. */
  passedOn: readonly string[];
}

type Exported =
  | { kind: "name"; name: string }
  | { kind: "node"; node: TsNode }
  | { kind: "imported"; from: string; name: string | undefined };

/** A part of a node, where that is a node. */
export function part(node: TsNode, name: string): TsNode | undefined {
  const value: unknown = Reflect.get(node, name);
  return isNode(value) ? value : undefined;
}

/** A list that a node has; holes in it are left out. */
export function parts(node: TsNode, name: string): TsNode[] {
  const value: unknown = Reflect.get(node, name);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Something of a node that is no node. */
export function plain(node: TsNode, name: string): unknown {
  return Reflect.get(node, name);
}

/** The name of an identifier, or the text of a literal that stands for one. */
export function nameOf(node: TsNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === "Identifier") return String(plain(node, "name"));
  return node.type === "Literal" ? String(plain(node, "value")) : undefined;
}

function isNode(value: unknown): value is TsNode {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "type") === "string";
}

interface Parsing {
  parse(text: string, options: Options): TsNode;
}

let parsers: { ts: Parsing; tsx: Parsing } | undefined;

/** The parser, which takes exports of names that only a type has. */
function parserFor(path: string): Parsing {
  parsers ??= { ts: parserWith({ jsx: false }), tsx: parserWith({ jsx: true }) };
  return path.endsWith("x") ? parsers.tsx : parsers.ts;
}

function parserWith({ jsx }: { jsx: boolean }): Parsing {
  const extended = Parser.extend(tsPlugin(jsx ? { jsx: {} } : {}));
  class TypedParser extends extended {
    checkLocalExport(): void {}
  }
  return TypedParser as unknown as Parsing;
}

/** @throws {Error} If it cannot be read, or is none that the parser knows. */
export function readSourceFile(path: string): SourceFile {
  return parseSourceFile(path, readFileSync(path, "utf8"));
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const tree = parserFor(path).parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true });
  const names = new Map<string, Binding>();
  const exports = new Map<string, Exported>();
  const passedOn: string[] = [];
  for (const statement of parts(tree, "body")) {
    switch (statement.type) {
      case "ImportDeclaration":
        for (const one of parts(statement, "specifiers")) {
          const local = nameOf(part(one, "local"));
          if (local !== undefined)
            names.set(local, { kind: "imported", from: sourceOf(statement), name: importedName(one) });
        }
        break;
      case "ExportDefaultDeclaration": {
        const declared = part(statement, "declaration");
        if (declared === undefined) break;
        const name = nameOf(part(declared, "id"));
        if (name !== undefined) declare(names, name, declared);
        exports.set("default", { kind: "node", node: declared });
        break;
      }
      case "ExportNamedDeclaration": {
        const declared = part(statement, "declaration");
        if (declared !== undefined) {
          for (const name of declareAll(names, declared)) exports.set(name, { kind: "name", name });
        }
        for (const one of parts(statement, "specifiers")) {
          const local = nameOf(part(one, "local"));
          const exported = nameOf(part(one, "exported"));
          if (local === undefined || exported === undefined) continue;
          const isOwn = part(statement, "source") === undefined;
          exports.set(
            exported,
            isOwn ? { kind: "name", name: local } : { kind: "imported", from: sourceOf(statement), name: local },
          );
        }
        break;
      }
      case "ExportAllDeclaration": {
        const exported = nameOf(part(statement, "exported"));
        if (exported === undefined) passedOn.push(sourceOf(statement));
        else exports.set(exported, { kind: "imported", from: sourceOf(statement), name: undefined });
        break;
      }
      default:
        declareAll(names, statement);
    }
  }
  return { path, text, names, exports, passedOn };
}

function sourceOf(statement: TsNode): string {
  return nameOf(part(statement, "source")) ?? "";
}

function importedName(specifier: TsNode): string | undefined {
  if (specifier.type === "ImportNamespaceSpecifier") return undefined;
  return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(part(specifier, "imported"));
}

/** Notes what a statement declares; gives the names. */
function declareAll(names: Map<string, Binding>, statement: TsNode): string[] {
  const declared = statement.type === "VariableDeclaration" ? parts(statement, "declarations") : [statement];
  return declared.flatMap((one) => {
    const name = nameOf(part(one, "id"));
    if (name !== undefined) declare(names, name, one);
    return name === undefined ? [] : [name];
  });
}

/** An interface may be declared in several parts. */
function declare(names: Map<string, Binding>, name: string, node: TsNode): void {
  const known = names.get(name);
  if (known?.kind === "declared") known.nodes.push(node);
  else names.set(name, { kind: "declared", nodes: [node] });
}
