/**
 * What to write instead of an expression whose results are no rows, or not of the same columns: as far as that is known,
 * the expression as it works. Loaded for runs that have failed.
 */
import { parseExpressionAt } from "acorn";
import { RowmillError, withDetails } from "../errors.ts";
import { isShort, shownColumns } from "../formats/columns.ts";
import { objectKey } from "../transform/column-code.ts";
import { isIdentity } from "../transform/identity.ts";
import { ROW_NAME } from "../transform/row-names.ts";
import type { RunOptions } from "./options.ts";
import { shellWord } from "./shell.ts";

/** @param columns Those of the input, where they are known. */
export function advisedResult(
  error: RowmillError,
  options: RunOptions,
  columns: readonly string[] | undefined,
): RowmillError {
  // An expression has no exports; a module is told what it may export.
  if (options.transform !== undefined) return error;
  const { expression = "row" } = options;
  if (error.code === "row-new-column") {
    return withDetails(error, { hint: allColumnsHint(expression, error.columns ?? [], columns) });
  }
  const object = asObject(expression.trim(), columns);
  // A function or a symbol is nothing that could be written.
  if (object === undefined || /the result is a (?:function|symbol)/.test(error.message)) return error;
  const isTest = error.message.includes("the boolean ") && options.filter === undefined;
  const keep = isTest ? `to keep the rows for which it is true: --filter ${shellWord(expression.trim())}; or ` : "";
  return withDetails(error, { hint: `${keep}write an object: -e ${object}` });
}

const ANY_KEYS = "--to jsonl takes rows of any keys";

function allColumnsHint(expression: string, wanted: readonly string[], columns: readonly string[] | undefined): string {
  if (!isShort(wanted)) return `give every row the same keys, with null where there is no value; ${ANY_KEYS}`;
  const start = `{ ${wanted.map((name) => `${objectKey(name)}: null`).join(", ")}, `;
  const text = expression.trim();
  if (isIdentity(text, columns) || text === "r")
    return `name all columns: -e ${shellWord(`${start}...row }`)}; or ${ANY_KEYS}`;
  if (/^\{\s*\.\.\.(?:row|r)\b/.test(text)) {
    return `name all columns: -e ${shellWord(`${start}${text.slice(1).trimStart()}`)}; or ${ANY_KEYS}`;
  }
  return `give every row the same keys (${shownColumns(wanted)}), with null where there is no value; or ${ANY_KEYS}`;
}

/** An expression of one value, written as an object. */
function asObject(expression: string, columns: readonly string[] | undefined): string | undefined {
  const [, head = "", body = expression] =
    /^((?:async\s+)?(?:\([^()]*\)|[\w$]+)\s*=>\s*)([^{][^]*)$/.exec(expression) ?? [];
  if (/^(?:async\s+)?function\b/.test(expression) || (head === "" && /=>\s*\{/.test(expression))) return undefined;
  const object = `{ ${fieldOf(body.trim(), columns)} }`;
  const code = head === "" ? object : `${head}(${object})`;
  return isOneLineOfCode(code) ? shellWord(code) : undefined;
}

/** What is no expression any more (`a, b` in an object, a comment that goes on) helps nobody. */
function isOneLineOfCode(code: string): boolean {
  try {
    return !code.includes("\n") && parseExpressionAt(`(${code})`, 0, { ecmaVersion: "latest" }).end === code.length + 1;
  } catch {
    return false;
  }
}

/** A field of an object: called as the column that it is made of, where there is one. */
function fieldOf(value: string, columns: readonly string[] | undefined): string {
  const names = [...value.matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu)].map(
    ([, name]) => name,
  );
  // `__proto__: …` in an object is no field.
  const name = names.find((one) => one !== undefined && one !== "__proto__" && isName(one, columns)) ?? "value";
  return name === value ? name : `${objectKey(name)}: ${value}`;
}

function isName(name: string, columns: readonly string[] | undefined): boolean {
  return name !== ROW_NAME && columns?.includes(name) === true;
}
