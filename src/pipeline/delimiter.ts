/**
 * Finds the delimiter of CSV by the start of an input: the one of comma, semicolon, tab and bar that cuts the header and
 * most rows into the same number of fields. One row that is cut otherwise costs itself, and not the delimiter.
 */
import type { Dialect } from "../formats/text/dialect.ts";
import { QuickRows } from "../formats/text/quick-rows.ts";
import { latin1Tokenizer } from "../formats/text/latin1-tokenizer.ts";

/** Bytes that are looked at, where they hold two rows; else up to so many. */
export const DELIMITER_SAMPLE_BYTES: number = 64 * 1024;
export const MAX_DELIMITER_SAMPLE_BYTES: number = 4 * 1024 * 1024;

/** Delimiters that are tried, the default first. */
const CANDIDATES = [",", ";", "\t", "|"] as const;

/** So many rows are looked at. */
const MAX_ROWS = 1000;

/** How a delimiter came to be the one of an input. */
export interface FoundDelimiter {
  delimiter: string;
  /** By the first line (`sep=;`), by the rows at the start, by nothing: it is the default. */
  by: "first line" | "rows" | "default";
  /** Others that cut these rows as well, or a word that the header does not fit. */
  doubt: string | undefined;
  /** The doubt is of another delimiter. */
  hasRival?: boolean;
}

/** How a candidate cuts the rows at the start. */
interface Cut {
  delimiter: string;
  rows: number;
  /** Rows in which it stands between fields. */
  cutRows: number;
  /** Fields of the first row. */
  header: number;
  /** The number of fields that most rows have, and how well the rows fit it: one that has as many counts for 1. */
  width: number;
  fit: number;
}

/** What is known of the way in which rows are read. */
export interface DelimiterSetup {
  dialect: Dialect;
  /** The first row is a header. */
  hasHeader: boolean;
  /** Rows with fewer fields than the header are rows as well. */
  isRagged: boolean;
  /** So are rows with more. */
  takesExtra: boolean;
  /** Nothing follows the bytes. */
  isWhole: boolean;
}

/** Finds the delimiter of an input that starts with these bytes. */
export function findDelimiter(bytes: Buffer, setup: DelimiterSetup): FoundDelimiter {
  const text = bytes.toString("latin1");
  const present = CANDIDATES.filter((delimiter) => text.includes(delimiter) && isPossible(delimiter, setup.dialect));
  const cuts = present.map((delimiter) => cutBy(text, delimiter, setup));
  const ranked = cuts.map((cut) => ({ cut, rank: rankOf(cut, setup) })).filter(({ rank }) => rank > 0);
  const [best, next] = ranked.toSorted((a, b) => b.rank - a.rank || b.cut.width - a.cut.width);
  if (best === undefined) return unfitting(cuts, setup);
  const { delimiter, header, width, rows } = best.cut;
  if (next !== undefined && next.rank > RIVAL * best.rank) {
    return { delimiter, by: "rows", doubt: `${shown(next.cut.delimiter)} would cut them as evenly`, hasRival: true };
  }
  const doubt =
    header !== width && rows > 1 && setup.hasHeader
      ? `the first line has ${fields(header)}, most others ${fields(width)}`
      : undefined;
  return { delimiter, by: "rows", doubt };
}

/** What comes so near to the best is a rival of it. */
const RIVAL = 0.95;

/** A character that quotes, escapes or begins a comment stands between no fields. */
export function isPossible(delimiter: string, { quote, escape, comments }: Dialect): boolean {
  return ![quote, escape, ...comments].some((taken) => taken.startsWith(delimiter));
}

/**
 * Where the rows fit no header: the one that stands in the header and most rows, as errors of rows are seen, and whole lines
 * as values are not; else the default, with a word on what stands in some.
 */
function unfitting(cuts: readonly Cut[], { dialect }: DelimiterSetup): FoundDelimiter {
  const byDefault = CANDIDATES.find((delimiter) => isPossible(delimiter, dialect)) ?? CANDIDATES[0];
  const [best] = cuts.filter(({ cutRows }) => cutRows > 1).toSorted((a, b) => b.cutRows - a.cutRows);
  if (best === undefined || best.delimiter === byDefault)
    return { delimiter: byDefault, by: "default", doubt: undefined };
  const { delimiter, rows, cutRows, header, width } = best;
  if (header < 2 || cutRows * 2 < rows) {
    return {
      delimiter: byDefault,
      by: "default",
      doubt: `${shown(delimiter)} stands in ${cutRows} of ${rows} rows`,
      hasRival: true,
    };
  }
  const doubt =
    width > 1 && width !== header
      ? `the first line has ${fields(header)}, most others ${fields(width)}`
      : `few rows have the ${fields(header)} of the first line`;
  return { delimiter, by: "rows", doubt };
}

