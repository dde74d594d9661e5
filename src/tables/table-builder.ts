/** Packs the rows of a table as they are read. */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { cellText } from "../formats/values/cell.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { SpelledRow } from "../formats/values/spelling.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import { ColumnTexts, type DataType } from "../fields/data-types.ts";
import { type PackedTable, TableReader, fieldPacker } from "./packed-table.ts";
import { NONE, hashBytes } from "../formats/indexed/key-arrays.ts";
import { startBehind } from "../formats/indexed/joiner.ts";
import { keyField } from "./key-field.ts";
import { KeyBytes, KeyIndexBuilder, keyFields, keyText } from "./key-index.ts";
import { type Rewritten, rowRewriter } from "./rewritten-row.ts";
import { GrowingBytes, GrowingWords, MOST_BYTES, TooLargeError, sharedBytes, sharedCopy } from "./shared-memory.ts";
import { type KeyTwice, SpilledTable, type TableRoom } from "./spilled-table.ts";

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
  /** How much of it may be in memory; without it, as much as can be addressed. */
  room?: TableRoom | undefined;
  /** What becomes of one that takes more: it goes to a file, stays in memory all the same, or is an error. @default "error" */
  beyond?: "file" | "anyhow" | "error";
}

/** A packed table, and what its data say. */
export interface BuiltTable {
  packed: PackedTable;
  dataTypes: Readonly<Record<string, DataType>>;
  /** The key of its first row that has one. */
  firstKey: string | undefined;
  /** Its file holds texts. */
  isText: boolean;
  /** Where its rows are, and how they are to be rewritten, where there was no room for them in memory: none are packed then. */
  spilled: { rows: SpilledTable; rewritten: Rewritten | undefined } | undefined;
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
  /** Where rows go that have no room in memory, as soon as there are some. */
  #spilled: SpilledTable | undefined;
  readonly #key = new KeyBytes();
  readonly #room: number;
  #rows = 0;
  /** Rows before a column came that they have not. */
  #shortRows = 0;
  #firstKey: string | undefined;

  /** @param columns Those of the file, where they are known before its rows. */
  constructor(setup: TableSetup, columns: readonly string[] | undefined, values: "text" | "typed") {
    this.#setup = setup;
    this.#isKey = new Set(setup.keys);
    this.#isTyped = values === "typed";
    this.#pack = fieldPacker(setup.delimiter);
    const { room, beyond } = setup;
    this.#room = Math.min(room === undefined || beyond === "anyhow" ? MOST_HELD : room.bytes, MOST_HELD);
    for (const name of columns ?? []) this.#addColumn(name);
  }

