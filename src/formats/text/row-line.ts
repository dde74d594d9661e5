/**
 * Turns rows into lines, on the worker's side: a field for each column. The code for one row is generated for the columns;
 * names enter it as JSON string literals only.
 */
import { generate, ownMemberOf } from "../../generated-code.ts";
import { WORTH_COMPILING_ROWS } from "../block-encoder.ts";
import { checkKeys } from "../columns.ts";
import type { Row } from "../format.ts";

/** A row of more columns is written by a loop: generated code for it would not be optimised any more. */
const MAX_GENERATED_COLUMNS = 256;

/** How the fields of a line are written. */
export interface LineParts {
  /** The first field. */
  firstCell: (value: unknown) => string;
  cell: (value: unknown) => string;
  delimiter: string;
  newline: string;
}

/** Makes the function that turns one row into one line; it throws for a row that cannot be written. */
export function rowLineEncoder(columns: readonly string[], parts: LineParts): (row: Row) => string {
  const { firstCell, cell, delimiter, newline } = parts;
  const known = new Set(columns);
  const encodeAny = (row: Row): string => {
    checkKeys(row, known);
    let line = "";
    for (const [index, name] of columns.entries()) {
      if (index > 0) line += delimiter;
      line += (index === 0 ? firstCell : cell)(Object.hasOwn(row, name) ? row[name] : undefined);
    }
    return line + newline;
  };
  if (columns.length > MAX_GENERATED_COLUMNS) return encodeAny;
  let rows = 0;
  let encode = encodeAny;
  return (row) => {
    if (++rows === WORTH_COMPILING_ROWS) encode = compileRowEncoder(columns, { ...parts, encodeAny });
    return encode(row);
  };
}

interface RowEncoderParts extends LineParts {
  encodeAny: (row: Row) => string;
}

/**
 * The generated code reads the columns and counts both the keys of the row and the columns found; when the two numbers
 * agree, the row has no key beyond the columns. Any other row takes the way of `encodeAny`, which looks closer.
 */
function compileRowEncoder(columns: readonly string[], parts: RowEncoderParts): (row: Row) => string {
  const reads = columns.map(
    (name, index) => `const f${index} = ${ownMemberOf("row", name)}; if (f${index} !== undefined) found++;`,
  );
  const line = columns.map((_, index) => `${index === 0 ? "firstCell" : "cell"}(f${index})`).join(" + delimiter + ");
  const source = `return function encodeRow(row) {
    if (Object.getPrototypeOf(row) !== Object.prototype) return encodeAny(row);
    let found = 0, keys = 0;
    for (const key in row) keys++;
    ${reads.join("\n")}
    if (found !== keys) return encodeAny(row);
    return ${columns.length === 0 ? '""' : line} + newline;
  }`;
  return generate("encodeRow", source, { ...parts }) as (row: Row) => string;
}