/**
 * How well a delimiter fits: the share of rows that have the fields of the header, 0 when these are not most. Where the
 * first line is a title, or one row is all there is, it counts for half.
 */
function rankOf({ rows, header, width, fit }: Cut, { hasHeader }: DelimiterSetup): number {
  if (width < 2 || fit * 2 < rows) return 0;
  const share = fit / rows;
  if (rows === 1) return share / 2;
  if (header === width || !hasHeader) return share;
  // A title stands above a table of two rows at the least.
  return header === 1 && fit >= 3 ? share / 2 : 0;
}

/** What a row counts for that has not as many fields as most, and may have them. */
const OTHER_WIDTH = 0.9;
const UNCUT = 0.5;

function cutBy(text: string, delimiter: string, setup: DelimiterSetup): Cut {
  const { dialect, hasHeader, isRagged, takesExtra, isWhole } = setup;
  const candidate = { ...dialect, delimiter };
  const reader = new QuickRows(text, { dialect: candidate, isWhole, tokenizer: latin1Tokenizer(candidate) });
  const counts = new Map<number, number>();
  let [rows, cutRows, header] = [0, 0, 0];
  while (rows < MAX_ROWS) {
    const width = reader.nextWidth();
    if (width === undefined) break;
    rows++;
    const own = (): string => text.slice(reader.start, reader.end);
    if (rows === 1) header = width > 0 ? width : piecesIn(own(), delimiter);
    if (width > 1 || (width === 0 && own().includes(delimiter))) cutRows++;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  const width = widthOfMost(counts, { header, hasHeader, isRagged, takesExtra });
  let fit = 0;
  for (const [count, times] of counts) {
    const isTaken = count > 0 && (count < width ? isRagged : takesExtra);
    if (count === width) fit += times;
    else if (isTaken) fit += times * (count > 1 ? OTHER_WIDTH : UNCUT);
  }
  return { delimiter, rows, cutRows, header, width, fit };
}

function piecesIn(row: string, delimiter: string): number {
  return row.split("\n", 1)[0]?.split(delimiter).length ?? 0;
}

/** The number of fields that a row is to have. */
function widthOfMost(
  counts: ReadonlyMap<number, number>,
  { header, hasHeader, isRagged, takesExtra }: { header: number } & Omit<DelimiterSetup, "dialect" | "isWhole">,
): number {
  if (isRagged && !hasHeader) return Math.max(0, ...counts.keys());
  // Of two that are as frequent, it is that of the header; so it is where all others may have more or less.
  let [width, most] = [0, 0];
  for (const [count, times] of counts) {
    const isOther = hasHeader && count !== header;
    if (isOther && header > 1 && (count < header ? isRagged : takesExtra)) continue;
    if (times > most || (times === most && !isOther)) [width, most] = [count, times];
  }
  return width;
}

/** A delimiter as it is shown: in quotes, and a tab by its name. */
export function shown(delimiter: string): string {
  return delimiter === "\t" ? "a tab" : JSON.stringify(delimiter);
}

function fields(count: number): string {
  return count === 1 ? "1 field" : `${count} fields`;
}

/** Excel's first line, which says the delimiter: quoted or not, perhaps filled up with more of them to the width of the rows. */
const SEP_LINE = /^(?:sep=(?<bare>[^\r\n])\k<bare>*|"sep=(?<quoted>[^\r\n])"\k<quoted>*)[ \t]*(?<end>\r?\n|$)/iu;
/** A longer line is none. */
const SEP_LINE_BYTES = 1024;

/** The line at the start of a text that says its delimiter, with its line end; undefined where there is none. */
export function sepLine(head: Buffer, isWhole: boolean): { delimiter: string; line: string } | undefined {
  const text = head.toString("utf8", 0, SEP_LINE_BYTES);
  if (!/^"?sep=/i.test(text)) return undefined;
  const match = SEP_LINE.exec(text);
  const { bare, quoted, end } = match?.groups ?? {};
  const delimiter = bare ?? quoted;
  if (match === null || delimiter === undefined || delimiter === '"' || (end === "" && !isWhole)) return undefined;
  return { delimiter, line: match[0] };
}
