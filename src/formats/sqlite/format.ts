/** A database of SQLite: `app.db#people` is a table or view of it, `app.db?sql=SELECT …` what a query gives. */
import { convertedReader } from "../converted.ts";
import type { ReadAndWritten } from "../format.ts";
import { databaseWriter } from "../typed-lines.ts";

export function sqliteOf(csv: ReadAndWritten): ReadAndWritten {
  return {
    told: {
      extensions: [".db", ".sqlite", ".sqlite3"],
      signature: "SQLite format 3\0",
      called: "a database of SQLite",
    },
    reader: {
      ...convertedReader(csv.reader),
      isOfOneMoment: true,
      notResumable: "the rows of a database may be other ones the next time",
      skipsColumns: true,
    },
    writer: databaseWriter(),
  };
}
