/**
 * Types by the data: the first rows of the first input, and what they say of its columns. The same rows for every number
 * of workers, and from a pipe as from a file.
 */
import { REST_COLUMN, type RowForm } from "../formats/text/dialect.ts";
import { QuickRows } from "../formats/text/quick-rows.ts";
import { fieldReader } from "../formats/text/row-maker.ts";
import { decodeUtf8, replaceInvalidUtf8 } from "../formats/utf8.ts";
import { type DataType, SAMPLE_ROWS, typeOfTexts } from "../fields/data-types.ts";
import type { DataTypes } from "../fields/typing.ts";

/** What the sample is read with. */
export interface SampledRows extends RowForm {
  columns: readonly string[];
  /** Nothing follows the bytes. */
  isWhole: boolean;
}

/** What each column is; `bytes` start with a row. */
export function sampledTypes(
  bytes: Uint8Array,
  { columns, isWhole, ...form }: SampledRows,
): { types: DataTypes; rows: number } {
  const { dialect, extraFields, nullTexts = [] } = form;
  // Extra fields stay texts.
  const named = extraFields === "keep" ? columns.filter((name) => name !== REST_COLUMN) : columns;
  const nulls = nullTexts.length === 0 ? undefined : new Set(nullTexts);
  const read = fieldReader(form);
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  const rowsOf = new QuickRows(text, { dialect, isWhole });
  const rows: string[][] = [];
  while (rows.length < SAMPLE_ROWS) {
    const fields = rowsOf.next();
    if (fields === undefined) break;
    // A row that fails is no row.
    if (fields === "bad" || (fields.length > named.length && extraFields === "error")) continue;
    rows.push(fields);
  }
  const typeOf = (index: number): DataType => {
    const raw = rows.map((fields) => fields[index] ?? "");
    const texts = dialect.hasEscapes ? raw.map((field) => (field === "" ? "" : (read(field) ?? ""))) : raw;
    // What stands for null says nothing.
    return typeOfTexts(nulls === undefined ? texts : texts.filter((field) => !nulls.has(field)));
  };
  return { types: Object.fromEntries(named.map((name, index) => [name, typeOf(index)])), rows: rows.length };
}
