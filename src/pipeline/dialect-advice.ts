/**
 * What to do about a row that cannot be read as the dialect says: another dialect that reads it, found by trying. An option
 * is named only if the row, and the start of its file, are better read with it. Loaded for runs that have failed.
 */
import { RowmillError, withDetails } from "../errors.ts";
import type { Dialect } from "../formats/text/dialect.ts";
import { latin1Tokenizer } from "../formats/text/latin1-tokenizer.ts";
import { shellWord } from "../formats/command-words.ts";
import { findDelimiter, shown } from "./delimiter.ts";
import { looksLikeData } from "./header.ts";
import { formatByContent } from "./told-format.ts";

/** The start of a file, and how it is read. */
export interface ReadStart {
  file: string;
  /** Whole lines, as bytes decoded as latin1; those that are left out by `--skip-lines` are not among them. */
  text: string;
  /** How many lines stand before them. */
  skippedLines: number;
  dialect: Dialect;
  /** Fields of the header, where one was read. */
  width: number | undefined;
  /** It is read as the inputs before it are. */
  isLater: boolean;
}

const QUOTE_CODES: ReadonlySet<string> = new Set(["row-quote", "row-unclosed-quote"]);

/** The error with a hint that works, if it is about a row, or a header, that is better read otherwise. */
export function advised(error: unknown, start: ReadStart | undefined): unknown {
  if (!(error instanceof RowmillError) || start === undefined || error.place?.file !== start.file) return error;
  const isHeader = error.code === "input" && /\bheader\b|names? in --columns$/.test(error.message);
  // A header that is too long says itself what to do.
  if (isHeader && error.message.includes("is longer than")) return error;
  const isQuote = QUOTE_CODES.has(error.code) || (isHeader && error.row !== undefined);
  if (!isHeader && !isQuote && error.code !== "row-field-count") return error;
  const json = formatByContent(Buffer.from(start.text, "latin1"), false);
  if (json !== undefined) {
    const hint = start.isLater
      ? `it looks like JSON, and ${TOGETHER} one format: write it as a table first: rowmill --from ${json} -e row FILE --to csv`
      : `it looks like JSON, whatever its name is: --from ${json}`;
    return withDetails(error, { hint });
  }
  const row = error.row === undefined ? undefined : wholeRow(Buffer.from(error.row).toString("latin1"), start);
  const preamble = preambleHint({ row, line: error.place.line - 1 - start.skippedLines, isHeader }, start);
  if (preamble !== undefined) {
    const { hint, isDoubtful } = preamble;
    const otherwise = isDoubtful && error.hint !== undefined ? `; otherwise ${error.hint}` : "";
    return withDetails(error, { hint: `${hint}${otherwise}` });
  }
  if (error.code === "row-field-count") {
    const otherwise = otherDelimiter(start) ?? otherQuote(row, start);
    return otherwise === undefined ? error : withDetails(error, { hint: otherwise });
  }
  return isQuote && row !== undefined ? withDetails(error, { hint: quoteHint(row, start) }) : error;
}

/** The error of a column that is not there with another hint, where the header is another line, or is cut otherwise. */
export function advisedColumn(error: RowmillError, start: ReadStart): RowmillError {
  const { lacks } = error;
  if (lacks === undefined) return error;
  const hint = otherHeader(lacks, start);
  return hint === undefined ? error : withDetails(error, { hint });
}

function otherHeader(name: string, start: ReadStart): string | undefined {
  const { text, dialect } = start;
  const rows = rowsOf(text, dialect);
  const width = rows[0]?.fields;
  const isIn = (other: Dialect, line: number): boolean =>
    fieldsAt(text, other, line).some((field) => field.trim() === name);
  const delimiter = width === 1 ? evenDelimiter(start) : undefined;
  if (delimiter !== undefined && isIn({ ...dialect, delimiter }, 0)) return delimiterHint(delimiter, start);
  const table = tableIn(rows);
  if (table === undefined || table.line === rows[0]?.line || table.fields === width || !isIn(dialect, table.line))
    return undefined;
  return preambleOf(table, start);
}

/** The fields of the first row at a line or behind it. */
function fieldsAt(text: string, dialect: Dialect, from: number): string[] {
  const tokenizer = latin1Tokenizer(dialect);
  let line = 0;
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, false);
    if (token === "end" || token === "more") return [];
    if (token === "row" && line >= from)
      return tokenizer.fields.map((field) => Buffer.from(field, "latin1").toString("utf8"));
    line += tokenizer.lines;
  }
}

