/** Packs the rows of a table as they are read. */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { cellText } from "../formats/values/cell.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { SpelledRow } from "../formats/values/spelling.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import { ColumnTexts, type DataType } from "../fields/data-types.ts";
import { type PackedTable, TableReader, fieldPacker } from "./packed-table.ts";
import { keyField } from "./key-field.ts";
import { KeyIndexBuilder, keyText } from "./key-index.ts";
import { GrowingBytes, GrowingWords, TooLargeError } from "./shared-memory.ts";

/** What of a file is to be packed, and how. */
export interface TableSetup {
  file: string;
  /** The columns of the key. */
  keys: readonly string[];
  /** `keyless`: all columns but those of the key; no fields at all where nobody looks at them. */
  holds: "all" | "keyless" | "nothing";
  form: PackedTable["form"];
  delimiter: string;
  /** A key that is there twice is an error. */
  isUnique: boolean;
  /** Texts that stand for null. */
  nullTexts: readonly string[] | undefined;
  /** Whether a column is what its data say; otherwise it is text. */
  isTypedByData: (column: string) => boolean;
}

/** A packed table, and what its data say. */
export interface BuiltTable {
  packed: PackedTable;
  dataTypes: Readonly<Record<string, DataType>>;
  /** The key of its first row that has one. */
  firstKey: string | undefined;
  /** Its file holds texts. */
  isText: boolean;
}

/** Texts of a column, and whether JSON says that one of them is a text. */
class BuiltColumn {
  readonly texts = new ColumnTexts();
  isText = false;
}

export class TableBuilder {
  readonly #setup: TableSetup;
  readonly #isKey: ReadonlySet<string>;
  readonly #isTyped: boolean;
  readonly #pack: (fields: readonly string[]) => string;
  /** Its columns, as far as they have come. */
  readonly #columns = new Map<string, BuiltColumn>();
  readonly #index = new KeyIndexBuilder();
  readonly #bytes = new GrowingBytes();
  readonly #ends = new GrowingWords();
  /** The line of each row, where a message may name it. */
  readonly #lines = new GrowingWords();
  /** Rows before a column came that they have not. */
  #shortRows = 0;
  #firstKey: string | undefined;

  /** @param columns Those of the file, where they are known before its rows. */
  constructor(setup: TableSetup, columns: readonly string[] | undefined, values: "text" | "typed") {
    this.#setup = setup;
    this.#isKey = new Set(setup.keys);
    this.#isTyped = values === "typed";
    this.#pack = fieldPacker(setup.delimiter);
    for (const name of columns ?? []) this.#addColumn(name);
  }

  #addColumn(name: string): BuiltColumn | undefined {
    const { holds } = this.#setup;
    if (holds === "nothing" || (holds === "keyless" && this.#isKey.has(name))) return undefined;
    const column = new BuiltColumn();
    this.#columns.set(name, column);
    this.#shortRows = this.#ends.length;
    return column;
  }

  /**
   * Takes the next row of the file.
   *
   * @throws {RowmillError} `input`, when its key must be there once, and is there again, or the table is too large.
   */
  add(row: Row, spelling: ObjectSpelling | undefined, line: number): void {
    const { file, keys, isUnique, nullTexts = [] } = this.#setup;
    const own = (name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);
    const fields = keys.map((name) => {
      const field = keyField(own(name), spelling?.parts.get(name));
      return field !== undefined && nullTexts.includes(field) ? undefined : field;
    });
    const key = keyText(fields);
    // Nothing is equal to it.
    if (key === undefined) return;
    this.#firstKey ??= fields.join(", ");
    try {
      const first = this.#index.add(key);
      if (first !== undefined && isUnique) throw this.#twice(fields, { line, first });
      if (isUnique) this.#lines.push(line);
      this.#write(row, spelling);
    } catch (error) {
      if (error instanceof TooLargeError || error instanceof RangeError) throw tooLarge(file, error);
      if (error instanceof RowmillError || !(error instanceof Error)) throw error;
      // A value that has no form as JSON.
      throw new RowmillError("input", `the row cannot be kept: ${error.message}`, {
        place: { file, line },
        cause: error,
      });
    }
  }

  #twice(fields: readonly (string | undefined)[], { line, first }: { line: number; first: number }): RowmillError {
    const { file, keys } = this.#setup;
    const shown = keys.map((name, at) => `${name} ${JSON.stringify(fields[at])}`).join(", ");
    return new RowmillError("input", `the table has ${shown} twice: on line ${this.#lines.words[first]} as well`, {
      place: { file, line },
      hint: "without --unique, a row comes out for each of them",
    });
  }

