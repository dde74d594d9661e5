/** A database of Postgres: `postgres://host/db#people` is a table or view of it, `…?sql=SELECT …` what a query gives. */
import { convertedReader } from "../converted.ts";
import type { ReadAndWritten } from "../format.ts";
import { databaseWriter } from "../typed-lines.ts";

export function postgresOf(csv: ReadAndWritten): ReadAndWritten {
  return {
    told: { schemes: ["postgres:", "postgresql:"], called: "a database of Postgres" },
    reader: {
      ...convertedReader(csv.reader),
      isOfOneMoment: true,
      notResumable: "the rows of a database may be other ones the next time",
      skipsColumns: true,
    },
    writer: databaseWriter("a text of Postgres has no place for a zero character"),
  };
}
