/**
 * Rows of which steps look at some columns, and to which they add others: the line of a row is written by the worker that maps
 * it, up to the fields that are added, and goes to the steps as one value beside those that they look at.
 */
import type { Encoder, OutputSetup, Row } from "../../formats/format.ts";
import { resultEncoder, sharesColumns } from "../../formats/encoder.ts";
import { needRow } from "../../formats/result-row.ts";
import { NestedText } from "../../formats/values/nested-text.ts";
import { rowLine } from "../../stages/rewriting/row-text.ts";
import { isWindow } from "../../stages/rewriting/asked.ts";
import type { AskedStep } from "../../stages/registry.ts";
import type { TableRow } from "../../stages/stage.ts";
import { cellOf, cellsObject, setField } from "./table-rows.ts";

/** The column that holds the line: no file has one of that name. */
const LINE = "\0line";
/** A field in place of others: nothing is quoted in it. */
const FIELD = "x";
const FIELD_NAME = "\0field";

/** Steps that look at no other columns than they name. */
const LOOKS_AT_NAMED: ReadonlySet<string> = new Set(["sort-by", "top", "head-by", "tail", "sample", "shuffle"]);

/** The columns that steps look at, where rows can be carried through them as lines; undefined where they cannot. */
export function carriedColumns(steps: readonly AskedStep[], output: OutputSetup): string[] | undefined {
  const { dialect } = output;
  // What stands behind all columns would stand before those that are added.
  if (!sharesColumns(output) || dialect.rest !== undefined) return undefined;
  if (resultEncoder(output, []).delimiter !== dialect.delimiter) return undefined;
  const isCarried = steps.every(({ stage, columns }) => {
    if (isWindow(stage)) return stage !== "fill-down";
    return LOOKS_AT_NAMED.has(stage) || (stage === "distinct" && columns.length > 0);
  });
  return isCarried ? [...new Set(steps.flatMap(({ columns }) => columns))] : undefined;
}

/** So long is what stands for a field. */
function fieldLength({ dialect }: OutputSetup): number {
  return FIELD.length + (dialect.quoteAll || dialect.isTyped ? 2 * dialect.quote.length : 0);
}

/** Packs rows with these columns. @param looksAt Columns that steps look at, as far as the rows have them. */
export function carryingEncoder(output: OutputSetup, columns: readonly string[], looksAt: readonly string[]): Encoder {
  const lineOf = needRow(lineEncoder(output, columns));
  const seen = seenColumns(columns, looksAt);
  const encode = (row: Row): string =>
    rowLine("", [lineOf(row), ...seen.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined))]);
  return { encode: needRow(encode), block: undefined, delimiter: "", copyEnd: "" };
}

/** Writes a row up to its last field. */
function lineEncoder(output: OutputSetup, columns: readonly string[]): (row: Row) => string {
  const { delimiter, newline, isTyped } = output.dialect;
  // JSON says that it is such, and is no text.
  const ready = isTyped ? (row: Row): Row => row : cells;
  if (columns.length > 1) {
    const { encode } = resultEncoder(output, columns);
    return (row) => String(encode(ready(row))).slice(0, -newline.length);
  }
  // A field that stands alone on its line is written in a way of its own.
  const { encode } = resultEncoder(output, [...columns, FIELD_NAME]);
  const behind = delimiter.length + fieldLength(output) + newline.length;
  return (row) => String(encode({ ...ready(row), [FIELD_NAME]: FIELD })).slice(0, -behind);
}

/** A row with the texts of objects and lists in it. */
function cells(row: Row): Row {
  for (const name in row) if (row[name] instanceof NestedText) return cellsObject(rowOf(row), undefined);
  return row;
}

function rowOf(row: Row): TableRow {
  return { names: Object.keys(row), values: Object.values(row) };
}

function seenColumns(columns: readonly string[], looksAt: readonly string[]): string[] {
  return looksAt.filter((name) => columns.includes(name));
}

/** What the names of rows are that were packed in this way. */
export function carriedNames(columns: readonly string[], looksAt: readonly string[]): string[] {
  return [LINE, ...seenColumns(columns, looksAt)];
}

/** Writes such rows with what was added to them. @param carried How many values they had before. */
export function carriedWriter(
  output: OutputSetup,
  { carried, added }: { carried: number; added: readonly string[] },
): (row: TableRow) => string {
  const { encode } = resultEncoder(output, [FIELD_NAME, ...added]);
  const before = fieldLength(output);
  return ({ values }) => {
    const fields: Row = { [FIELD_NAME]: FIELD };
    for (const [at, name] of added.entries()) setField(fields, name, cellOf(values[carried + at]));
    return String(values[0]) + String(encode(fields)).slice(before);
  };
}
