/**
 * The declarations as texts, put together when Rowmill is built: this module is a macro, and runs in the bundler. Its
 * results stand in the bundle as strings.
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { optionMembers } from "./option-members.ts";

/** Ambient names of zod's own files: nobody imports them by these. */
const INNER = "rowmill:zod/";

/** The files of zod that its built-in names stand for. */
const ENTRIES: Readonly<Record<string, string>> = {
  zod: "index",
  "zod/v4": "v4/index",
  "zod/mini": "mini/index",
  "zod/v4/mini": "v4/mini/index",
  "zod/v4-mini": "v4-mini/index",
  "zod/v4/core": "v4/core/index",
};

/** Where the options of a run come into the interface of those of a transform. */
const OPTIONS_PLACE = /^ {2}\/\/ The table of options comes in here: .*\n/m;

/** The module `rowmill`, as an ambient declaration. */
export function rowmillDeclarations(): string {
  return ambient("rowmill", rowmillTypes());
}

/** What the module `rowmill` declares. */
export function rowmillTypes(): string {
  const text = readFileSync(join(import.meta.dir, "rowmill.ts"), "utf8");
  return text
    .slice(text.indexOf("*/") + "*/".length)
    .trim()
    .replace(OPTIONS_PLACE, optionMembers);
}

/**
 * The built-in zod, as ambient declarations: all of its files, so that nothing need be installed. Compressed, in Base64:
 * as they are they would stand in the executable twice, as code and as bytecode, and take 0.9 MB of it.
 */
export function packedZodDeclarations(): string {
  return Bun.zstdCompressSync(zodDeclarations(), { level: 19 }).toBase64();
}

function zodDeclarations(): string {
  const root = dirname(Bun.resolveSync("zod/package.json", import.meta.dir));
  const files = new Map<string, string>();
  for (const path of Object.values(ENTRIES)) collect(path, root, files);
  const modules = [...files].map(([path, text]) => ambient(INNER + path, text));
  const entries = Object.entries(ENTRIES).map(([name, path]) => {
    const hasDefault = /\bexport default\b/.test(files.get(path) ?? "");
    const standard = hasDefault ? `  export { default } from "${INNER}${path}";\n` : "";
    return `declare module "${name}" {\n  export * from "${INNER}${path}";\n${standard}}\n`;
  });
  return [...entries, ...modules].join("");
}

/** Reads a declaration file and all that it names, with the names made absolute. */
function collect(path: string, root: string, files: Map<string, string>): void {
  if (files.has(path)) return;
  files.set(path, "");
  const named: string[] = [];
  const text = readFileSync(join(root, `${path}.d.ts`), "utf8").replace(
    /((?:\bfrom|\bimport)\s*\(?\s*)"(\.[^"]+)\.js"/g,
    (_, before: string, specifier: string) => {
      const target = posix.join(posix.dirname(path), specifier);
      named.push(target);
      return `${before}"${INNER}${target}"`;
    },
  );
  files.set(path, text);
  for (const target of named) collect(target, root, files);
}

/** A module's declarations inside `declare module`, where `declare` itself may not stand. */
function ambient(name: string, text: string): string {
  const body = text.replaceAll(/^(export )?declare /gm, "$1").trim();
  return `declare module ${JSON.stringify(name)} {\n${body.replaceAll(/^(?=.)/gm, "  ")}\n}\n`;
}

/** Functions of the runtime that are used most, with what they give; the rest of their modules is of no type at all. */
const TYPED: Readonly<Record<string, string>> = {
  "node:fs": `  type Path = string | URL | number;
  export interface Dirent { name: string; parentPath: string; isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }
  export interface Stats { size: number; mode: number; mtimeMs: number; mtime: Date; isFile(): boolean; isDirectory(): boolean; [more: string]: Untyped }
  export function readFileSync(path: Path, options: string | { encoding: string; flag?: string }): string;
  export function readFileSync(path: Path, options?: { flag?: string } | null): Uint8Array & { toString(encoding?: string): string };
  export function readdirSync(path: Path, options: { withFileTypes: true; recursive?: boolean }): Dirent[];
  export function readdirSync(path: Path, options?: string | { encoding?: string; recursive?: boolean } | null): string[];
  export function existsSync(path: Path): boolean;
  export function statSync(path: Path, options: { throwIfNoEntry: false }): Stats | undefined;
  export function statSync(path: Path, options?: object): Stats;
  export function lstatSync(path: Path, options?: object): Stats;
  export function realpathSync(path: Path): string;
  export function mkdtempSync(prefix: string): string;
`,
  "node:fs/promises": `  import type { Dirent, Stats } from "node:fs";
  type Path = string | URL;
  export function readFile(path: Path, options: string | { encoding: string }): Promise<string>;
  export function readFile(path: Path, options?: object | null): Promise<Uint8Array & { toString(encoding?: string): string }>;
  export function readdir(path: Path, options: { withFileTypes: true; recursive?: boolean }): Promise<Dirent[]>;
  export function readdir(path: Path, options?: string | object | null): Promise<string[]>;
  export function stat(path: Path, options?: object): Promise<Stats>;
`,
  "node:path": `  export function join(...parts: string[]): string;
  export function resolve(...parts: string[]): string;
  export function dirname(path: string): string;
  export function basename(path: string, suffix?: string): string;
  export function extname(path: string): string;
  export function relative(from: string, to: string): string;
  export function normalize(path: string): string;
  export function isAbsolute(path: string): boolean;
`,
};

/** Modules of the runtime whose results have callbacks: `readdirSync(".").filter((name) => …)`. */
export function nodeDeclarations(): string {
  return Object.entries(TYPED)
    .flatMap(([name, typed]) => [name, name.replace(/^node:/, "")].map((one) => nodeModule(one, name, typed)))
    .join("");
}

function nodeModule(name: string, real: string, typed: string): string {
  const known = new Set(Array.from(typed.matchAll(/export (?:function|interface) (\w+)/g), ([, found]) => found));
  const module: object = process.getBuiltinModule(real) ?? {};
  const others = Object.keys(module).filter((key) => /^[A-Za-z]\w*$/.test(key) && key !== "default");
  const rest = others.map((key) => {
    const type = /^[A-Z]/.test(key) && !known.has(key) ? `  export type ${key} = any;\n` : "";
    return `${type}${known.has(key) && !/^[A-Z]/.test(key) ? "" : `  export const ${key}: Untyped;\n`}`;
  });
  return `declare module "${name}" {\n  type Untyped = any;\n${typed}${rest.join("")}  const all: Untyped;\n  export default all;\n}\n`;
}
