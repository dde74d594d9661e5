/**
 * What to write instead of an expression whose results are no rows, or not of the same columns: as far as that is known,
 * the expression as it works. Loaded for runs that have failed.
 */
import { type Expression, parseExpressionAt } from "acorn";
import { type ErrorDetails, RowmillError, withDetails } from "../errors.ts";
import { columnsExport, isShort, shownColumns } from "../formats/columns.ts";
import { objectKey } from "../code/column-code.ts";
import { isIdentity } from "../code/identity.ts";
import { ROW_NAME } from "../code/row-names.ts";
import type { RunOptions } from "../options/run-options.ts";
import { shellWord } from "../formats/command-words.ts";

/** What is known of a run beside its options. */
interface KnownColumns {
  /** Those of the input, where they are known. */
  columns: readonly string[] | undefined;
  /** The export that fixes those of the output. */
  fixedBy: "output" | "columns" | undefined;
}

export function advisedResult(
  error: RowmillError,
  options: RunOptions,
  { columns, fixedBy }: KnownColumns,
): RowmillError {
  // What its names would be in code is not what they are in the output.
  if (error.code === "row-new-column" && (options.flatten === true || options.unflatten === true)) {
    return withDetails(error, { hint: UNION });
  }
  // An expression has no exports; a module is told what it may export.
  if (options.transform !== undefined) return error.code === "row-new-column" ? exported(error, fixedBy) : error;
  const { expression = "row" } = options;
  if (error.code === "row-new-column") {
    return withDetails(error, { hint: allColumnsHint(expression, error.columns ?? [], columns) });
  }
  const kind = /the result is (.*), not an object$/s.exec(error.message)?.[1] ?? "";
  const form = FORMS.find(({ is }) => is.test(kind));
  if (form?.hint !== undefined) return withDetails(error, { hint: form.hint });
  const object = asObject(expression.trim(), columns, form?.write);
  if (object === undefined) return error;
  const isTest = error.message.includes("the boolean ") && options.filter === undefined;
  const keep = isTest ? `to keep the rows for which it is true: --filter ${shellWord(expression.trim())}; or ` : "";
  return withDetails(error, { hint: `${keep}write an object: -e ${object}` });
}

/** A column that a module gives, and does not declare. */
function exported(error: RowmillError, fixedBy: KnownColumns["fixedBy"]): RowmillError {
  const { columns = [] } = error;
  const line = columnsExport(columns);
  if (!isShort(columns)) {
    return withDetails(error, {
      hint: `${UNION}; or give every row the same keys, with null where there is no value`,
    });
  }
  if (fixedBy === undefined) return withDetails(error, { hint: `add to the transform: ${line}; or ${UNION}` });
  const message = error.message.replace(
    "that the first output row has not",
    `that ${fixedBy === "output" ? "the output schema" : "export const columns"} does not have`,
  );
  const hint =
    fixedBy === "columns"
      ? `change it in the transform: ${line}`
      : `add it to the schema ${fixedBy}; or leave it out of the result: a z.object, that is not loose, does`;
  return withDetails(new RowmillError(error.code, message), { ...detailsOf(error), hint });
}

function detailsOf({ place, row, columns, frames }: RowmillError): ErrorDetails {
  return {
    ...(place !== undefined && { place }),
    ...(row !== undefined && { row }),
    ...(columns !== undefined && { columns }),
    ...(frames !== undefined && { frames }),
  };
}

/** What can be made of results that have no form in a cell, by what the message calls them. */
const FORMS: readonly { is: RegExp; write?: (code: string) => string; hint?: string }[] = [
  {
    is: /^(?:a function|the function|a symbol|the symbol)/,
    hint: "return an object, an array of objects, or null to drop the row",
  },
  { is: /^the number (?:NaN|-?Infinity)$/, hint: "give a number: NaN is a text that is no number, or 0 / 0" },
  { is: /^an? (?:RegExp|\w*Error)$/, write: (code) => `String(${code})` },
  { is: /^an? (?:Date|URL|URLSearchParams|array within an array|[Bb]igint|String|Number|Boolean)$/ },
  { is: /^an? /, hint: "return a plain object, with the fields that are to be written" },
];

