/** What opens each source, by the name of its format. Loaded in the thread that needs it. */
import type { OpenSource } from "./source.ts";

const SOURCES: Readonly<Record<string, () => Promise<OpenSource>>> = {
  postgres: async () => (await import("./postgres/open.ts")).openPostgres,
  parquet: async () => (await import("./parquet/open.ts")).openParquet,
  xlsx: async () => (await import("./xlsx/open.ts")).openXlsx,
  sqlite: async () => (await import("./sqlite/open.ts")).openSqlite,
};

export async function sourceOf(kind: string): Promise<OpenSource> {
  const load = SOURCES[kind];
  if (load === undefined) throw new TypeError(`${kind} is no source`);
  return await load();
}
