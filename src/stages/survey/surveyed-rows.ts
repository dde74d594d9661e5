/** Surveys rows that lie behind each other: given as objects, or as fields of blocks. */
import type { BlockFields } from "../../formats/format.ts";
import type { ColumnTexts } from "../../formats/indexed/column-texts.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { HEAD_ROWS, RowProfiler, type RowsProfile } from "../profile/row-profiler.ts";
import type { ShapeTests } from "../profile/text-shapes.ts";
import { columnPart } from "./column-part.ts";
import { columnProfile } from "./column-profile.ts";
import { DifferentValues } from "./different-values.ts";
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
  values: DifferentValues;
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
      column.values.noteText(typeof value === "string" ? value : shownValue(value), at);
    }
    const { key } = this.#given;
    if (key.length > 0) this.#words.addValues(key.map((name) => row[name]));
  }

  end(): RowsPart {
    return partOf([...this.#columns.values()], {
      given: this.#given,
      rows: Float64Array.from(this.#rows),
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
    column = { name, values: new DifferentValues(), isNumeric: this.#given.hasColumns };
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
  /** Of each column, room for its values: of one part after another. */
  values: readonly DifferentValues[];
  /** Makes the row of a block. */
  rowOf: (fields: BlockFields, row: number) => Record<string, unknown>;
}

/** Rows that came as fields of blocks. */
export class FieldRows {
  readonly #given: SurveyGiven;
  readonly #file: SurveyedFile;
  readonly #from: number;
  readonly #head: RowsProfile["head"] = [];
  readonly #words = new KeyWords();
  #count = 0;

  /** @param from The number of the first of them. */
  constructor(given: SurveyGiven, file: SurveyedFile, from: number) {
    this.#given = given;
    this.#file = file;
    this.#from = from;
    for (const values of file.values) values.clear();
  }

  /** Whether rows are those behind its own. */
  isBefore(file: SurveyedFile, firstRow: number): boolean {
    return file === this.#file && firstRow === this.#from + this.#count;
  }

  look(fields: BlockFields): void {
    const { columns, texts, emptyIsNull, values, rowOf } = this.#file;
    const { key } = this.#given;
    const { rows } = fields;
    const first = this.#count;
    for (let row = 0; row < rows && this.#from + first + row < HEAD_ROWS; row++)
      this.#head.push({ index: this.#from + first + row, row: rowOf(fields, row) });
    if (key.length > 0) this.#words.open(rows);
    for (const [at, own] of values.entries()) {
      const words = texts.hash(fields, at);
      const place = key.indexOf(columns[at] ?? "");
      if (place >= 0) this.#words.addFields(words, place, { texts, emptyIsNull });
      own.noteFields(texts, words, { rows, first, emptyIsNull });
    }
    this.#count += rows;
  }

  end(): RowsPart {
    const { columns, values } = this.#file;
    const count = this.#count;
    const own = columns.flatMap((name, at) => {
      const of = values[at];
      return of === undefined ? [] : [{ name, values: of, isNumeric: true }];
    });
    return partOf(own, {
      given: this.#given,
      rows: { from: this.#from, count },
      profile: undefined,
      head: this.#head,
      words: this.#words,
      hasMore: false,
    });
  }
}

/** What is seen of a part. */
interface OfPart {
  given: SurveyGiven;
  rows: PartRows;
  /** Where it is not made of the values. */
  profile: RowsProfile | undefined;
  head?: RowsProfile["head"];
  words: KeyWords;
  hasMore: boolean;
}

function partOf(
  columns: readonly Column[],
  { given, rows: own, profile, head = [], words, hasMore }: OfPart,
): RowsPart {
  const rows = own instanceof Float64Array ? own.length : own.count;
  const rowOf = (at: number): number => rowAt(own, at);
  for (const { values, isNumeric } of columns) values.finish(rows, isNumeric);
  const found = columns.map(({ name, values }) => columnPart(name, values, { rows, rowOf }));
  const keys = found.flatMap(({ part: { name }, key }) => (key === undefined ? [] : [{ name, hashes: key }]));
  if (given.key.length > 0) {
    const name = keyName(given.key);
    keys.splice(0, keys.length, { name, hashes: words.end() }, ...keys.filter((one) => one.name !== name));
  }
  return {
    profile: profile ?? profileOf(columns, { rows, first: rowOf(0), head, tests: given.tests }),
    rows: own,
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

/** The profile of rows of which each has all columns. */
function profileOf(
  columns: readonly Column[],
  { rows, first, head, tests }: { rows: number; first: number; head: RowsProfile["head"]; tests: ShapeTests },
): RowsProfile {
  const profile: RowsProfile = {
    rows: { count: rows, keys: new Map(), values: undefined },
    head,
    kept: { texts: 0, keys: columns.length },
  };
  for (const [at, { name, values }] of columns.entries()) {
    const own = columnProfile(values, { rows, tests });
    profile.kept.texts += own.texts?.distinct?.size ?? 0;
    profile.rows.keys.set(name, { profile: own, first: { row: first, at } });
  }
  return profile;
}
