/**
 * How rows are written for tables of a database: lines of fields that say what they are (text/typed-field.ts), below a header.
 * Readers of CSV have the same values; src/databases knows the kinds as well.
 */
import type { Framing, FramingSetup, OutputSetup, Row, Writer } from "./format.ts";
import { needRow } from "./result-row.ts";
import { rowLineEncoder } from "./text/row-line.ts";
import { quotedField, typedFields } from "./text/typed-field.ts";

/** @param refused Why a text with a zero character cannot be written; undefined where it can. */
export function databaseWriter(refused?: string): Writer {
  const checkText = (text: string): void => {
    if (refused !== undefined && text.includes("\0")) throw new TypeError(refused);
  };
  // A column of a table has one type for days and moments.
  const cell = typedFields({ checkText, isBare: () => false });
  return {
    traits: {
      columns: "header",
      values: "typed",
      cells: "values",
      takesHead: false,
      copies: "nothing",
      notResumable: "a table of a database takes all rows of a run, or none",
    },
    isDatabase: true,
    encoder: (_output: OutputSetup, columns: readonly string[]) => ({
      encode: needRow(typedLine(columns, cell)),
      block: undefined,
      delimiter: "",
      copyEnd: "",
    }),
    framing: ({ hasBegun }: FramingSetup): Framing => {
      let isBegun = hasBegun;
      const header = (columns: readonly string[] | undefined): Uint8Array => {
        if (isBegun || columns === undefined) return new Uint8Array(0);
        isBegun = true;
        return Buffer.from(`${columns.map((name) => quotedField(name)).join(",")}\n`);
      };
      return {
        get hasBegun() {
          return isBegun;
        },
        batch: (output, columns) => (isBegun ? output : Buffer.concat([header(columns), output])),
        end: header,
      };
    },
  };
}

function typedLine(columns: readonly string[], cell: (value: unknown) => string): (row: Row) => string {
  return rowLineEncoder(columns, { firstCell: cell, cell, delimiter: ",", newline: "\n" });
}
