/** Column names of an input: from its header, from the command line, or made up. */
import { shownColumn } from "../formats/columns.ts";
import { RowmillError } from "../errors.ts";
import { differentNames, isShort, quotedColumn, shownColumns } from "../formats/columns.ts";
import { listedName, namesWord, typableNames } from "../formats/command-words.ts";
import { placeCount } from "../formats/text/cut.ts";
import { type Dialect, REST_COLUMN, type RowForm } from "../formats/text/dialect.ts";
import { latin1Tokenizer } from "../formats/text/latin1-tokenizer.ts";
import { fieldReader } from "../formats/text/row-maker.ts";
import { Tokenizer } from "../formats/text/tokenizer.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../formats/utf8.ts";
import type { InputPlan } from "./options.ts";
import { shownName } from "../io/files.ts";

/**
 * More columns than this are refused: each worker holds all names and several rows of as many fields (450 MB with two
 * workers at this width).
 */
export const MAX_COLUMNS = 250_000;

/** The fields of one row of CSV, for the few rows that the parent reads itself. */
export function readFields(
  bytes: Uint8Array,
  { encodingErrors, ...form }: RowForm & Pick<InputPlan, "encodingErrors">,
  place: { file: string; line: number },
): string[] {
  const text = decodeUtf8(bytes) ?? (encodingErrors === "replace" ? replaceInvalidUtf8(bytes) : undefined);
  if (text === undefined) {
    const { message, hint } = invalidUtf8(bytes);
    throw new RowmillError("input", message, { place, ...(hint !== undefined && { hint }) });
  }
  const tokenizer = new Tokenizer(form.dialect);
  const read = fieldReader({ ...form, nullTexts: [] });
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, true);
    if (token === "row") return tokenizer.fields.map((field) => read(field) ?? "");
    if (token !== "blank" && token !== "comment") return [];
  }
}

/**
 * The column names that a first row stands for.
 *
 * @throws {RowmillError} `input`, when there are too many, a name stands twice or `--columns` has another number of names.
 */
export function columnNames(
  fields: readonly string[],
  plan: InputPlan,
  place: { file: string; line: number },
): string[] {
  checkWidth(fields.length, place);
  if (fields.length > (placeCount(plan.dialect.cut) ?? fields.length))
    throw new RowmillError("input", "the header goes on behind the last column of --widths", {
      place,
      hint: "give its width as well; a star is the rest: --widths 10,5,*",
    });
  if (plan.columns !== undefined) {
    const { columns, isRagged, extraFields } = plan;
    const lacks = fields.length < columns.length;
    if (fields.length === columns.length || (lacks ? isRagged : extraFields !== "error")) return columns;
    const there = fields.length === 1 ? "is 1 column" : `are ${fields.length} columns`;
    const named = columns.length === 1 ? "1 name" : `${columns.length} names`;
    throw new RowmillError("input", `there ${there}, and ${named} in --columns`, {
      place,
      hint: allNames(columns, fields),
    });
  }
  const names = new Set(fields);
  if (names.size === fields.length) return [...fields];
  if (plan.dedupsColumns) return differentNames(fields);
  throw duplicateColumn(fields, place);
}

/** What to say where `--columns` has another number of names than the header has. */
function allNames(given: readonly string[], header: readonly string[]): string {
  const names = isShort(header) ? typableNames([...given, ...header.slice(given.length)]) : [];
  if (given.length > header.length) {
    return `name as many: --columns ${namesWord(given.slice(0, header.length))}; or --ragged leaves the others without a value`;
  }
  const list = names.length > 0 ? `name all columns: --columns ${namesWord(names)}` : "name all columns";
  return `${list}; or --extra-fields drop leaves the others out`;
}

/** The names of columns that nobody has named. */
export function madeUpNames(width: number, place: { file: string; line: number }): string[] {
  checkWidth(width, place);
  return Array.from({ length: width }, (_, index) => `c${index + 1}`);
}

function checkWidth(width: number, place: { file: string; line: number }): void {
  if (width <= MAX_COLUMNS) return;
  throw new RowmillError("input", `there are ${width} columns, at most ${MAX_COLUMNS} can be read`, {
    place,
    hint: "a wrong --delimiter or a missing line end makes so many; JSONL has no such limit",
  });
}

/** The first whole rows of a file, as bytes decoded as latin1. */
export function firstRows(sample: Buffer, dialect: Dialect): string[][] {
  const text = sample.toString("latin1");
  const tokenizer = latin1Tokenizer(dialect);
  const rows: string[][] = [];
  let token = tokenizer.read(text, 0, false);
  for (
    ;
    token !== "end" && token !== "more" && rows.length < SEEN_ROWS;
    token = tokenizer.read(text, tokenizer.end, false)
  ) {
    if (token === "row") rows.push(tokenizer.fields);
  }
  return rows;
}

const SEEN_ROWS = 100;

/**
 * The number of columns of a file that has no header, by the rows at its start: that of most rows, or, where rows may be
 * short, of the longest. No row counts for more than another: a bad first one costs itself. Undefined without a good one.
 *
 * @param sample Bytes from the first row on; `isWhole` tells that nothing follows.
 */
