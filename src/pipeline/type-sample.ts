/**
 * Types by the data: the first rows of the first input, and what they say of its columns. The same rows for every number
 * of workers, and from a pipe as from a file.
 */
import { type Dialect, REST_COLUMN, type RowForm, isKernelDialect } from "../formats/csv/dialect.ts";
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
  const nulls = nullTexts.length === 0 ? undefined : new Set(nullTexts);
  /** The columns that may still be something else than text. */
  let open = samples.map((sample, index) => ({ sample, index }));
  const read = fieldReader(form);
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  const rowsOf = new SampleReader(text, dialect, isWhole);
  let rows = 0;
  for (let fields = rowsOf.next(); fields !== undefined && rows < SAMPLE_ROWS; fields = rowsOf.next()) {
    // A row that fails is no row.
    if (fields.length > named.length && extraFields === "error") continue;
    rows++;
    let hasDecided = false;
    for (const { index, sample } of open) {
      const raw = fields[index];
      const field = raw === undefined || raw === "" || !dialect.hasEscapes ? raw : read(raw);
      // What stands for null says nothing, and neither does what is not there.
      if (field === undefined || field === null || field === "" || nulls?.has(field) === true) continue;
      sample.add(field);
      hasDecided ||= sample.isText;
    }
    if (hasDecided) open = open.filter(({ sample }) => !sample.isText);
  }
  return { types: Object.fromEntries(named.map((name, index) => [name, samples[index]?.type ?? "text"])), rows };
}

/** Reads rows one by one: a line without anything unusual is split at once. The tokenizer's code is slow at first. */
class SampleReader {
  readonly #text: string;
  readonly #isWhole: boolean;
  readonly #delimiter: string;
  /** The dialect has no rules but those of the delimiter and of quotes. */
  readonly #isPlain: boolean;
  readonly #quote: string;
  /** The first quote, and the first return, at or behind the last place asked for. */
  #nextQuote = -1;
  #nextReturn = -1;
  readonly #tokenizer: Tokenizer;
  #at = 0;

  constructor(text: string, dialect: Dialect, isWhole: boolean) {
    this.#text = text;
    this.#isWhole = isWhole;
    this.#delimiter = dialect.delimiter;
    this.#isPlain = isKernelDialect(dialect);
    this.#quote = dialect.quote;
    this.#tokenizer = new Tokenizer(dialect);
  }

  /** The fields of the next row; undefined behind the last one that is whole. */
  next(): string[] | undefined {
    for (;;) {
      const fields = this.#plainFields();
      if (fields !== undefined) return fields;
      const token = this.#tokenizer.read(this.#text, this.#at, this.#isWhole);
      if (token === "end" || token === "more") return undefined;
      this.#at = this.#tokenizer.end;
      if (token === "row") return this.#tokenizer.fields;
    }
  }

  /** The fields of the next line, where it is a row of its own, and quotes stand around whole fields only. */
  #plainFields(): string[] | undefined {
    const text = this.#text;
    const start = this.#at;
    const end = text.indexOf("\n", start);
    if (!this.#isPlain || end < 0) return undefined;
    if (this.#nextQuote < start) this.#nextQuote = placeOf(text, this.#quote, start);
    if (this.#nextReturn < start) this.#nextReturn = placeOf(text, "\r", start);
    const lineEnd = this.#nextReturn === end - 1 ? end - 1 : end;
    if (lineEnd === start || this.#nextReturn < lineEnd) return undefined;
    const line = text.slice(start, lineEnd);
    const fields = this.#nextQuote < end ? this.#quotedFields(line) : line.split(this.#delimiter);
    if (fields !== undefined) this.#at = end + 1;
    return fields;
  }

  #quotedFields(line: string): string[] | undefined {
    const delimiter = this.#delimiter;
    // Every other part stands in quotes.
    const parts = line.split(this.#quote);
    if (parts.length % 2 === 0) return undefined;
    const fields: string[] = [];
    const last = parts.length - 1;
    for (const [index, part] of parts.entries()) {
      if (index % 2 === 1) {
        fields.push(part);
        continue;
      }
      const isFirst = index === 0;
      const isLast = index === last;
      if (part === "" && (isFirst || isLast)) continue;
      const isSeparate = (isFirst || part.startsWith(delimiter)) && (isLast || part.endsWith(delimiter));
      if (!isSeparate) return undefined;
      // One delimiter between two fields in quotes has no field beside it.
      if (!isFirst && !isLast && part === delimiter) continue;
      fields.push(...part.slice(isFirst ? 0 : 1, isLast ? undefined : -1).split(delimiter));
    }
    return fields;
  }
}

/** Where a character stands at or behind a place; beyond all places where there is none. */
function placeOf(text: string, character: string, from: number): number {
  const at = character === "" ? -1 : text.indexOf(character, from);
  return at < 0 ? Infinity : at;
}
