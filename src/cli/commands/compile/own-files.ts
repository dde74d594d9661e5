/**
 * Files that a module finds by its own path. A compiled program has another path: so the text of the module is searched
 * for such files, which are put into the program or named in a note.
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
/** Whether a module uses its own path at all, other than for imports. */
const ASKS = /import\.meta\.(?:dir|dirname|url|path|file|filename)\b|__dirname\b|__filename\b/;

/** Modules that are required in this way are the bundler's business. */
const REQUIRING = /createRequire\(\s*import\.meta\.(?:url|path|filename)\s*\)/g;

/** What a module reads by its own path: paths that are there, and whether there may be others. */
export interface OwnFiles {
  paths: string[];
  /** It uses its path in a way that does not show for which file. */
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
