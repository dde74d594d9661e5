/**
 * What makes one CSV dialect differ from another, and which reader a dialect needs.
 *
 * The words are those of `@std/csv` (separator = delimiter, comment, lazyQuotes, trimLeadingSpace) with quote and
 * escape added. A dialect that only names a one-byte delimiter and quote is read by the SIMD kernel; every other one by
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
  /** A line that starts with it is left out; undefined: there are no comments. */
  comment: string | undefined;
  /** A quote may stand in an unquoted field, and a lone one in a quoted field. */
  lazyQuotes: boolean;
  /** White space at the start of a field is dropped (`trimLeadingSpace` of `@std/csv`). */
  trimLeadingSpace: boolean;
  /** A line with nothing on it is a row of one empty field: in a file of one column. Otherwise it is left out. */
  keepsBlankLines?: boolean | undefined;
}

/** RFC 4180, as far as it is followed in the wild. */
export const CSV: Dialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  comment: undefined,
  lazyQuotes: false,
  trimLeadingSpace: false,
};

/** Whether the SIMD kernel reads this dialect; the others are read by the tokenizer. */
export function isKernelDialect(dialect: Dialect): boolean {
  return (
    isOneAsciiByte(dialect.delimiter) &&
    (dialect.quote === "" || isOneAsciiByte(dialect.quote)) &&
    dialect.escape === dialect.quote &&
    dialect.comment === undefined &&
    !dialect.lazyQuotes &&
    !dialect.trimLeadingSpace
  );
}

function isOneAsciiByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}
