/** A database of SQLite: `app.db#people` is a table or view of it, `app.db?sql=SELECT …` what a query gives. */
import { convertedReader } from "../converted.ts";
import type { InputOnly, ReadAndWritten } from "../format.ts";

export function sqliteOf(csv: ReadAndWritten): InputOnly {
  return {
    told: {
      extensions: [".db", ".sqlite", ".sqlite3"],
      signature: "SQLite format 3\0",
      called: "a database of SQLite",
    },
    reader: { ...convertedReader(csv.reader), isOfOneMoment: true, skipsColumns: true },
  };
}
