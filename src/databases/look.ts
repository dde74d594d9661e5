/** What is there before a table is written: for the plan of a run. */
import type { KnownTable, LookAtTable, AskedTable } from "./table.ts";

const LOOKS: Readonly<Record<string, () => Promise<LookAtTable>>> = {
  postgres: async () => (await import("./postgres/look.ts")).lookAtPostgresTable,
  sqlite: async () => (await import("./sqlite/look.ts")).lookAtSqliteTable,
};

/** The table that is there; undefined where one is to be made. @throws {RowmillError} `output`, when nobody can tell. */
export async function lookAtTable(setup: AskedTable): Promise<KnownTable | undefined> {
  const load = LOOKS[setup.kind];
  if (load === undefined) throw new TypeError(`${setup.kind} is no database`);
  const look = await load();
  return await look(setup);
}
