/** Rows for steps that look at many, and a function that gives none, several, late, or fails for some of them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile } from "./shaped-run.ts";

export interface KeyedRow {
  k: string;
  n: string;
}

/** Code points at both ends of UTF-16, quotes, line feeds; numbers, and texts that are none. */
export const keyedRows: fc.Arbitrary<KeyedRow[]> = fc.array(
  fc.record({
    k: fc.constantFrom("", "a", "b", "é", "\uffff", "😀", 'q"', "a\nb"),
    n: fc.constantFrom("", "1", "10", "9", "-1", "5", "6", "7", "x"),
  }),
  { maxLength: 40 },
);

const MANY = join(folder, "many-rows.ts");

/** Writes the function's file. */
export function writeMany(): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    MANY,
    `export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.n === "5") throw new Error("five");
      return row.n === "6" ? null : row.n === "7" ? [row, { ...row, k: "new" }] : row;
    };\n`,
  );
}

/** What that function makes of a row. */
function outputsOf(row: KeyedRow): KeyedRow[] | "fails" {
  if (row.n === "5") return "fails";
  return row.n === "6" ? [] : row.n === "7" ? [row, { ...row, k: "new" }] : [row];
}

/** How a run is asked for. */
export interface AskedRun {
  to: "csv" | "jsonl";
  limit: number | undefined;
  /** Rows come out as they are, and not by the function. */
  isPlain: boolean;
}

export const askedRun: fc.Arbitrary<AskedRun> = fc.record({
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  isPlain: fc.boolean(),
});

export function runOptions({ to, limit, isPlain }: AskedRun): RunOptions {
  return {
    ...(isPlain ? { expression: "row" } : { transform: MANY }),
    from: "csv",
    types: "text",
    to,
    onError: "reject",
    rejects: rejectsFile,
    ...(limit !== undefined && { limit }),
  };
}

/** What comes out of rows, and the rows that fail. */
export function mapped(all: readonly KeyedRow[], { isPlain }: AskedRun): { out: KeyedRow[]; leftOut: string[] } {
  const outputs = all.map((row) => (isPlain ? [row] : outputsOf(row)));
  return {
    out: outputs.flatMap((of) => (of === "fails" ? [] : of)),
    leftOut: outputs.flatMap((of) => (of === "fails" ? ["row-function"] : [])),
  };
}

export function csvOf(all: readonly KeyedRow[]): Buffer {
  return Buffer.from(`k,n\n${bodyOf(all, "csv")}`);
}

/** Rows as they are written, without a header. */
export function bodyOf(all: readonly KeyedRow[], to: AskedRun["to"]): string {
  return all.map((row) => (to === "csv" ? csvLine([row.k, row.n]) : `${JSON.stringify(row)}\n`)).join("");
}

/** An output without its header. */
export function bodyIn(output: string): string {
  return output.replace(/^k,n\n/, "");
}

/** Texts by their code points. */
export function compareTexts(a: string, b: string): number {
  const [as, bs] = [a, b].map((text) => Array.from(text, (one) => one.codePointAt(0) ?? 0));
  for (const [at, one] of (as ?? []).entries()) {
    const other = bs?.[at];
    if (other === undefined) return 1;
    if (one !== other) return one - other;
  }
  return (as?.length ?? 0) - (bs?.length ?? 0);
}
