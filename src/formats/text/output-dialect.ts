/** How tables of text are written. */

/** How CSV is written. */
export interface OutputDialect {
  delimiter: string;
  /** Around fields that need it; the empty string: nothing is quoted, and a field that would need it fails its row. */
  quote: string;
  /** Before a quote within quotes; the same as `quote` means that it is doubled. */
  escape: string;
  /** A row that would begin with one of them has its first field quoted: it would be read as a comment. */
  comments: readonly string[];
  /** White space around a field is quoted, because whoever reads it will drop it otherwise. */
  keepsSpace: boolean;
  /** A row of one empty field is a line with nothing on it: so it is read. Otherwise the field is quoted. */
  hasBlankRows: boolean;
  newline: "\n" | "\r\n";
  /** Every field is quoted, needed or not. */
  quoteAll: boolean;
  /** What null and undefined are written as. */
  nullText: string;
  /** Fields that a spreadsheet would run as a formula get an apostrophe in front. */
  escapeFormulas: boolean;
  /** Fields are written as in `tsv-escaped`: nothing is quoted. */
  hasEscapes: boolean;
  /** Fields say what they are, in a form that is no matter of all else here: see typed-field.ts. */
  isTyped: boolean;
  /**
   * The column whose array is written as fields behind all others, and has no name in the header: where that is how rows
   * are read.
   */
  rest: string | undefined;
}

/** CSV as it is written where nothing else is said. */
export const PLAIN_CSV: OutputDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  comments: [],
  keepsSpace: false,
  hasBlankRows: false,
  newline: "\n",
  quoteAll: false,
  nullText: "",
  escapeFormulas: false,
  hasEscapes: false,
  isTyped: false,
  rest: undefined,
};

/** Whether numbers need no quotes beside a delimiter: their texts hold no such character. */
export function canHoldNumbers(delimiter: string): boolean {
  return !/[\dNaInfity.e+-]/.test(delimiter);
}
