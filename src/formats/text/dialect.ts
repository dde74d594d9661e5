/**
 * What makes one CSV dialect differ from another, and which reader a dialect needs.
 *
 * The words are those of `@std/csv` (separator = delimiter, comment, lazyQuotes) with quote, escape and more added. A dialect that only names a one-byte delimiter and quote is read by the SIMD kernel; every other one by
 * the tokenizer (see tokenizer.ts). There is no third reader.
 */

/** How CSV bytes are to be read. */
export interface Dialect {
  /** Between two fields; usually one character. */
  delimiter: string;
  /** Around a field that holds special characters; the empty string means that no field is ever quoted. */
  quote: string;
  /** What makes a quote inside a quoted field literal; the same as `quote` means that it is doubled. */
  escape: string;
  /** Lines that start with one of them are left out. */
  comments: readonly string[];
  /** A quote may stand in an unquoted field, and a lone one in a quoted field. */
  lazyQuotes: boolean;
  /** A line with nothing on it is a row of one empty field: in a file of one column. Otherwise it is left out. */
  keepsBlankLines?: boolean | undefined;
  trim: Trim;
  /**
   * A backslash and a letter stand for what a field cannot hold (`\t`, `\n`, `\\`): see field-escapes.ts. What reads rows
   * leaves fields as they stand in the file.
   */
  hasEscapes: boolean;
  /** A field that is empty and not in quotes is null: as databases write it. */
  emptyIsNull?: boolean;
  /** Lines are cut otherwise than at the delimiter, and no field is quoted: see cut.ts. */
  cut?: string | undefined;
  /** So many fields at most: the last one goes on to the end of the line. Without quotes only. */
  mostFields?: number | undefined;
}

/**
 * White space around fields that is dropped: none; that before a field; that before and behind it, which is outside its
 * quotes where it has any; or that before a field as `trimLeadingSpace` of `@std/csv` has it, also where it is the
 * delimiter.
 */
export type Trim = "none" | "left" | "both" | "std";

/** RFC 4180, as far as it is followed in the wild. */
export const CSV: Dialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  comments: [],
  lazyQuotes: false,
  trim: "none",
  hasEscapes: false,
};

/** Whether the SIMD kernel finds rows and fields of this dialect; those of others are found by the tokenizer. */
export function isKernelDialect(dialect: Dialect): boolean {
  return (
    isOneAsciiByte(dialect.delimiter) &&
    (dialect.quote === "" || isOneAsciiByte(dialect.quote)) &&
    dialect.escape === dialect.quote &&
    dialect.cut === undefined &&
    dialect.mostFields === undefined &&
    dialect.comments.length === 0 &&
    !dialect.lazyQuotes &&
    dialect.trim === "none"
  );
}

function isOneAsciiByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

/**
 * What becomes of fields behind the last column: they fail their row, are left out, stand in the row as `_rest`, or are, with
 * what stands between them, the end of the last column.
 */
export const EXTRA_FIELDS = ["error", "drop", "keep", "join"] as const;
export type ExtraFields = (typeof EXTRA_FIELDS)[number];

/** The dialect by which rows are read whose columns are known. */
export function dialectOfRows(dialect: Dialect, extraFields: ExtraFields, columns: readonly string[]): Dialect {
  return extraFields === "join" ? { ...dialect, mostFields: columns.length } : dialect;
}

/** What kept fields are called in a row: an array of texts, which stands behind all columns. */
export const REST_COLUMN = "_rest";

/** How the lines of an input become rows, beside its columns. */
export interface RowForm {
  dialect: Dialect;
  /** Rows with too few fields are taken, the missing fields absent. */
  isRagged: boolean;
  extraFields: ExtraFields;
  /** Texts that stand for null; undefined: none, or what the dialect says. */
  nullTexts: readonly string[] | undefined;
}

/** How a row can be read again that stands by itself. */
export interface RowReading extends RowForm {
  /** Names of its fields, in their order; `_rest` is the last one where extra fields are kept. */
  columns: readonly string[];
  /** The format that says how, with its own options, where that is none of fields between delimiters. */
  from?: { format: string; settings: Readonly<Record<string, unknown>> } | undefined;
}
