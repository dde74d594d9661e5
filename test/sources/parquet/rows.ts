/** The rows of a Parquet file as our reader has them, for tests. */
import { parse } from "csv-parse/sync";
import { openParquet } from "../../../src/sources/parquet/open.ts";

export type Texts = Record<string, string | null>;

/** The texts of its fields; null where there is no value. */
export function parquetRows(path: string): Texts[] {
  const source = openParquet({ kind: "parquet", input: { name: path, path }, settings: {} });
  try {
    const pieces: Uint8Array[] = [];
    for (let part = 0; part < source.table.parts; part++)
      for (const { bytes } of source.rows(part) as Iterable<{ bytes: Uint8Array }>) pieces.push(bytes.slice());
    return parse(Buffer.concat(pieces), {
      columns: source.table.columns.map(({ name }) => name),
      skip_empty_lines: false,
      cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    });
  } finally {
    source.close();
  }
}
