/**
 * Rows with too few fields, where they are taken (`--ragged`). The first output row gives the output columns, and it may
 * stand for a short row: what that lacks is a column all the same, if the function hands whole rows on.
 */
import type { RowReading } from "../formats/text/dialect.ts";
import { Tokenizer } from "../formats/text/tokenizer.ts";
import type { InputSetup } from "./wire.ts";

export class ShortRows {
  readonly #input: ColumnsOfRow;

  constructor(input: ColumnsOfRow) {
    this.#input = input;
  }

  /**
   * The columns for which a row has no field; undefined when it has all.
   *
   * @param text The row as it stands in its file.
   * @param own What its file, or the row, has for itself.
   */
  absentFields(text: string, own: Partial<ColumnsOfRow>): ReadonlySet<string> | undefined {
    const { dialect = this.#input.dialect, columns = this.#input.columns } = own;
    const tokenizer = new Tokenizer(dialect);
    const isRow = tokenizer.read(text, 0, true) === "row";
    const { length } = tokenizer.fields;
    return isRow && length < columns.length ? new Set(columns.slice(length)) : undefined;
  }
}

type ColumnsOfRow = Pick<RowReading, "dialect" | "columns">;

/** @param reads The columns that are read; undefined for all. A function that reads some carries no row. */
export function shortRowsOf(input: InputSetup, reads: ReadonlySet<string> | undefined): ShortRows | undefined {
  const { columns, dialect, isRagged, traits } = input;
  // Where rows say for themselves how they are read, they may be short.
  const mayBeShort = isRagged || traits.form === "row";
  if (columns === undefined || !mayBeShort || (reads !== undefined && columns.some((name) => !reads.has(name)))) {
    return undefined;
  }
  return new ShortRows({ columns, dialect });
}
