/**
 * Errors and notes about variables of a module that its function changes. module-state.ts finds them, and is loaded
 * where there may be any.
 */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { RowmillError } from "../errors.ts";
import { findOuterUses } from "../free-variables.ts";
import { callTree } from "./function-tree.ts";
import { PER_WORKER } from "./module-state-word.ts";
import type { ChangedVariable } from "./module-state.ts";
import { STANDARD_GLOBALS } from "./standard-globals.ts";

/** What to use in its place. */
const INSTEAD: Readonly<Record<ChangedVariable["use"], string>> = {
  count: "the number of a row is ctx.index, from 0; how many there are: --count, or export const reduce; ",
  sum: "a sum of all rows: --sum COLUMN, or export const reduce; ",
  seen: "one row for each value: --group-by COLUMN; ",
  pattern: "a pattern with the flag g goes on where it stopped: leave out the g; ",
  other: "what depends on the rows before needs one worker; what all rows come to: export const reduce; ",
};

/** The functions of a module. */
export interface ModuleFunctions {
  call: (...args: never[]) => unknown;
  batch: ((...args: never[]) => unknown) | undefined;
  reduce: { step: (...args: never[]) => unknown } | undefined;
  /** The module has no function for a row: `call` is Rowmill's own. */
  isPassedOn: boolean;
}

/**
 * Checks a module whose function is about to run in several workers.
 *
 * @returns What its author should know.
 * @throws {RowmillError} `transform`, when results depend on how many workers there are.
 */
export async function checkState(path: string, transform: ModuleFunctions): Promise<string[]> {
  return mayHaveState(transform) ? await stateOfFile(path, path, "-j 1") : [];
}

/** Options by which a module says that one worker is enough, or that its variables do not matter. */
const SAYS_SO = /^export const options\b[^;]*?(?:\bstate:\s*["'`]per-worker["'`]|\bjobs:\s*1\b(?!\.))/m;

/** As {@linkcode checkState}, of a file that is to become a program. */
export async function checkFileState(path: string, shown: string): Promise<string[]> {
  if (SAYS_SO.test(readFileSync(path, "utf8"))) return [];
  return await stateOfFile(path, shown, "export const options = { jobs: 1 }");
}

/** @param shown Its name in messages. */
async function stateOfFile(path: string, shown: string, oneWorker: string): Promise<string[]> {
  const { changedVariables } = await import("./module-state.ts");
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch {
    // The file has been removed since it was imported.
    return [];
  }
  const changed = changedVariables(source, loaderOf(path));
  const wrong = changed.find(({ matters }) => matters === "yes");
  if (wrong !== undefined) {
    const { name, use } = wrong;
    const line = lineOf(source, name);
    const place = line === undefined ? {} : { place: { file: shown, line } };
    throw new RowmillError("transform", `${line === undefined ? `${shown}: ` : ""}${differs(name)}`, {
      ...place,
      hint: `${INSTEAD[use]}one worker: ${oneWorker}; where it does not matter: export const options = { state: "${PER_WORKER}" }`,
    });
  }
  const kept = changed.filter(({ matters }) => matters !== "no");
  const printed = changed.filter(({ matters }) => matters === "no");
  const hush = `export const options = { state: "${PER_WORKER}" } says that this is known`;
  return [
    ...(kept.length === 0
      ? []
      : [
          `${shown}: each worker has a cache of its own in ${names(kept)}: what it gives must not depend on which rows came before; ${hush}`,
        ]),
    ...(printed.length === 0
      ? []
      : [`${shown}: each worker has its own ${names(printed)}, which knows of its rows alone; ${hush}`]),
  ];
}

function names(all: readonly ChangedVariable[]): string {
  return all.map(({ name }) => name).join(", ");
}

function differs(name: string): string {
  return `the function changes ${name} from row to row, and each worker has its own: results would depend on the number of workers`;
}

/** Whether the functions of a module's file change nothing that stands outside of them; false where that does not show. */
export async function moduleKeepsNothing(path: string): Promise<boolean> {
  const { keepsNothing } = await import("./module-state.ts");
  return keepsNothing(readFileSync(path, "utf8"), loaderOf(path));
}

/** Whether a function uses anything of its module, or cannot be looked into. */
function mayHaveState({ call, batch, reduce, isPassedOn }: ModuleFunctions): boolean {
  const functions = [...(isPassedOn || batch !== undefined ? [] : [call]), batch, reduce && stepOf(reduce)];
  return functions.some((one) => {
    if (one === undefined) return false;
    const parsed = callTree(one);
    return (
      parsed === undefined ||
      findOuterUses(parsed.tree).names.some((name) => !STANDARD_GLOBALS.has(name) || name === "globalThis")
    );
  });
}

function stepOf({ step }: { step: (...args: never[]) => unknown }): (...args: never[]) => unknown {
  return step;
}

function loaderOf(path: string): "ts" | "tsx" | "js" | "jsx" {
  const extension = extname(path).toLowerCase();
  if (extension === ".tsx" || extension === ".jsx") return extension === ".tsx" ? "tsx" : "jsx";
  return /^\.[cm]?js$/.test(extension) ? "js" : "ts";
}

/** The first line on which it is changed, as far as that can be told without types. */
function lineOf(source: string, name: string): number | undefined {
  const plain = name.replaceAll("$", String.raw`\$`);
  const behind = String.raw`(?:\+\+|--|[-+*/|&?]{0,2}=(?![=>])|(?:\.\w+|\[[^\]]*\])+\s*(?:\+\+|--|[-+*/|&?]{0,2}=(?![=>]))|\.(?:push|pop|shift|unshift|splice|set|add|delete|clear|sort|reverse)\s*\()`;
  const change = new RegExp(String.raw`(?<![\w$.])(?:\+\+|--)?${plain}\s*${behind}|(?:\+\+|--)${plain}\b`);
  const lines = source.split("\n");
  const at = lines.findIndex((line) => change.test(line) && !/^\s*(?:export\s+)?(?:let|var|const)\b/.test(line));
  return at < 0 ? undefined : at + 1;
}
