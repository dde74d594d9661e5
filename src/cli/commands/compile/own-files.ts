/**
 * Files that a module reads by its own path. In a program that path is another one: such files are found here by the text
 * of the module, to be put into the program or to be named.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const TEXT = String.raw`(?:"(?<double>[^"\n]*)"|'(?<single>[^'\n]*)'|` + "`(?<plain>[^`$\\n]*)`)";
const FOLDER = String.raw`(?:import\.meta\.(?:dir|dirname)|__dirname)\b`;
/** The ways in which people name such a file; each has one text in it. */
const WAYS = [
  String.raw`new\s+URL\(\s*${TEXT}\s*,\s*import\.meta\.url\b`,
  String.raw`import\.meta\.resolve\(\s*${TEXT}`,
  String.raw`(?:join|resolve)\(\s*${FOLDER}\s*,\s*${TEXT}`,
  String.raw`${FOLDER}\s*\+\s*${TEXT}`,
].map((pattern) => new RegExp(pattern, "g"));
const IN_TEMPLATE = new RegExp(String.raw`\$\{\s*${FOLDER}\s*\}(?<rest>[^\`$\n]*)`, "g");
/** Whether a module asks for its own path at all, other than by importing. */
const ASKS = /import\.meta\.(?:dir|dirname|url|path|file|filename)\b|__dirname\b|__filename\b/;

/** What is imported in this way, the bundler sees to. */
const REQUIRING = /createRequire\(\s*import\.meta\.(?:url|path|filename)\s*\)/g;

/** What a module reads by its own path: paths that are there, and whether there may be others. */
export interface OwnFiles {
  paths: string[];
  /** It asks for its path in a way that does not say for which file. */
  hasOthers: boolean;
}

export function ownFiles(module: string, text: string): OwnFiles {
  const named = WAYS.flatMap((way) =>
    [...text.matchAll(way)].map(({ groups = {} }) => groups["double"] ?? groups["single"] ?? groups["plain"] ?? ""),
  );
  for (const { groups } of text.matchAll(IN_TEMPLATE)) named.push(groups?.["rest"] ?? "");
  const folder = dirname(module);
  const paths = named
    .filter((name) => name !== "" && !/^[a-z]+:/i.test(name))
    .map((name) => resolve(join(folder, name)))
    .filter((path) => path !== folder && existsSync(path));
  return { paths: [...new Set(paths)], hasOthers: named.length === 0 && ASKS.test(text.replaceAll(REQUIRING, "")) };
}
