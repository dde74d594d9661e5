/** Rows of a source, for tests. */
import { parse } from "csv-parse/sync";

type Fields = (string | null)[];

/** Fields of CSV; one that is empty and has no quotes is null. */
export function fieldsOf(csv: Buffer, encoding: "utf8" | "latin1" = "utf8"): Fields[] {
  return parse(csv, {
    encoding,
    record_delimiter: "\n",
    cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    skip_empty_lines: false,
  });
}
