/**
 * Opens a Parquet file on a server. Its footer is fetched, and of each row group then the values of the columns that are wanted:
 * the rest of it stays where it is.
 */
import { FarFile, type KnownFile } from "../../io/far-file.ts";
import { askingOf } from "../../io/open-input.ts";
import type { Source, SourceSetup } from "../source.ts";
import { footerBytes } from "./footer.ts";
import { openFile } from "./open.ts";

/** Most footers are shorter, with what stands behind them. */
const USUAL_BYTES = 64 * 1024;

/** @throws {RowmillError} `input`, where it cannot be had by ranges, or is none of Parquet. */
export async function openFarParquet({ input: { name }, headers = [], shared }: SourceSetup): Promise<Source> {
  // What the thread that opened it first has found out, and where it has found it.
  const known = shared as KnownFile | undefined;
  const file = await FarFile.open(name, await askingOf(name, { headers }), { known });
  const { size } = file;
  await file.fetch([{ start: Math.max(0, size - USUAL_BYTES), end: size }]);
  const length = footerBytes(file);
  if (length > USUAL_BYTES) await file.fetch([{ start: size - length, end: size }]);
  const source = openFile(file);
  // Like all that is on a server, it is read from its start: what was done of another version is not gone on with.
  const { digest: _, ...table } = source.table;
  return {
    ...source,
    table: { ...table, fileBytes: size, shared: file.known },
    async *rows(part, columns) {
      await file.fetch(source.stretches(part, columns));
      yield* source.rows(part, columns);
    },
  };
}