/** Another delimiter that cuts all rows evenly, where the one that was given does not. */
function otherDelimiter(start: ReadStart): string | undefined {
  const delimiter = evenDelimiter(start);
  return delimiter === undefined ? undefined : delimiterHint(delimiter, start);
}

function evenDelimiter({ text, dialect }: ReadStart): string | undefined {
  if (dialect.hasEscapes) return undefined;
  const found = findDelimiter(Buffer.from(text, "latin1"), {
    dialect,
    hasHeader: true,
    isRagged: false,
    takesExtra: false,
    isWhole: false,
  });
  const { delimiter } = found;
  if (found.by !== "rows" || found.doubt !== undefined || delimiter === dialect.delimiter) return undefined;
  const isEven = (mark: string): boolean => {
    const rows = rowsOf(text, { ...dialect, delimiter: mark });
    return rows.length > 1 && rows.every(({ fields = 0 }) => fields > 1 && fields === rows[0]?.fields);
  };
  return isEven(delimiter) ? delimiter : undefined;
}

function delimiterHint(delimiter: string, { dialect, isLater }: ReadStart): string {
  const stands = `${shown(delimiter)} stands between the fields of all rows`;
  const word = delimiter === "\t" ? String.raw`'\t'` : shellWord(delimiter);
  if (!isLater) return `${stands}: -d ${word}`;
  const { delimiter: first } = dialect;
  const written = first === "," ? "" : ` --out-delimiter ${first === "\t" ? String.raw`'\t'` : shellWord(first)}`;
  return `${stands}, and ${TOGETHER} one delimiter: write it with that of the others first: rowmill -d ${word} -n -e row FILE${written}`;
}

/** What an option says holds for all inputs of a run. */
const TOGETHER = "inputs that are read together have";

/** Single quotes, where fields stand in them that hold the delimiter. */
function otherQuote(row: string | undefined, start: ReadStart): string | undefined {
  const isLikely = row !== undefined && /(?:^|[^\w\s])'[^']*'/.test(row) && start.dialect.quote !== "'";
  if (!isLikely || !reads(row, start, { quote: "'", escape: "'" })) return undefined;
  return `fields stand in single quotes: --quote "'"`;
}

const CUT_MARK = Buffer.from("…").toString("latin1");

/** A long row is shown in part: the whole of it is at the start of the file, or not to be had. */
function wholeRow(row: string, { text }: ReadStart): string {
  if (!row.endsWith(CUT_MARK)) return row;
  const start = row.slice(0, -CUT_MARK.length);
  return (
    text
      .split("\n")
      .find((line) => line.startsWith(start))
      ?.replace(/\r$/, "") ?? row
  );
}

function quoteHint(row: string, start: ReadStart): string {
  const other = OTHERS.find((way) => way.isLikely(row, start.dialect) && reads(row, start, way.change));
  return other?.hint ?? "quote the whole field and double the quote; --on-error skip leaves such rows out";
}

interface OtherDialect {
  isLikely(row: string, dialect: Dialect): boolean;
  change: Partial<Dialect>;
  hint: string;
}

const NO_QUOTES: Partial<Dialect> = { quote: "", escape: "" };

/** The likeliest first. */
const OTHERS: readonly OtherDialect[] = [
  {
    isLikely: (_, { delimiter }) => delimiter === "\t",
    change: NO_QUOTES,
    hint: "if fields are never quoted in this file, say so: --quote ''",
  },
  {
    isLikely: (row, { trim }) => /\s/.test(row) && trim !== "both",
    change: { trim: "both" },
    hint: "blanks beside quotes are dropped by --trim",
  },
  {
    isLikely: (row, { quote }) => row.includes(`\\${quote}`),
    change: { escape: "\\" },
    hint: "a backslash stands before the quotes: --escape '\\'",
  },
  {
    isLikely: () => true,
    change: { lazyQuotes: true },
    hint: "quote the whole field and double the quote, or read the file with --lazy-quotes",
  },
  {
    isLikely: (_, { delimiter }) => delimiter !== "\t",
    change: NO_QUOTES,
    hint: "if fields are never quoted in this file, say so: --quote ''",
  },
];

