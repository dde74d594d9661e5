/** What opens tables of each kind of database, by the name of its format. Loaded in the thread that needs it. */
import type { OpenTableWriter } from "./table.ts";

const DATABASES: Readonly<Record<string, () => Promise<OpenTableWriter>>> = {
  postgres: async () => (await import("./postgres/open.ts")).openPostgresTable,
  sqlite: async () => (await import("./sqlite/open.ts")).openSqliteTable,
};

export async function databaseOf(kind: string): Promise<OpenTableWriter> {
  const load = DATABASES[kind];
  if (load === undefined) throw new TypeError(`${kind} is no database`);
  return await load();
}
