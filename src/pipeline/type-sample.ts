/**
 * Types by the data: the first rows of the first input, and what they say of its columns. The same rows for every number
 * of workers, and from a pipe as from a file.
 */
import { type DataType, typeOfTexts } from "../fields/data-types.ts";
import type { DataTypes } from "../fields/typing.ts";

/** What each column is, by the fields of rows; those in `nullTexts` stand for null, and say nothing. */
export function typesOfRows(
  rows: readonly (readonly string[])[],
  { columns, nullTexts = [] }: { columns: readonly string[]; nullTexts: readonly string[] | undefined },
): DataTypes {
  const nulls = nullTexts.length === 0 ? undefined : new Set(nullTexts);
  const typeOf = (index: number): DataType => {
    const texts = rows.map((fields) => fields[index] ?? "");
    return typeOfTexts(nulls === undefined ? texts : texts.filter((field) => !nulls.has(field)));
  };
  return Object.fromEntries(columns.map((name, index) => [name, typeOf(index)]));
}
