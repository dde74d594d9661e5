/**
 * How rows are written for outputs that are no text, such as tables of a database: lines of CSV, below a header, in which
 * each field shows what it is. A text stands in quotes, a number, `true`, `false` and a date do not, and null is nothing. Of
 * JSON the first bracket stands before the quotes. Readers of CSV have the same values; src/databases knows the kinds as well.
 */
import type { Framing, FramingSetup, OutputSetup, Row, Writer } from "./format.ts";
import { needRow } from "./result-row.ts";
import { LONE_SURROGATE } from "./text/field-encoder.ts";
import { rowLineEncoder } from "./text/row-line.ts";
import { FieldText } from "./values/field-text.ts";
import { writtenForm } from "./values/form.ts";
import { NotFiniteError, stringifyJson } from "./values/json.ts";
import { NestedText } from "./values/nested-text.ts";

/** @param refused Why a text with a zero character cannot be written; undefined where it can. */
export function databaseWriter(refused?: string): Writer {
  const checkText = (text: string): void => {
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    if (refused !== undefined && text.includes("\0")) throw new TypeError(refused);
  };
  const cell = typedCell(checkText);
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
        return Buffer.from(`${columns.map((name) => quoted(name)).join(",")}\n`);
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

function typedCell(checkText: (text: string) => void): (value: unknown) => string {
  const text = (value: string): string => {
    checkText(value);
    return quoted(value);
  };
  const cell = (value: unknown): string => {
    switch (typeof value) {
      case "string":
        return text(value);
      case "number":
        if (!Number.isFinite(value)) throw new NotFiniteError(value);
        return String(value);
      case "bigint":
      case "boolean":
        return String(value);
      case "undefined":
        return "";
      case "object":
        return value === null ? "" : objectCell(value);
      default:
        throw new TypeError(`a ${typeof value} cannot be written`);
    }
  };
  const objectCell = (value: object): string => {
    if (value instanceof FieldText) return handedOn(value);
    if (value instanceof NestedText) return jsonCell(value.text);
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw new TypeError("an invalid date cannot be written");
      return value.toISOString();
    }
    const written = writtenForm(value);
    return written === value ? jsonCell(stringifyJson(value)) : cell(written);
  };
  /** A number keeps its digits, as far as it has the form of one. */
  const handedOn = ({ text: given, value }: FieldText): string => {
    if (typeof value !== "number" && typeof value !== "bigint") return cell(value);
    const digits = given.trim().replace(/^\+/, "");
    return NUMERAL.test(digits) ? digits : cell(value);
  };
  return cell;
}

const NUMERAL = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** What is JSON, and no text: quotes may begin within a field. */
function jsonCell(json: string): string {
  if (!/^[[{]/.test(json)) return quoted(json);
  return json.slice(0, 1) + quoted(json.slice(1));
}
