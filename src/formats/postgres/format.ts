/** A database of Postgres: `postgres://host/db#people` is a table or view of it, `…?sql=SELECT …` what a query gives. */
import { convertedReader } from "../converted.ts";
import type { InputOnly, ReadAndWritten } from "../format.ts";

export function postgresOf(csv: ReadAndWritten): InputOnly {
  return {
    told: { schemes: ["postgres:", "postgresql:"], called: "a database of Postgres" },
    reader: { ...convertedReader(csv.reader), isOfOneMoment: true, skipsColumns: true },
  };
}
