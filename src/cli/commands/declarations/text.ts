/**
 * The declarations as texts, put together when Rowmill is built: this module is a macro, and runs in the bundler. Its
 * results stand in the bundle as strings.
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

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

/** The module `rowmill`, as an ambient declaration. */
export function rowmillDeclarations(): string {
  const text = readFileSync(join(import.meta.dir, "rowmill.ts"), "utf8");
  return ambient("rowmill", text.slice(text.indexOf("*/") + "*/".length).trim());
}

/** The built-in zod, as ambient declarations: all of its files, so that nothing need be installed. */
export function zodDeclarations(): string {
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
