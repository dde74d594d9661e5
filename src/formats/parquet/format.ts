/** Parquet: a file of columns, which a thread makes into CSV (src/sources/parquet). */
import { convertedReader } from "../converted.ts";
import type { InputOnly, ReadAndWritten } from "../format.ts";

export function parquetOf(csv: ReadAndWritten): InputOnly {
  return {
    told: {
      extensions: [".parquet", ".pq", ".parq"],
      mediaTypes: ["application/vnd.apache.parquet"],
      signature: "PAR1",
      called: "a Parquet file",
    },
    reader: { ...convertedReader(csv.reader), skipsColumns: true },
  };
}