/** Whether a row is read by a dialect, and no row at the start of the file is read worse. */
function reads(row: string, { text, dialect, width }: ReadStart, change: Partial<Dialect>): boolean {
  const other = { ...dialect, ...change };
  const tokenizer = latin1Tokenizer(other);
  if (row.endsWith(CUT_MARK)) return change === NO_QUOTES && dialect.delimiter === "\t";
  // What goes on behind the line end has swallowed the next row.
  const isRead = tokenizer.read(`${row}\n`, 0, false) === "row" && tokenizer.end === row.length + 1;
  if (!isRead || (width !== undefined && tokenizer.fields.length !== width)) return false;
  const [before, after] = [rowsOf(text, dialect), rowsOf(text, other)];
  const fitting = (rows: readonly StartRow[]): number =>
    rows.filter(({ fields }) => fields === (width ?? rows[0]?.fields)).length;
  return fitting(after) >= fitting(before) && (change.quote !== "" || !hasQuotedFields(text, dialect));
}

/** A row at the start of a file. */
interface StartRow {
  /** How many lines stand before it. */
  line: number;
  /** Undefined for a bad one. */
  fields: number | undefined;
  /** None of them is empty. */
  isFilled: boolean;
  /** At most half of them are: a title, that a spreadsheet has filled up with empty cells. */
  isTitle: boolean;
  /** Numbers, dates and the like: no header. */
  isData: boolean;
  /** Words, and no numbers: it may well be a header. */
  isWords: boolean;
  /** Which fields are numbers, dates and the like. */
  data: readonly boolean[];
  /** Nothing stands behind its last delimiter. */
  endsEmpty: boolean;
}

function rowsOf(text: string, dialect: Dialect): StartRow[] {
  const tokenizer = latin1Tokenizer(dialect);
  const rows: StartRow[] = [];
  let line = 0;
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, false);
    if (token === "end" || token === "more") return rows;
    if (token === "row") rows.push({ line, ...seenIn(tokenizer.fields) });
    if (token === "bad") rows.push({ line, ...seenIn([]), fields: undefined });
    line += tokenizer.lines;
  }
}

function seenIn(fields: readonly string[]): Omit<StartRow, "line"> {
  const filled = fields.filter((field) => field.trim() !== "");
  return {
    fields: fields.length,
    isFilled: filled.length === fields.length,
    isTitle: filled.length * 2 <= fields.length,
    isData: looksLikeData(fields),
    isWords: fields.every((field) => /^[^\s:;]+$/.test(field) && !looksLikeData([field])),
    data: fields.map((field) => looksLikeData([field])),
    endsEmpty: fields.at(-1) === "",
  };
}

/** Whether quotes stand around fields that need them: without quotes such a row would be another one. */
function hasQuotedFields(text: string, dialect: Dialect): boolean {
  const tokenizer = latin1Tokenizer(dialect);
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, false);
    if (token === "end" || token === "more") return false;
    const { fields, quoted } = tokenizer;
    if (token === "row" && fields.some((field, index) => quoted[index] === true && needsQuotes(field, dialect)))
      return true;
  }
}

function needsQuotes(field: string, { delimiter, quote }: Dialect): boolean {
  return field.includes(delimiter) || field.includes(quote) || field.includes("\n");
}

/** What lines begin with that are no rows. */
const COMMENT_MARKS = ["#", "//", "%", ";", "--"] as const;

/** The row that failed, and the line at which it begins, from 0. */
interface FailedRow {
  row: string | undefined;
  line: number;
  isHeader: boolean;
}

/** Lines before the header, or comments among the rows. */
function preambleHint(failed: FailedRow, start: ReadStart): { hint: string; isDoubtful: boolean } | undefined {
  const { text, dialect, width } = start;
  const { row } = failed;
  const [first] = linesOf(text);
  const mark =
    row === undefined
      ? undefined
      : marksFor(dialect).find((known) => row.startsWith(known) && first?.startsWith(known) !== true);
  if (mark !== undefined) return { hint: commentHint(mark, dialect), isDoubtful: false };
  const rows = rowsOf(text, dialect);
  const table = row === undefined ? tableIn(rows) : tableBehind(rows, failed);
  // Comments that are known, and blank lines, may stand before the first row.
  if (table === undefined || table.line === rows[0]?.line) return undefined;
  if (width !== undefined && isOneDelimiterApart(rows, width, table.fields)) return undefined;
  const hint = preambleOf(table, start);
  return { hint, isDoubtful: hint.includes("--skip-lines") && (row === undefined || table.fields === width) };
}

function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