  #write(row: Row, spelling: ObjectSpelling | undefined): void {
    const { holds, form } = this.#setup;
    if (holds !== "nothing") {
      if (this.#isTyped)
        for (const name of spelling?.keys ?? Object.keys(row)) if (!this.#columns.has(name)) this.#addColumn(name);
      this.#bytes.write(
        this.#isTyped && form === "json" ? jsonFields(row, this.#columns.keys(), spelling) : this.#texts(row, spelling),
      );
    }
    this.#ends.push(this.#bytes.length);
    this.#bytes.align();
  }

  #texts(row: Row, spelling: ObjectSpelling | undefined): string {
    const texts: string[] = [];
    for (const [name, column] of this.#columns) {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      const text = valueText(value, row, name, spelling);
      if (this.#isTyped && typeof value === "string") column.isText = true;
      column.texts.add(text, this.#setup.nullTexts);
      texts.push(text);
    }
    return this.#pack(texts);
  }

  /**
   * All rows were there.
   *
   * @throws {RowmillError} `input`, when the table is too large.
   */
  take(): BuiltTable {
    try {
      return this.#packed();
    } catch (error) {
      throw error instanceof TooLargeError || error instanceof RangeError ? tooLarge(this.#setup.file, error) : error;
    }
  }

  #packed(): BuiltTable {
    const { file, form, delimiter, isTypedByData, nullTexts } = this.#setup;
    const columns = [...this.#columns.keys()];
    const types = [...this.#columns].map(([name, { texts, isText }]): [string, DataType] => [
      name,
      isText || !isTypedByData(name) ? "text" : texts.type,
    ]);
    const packed: PackedTable = {
      file,
      columns,
      form: this.#isTyped ? form : "text",
      delimiter,
      isAscii: this.#bytes.isAscii,
      bytes: this.#bytes.take(),
      ends: this.#ends.take(),
      keys: this.#index.take(),
    };
    const dataTypes = Object.fromEntries(types);
    const isDone = packed.form === form && (form === "json" || this.#shortRows === 0);
    return {
      packed: isDone ? packed : repacked(packed, form, { types: types.map(([, type]) => type), nullTexts }),
      dataTypes,
      firstKey: this.#firstKey,
      isText: !this.#isTyped,
    };
  }
}

/** There are more bytes than can be addressed, or than the machine has. */
function tooLarge(file: string, cause: Error): RowmillError {
  return new RowmillError("input", `${file} is too large for a table: its keys and its fields may take 2 GB each`, {
    hint: "leave out columns that are not needed first: rowmill -e '{ … }' FILE -o smaller.csv",
    cause,
  });
}

/** Rows of text as JSON, by what the data say of the columns; or rows of text that have all columns. */
function repacked(
  table: PackedTable,
  form: PackedTable["form"],
  { types, nullTexts = [] }: { types: readonly DataType[]; nullTexts: readonly string[] | undefined },
): PackedTable {
  const reader = new TableReader(table);
  const bytes = new GrowingBytes();
  const ends = new GrowingWords();
  const pack = fieldPacker(table.delimiter);
  const write =
    form === "json"
      ? typedFields(types, nullTexts)
      : (fields: string[]): string => pack(types.map((_, at) => fields[at] ?? ""));
  for (let row = 0; row < table.ends.length; row++) {
    bytes.write(write(reader.fields(row)));
    ends.push(bytes.length);
    bytes.align();
  }
  return { ...table, form, isAscii: bytes.isAscii, bytes: bytes.take(), ends: ends.take() };
}

/** Makes the function that writes texts as the values that they are. */
function typedFields(types: readonly DataType[], nullTexts: readonly string[]): (fields: readonly string[]) => string {
  const isNull = new Set(nullTexts);
  const writers = types.map((type): ((text: string) => string) => {
    if (type === "number" || type === "whole") return (text) => (text === "" ? "null" : String(Number(text)));
    if (type === "boolean" || type === "true or false")
      return (text) => (text === "" ? "null" : String(text.toLowerCase() === "true"));
    return type === "empty" ? () => "null" : (text) => JSON.stringify(text);
  });
  const written = (write: (text: string) => string, text: string): string => (isNull.has(text) ? "null" : write(text));
  return (fields) => `[${writers.map((write, at) => written(write, fields[at] ?? "")).join(",")}]`;
}

function valueText(value: unknown, row: Row, name: string, spelling: ObjectSpelling | undefined): string {
  if (typeof value === "string") return value;
  const part = spelling?.parts.get(name);
  if (spelling !== undefined && part !== undefined) return new SpelledRow(row, spelling).json(value, part);
  return cellText(value, "");
}

/** The values of a row of JSON, as an array; what is missing is null. */
function jsonFields(row: Row, columns: Iterable<string>, spelling: ObjectSpelling | undefined): string {
  const spelled = spelling && new SpelledRow(row, spelling);
  const texts = Array.from(columns, (name) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if (value === undefined) return "null";
    return spelled === undefined ? stringifyJson(value) : spelled.json(value, spelling?.parts.get(name));
  });
  return `[${texts.join(",")}]`;
}
