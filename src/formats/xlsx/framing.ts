/** A workbook around rows, on the parent's side: a thread makes it, and has its bytes when all rows are there. */
import { RowmillError } from "../../errors.ts";
import { checkNames } from "../column-names.ts";
import type { Framing, FramingSetup } from "../format.ts";
import { headerRow } from "./row-encoder.ts";

/** A sheet of which nobody says the name. */
const SHEET = "Sheet1";

export function xlsxFraming({ hasHeader, table, target, terminalWidth }: FramingSetup): Framing {
  if (terminalWidth() !== undefined) {
    throw new RowmillError("output", "a workbook is no text that a terminal could show", {
      hint: "write it to a file: -o book.xlsx",
    });
  }
  const book = target("xlsx");
  const begun = new Set<string>();
  const write = async (
    sheet: string,
    rows: Uint8Array,
    columns: readonly string[] | undefined,
  ): Promise<Uint8Array> => {
    if (!begun.has(sheet)) {
      begun.add(sheet);
      checkNames(columns ?? []);
      const header = hasHeader && columns !== undefined ? Buffer.from(headerRow(columns)) : NO_BYTES;
      await book.write(header, { table: sheet, columns });
    }
    return rows.length > 0 ? await book.write(rows, { table: sheet, columns }) : NO_BYTES;
  };
  const endPieces = async function* (columns: readonly string[] | undefined): AsyncGenerator<Uint8Array> {
    // A workbook has one sheet at the least.
    if (begun.size === 0) await write(table ?? SHEET, NO_BYTES, columns);
    yield* book.end(columns);
  };
  return {
    hasBegun: false,
    batch: (rows, columns) => write(table ?? SHEET, rows, columns),
    table: (name, rows, columns) => write(name, rows, columns),
    end: async (columns) => Buffer.concat(await Array.fromAsync(endPieces(columns))),
    endPieces,
  };
}

const NO_BYTES = new Uint8Array(0);