/** What may begin a comment, beside what is known to. */
function marksFor({ delimiter, comments }: Dialect): string[] {
  return COMMENT_MARKS.filter((mark) => !mark.includes(delimiter) && !comments.some((known) => mark.startsWith(known)));
}

/** What to do about the lines before a table. */
function preambleOf(table: StartRow, { text, skippedLines, dialect, isLater }: ReadStart): string {
  const isComment = (line: string): boolean => dialect.comments.some((mark) => line.startsWith(mark));
  const before = linesOf(text)
    .slice(0, table.line)
    .filter((line) => line.trim() !== "" && !isComment(line));
  const common = marksFor(dialect).find((known) => before.every((line) => line.startsWith(known)));
  if (common !== undefined && before.length > 0) return commentHint(common, dialect);
  const count = skippedLines + table.line;
  const where = count === 1 ? "the first line" : `${count} lines`;
  const begins = `the table seems to begin behind ${where}`;
  const option = `--skip-lines ${count}${table.isData ? " -n" : ""}`;
  if (!isLater) return `${begins}: ${option}`;
  return `${begins}, and that is said of all inputs: write it without them first: rowmill ${option} -e row FILE`;
}

/** So many rows of a table may come before its header: lines of a title that happen to have as many fields. */
const MOST_BEFORE = 3;

/**
 * The first row of the table that begins at a failed row or behind it: its header, or a row where it has none. Undefined
 * where the failed row is one in the middle of a table.
 */
function tableBehind(rows: readonly StartRow[], { line, isHeader }: FailedRow): StartRow | undefined {
  const from = isHeader ? 1 : rows.findIndex((row) => row.line >= line);
  if (from < 1) return undefined;
  const behind = rows.slice(from);
  const width = widthOfMost(behind);
  const like = behind.filter(({ fields }) => fields === width);
  if (width === undefined || like.length < 2) return undefined;
  const isDataIn = (column: number): boolean =>
    like.filter(({ data }) => data[column] === true).length * 2 >= like.length;
  const columns = Array.from({ length: width }, (_, column) => column).filter(isDataIn);
  const isData = ({ fields, data }: StartRow): boolean =>
    fields === width && columns.some((column) => data[column] === true);
  const [first] = rows;
  const hasHeader = first?.fields === width && first.isWords;
  if (hasHeader || rows.slice(1, from).some(isData)) return undefined;
  // Nothing tells a header of texts from a row of them: the first line is wrong where it has another number of fields.
  if (columns.length === 0) return first?.fields === width ? undefined : titled(like);
  let passed = 0;
  for (const [at, row] of behind.entries()) {
    const next = behind[at + 1];
    if (row.fields !== width) continue;
    if (row.isData) return first?.fields === width ? undefined : row;
    if (row.isFilled && !isData(row) && next !== undefined && isData(next)) return row;
    if (++passed > MOST_BEFORE) return undefined;
  }
  return undefined;
}

/** Whether a header and the rows differ by nothing but a delimiter at the end of the one or the others. */
function isOneDelimiterApart(rows: readonly StartRow[], width: number, most: number | undefined): boolean {
  if (most === width + 1) return rows.every(({ fields, endsEmpty }) => fields !== most || endsEmpty);
  return most === width - 1 && rows[0]?.endsEmpty === true;
}

function commentHint(mark: string, { comments }: Dialect): string {
  const further = comments.length > 0 ? "a further " : "";
  return `lines that begin with ${mark} are left out by ${further}--comment '${mark}'`;
}

/** The first row of the table that most rows make: the first like them, or the one behind it where that is a title. */
function tableIn(rows: readonly StartRow[]): StartRow | undefined {
  const width = widthOfMost(rows);
  const like = rows.filter(({ fields }) => fields === width);
  return width === undefined || like.length < 2 ? undefined : titled(like);
}

/** The number of fields that most rows have, of those with several. */
function widthOfMost(rows: readonly StartRow[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { fields = 0 } of rows) if (fields > 1) counts.set(fields, (counts.get(fields) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0];
}

/** The first of some rows, or that behind it which is the header where the first is a title. */
function titled(like: readonly StartRow[]): StartRow | undefined {
  const [first] = like;
  if (first?.isTitle !== true) return first;
  const header = like.findIndex(({ isFilled, isData }) => isFilled && !isData);
  // There are rows behind a header.
  return header > 0 && header + 1 < like.length ? like[header] : first;
}
