/**
 * Types by the data: the first rows of the first input, and what they say of its columns. The same rows for every number
 * of workers, and from a pipe as from a file.
 */
import { REST_COLUMN, type RowForm } from "../formats/csv/dialect.ts";
import { fieldReader } from "../formats/csv/token-decoder.ts";
import { Tokenizer } from "../formats/csv/tokenizer.ts";
import { decodeUtf8, replaceInvalidUtf8 } from "../formats/utf8.ts";
import { ColumnSample, SAMPLE_ROWS } from "../transform/data-types.ts";
import type { DataTypes } from "../transform/typing.ts";

/** What the sample is read with. */
export interface SampledRows extends RowForm {
  columns: readonly string[];
  /** Nothing follows the bytes. */
  isWhole: boolean;
}

/** What each column is; `bytes` start with a row. */
export function sampledTypes(
  bytes: Uint8Array,
  { columns, isWhole, ...form }: SampledRows,
): { types: DataTypes; rows: number } {
  const { dialect, extraFields, nullTexts = [] } = form;
  // Extra fields stay texts.
  const named = extraFields === "keep" ? columns.filter((name) => name !== REST_COLUMN) : columns;
  const samples = named.map(() => new ColumnSample());
  const read = fieldReader(form);
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  const tokenizer = new Tokenizer(dialect);
  let rows = 0;
  for (let at = 0; rows < SAMPLE_ROWS; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") break;
    // A row that fails is no row.
    if (token !== "row" || (tokenizer.fields.length > named.length && extraFields === "error")) continue;
    rows++;
    for (const [index, raw] of tokenizer.fields.entries()) {
      const field = read(raw);
      // What stands for null says nothing.
      if (field !== null && !nullTexts.includes(field)) samples[index]?.add(field);
    }
  }
  return { types: Object.fromEntries(named.map((name, index) => [name, samples[index]?.type ?? "text"])), rows };
}
