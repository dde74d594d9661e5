/**
 * Types by the data: the first rows of the first input, and what they say of its columns. The same rows for every number
 * of workers, and from a pipe as from a file.
 */
import { Tokenizer } from "../formats/csv/tokenizer.ts";
import { decodeUtf8, replaceInvalidUtf8 } from "../formats/utf8.ts";
import { ColumnSample, SAMPLE_ROWS } from "../transform/data-types.ts";
import type { DataTypes } from "../transform/typing.ts";
import type { InputPlan } from "./options.ts";

/** What the sample is read with. */
export interface SampledRows extends Pick<InputPlan, "dialect"> {
  columns: readonly string[];
  /** The text that stands for null says nothing. */
  nullText: string | undefined;
  /** Nothing follows the bytes. */
  isWhole: boolean;
}

/** What each column is; `bytes` start with a row. */
export function sampledTypes(
  bytes: Uint8Array,
  { dialect, columns, nullText, isWhole }: SampledRows,
): { types: DataTypes; rows: number } {
  const samples = columns.map(() => new ColumnSample());
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  const tokenizer = new Tokenizer(dialect);
  let rows = 0;
  for (let at = 0; rows < SAMPLE_ROWS; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") break;
    // A row that fails is no row.
    if (token !== "row" || tokenizer.fields.length > columns.length) continue;
    rows++;
    for (const [index, field] of tokenizer.fields.entries()) if (field !== nullText) samples[index]?.add(field);
  }
  return { types: Object.fromEntries(columns.map((name, index) => [name, samples[index]?.type ?? "text"])), rows };
}
