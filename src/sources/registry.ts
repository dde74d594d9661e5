/** What opens each source, by the name of its format. Loaded in the thread that needs it. */
import { isRemote } from "../io/files.ts";
import type { OpenSource } from "./source.ts";

const SOURCES: Readonly<Record<string, () => Promise<OpenSource>>> = {
  postgres: async () => (await import("./postgres/open.ts")).openPostgres,
  parquet: async () => async (setup) =>
    isRemote(setup.input.name)
      ? await (await import("./parquet/open-far.ts")).openFarParquet(setup)
      : (await import("./parquet/open.ts")).openParquet(setup),
  xlsx: async () => (await import("./xlsx/open.ts")).openXlsx,
  sqlite: async () => (await import("./sqlite/open.ts")).openSqlite,
};

export async function sourceOf(kind: string): Promise<OpenSource> {
  const load = SOURCES[kind];
  if (load === undefined) throw new TypeError(`${kind} is no source`);
  return await load();
}
