/** Whether a table of SQLite is there, and its columns. */
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { cannotWrite, foundTable } from "./found-table.ts";
import type { KnownTable, AskedTable } from "../table.ts";

export function lookAtSqliteTable(setup: AskedTable): KnownTable | undefined {
  if (!existsSync(setup.path)) return undefined;
  let database: Database | undefined;
  try {
    database = new Database(setup.path, { readonly: true });
    const found = foundTable(database, setup);
    return found && { columns: [...found.columns.values()].map(({ name }) => name) };
  } catch (error) {
    throw cannotWrite(error, setup);
  } finally {
    database?.close();
  }
}
