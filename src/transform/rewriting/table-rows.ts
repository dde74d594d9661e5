/**
 * Rows as the values that steps get which rewrite them: results of functions, as they are when these return, and back as rows
 * that encoders write.
 */
import { checkKeys, inputOrder } from "../../formats/columns.ts";
import type { Row } from "../../formats/format.ts";
import { cellText } from "../../formats/values/cell.ts";
import { fieldJson } from "../../formats/values/field-json.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { writtenForm } from "../../formats/values/form.ts";
import { NotFiniteError, stringifyJson } from "../../formats/values/json.ts";
import { NestedText } from "../../formats/values/nested-text.ts";
import { SpelledRow } from "../../formats/values/spelling.ts";
import type { ObjectSpelling } from "../../formats/values/spelling-tree.ts";
import type { HandedOn } from "../../code/handed-on.ts";
import { SharedNames } from "../../stages/rewriting/shared-names.ts";
import type { TableRow } from "../../stages/stage.ts";
import type { Lasting } from "../lasting-results.ts";

/** How a result was made. */
export interface ResultOrigin {
  row: object;
  spelling: ObjectSpelling | undefined;
  /** What of rows is in results, as far as the code says. */
  handedOn: HandedOn | undefined;
}

/**
 * The row that a result is; undefined for what is none, of which its encoder says so.
 *
 * @throws {TypeError} If a field has no form in which it can be written.
 */
export function tableRow(result: unknown, { row, spelling, handedOn }: ResultOrigin): TableRow | undefined {
  const own = rowForm(result);
  if (own === undefined) return undefined;
  const expected = spelling && (handedOn?.spelling?.(spelling, row) ?? spelling);
  const isSpelled = spelling !== undefined && expected !== undefined;
  const fields = isSpelled ? new SpelledRow(row, spelling, handedOn?.computed).fields(own, expected) : own;
  const keys = Object.keys(own);
  const names = shared.of(expected?.keys === undefined ? keys : inputOrder(keys, expected.keys));
  return { names, values: names.map((name) => fixedValue(fields[name])) };
}

/** What stands for a result as a row. */
export function rowForm(result: unknown): Row | undefined {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined;
  const form = writtenForm(result);
  return typeof form === "object" && form !== null && !Array.isArray(form) ? (form as Row) : undefined;
}

const shared = new SharedNames();

/**
 * A value that stays as it is, and is written as this one would be.
 *
 * @throws {TypeError} If it has no form in which it could be written.
 */
export function fixedValue(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
    case "bigint":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotFiniteError(value);
      return value;
    case "object":
      return value === null ? value : fixedObject(value);
    default:
      // Throws, and says why.
      return cellText(value, "");
  }
}

function fixedObject(value: object): unknown {
  if (value instanceof NestedText) return value;
  if (value instanceof FieldText) {
    const { text, value: read } = value;
    // A column of JSON: its text has all digits.
    const isJson = typeof read === "object" && read !== null && !(read instanceof Date);
    return new FieldText(text, isJson ? new NestedText(text) : fixedValue(read));
  }
  if (value instanceof Date) return fixedDate(value);
  const form = writtenForm(value);
  return form === value ? new NestedText(stringifyJson(value)) : fixedValue(form);
}

/** Code that comes later gets it as a date. */
function fixedDate(date: Date): unknown {
  // One that is none has no text: that is said.
  const text = cellText(date, "");
  return date.toJSON === Date.prototype.toJSON ? new Date(date) : text;
}

/** A result whose fields are all values that stay as they are; undefined for any other. */
export function plainRow(result: object, { isNew }: Pick<Lasting, "isNew">): Row | undefined {
  if (Object.getPrototypeOf(result) !== Object.prototype) return undefined;
  for (const name in result) if (!isFixed((result as Row)[name])) return undefined;
  return isNew ? (result as Row) : { ...(result as Row) };
}

function isFixed(value: unknown): boolean {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || (value instanceof FieldText && typeof value.value !== "object");
    default:
      return typeof value !== "function" && typeof value !== "symbol";
  }
}

/** A row as an object whose fields steps look at that pick or arrange rows. */
export function rowObject({ names, values }: TableRow): Row {
  const row: Row = {};
  for (let at = 0; at < names.length; at++) setField(row, names[at] ?? "", values[at]);
  return row;
}

export function setField(row: Row, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
  else row[name] = value;
}

/** A value as an encoder of cells takes it. */
export function cellOf(value: unknown): unknown {
  return value instanceof NestedText ? value.text : value;
}

/** A row as its encoder takes it where fields are cells. @param rest The column that holds several fields. */
export function cellsObject({ names, values }: TableRow, rest: string | undefined): Row {
  const row: Row = {};
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? "";
    const value = values[at];
    setField(row, name, name === rest && value instanceof NestedText ? value.toJSON() : cellOf(value));
  }
  return row;
}

/** A row as JSON. */
export function rowJson({ names, values }: TableRow): string {
  const members: string[] = [];
  for (let at = 0; at < names.length; at++) {
    const value = values[at];
    if (value !== undefined) members.push(`${JSON.stringify(names[at])}:${fieldJson(value)}`);
  }
  return `{${members.join(",")}}`;
}

/**
 * The values of a row by columns.
 *
 * @throws {RowmillError} `row-new-column`, where it has others.
 */
export function valuesBy(columns: readonly string[], known: ReadonlySet<string>, row: Row): unknown[] {
  const values: unknown[] = [];
  let at = 0;
  for (const name in row) {
    if (name !== columns[at++]) return inColumns(columns, known, row);
    values.push(row[name]);
  }
  return at === columns.length ? values : inColumns(columns, known, row);
}

function inColumns(columns: readonly string[], known: ReadonlySet<string>, row: Row): unknown[] {
  checkKeys(row, known);
  return columns.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined));
}
