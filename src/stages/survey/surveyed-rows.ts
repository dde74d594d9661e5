/** Surveys rows that lie behind each other: given as objects, or as fields of blocks. */
import type { BlockFields } from "../../formats/format.ts";
import type { ColumnTexts } from "../../formats/indexed/column-texts.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { HEAD_ROWS, RowProfiler, type RowsProfile } from "../profile/row-profiler.ts";
import type { ShapeTests } from "../profile/text-shapes.ts";
import { type FoundColumn, columnPart } from "./column-part.ts";
import { columnProfile } from "./column-profile.ts";
import { TextValues } from "./different-values.ts";
import { FieldValues } from "./field-values.ts";
import { KeyWords } from "./key-words.ts";
import { pairSums } from "./pair-sums.ts";
import { MAX_SURVEYED, type PartRows, type RowsPart, rowAt } from "./survey.ts";

/** How its key is called where several columns make it. */
export function keyName(key: readonly string[]): string {
  return key.join(", ");
}

/** What is known of all rows. */
export interface SurveyGiven {
  tests: ShapeTests;
  /** Rows have a header: they are texts, which may be numbers. */
  hasColumns: boolean;
  /** The key that was asked for. */
  key: readonly string[];
}

interface Column {
  name: string;
  values: TextValues;
  /** Its texts may be numbers. */
  isNumeric: boolean;
}

/** Rows that came as objects. */
export class ObjectRows {
  readonly #given: SurveyGiven;
  readonly #profiler: RowProfiler;
  readonly #rows: number[] = [];
  readonly #columns = new Map<string, Column>();
  readonly #words = new KeyWords();
  #hasMore = false;

  constructor(given: SurveyGiven) {
    this.#given = given;
    this.#profiler = new RowProfiler(given.tests, given.hasColumns);
  }

  /** Looks at a row; `index` is its number in the run. */
  look(row: Record<string, unknown>, index: number): void {
    this.#profiler.look(row, index);
    const at = this.#rows.push(index) - 1;
    for (const name of Object.keys(row)) {
      const value = row[name];
      if (value === undefined) continue;
      const column = this.#column(name);
      if (column === undefined || value === null || value === "") continue;
      if (typeof value === "number" || typeof value === "bigint") column.isNumeric = true;
      column.values.note(typeof value === "string" ? value : shownValue(value), at);
    }
    const { key } = this.#given;
    if (key.length > 0) this.#words.addValues(key.map((name) => row[name]));
  }

  end(): RowsPart {
    const rows = Float64Array.from(this.#rows);
    const found = Array.from(this.#columns.values(), ({ name, values, isNumeric }) => {
      values.finish(rows.length, isNumeric);
      return columnPart(name, values, { rows: rows.length, rowOf: (at) => rowAt(rows, at) });
    });
    return partOf(found, {
      given: this.#given,
      rows,
      profile: this.#profiler.result,
      words: this.#words,
      hasMore: this.#hasMore,
    });
  }

  #column(name: string): Column | undefined {
    let column = this.#columns.get(name);
    if (column !== undefined) return column;
    if (this.#columns.size >= MAX_SURVEYED) {
      this.#hasMore = true;
      return undefined;
    }
    column = { name, values: new TextValues(), isNumeric: this.#given.hasColumns };
    this.#columns.set(name, column);
    return column;
  }
}

function shownValue(value: unknown): string {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : stringifyJson(value);
}

/** A file whose fields are taken as they lie in blocks. */
export interface SurveyedFile {
  /** No more than are surveyed. */
  columns: readonly string[];
  texts: ColumnTexts;
  /** An empty field that is not in quotes is null. */
  emptyIsNull: boolean;
  /** Makes the row of a block. */
  rowOf: (fields: BlockFields, row: number) => Record<string, unknown>;
}

/** No part has many more rows: what is noted of each row is kept until its end. */
const MOST_ROWS = 2 ** 18;

/** Rows that came as fields of blocks. They are looked at when all are there, one column after the other. */
export class FieldRows {
  readonly #given: SurveyGiven;
  readonly #file: SurveyedFile;
  readonly #from: number;
  readonly #head: RowsProfile["head"] = [];

  /** @param from The number of the first of them. */
  constructor(given: SurveyGiven, file: SurveyedFile, from: number) {
    this.#given = given;
    this.#file = file;
    this.#from = from;
    file.texts.clear();
  }

  /** Whether rows are those behind its own, and belong to it. */
  isBefore(file: SurveyedFile, firstRow: number): boolean {
    const { rows } = file.texts;
    return file === this.#file && firstRow === this.#from + rows && rows < MOST_ROWS;
  }

  look(fields: BlockFields): void {
    const { texts, rowOf } = this.#file;
    const first = this.#from + texts.rows;
    for (let row = 0; row < fields.rows && first + row < HEAD_ROWS; row++)
      this.#head.push({ index: first + row, row: rowOf(fields, row) });
    texts.take(fields);
  }

  end(): RowsPart {
    const { columns, texts, emptyIsNull } = this.#file;
    const { key, tests } = this.#given;
    const { rows } = texts;
    const from = this.#from;
    const words = new KeyWords();
    if (key.length > 0) words.open(rows);
    const profile: RowsProfile = {
      rows: { count: rows, keys: new Map(), values: undefined },
      head: this.#head,
      kept: { texts: 0, keys: columns.length },
    };
    const found = columns.map((name, at) => {
      const fields = texts.column(at);
      const place = key.indexOf(name);
      if (place >= 0) words.addFields(fields.words, place, { emptyIsNull });
      const values = new FieldValues(texts, fields, { emptyIsNull });
      const own = columnProfile(values, { rows, tests });
      profile.kept.texts += own.texts?.distinct?.size ?? 0;
      profile.rows.keys.set(name, { profile: own, first: { row: from, at } });
      return columnPart(name, values, { rows, rowOf: (row) => from + row });
    });
    return partOf(found, { given: this.#given, rows: { from, count: rows }, profile, words, hasMore: false });
  }
}

/** What is seen of a part. */
interface OfPart {
  given: SurveyGiven;
  rows: PartRows;
  profile: RowsProfile;
  words: KeyWords;
  hasMore: boolean;
}

function partOf(found: readonly FoundColumn[], { given, rows, profile, words, hasMore }: OfPart): RowsPart {
  const keys = found.flatMap(({ part: { name }, key }) => (key === undefined ? [] : [{ name, hashes: key }]));
  if (given.key.length > 0) {
    const name = keyName(given.key);
    keys.splice(0, keys.length, { name, hashes: words.end() }, ...keys.filter((one) => one.name !== name));
  }
  return {
    profile,
    rows,
    columns: found.map(({ part }) => part),
    hasMore,
    keys,
    pairs: pairSums(
      found.flatMap(({ part, numbers }) =>
        numbers === undefined ? [] : [{ name: part.name, numbers, mean: part.numbers?.mean ?? 0 }],
      ),
    ),
  };
}
