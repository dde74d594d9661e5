/** A workbook of Excel: `book.xlsx#Sales` is a sheet of it, `book.xlsx#*` all of them; without a name the first one. */
import { convertedReader } from "../converted.ts";
import type { InputOnly, ReadAndWritten } from "../format.ts";

export function xlsxOf(csv: ReadAndWritten): InputOnly {
  return {
    told: {
      extensions: [".xlsx", ".xlsm", ".xltx", ".xltm"],
      signature: "PK\x03\x04",
      member: "xl/workbook.xml",
      called: "a workbook of Excel",
    },
    reader: { ...convertedReader(csv.reader), settings: ["sheet", "skipLines", "noHeaders", "columns"] },
  };
}
