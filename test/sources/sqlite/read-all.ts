/** Reads tables of SQLite as a source gives them, for tests. */
import { parse } from "csv-parse/sync";
import type { Source } from "../../../src/sources/source.ts";

export type Fields = (string | null)[];

/** All rows as texts, null for null; a character for each byte. Behind so many bytes it stops. */
export async function fieldsOfSource(source: Source, mostBytes: number = Infinity): Promise<Fields[]> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (let part = 0; part < source.table.parts && size < mostBytes; part++) {
      for await (const { bytes } of source.rows(part)) {
        pieces.push(bytes);
        size += bytes.length;
        if (size >= mostBytes) break;
      }
    }
  } finally {
    source.close();
  }
  return fieldsOf(Buffer.concat(pieces), "latin1");
}

/** Fields of CSV; one that is empty and has no quotes is null. */
export function fieldsOf(csv: Buffer, encoding: "utf8" | "latin1" = "utf8"): Fields[] {
  return parse(csv, {
    encoding,
    record_delimiter: "\n",
    cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    skip_empty_lines: false,
  });
}
