/** Functions of rows, each with what it makes of a row as a plain loop: none, several, late, failing, many rows at once. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOptions } from "../../src/options/run-options.ts";
import { folder } from "./shaped-run.ts";

export interface Row {
  k: string;
  l: string;
  v: string;
}

/** What a function makes of a row, and the same as code. */
export const FUNCTIONS: Record<string, { of: (row: Row) => Row[] | "fails"; options: () => Partial<RunOptions> }> = {
  "rows as they are": { of: (row) => [row], options: () => ({}) },
  "an expression": { of: (row) => [{ ...row, l: row.k }], options: () => ({ expression: "{ k, l: k, v }" }) },
  "a filter": { of: (row) => (row.v > "3" ? [row] : []), options: () => ({ filter: 'v > "3"' }) },
  "many, none and failures, some of them late": {
    of: (row) => (row.v === "5" ? "fails" : row.v === "6" ? [] : row.v === "7" ? [row, { ...row, k: "new" }] : [row]),
    options: () => ({ transform: join(folder, "row-many.ts") }),
  },
  "many rows at once": {
    of: (row) => (row.v === "5" ? "fails" : [row]),
    options: () => ({ transform: join(folder, "row-whole.ts") }),
  },
};

/** Writes their files. */
export function writeFunctions(): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "row-many.ts"),
    `export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.v === "5") throw new Error("five");
      return row.v === "6" ? null : row.v === "7" ? [row, { ...row, k: "new" }] : row;
    };\n`,
  );
  writeFileSync(
    join(folder, "row-whole.ts"),
    `export const batch = (rows) => {
      if (rows.some(({ v }) => v === "5")) throw new Error("five");
      return rows;
    };\n`,
  );
}
