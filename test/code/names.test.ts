/**
 * Columns that are called as something else is: what an expression is compiled to, and what is proven of it, must mean the
 * same. Both are held against a reference that shares no code with them, and looks names up one by one (`with`).
 */
import { describe, expect, test } from "bun:test";
import { RowmillError } from "../../src/errors.ts";
import type { Row } from "../../src/formats/format.ts";
import { RESERVED_WORDS } from "../../src/code/column-code.ts";
import { RowContext } from "../../src/code/context.ts";
import { compileExpression, notesOnExpression, proofOfExpression } from "../../src/code/expression.ts";
import { explained } from "../../src/code/misread-names.ts";
import { STANDARD_GLOBALS } from "../../src/code/standard-globals.ts";
import { lookupsOf } from "../../src/transform/lookups.ts";

const OURS = ["row", "r", "i", "args", "ctx", "globals", "kept", "rows", "numbers", "text"];
const CONTEXTUAL =
  `async of get set as from type declare namespace abstract readonly keyof infer is asserts satisfies target
  meta accessor using constructor toString valueOf hasOwnProperty __proto__ then length name prototype toJSON`.split(
    /\s+/,
  );
const NAMES: string[] = [...new Set([...OURS, ...CONTEXTUAL, ...STANDARD_GLOBALS, ...RESERVED_WORDS])];

/** Forms in which NAME is a name, or a member of the row. */
const FORMS = [
  "NAME",
  "row",
  "{ ...row }",
  "{ ...row, z: 1 }",
  "{ NAME, plain }",
  "{ a: NAME }",
  "{ NAME: NAME }",
  "{ a: `<${NAME}>`, plain }",
  "{ a: NAME - 1, b: plain }",
  "[NAME].length > 0 ? row : null",
  "NAME > 5",
  "{ ...row, NAME: 'new' }",
  "{ a: row.NAME, b: row['NAME'], plain: row.plain }",
  "(x) => ({ a: NAME, b: x.NAME, plain: x.plain })",
  "(x, ctx) => ({ a: x.NAME, n: ctx.index, plain })",
  "(NAME) => ({ a: NAME.plain })",
  "({ NAME, plain }) => ({ NAME, plain })",
  "({ NAME: x }) => ({ x })",
  "({ NAME: x, ...rest }) => rest",
  "(x) => { const { NAME: y, plain } = x; return { y, plain, whole: row.plain }; }",
  "(x) => ({ ...x, NAME: x.NAME + '!' })",
  "[1].map((NAME) => NAME)",
];

const CTX = new RowContext(
  {
    args: { k: "v" },
    state: undefined,
    worker: 0,
    signal: new AbortController().signal,
    log: () => {},
    lookup: lookupsOf({ lookups: {} }),
  },
  "in.csv",
  7,
  () => 9,
);

type Call = (...args: unknown[]) => unknown;

/** The value of an expression by the rules of the documents: row, columns, r, i, args, globals. */
function reference(expression: string, row: Row): unknown {
  const names = new Map<PropertyKey, unknown>([
    ["r", row],
    ["i", CTX.index],
    ["args", CTX.args],
    ...Object.entries(row),
    ["row", row],
  ]);
  const scope = new Proxy(Object.create(null) as object, {
    has: (_, name) => names.has(name),
    get: (_, name) => names.get(name),
  });
  // oxlint-disable-next-line no-implied-eval -- the text of each case is part of this file
  const value = new Function("scope", `with (scope) { return (() => { return (${expression}) })(); }`)(
    scope,
  ) as unknown;
  return typeof value === "function" && isFunctionText(expression) ? (value as Call)(row, CTX) : value;
}

function isFunctionText(expression: string): boolean {
  return /^\(.*?\) =>/.test(expression);
}

function outcome(run: () => unknown): unknown {
  try {
    const value = run();
    return typeof value === "function" ? "a function" : value;
  } catch (error) {
    return error instanceof RowmillError ? error : `thrown: ${String(error)}`;
  }
}

/** What comes of a call with the fields alone that it is proven to look at, and carried fields put in. */
function byProof(expression: string, row: Row): unknown {
  const columns = Object.keys(row);
  const proof = proofOfExpression(expression, columns);
  const call = compileExpression(expression, columns);
  if (proof === undefined) return call(row, CTX);
  const given = Object.fromEntries(
    [...proof.looksAt]
      .filter((name) => Object.hasOwn(row, name))
      .map((name) => [name, proof.asNumbers.has(name) ? Number(row[name]) : row[name]]),
  );
  const result = call(given, CTX) as Row | null | undefined;
  if (proof.result === undefined || result === null || result === undefined) return result;
  if (proof.result.kind === "row") return row;
  return Object.fromEntries(
    [...proof.result.fields].map(([name, source]) => [
      name,
      source.kind === "carried" ? row[source.column] : result[name],
    ]),
  );
}

for (const name of NAMES) {
  describe(`a column called ${name}`, () => {
    const row: Row = Object.fromEntries([
      ["plain", "p"],
      [name, "7"],
      ["born", "1815"],
    ]);
    const columns = Object.keys(row);
    for (const form of FORMS) {
      const expression = form.replaceAll("NAME", () => name);
      test(expression, () => {
        const compiled = outcome(() => compileExpression(expression, columns)(row, CTX));
        if (compiled instanceof RowmillError) {
          // What is refused is a word that strict code has no name for; it is told how the column is written.
          expect(RESERVED_WORDS.has(name)).toBe(true);
          const told = explained(compiled, expression, columns) as RowmillError;
          if (!/^\(.*NAME.*\) =>|=> NAME\)|const/.test(form)) checkHint(told, row);
          return;
        }
        const isOperator = RESERVED_WORDS.has(name) && !["undefined", "eval"].includes(name);
        if (!isOperator) expect(compiled).toEqual(outcome(() => reference(expression, row)));
        expect(outcome(() => byProof(expression, row))).toEqual(compiled);
      });
    }
  });
}

/** A hint that begins with `write:` says what works. */
function checkHint(told: RowmillError, row: Row): void {
  const [, text] = /^write: (.*)$/.exec(told.hint ?? "") ?? [];
  expect(text).toBeDefined();
  expect(outcome(() => compileExpression(text ?? "", Object.keys(row))(row, CTX))).not.toBeInstanceOf(RowmillError);
}

describe("what could mean two things is told", () => {
  const columns = ["row", "r", "i", "args", "Date", "this", "null", "name"];
  test.each<[string, string[]]>([
    ["{ name }", []],
    ["{ a: row.name, ...row }", []],
    ["row", []],
    ["name > 1 ? row : []", []],
    ["{ row }", ["row is the whole row here; the column row is row.row"]],
    ["{ n: 1 + row }", ["row is the whole row here; the column row is row.row"]],
    ["{ r, a: r + 1 }", ["r is the column of that name here; the whole row is row"]],
    ["{ a: Date }", ["Date is the column of that name here; JavaScript's own is globalThis.Date"]],
    ["{ a: Math.max(1, name) }", []],
    ["{ a: this }", ["this is JavaScript's own word here; the column this is row.this"]],
    ["name === 'null' ? null : { name }", ["null is JavaScript's own word here; the column null is row.null"]],
    ["(r) => r.name", []],
    ["(x) => x.Date", []],
  ])("%s", (expression, notes) => {
    expect(notesOnExpression(expression, columns)).toEqual(notes);
    expect(notesOnExpression(expression, ["name"])).toEqual([]);
    expect(notesOnExpression(expression, undefined)).toEqual([]);
  });
});
