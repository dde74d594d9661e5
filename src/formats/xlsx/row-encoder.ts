/** Turns rows into XML, on the worker's side: a line for each. */
import { RowmillError } from "../../errors.ts";
import { checkKeys, shownColumn } from "../columns.ts";
import { encodeError } from "../encode-error.ts";
import type { Row } from "../format.ts";
import { ROW_MARK, cellStart, cellXml } from "./cells.ts";

/** So many columns a sheet of Excel has. */
const MAX_COLUMNS = 16_384;

const ROW_START = `<row r="${ROW_MARK}">`;
const ROW_END = "</row>\n";

/** Makes the function that writes a row; it throws for one that cannot be written. */
export function xlsxRowEncoder(columns: readonly string[], nullText: string): (row: Row) => string {
  checkWidth(columns);
  const known = new Set(columns);
  const starts = columns.map((_, at) => cellStart(at));
  return (row) => {
    checkKeys(row, known);
    let line = ROW_START;
    for (let at = 0; at < columns.length; at++) {
      const name = columns[at] as string;
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      try {
        line += cellXml(value, starts[at] as string, nullText);
      } catch (error) {
        throw ofColumn(error, name, row);
      }
    }
    return line + ROW_END;
  };
}

/** The row with the names of columns. */
export function headerRow(columns: readonly string[]): string {
  checkWidth(columns);
  return `${ROW_START}${columns.map((name, at) => cellXml(name, cellStart(at), "")).join("")}${ROW_END}`;
}

function checkWidth({ length }: readonly string[]): void {
  if (length <= MAX_COLUMNS) return;
  throw new RowmillError("output", `there are ${length} columns, and a sheet of Excel has at most ${MAX_COLUMNS}`, {
    hint: "write another format: -o FILE.csv",
  });
}

function ofColumn(error: unknown, column: string, row: Row): unknown {
  const found = encodeError(error, row);
  if (!(found instanceof RowmillError) || found.place !== undefined || !(error instanceof TypeError)) return found;
  return new RowmillError(
    "row-encode",
    `the result cannot be written: column ${shownColumn(column)}: ${error.message}`,
    {
      place: { file: "", line: 0, column },
      cause: error,
    },
  );
}
