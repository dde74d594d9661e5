/** Rows of texts as they are to be, when it is known which columns there are, and what these hold. */
import type { DataType } from "../fields/data-types.ts";
import { type PackedTable, fieldPacker } from "./packed-table.ts";

/** What becomes of rows that were packed as texts before all of the table was there. */
export interface Rewritten {
  form: PackedTable["form"];
  delimiter: string;
  columns: number;
  /** What the data say of each. */
  types: readonly DataType[];
  /** Texts that stand for null. */
  nullTexts: readonly string[] | undefined;
}

/** Makes the function that writes the fields of a row, as JSON by what the data say, or as texts of all columns. */
export function rowRewriter({
  form,
  delimiter,
  columns,
  types,
  nullTexts = [],
}: Rewritten): (fields: readonly string[]) => string {
  if (form === "json") return typedFields(types, nullTexts);
  const pack = fieldPacker(delimiter);
  return (fields) => pack(Array.from({ length: columns }, (_, at) => fields[at] ?? ""));
}

/** Makes the function that writes texts as the values that they are. */
function typedFields(types: readonly DataType[], nullTexts: readonly string[]): (fields: readonly string[]) => string {
  const isNull = new Set(nullTexts);
  const writers = types.map((type): ((text: string) => string) => {
    if (type === "number" || type === "whole") return (text) => (text === "" ? "null" : String(Number(text)));
    if (type === "boolean" || type === "true or false")
      return (text) => (text === "" ? "null" : String(text.toLowerCase() === "true"));
    return type === "empty" ? () => "null" : (text) => JSON.stringify(text);
  });
  const written = (write: (text: string) => string, text: string): string => (isNull.has(text) ? "null" : write(text));
  return (fields) => `[${writers.map((write, at) => written(write, fields[at] ?? "")).join(",")}]`;
}
