/**
 * A workbook of Excel: `book.xlsx#Sales` is a sheet of it, and of those that are read `book.xlsx#*` are all of them; without a
 * name it is the first one.
 */
import { convertedReader } from "../converted.ts";
import type { ReadAndWritten } from "../format.ts";
import { needRow } from "../result-row.ts";
import { xlsxFraming } from "./framing.ts";
import { xlsxRowEncoder } from "./row-encoder.ts";
import { sheetNames } from "./sheet-names.ts";

export function xlsxOf(csv: ReadAndWritten): ReadAndWritten {
  return {
    told: {
      extensions: [".xlsx", ".xlsm", ".xltx", ".xltm"],
      signature: "PK\x03\x04",
      member: "xl/workbook.xml",
      called: "a workbook of Excel",
    },
    reader: {
      ...convertedReader(csv.reader),
      settings: ["sheet", "skipLines", "noHeaders", "columns"],
      notResumable: "a workbook is read from its start to its end",
    },
    writer: {
      traits: {
        columns: "header",
        values: "typed",
        cells: "values",
        takesHead: false,
        copies: "nothing",
        notResumable: "a workbook is written as a whole",
      },
      extensions: [".xlsx"],
      tables: sheetNames,
      encoder: ({ dialect: { nullText } }, columns) => ({
        encode: needRow(xlsxRowEncoder(columns, nullText)),
        block: undefined,
        delimiter: "",
        copyEnd: "",
      }),
      framing: xlsxFraming,
      finder: async () => (await import("./cell-finder.ts")).cellFinder,
    },
  };
}
