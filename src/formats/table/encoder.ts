/** Cells of rows that are drawn as a table. */
import { checkKeys } from "../columns.ts";
import type { Encoder, Row } from "../format.ts";
import { needRow } from "../result-row.ts";
import { LONE_SURROGATE } from "../utf8.ts";
import { cellText } from "../values/cell.ts";

/** The encoder of what is drawn: nothing of it can be counted or copied. */
export function drawnEncoder(columns: readonly string[], nullText: string): Encoder {
  return { encode: needRow(tableRowEncoder(columns, nullText)), block: undefined, delimiter: "", copyEnd: "" };
}

/** A table is drawn by the parent: its rows travel as JSON arrays of numbers and texts. */
function tableRowEncoder(columns: readonly string[], nullText: string): (row: Row) => string {
  const known = new Set(columns);
  return (row) => {
    checkKeys(row, known);
    const cells = columns.map((name) => {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      if (typeof value === "number" && Number.isFinite(value)) return value;
      const text = cellText(value, nullText);
      if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
      return text;
    });
    return `${JSON.stringify(cells)}\n`;
  };
}
