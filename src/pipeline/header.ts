/** Column names of an input: from its header, from the command line, or made up. */
import { RowmillError } from "../errors.ts";
import { quotedColumn, shownColumns } from "../formats/columns.ts";
import { Tokenizer } from "../formats/csv/tokenizer.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../formats/utf8.ts";
import { isRow } from "../formats/jsonl/parsed-lines.ts";
import { type Reject, readReject } from "../formats/rejects/record.ts";
import type { InputPlan } from "./options.ts";
import { shellWord } from "./shell.ts";

/**
 * More columns than this are refused: each worker holds all names and several rows of as many fields (450 MB with two
 * workers at this width).
 */
export const MAX_COLUMNS = 250_000;

/** The fields of one row of CSV, for the few rows that the parent reads itself. */
export function readFields(
  bytes: Uint8Array,
  { dialect, encodingErrors }: Pick<InputPlan, "dialect" | "encodingErrors">,
  place: { file: string; line: number },
): string[] {
  const text = decodeUtf8(bytes) ?? (encodingErrors === "replace" ? replaceInvalidUtf8(bytes) : undefined);
  if (text === undefined) {
    const { message, hint } = invalidUtf8(bytes);
    throw new RowmillError("input", message, { place, ...(hint !== undefined && { hint }) });
  }
  const tokenizer = new Tokenizer(dialect);
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, true);
    if (token === "row") return tokenizer.fields;
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
  if (fields.length > MAX_COLUMNS) {
    throw new RowmillError("input", `there are ${fields.length} columns, at most ${MAX_COLUMNS} can be read`, {
      place,
      hint: "a wrong --delimiter or a missing line end makes so many; JSONL has no such limit",
    });
  }
  if (plan.columns !== undefined) {
    if (plan.columns.length === fields.length) return plan.columns;
    throw new RowmillError(
      "input",
      `there are ${fields.length} columns, and ${plan.columns.length} names in --columns`,
      { place, hint: "name all columns of the input" },
    );
  }
  if (!plan.hasHeader) return fields.map((_, index) => `c${index + 1}`);
  const names = new Set(fields);
  if (names.size === fields.length) return [...fields];
  throw duplicateColumn(fields, place);
}

function duplicateColumn(fields: readonly string[], place: { file: string; line: number }): RowmillError {
  const twice = fields.find((name, at) => fields.indexOf(name) !== at) ?? "";
  const list = differentNames(fields).map(listed).join(",");
  const named = list.length > MAX_LIST_CHARS ? "a,b,…" : shellWord(list);
  // Names in its place would make a row of data vanish.
  const isData = looksLikeData(fields);
  return new RowmillError("input", `the header has the column ${quotedColumn(twice)} twice`, {
    place,
    hint: isData
      ? `-n if it is no header, but the first row; if it is one, name the columns yourself: --columns ${named}`
      : `name the columns yourself: --columns ${named}`,
  });
}

/** A name in a list of names, which is read as CSV is. */
function listed(name: string): string {
  return /[",]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** Whether the fields of a row are what stands in rows, and hardly ever in a header. */
export function looksLikeData(fields: readonly string[]): boolean {
  const filled = fields.filter((field) => field.trim() !== "");
  return filled.length > 0 && filled.every((field) => LOOKS_LIKE_DATA.test(field));
}

const LOOKS_LIKE_DATA = /^\s*[-+]?[\d.,:/ -]*\d[\d.,:/ -]*%?\s*$|^(?:true|false|null|NA|N\/A)$/i;

/** Names in which each that stands twice has its number added, and empty ones are called by it. */
function differentNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name, index) => {
    const isFirst = !seen.has(name) && name.trim() !== "";
    seen.add(name);
    if (isFirst) return name;
    let other = `${name.trim() === "" ? "column" : name}_${index + 1}`;
    while (taken.has(other)) other += "_";
    taken.add(other);
    return other;
  });
}

/** A longer list of names is shown to nobody. */
const MAX_LIST_CHARS = 1000;

/**
 * Columns and delimiter of the rows of a rejects file, by its first record; no columns: they are JSON.
 *
 * @throws {RowmillError} `input`, when that is no record.
 */
export function recordHeader(line: Uint8Array, place: { file: string; line: number }): Omit<Reject, "input"> {
  const record = parseRecord(Buffer.from(line).toString("utf8"));
  const found = isRow(record) ? readReject(record) : undefined;
  if (found !== undefined) return found;
  throw new RowmillError("input", "the line is no record of a rejects file", {
    place,
    hint: "--from rejects reads what --on-error reject has written",
  });
}

function parseRecord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said with its place by the caller.
    return undefined;
  }
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
    hint: "run such files apart from each other",
  });
}
