/** A database of SQLite that is to be written: what it has, and why it cannot be. */
import type { Database } from "bun:sqlite";
import { RowmillError, messageOf } from "../../errors.ts";
import type { AskedTable } from "../table.ts";

/** A table that is there. */
export interface FoundTable {
  name: string;
  /** In small letters: case does not count. */
  columns: ReadonlyMap<string, { name: string; type: string }>;
}

/** The table that is asked for; undefined where there is none. */
export function foundTable(database: Database, { name, table }: AskedTable): FoundTable | undefined {
  const found = database
    .query<{ name: string; type: string }, [string]>(
      "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
    )
    .get(table);
  if (found === null) return undefined;
  if (found.type === "view") {
    throw new RowmillError("output", `cannot write ${name}: ${table} is a view`, { hint: "name a table" });
  }
  const columns = database
    .query<{ name: string; type: string }, [string]>("SELECT name, type FROM pragma_table_xinfo(?)")
    .all(found.name);
  return { name: found.name, columns: new Map(columns.map((one) => [one.name.toLowerCase(), one])) };
}

/** @throws {RowmillError} `output`, when the table has not all columns. */
export function checkColumns(columns: readonly string[], { columns: known }: FoundTable, { name }: AskedTable): void {
  const other = columns.find((column) => !known.has(column.toLowerCase()));
  if (other === undefined) return;
  throw new RowmillError("output", `cannot write ${name}: the table has no column ${other}`, {
    hint: `its columns are ${[...known.values()].map((one) => one.name).join(", ")}; write these, or to another table`,
  });
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}

/** Why a database cannot be written, in words. */
export function cannotWrite(error: unknown, { name }: AskedTable): RowmillError {
  if (error instanceof RowmillError) return error;
  const code = codeOf(error);
  const [reason, hint] =
    WORDS.find(([start]) => code.startsWith(start))?.slice(1) ?? ([messageOf(error), undefined] as const);
  return new RowmillError("output", `cannot write ${name}: ${reason}`, {
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

const WORDS: readonly (readonly [code: string, reason: string, hint: string])[] = [
  ["SQLITE_BUSY", "another program has locked the database", "try again when that is done"],
  ["SQLITE_NOTADB", "it is no database of SQLite, or one that is encrypted", "write to another file"],
  ["SQLITE_CORRUPT", "the database is damaged", "write to another file"],
  ["SQLITE_CANTOPEN", "it cannot be opened", "check the folder, and that you may write there"],
  ["SQLITE_READONLY", "it may not be written to", "ask for the right to write it, and its folder"],
  ["SQLITE_FULL", "the disk is full", "make room, and run again"],
];
