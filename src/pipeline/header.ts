/** Column names of an input: from its header, from the command line, or made up. */
import { RowmillError } from "../errors.ts";
import type { Dialect } from "../formats/csv/dialect.ts";
import { Tokenizer } from "../formats/csv/tokenizer.ts";
import { decodeUtf8, invalidUtf8 } from "../formats/utf8.ts";
import { isRow } from "../formats/jsonl/decoder.ts";
import { type Reject, readReject } from "../formats/rejects/record.ts";
import type { InputPlan } from "./options.ts";

/** The fields of one row of CSV, for the few rows that the parent reads itself. */
export function readFields(bytes: Uint8Array, dialect: Dialect, place: { file: string; line: number }): string[] {
  const text = decodeUtf8(bytes);
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
 * @throws {RowmillError} `input`, when a name stands twice or `--columns` has another number of names.
 */
export function columnNames(
  fields: readonly string[],
  plan: InputPlan,
  place: { file: string; line: number },
): string[] {
  if (plan.columns !== undefined) {
    if (plan.columns.length === fields.length) return plan.columns;
    throw new RowmillError(
      "input",
      `there are ${fields.length} columns, and ${plan.columns.length} names in --columns`,
      { place, hint: "name all columns of the input" },
    );
  }
  if (!plan.hasHeader) return fields.map((_, index) => `c${index + 1}`);
  const seen = new Set<string>();
  for (const name of fields) {
    if (seen.has(name)) {
      const unique = fields.map((field, index) => (fields.indexOf(field) === index ? field : `${field}_${index + 1}`));
      throw new RowmillError("input", `the header has the column ${JSON.stringify(name)} twice`, {
        place,
        hint: `name the columns yourself: --columns ${shellQuote(unique.join(","))}`,
      });
    }
    seen.add(name);
  }
  return [...fields];
}

function shellQuote(text: string): string {
  return /^[\w,.:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

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
  const missing = first.filter((name) => !later.includes(name));
  const extra = later.filter((name) => !first.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts = [
    missing.length > 0 ? `missing: ${missing.join(", ")}` : "",
    extra.length > 0 ? `not in the first: ${extra.join(", ")}` : "",
  ].filter((part) => part !== "");
  throw new RowmillError("input", `its columns are not those of the first input (${parts.join("; ")})`, {
    place,
    hint: "run such files apart from each other",
  });
}