  #addColumn(name: string): BuiltColumn | undefined {
    const { holds } = this.#setup;
    if (holds === "nothing" || (holds === "keyless" && this.#isKey.has(name))) return undefined;
    const column = new BuiltColumn();
    this.#columns.set(name, column);
    this.#shortRows = this.#rows;
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
      const text = this.#rowText(row, spelling);
      this.#rows++;
      if (this.#spilled !== undefined) {
        this.#key.set(key);
        const { bytes, length, hash } = this.#key;
        this.#spilled.add({ bytes, from: 0, to: length }, hash, text, line);
        return;
      }
      const first = this.#index.add(key);
      if (first !== undefined && isUnique)
        throw keyTwice(this.#setup, { key, first: this.#lines.words[first] ?? 0, line });
      if (isUnique) this.#lines.push(line);
      this.#bytes.write(text);
      this.#ends.push(this.#bytes.length);
      this.#bytes.align();
      this.#checkRoom();
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

  /** What the table holds of a row. */
  #rowText(row: Row, spelling: ObjectSpelling | undefined): string {
    const { holds, form } = this.#setup;
    if (holds === "nothing") return "";
    if (this.#isTyped)
      for (const name of spelling?.keys ?? Object.keys(row)) if (!this.#columns.has(name)) this.#addColumn(name);
    return this.#isTyped && form === "json"
      ? jsonFields(row, this.#columns.keys(), spelling)
      : this.#texts(row, spelling);
  }

  /** @throws {RowmillError} `input`, when there is no more room, and none in a file. */
  #checkRoom(): void {
    const size = this.#bytes.length + this.#index.size + (this.#ends.length + this.#lines.length) * WORD_BYTES;
    if (size <= this.#room) return;
    const { file, room, beyond } = this.#setup;
    if (room === undefined || beyond === "anyhow") throw new TooLargeError();
    if (beyond !== "file") throw noRoom(file, room);
    this.#spilled = new SpilledTable({ ...room, bytes: this.#room });
    this.#spill(this.#spilled);
  }

  /** The rows in memory go to the file, those of a key in their order. */
  #spill(to: SpilledTable): void {
    const { keys, bytes, ends } = { keys: this.#index.own(), bytes: this.#bytes.take(), ends: this.#ends.words };
    for (let number = 0, from = 0; number < this.#index.count; number++) {
      const key = { bytes: keys.bytes, from, to: keys.ends[number] ?? 0 };
      const hash = hashBytes(key.bytes, key.from, key.to);
      for (let row = this.#index.firstOf(number); row !== NONE; row = this.#index.nextOf(row)) {
        const start = row === 0 ? 0 : startBehind(ends[row - 1] ?? 0);
        to.add(key, hash, bytes.subarray(start, ends[row]), this.#lines.words[row] ?? 0);
      }
      from = key.to;
    }
    this.#index.release();
    for (const { words } of [this.#ends, this.#lines]) words.buffer.transfer(0);
    // What all threads share is given back when it is collected.
    Bun.gc(true);
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
   * Looks, in a file, for a key that must be there once and is there again: in memory that is seen at once. Gives nothing
   * where others may have their turn.
   *
   * @throws {RowmillError} `input`, when there is one.
   */
  *checkUnique(): Generator<undefined> {
    if (this.#spilled === undefined || !this.#setup.isUnique) return;
    for (const twice of this.#spilled.twice()) {
      if (twice === undefined) yield;
      else throw keyTwice(this.#setup, twice);
    }
  }

  /** Gives back what it has beside memory: for a table that cannot be read to its end. */
  close(): void {
    this.#spilled?.close();
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
    const dataTypes = Object.fromEntries(types);
    const isDone = (this.#isTyped ? form : "text") === form && (form === "json" || this.#shortRows === 0);
    const rewritten = isDone
      ? undefined
      : { form, delimiter, columns: columns.length, types: types.map(([, type]) => type), nullTexts };
    const facts = { dataTypes, firstKey: this.#firstKey, isText: !this.#isTyped };
    const head = { file, columns, form, delimiter };
    if (this.#spilled !== undefined)
      return {
        packed: { ...head, isAscii: false, ...noRows() },
        ...facts,
        spilled: { rows: this.#spilled, rewritten },
      };
    const { isAscii } = this.#bytes;
    const packed = { ...head, isAscii, bytes: this.#bytes.take(), ends: this.#ends.take(), keys: this.#index.take() };
    return {
      packed: rewritten === undefined ? packed : rewrittenTable(packed, rewritten),
      ...facts,
      spilled: undefined,
    };
  }
}

const WORD_BYTES = 4;
const MEGABYTE = 1024 * 1024;
/** Of all of it together; what is addressed is less then. */
const MOST_HELD = MOST_BYTES - 64 * 1024 * 1024;

function noRows(): Pick<PackedTable, "bytes" | "ends" | "keys"> {
  return { bytes: sharedBytes(0), ends: sharedCopy(new Uint32Array(0)), keys: new KeyIndexBuilder().take() };
}

function keyTwice({ file, keys }: TableSetup, { key, first, line }: KeyTwice): RowmillError {
  const fields = keyFields(key, keys.length);
  const shown = keys.map((name, at) => `${name} ${JSON.stringify(fields[at])}`).join(", ");
  return new RowmillError("input", `the table has ${shown} twice: on line ${first} as well`, {
    place: { file, line },
    hint: "without --unique, a row comes out for each of them",
  });
}

function noRoom(file: string, { bytes }: TableRoom): RowmillError {
  const most = bytes < MEGABYTE ? `${bytes} bytes` : `${Math.floor(bytes / MEGABYTE)} MB`;
  return new RowmillError(
    "input",
    `${file} is too large to look things up in: it takes more than the ${most} of memory that there are for tables`,
    {
      hint: "--memory 8G gives more, --join FILE --on COLUMN takes a table of any size, and columns that are not needed can be left out first: rowmill -e '{ … }' FILE -o smaller.csv",
    },
  );
}

/** There are more bytes than can be addressed, or than the machine has. */
function tooLarge(file: string, cause: Error): RowmillError {
  return new RowmillError("input", `${file} is too large for a table: its keys and its fields may take 2 GB each`, {
    hint: "leave out columns that are not needed first: rowmill -e '{ … }' FILE -o smaller.csv",
    cause,
  });
}

/** The rows of a table as they are to be, where only the last of them told. */
function rewrittenTable(table: PackedTable, how: Rewritten): PackedTable {
  const reader = new TableReader({ ...table, form: "text" });
  const bytes = new GrowingBytes();
  const ends = new GrowingWords();
  const write = rowRewriter(how);
  for (let row = 0; row < table.ends.length; row++) {
    bytes.write(write(reader.fields(row)));
    ends.push(bytes.length);
    bytes.align();
  }
  return { ...table, isAscii: bytes.isAscii, bytes: bytes.take(), ends: ends.take() };
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