/** What can be made of values by the code that makes them: their items, or what comes of a promise, is what the message saw. */
function writtenCode(code: string): { code: string; waits: boolean } {
  const node = parsed(code);
  const plain = { code, waits: false };
  if (node === undefined) return plain;
  const name = calledName(node);
  if (node.type === "NewExpression") {
    if (name === "Map") return { code: `Object.fromEntries(${code})`, waits: false };
    return name === "Set" ? { code: `[...${code}]`, waits: false } : { ...plain, waits: name === "Promise" };
  }
  if (node.type === "ImportExpression") return { ...plain, waits: true };
  if (node.type !== "CallExpression") return plain;
  const { callee } = node;
  const method =
    callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : "";
  if (WAITING_METHODS.has(method) || WAITING.has(name)) return { ...plain, waits: true };
  if (callee.type === "ArrowFunctionExpression" || callee.type === "FunctionExpression") {
    return callee.generator ? { code: `[...${code}]`, waits: false } : { ...plain, waits: callee.async };
  }
  return ITERATORS.has(method) && name !== "Object" ? { code: `[...${code}]`, waits: false } : plain;
}

const WAITING_METHODS: ReadonlySet<string> = new Set(["then", "catch", "finally"]);
const WAITING: ReadonlySet<string> = new Set(["Promise", "fetch", "crypto.subtle"]);
const ITERATORS: ReadonlySet<string> = new Set(["matchAll", "values", "keys", "entries"]);

function parsed(code: string): Expression | undefined {
  try {
    const node = parseExpressionAt(code, 0, { ecmaVersion: "latest" });
    return node.end === code.length ? node : undefined;
  } catch {
    // Not of JavaScript alone, or more than an expression.
    return undefined;
  }
}

/** The name that a call begins with: `Promise` of `Promise.all(…)`, `crypto.subtle` of its methods. */
function calledName(node: Expression): string {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return "";
  const { callee } = node;
  const owner = callee.type === "MemberExpression" ? callee.object : callee;
  if (owner.type === "Identifier") return owner.name;
  if (owner.type !== "MemberExpression" || owner.object.type !== "Identifier") return "";
  return owner.property.type === "Identifier" ? `${owner.object.name}.${owner.property.name}` : "";
}

const UNION = "--union writes all columns that rows have";

function allColumnsHint(expression: string, wanted: readonly string[], columns: readonly string[] | undefined): string {
  if (!isShort(wanted)) return `${UNION}; or give every row the same keys, with null where there is no value`;
  const start = `{ ${wanted.map((name) => `${objectKey(name)}: null`).join(", ")}, `;
  const text = expression.trim();
  if (isIdentity(text, columns) || text === "r") return `${UNION}; or name them: -e ${shellWord(`${start}...row }`)}`;
  if (/^\{\s*\.\.\.(?:row|r)\b/.test(text)) {
    return `${UNION}; or name them: -e ${shellWord(`${start}${text.slice(1).trimStart()}`)}`;
  }
  return `${UNION}; or give every row the same keys (${shownColumns(wanted)}), with null where there is no value`;
}

/** An expression of one value, written as an object. */
function asObject(
  expression: string,
  columns: readonly string[] | undefined,
  write: (code: string) => string = (code) => code,
): string | undefined {
  const [, head = "", body = expression] =
    /^((?:async\s+)?(?:\([^()]*\)|[\w$]+)\s*=>\s*)([^{][^]*)$/.exec(expression) ?? [];
  if (/^(?:async\s+)?function\b/.test(expression) || (head === "" && /=>\s*\{/.test(expression))) return undefined;
  const value = body.trim();
  const { code: written, waits } = writtenCode(value);
  const object = `{ ${fieldOf(value, write(waits ? `await ${written}` : written), columns)} }`;
  const isAsync = /^async\b/.test(head);
  const start = waits && !isAsync ? `async ${head === "" ? "() => " : head}` : head;
  const code = start === "" ? object : `${start}(${object})`;
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
function fieldOf(value: string, written: string, columns: readonly string[] | undefined): string {
  const names = [...value.matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu)].map(
    ([, name]) => name,
  );
  // `__proto__: …` in an object is no field.
  const name = names.find((one) => one !== undefined && one !== "__proto__" && isName(one, columns)) ?? "value";
  return name === written ? name : `${objectKey(name)}: ${written}`;
}

function isName(name: string, columns: readonly string[] | undefined): boolean {
  return name !== ROW_NAME && columns?.includes(name) === true;
}