export function columnCount(
  sample: Buffer,
  isWhole: boolean,
  { dialect, isRagged, maxRowBytes }: RowForm & Pick<InputPlan, "maxRowBytes">,
): number | undefined {
  const places = placeCount(dialect.cut);
  if (places !== undefined) return places;
  const text = sample.toString("latin1");
  const tokenizer = latin1Tokenizer(dialect);
  const counts = new Map<number, number>();
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") break;
    const width = tokenizer.fields.length;
    if (token === "row" && tokenizer.end - at <= maxRowBytes) counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  if (isRagged) return Math.max(...counts.keys());
  // The first one that comes, of those that come as often.
  const [[most] = [1, 0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most;
}

/** How many pieces there are between the delimiters in a line that is no good row. */
export function piecesOf(line: Buffer, { delimiter }: Dialect): number {
  return line.toString("utf8").split("\n", 1)[0]?.split(delimiter).length ?? 1;
}

/**
 * The columns of a file as its rows have them: where extra fields are kept, these are the last one.
 *
 * @throws {RowmillError} `input`, when the file has a column of that name.
 */
export function withRest(names: string[], { extraFields }: RowForm, place: { file: string; line: number }): string[] {
  if (extraFields !== "keep") return names;
  if (!names.includes(REST_COLUMN)) return [...names, REST_COLUMN];
  throw new RowmillError("input", `the input has a column ${REST_COLUMN}, as extra fields are called`, {
    place,
    hint: "--columns gives the columns other names; --extra-fields drop leaves extra fields out",
  });
}

/** What to say of a first row in whose place names were given, where it looks like a row of data. */
export function replacedRowNotice(
  fields: readonly string[],
  { rows, place }: { rows: readonly (readonly string[])[]; place: { file: string; line: number } },
): string | undefined {
  const isAgain = fields.some((field, at) => {
    const bytes = Buffer.from(field).toString("latin1");
    return field.trim() !== "" && rows.some((row) => row[at] === bytes);
  });
  if (!isAgain && !fields.some((field) => looksLikeData([field]))) return undefined;
  const shown = fields.slice(0, SHOWN_FIELDS).map(listedName).join(",");
  const row = shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown;
  const more = fields.length > SHOWN_FIELDS && !row.endsWith("…") ? ",…" : "";
  const where = `${shownName(place.file)}:${place.line}`;
  return `${where}: --columns took the place of this line, which looks like a row: ${row}${more} (-n if the file has no header)`;
}

/** So much of a row is shown. */
const SHOWN_FIELDS = 8;
const SHOWN_CHARS = 100;

function duplicateColumn(fields: readonly string[], place: { file: string; line: number }): RowmillError {
  const twice = fields.find((name, at) => fields.indexOf(name) !== at) ?? "";
  const list = namesWord(typableNames(fields));
  const named = list.length > MAX_LIST_CHARS ? "a,b,…" : list;
  // Names in its place would make a row of data vanish.
  const isData = looksLikeData(fields);
  return new RowmillError("input", `the header has the column ${quotedColumn(twice)} twice`, {
    place,
    hint: isData
      ? `-n if it is no header, but the first row; if it is one, --dedup-columns tells its names apart, or --columns ${named}`
      : `--dedup-columns tells them apart, or name the columns yourself: --columns ${named}`,
  });
}

/** Whether the fields of a row are what stands in rows, and hardly ever in a header. */
export function looksLikeData(fields: readonly string[]): boolean {
  const filled = fields.filter((field) => field.trim() !== "");
  return filled.length > 0 && filled.every((field) => LOOKS_LIKE_DATA.test(field));
}

const LOOKS_LIKE_DATA = /^\s*[-+]?[\d.,:/ -]*\d[\d.,:/ -]*%?\s*$|^(?:true|false|null|NA|N\/A)$/i;

/** A longer list of names is shown to nobody. */
const MAX_LIST_CHARS = 1000;

/** What stands between the columns of a file that is read with another delimiter. */
const OTHER_DELIMITERS = /[,;|\t]/;

/**
 * Checks that a later file is not one of another delimiter: its columns would be others than those of the first.
 *
 * @throws {RowmillError} `input`, where all of its header is one column.
 */
export function checkOneColumn(
  first: readonly string[],
  [name = "", ...others]: readonly string[],
  place: { file: string; line: number },
): void {
  if (others.length > 0 || first.includes(name) || !OTHER_DELIMITERS.test(name)) return;
  throw new RowmillError(
    "input",
    `its header is one column with the delimiter of the first input: ${shownColumn(name)}`,
    {
      place,
      hint: "inputs that are read together have one delimiter: write the file with that of the others first, or quote the name",
    },
  );
}

/**
 * Checks that a later file has the columns of the first, in any order.
 *
 * @throws {RowmillError} `input`, naming the columns that are missing or new.
 */
export function checkSameColumns(
  first: readonly string[],
  later: readonly string[],
  place: { file: string; line: number },
): void {
  const [inFirst, inLater] = [new Set(first), new Set(later)];
  const missing = first.filter((name) => !inLater.has(name));
  const extra = later.filter((name) => !inFirst.has(name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts = [
    missing.length > 0 ? `missing: ${shownColumns(missing)}` : "",
    extra.length > 0 ? `not in the first: ${shownColumns(extra)}` : "",
  ].filter((part) => part !== "");
  throw new RowmillError("input", `its columns are not those of the first input (${parts.join("; ")})`, {
    place,
    hint: "--union takes files with different columns: fields that a row does not have are empty",
    ...(missing[0] !== undefined && { lacks: missing[0] }),
  });
}
