/**
 * Finds the delimiter of CSV by the start of an input: the one of comma, semicolon, tab and bar that cuts the header and
 * most rows into the same number of fields. One row that is cut otherwise costs itself, and not the delimiter.
 */
import type { Dialect } from "../formats/csv/dialect.ts";
import { latin1Tokenizer } from "../formats/csv/splitter.ts";

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
}

/** How a candidate cuts the rows at the start. */
interface Cut {
  delimiter: string;
  rows: number;
  /** Fields of the first row. */
  header: number;
  /** The number of fields that most rows have, and how many have it. */
  width: number;
  fitting: number;
}

/** What is known of the way in which rows are read. */
export interface DelimiterSetup {
  dialect: Dialect;
  /** Rows with fewer fields than the header are rows as well. */
  isRagged: boolean;
  /** Nothing follows the bytes. */
  isWhole: boolean;
}

/** Finds the delimiter of an input that starts with these bytes. */
export function findDelimiter(bytes: Buffer, setup: DelimiterSetup): FoundDelimiter {
  const text = bytes.toString("latin1");
  const cuts = CANDIDATES.filter((delimiter) => isPossible(delimiter, setup.dialect)).map((delimiter) =>
    cutBy(text, delimiter, setup),
  );
  const ranked = cuts.map((cut) => ({ cut, rank: rankOf(cut) })).filter(({ rank }) => rank > 0);
  const [best, next] = ranked.toSorted((a, b) => b.rank - a.rank || b.cut.width - a.cut.width);
  if (best === undefined) return { delimiter: defaultOf(setup.dialect), by: "default", doubt: undefined };
  const { delimiter, header, width } = best.cut;
  const isTitled = header !== width && best.cut.rows > 1;
  const doubt =
    next !== undefined && next.rank > RIVAL * best.rank
      ? `${shown(next.cut.delimiter)} would cut them as evenly`
      : isTitled
        ? `the first line has ${fields(header)}, most others ${fields(width)}`
        : undefined;
  return { delimiter, by: "rows", doubt };
}

/** What comes so near to the best is a rival of it. */
const RIVAL = 0.95;

/** A character that quotes, escapes or begins a comment stands between no fields. */
function isPossible(delimiter: string, { quote, escape, comments }: Dialect): boolean {
  return ![quote, escape, ...comments].some((taken) => taken.startsWith(delimiter));
}

function defaultOf(dialect: Dialect): string {
  return CANDIDATES.find((delimiter) => isPossible(delimiter, dialect)) ?? CANDIDATES[0];
}

/**
 * How well a delimiter fits: the share of rows that have the fields of the header, 0 when these are not most. Where the
 * first line is a title, or one row is all there is, it counts for half.
 */
function rankOf({ rows, header, width, fitting }: Cut): number {
  if (width < 2 || fitting * 2 < rows) return 0;
  const share = fitting / rows;
  if (rows === 1) return share / 2;
  if (header === width) return share;
  // A title stands above a table of two rows at the least.
  return header === 1 && fitting >= 3 ? share / 2 : 0;
}

function cutBy(text: string, delimiter: string, { dialect, isRagged, isWhole }: DelimiterSetup): Cut {
  const tokenizer = latin1Tokenizer({ ...dialect, delimiter });
  const counts = new Map<number, number>();
  let rows = 0;
  let header = 0;
  for (let at = 0; rows < MAX_ROWS; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") break;
    if (token !== "row" && token !== "bad") continue;
    rows++;
    const fieldCount = token === "row" ? tokenizer.fields.length : 0;
    if (rows === 1) header = fieldCount;
    const counted = isRagged && fieldCount > 0 && fieldCount < header ? header : fieldCount;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
  }
  let [width, fitting] = [0, 0];
  // Of two numbers of fields that are as frequent, it is the header's.
  for (const [count, times] of counts) {
    if (times > fitting || (times === fitting && count === header)) [width, fitting] = [count, times];
  }
  return { delimiter, rows, header, width, fitting };
}

/** A delimiter as it is shown: in quotes, and a tab by its name. */
export function shown(delimiter: string): string {
  return delimiter === "\t" ? "a tab" : JSON.stringify(delimiter);
}

function fields(count: number): string {
  return count === 1 ? "1 field" : `${count} fields`;
}

/** Excel's first line, which says the delimiter: quoted or not, and nothing else in it. */
const SEP_LINE = /^(?:sep=(?<bare>[^\r\n])|"sep=(?<quoted>[^\r\n])")[ \t]*(?<end>\r?\n|$)/i;

/** The line at the start of a text that says its delimiter, with its line end; undefined where there is none. */
export function sepLine(head: Buffer, isWhole: boolean): { delimiter: string; line: string } | undefined {
  const text = head.toString("latin1", 0, 32);
  const match = SEP_LINE.exec(text);
  const { bare, quoted, end } = match?.groups ?? {};
  const delimiter = bare ?? quoted;
  if (match === null || delimiter === undefined || delimiter === '"' || (end === "" && !isWhole)) return undefined;
  return { delimiter, line: match[0] };
}
