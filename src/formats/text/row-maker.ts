/** Makes a row of the fields of a line of text, one line at a time. */
import type { DecoderSetup, FileColumns, Row, RowFault } from "../format.ts";
import { type Dialect, REST_COLUMN, type RowForm, dialectOfRows } from "./dialect.ts";
import { ESCAPED_NULL, escapedFieldReader } from "./field-escapes.ts";

export interface RowMakerOptions extends RowForm {
  /** Names of the fields as they stand in the file; `_rest` is the last one where extra fields are kept. */
  columns: string[];
  /** Names in the order in which a row's properties are made: all of them, or those that are read. */
  rowOrder: string[];
  /** The columns have their names from a line of the file. */
  hasHeader: boolean;
}

/** How the rows of a file of text are made. */
export function makerOptions(input: DecoderSetup, { columns, reads }: FileColumns): RowMakerOptions {
  const { isRagged, extraFields, nullTexts, hasHeader } = input;
  const dialect = dialectOfRows(input.dialect, extraFields, columns);
  const rowOrder = inOrderOf(input.columns, columns).filter((name) => reads === undefined || reads.has(name));
  return { columns: [...columns], rowOrder, dialect, isRagged, extraFields, nullTexts, hasHeader };
}

/** The columns of a file in the order of the first one; those that this one does not have behind them. */
function inOrderOf(first: readonly string[] | undefined, columns: readonly string[]): readonly string[] {
  if (first === undefined) return columns;
  const [own, known] = [new Set(columns), new Set(first)];
  return [...first.filter((name) => own.has(name)), ...columns.filter((name) => !known.has(name))];
}

/** The fault of a row whose text goes over a border between columns that were found out. */
export const CROSSING: RowFault = {
  code: "row-width",
  message: "its text goes over the border between two columns",
  hint: "say where columns stand: --widths 10,5,*; --widths auto looks at the first rows",
};

/** A row from its fields, or undefined and a fault when their number is wrong. */
export type MakeRow = (
  fields: readonly (string | null)[],
  faults: Map<number, RowFault>,
  at: number,
) => Row | undefined;

/** Makes rows for a file. The time for a row depends on the fields that it has, not on the width of the header. */
export function rowMaker(options: RowMakerOptions): MakeRow {
  const { columns, rowOrder, isRagged, extraFields } = options;
  const readText = fieldReader(options);
  const read = (field: string | null): string | null => (field === null ? null : readText(field));
  const keepsRest = extraFields === "keep";
  const width = columns.length - (keepsRest ? 1 : 0);
  const givesRest = keepsRest && rowOrder.includes(REST_COLUMN);
  const indexes = new Map(columns.map((name, index) => [name, index]));
  const order = rowOrder.map((name) => indexes.get(name) ?? -1);
  /** Of each field, which property of the row it is; -1 for none. What is written behind the end is not kept. */
  const ranks = new Int32Array(width).fill(-1);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  const isInOrder = order.every((index, rank) => rank === 0 || index > (order[rank - 1] ?? -1));
  return (fields, faults, at) => {
    const found = Math.min(fields.length, width);
    if ((fields.length > width && extraFields === "error") || (fields.length < width && !isRagged)) {
      faults.set(at, wrongCount(fields.length, width, options));
      return undefined;
    }
    const present: number[] = [];
    for (let index = 0; index < found; index++) {
      const rank = ranks[index] ?? -1;
      if (rank >= 0) present.push(rank);
    }
    if (!isInOrder) present.sort((a, b) => a - b);
    const row: Row = Object.fromEntries(
      present.map((rank) => [rowOrder[rank] ?? "", read(fields[order[rank] ?? -1] as string | null)]),
    );
    if (givesRest) row[REST_COLUMN] = fields.slice(width).map(read);
    return row;
  };
}

/** Reads a field as it stands in the file: null, escapes. */
export function fieldReader({ dialect, nullTexts }: RowForm): (raw: string) => string | null {
  return dialect.hasEscapes ? escapedFieldReader(nullTexts ?? [ESCAPED_NULL]) : (raw) => raw;
}

function wrongCount(found: number, wanted: number, of: Pick<RowMakerOptions, "hasHeader" | "dialect">): RowFault {
  return {
    code: "row-field-count",
    message: `the row has ${plural(found, "field")}, ${of.hasHeader ? `the header has ${wanted}` : `wanted ${wanted}`}`,
    hint:
      found < wanted
        ? "--ragged takes rows with missing fields"
        : // A text that was made is quoted where it must be.
          `${of.dialect.emptyIsNull === true ? "" : `${needed(of.dialect)}; `}--extra-fields drop or keep takes rows with more fields`,
  };
}

/** What a field needs that holds the delimiter, for a hint. */
function needed({ quote, hasEscapes, cut }: Dialect): string {
  if (cut !== undefined) return "--extra-fields join has all of it in the last column";
  if (hasEscapes) return "a tab in a field must be escaped";
  return quote === ""
    ? "without quotes no field can hold the delimiter"
    : "a field that holds the delimiter must be quoted";
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
