/** Writes a table of SQLite, in one transaction: one that is there gets more rows, or others; one that is not is made. */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";
import { existsSync, rmSync, statSync } from "node:fs";
import { RowmillError, messageOf } from "../../errors.ts";
import { ColumnKinds, type ColumnKind, isWhole64 } from "../column-kinds.ts";
import type { TableWriter, AskedTable } from "../table.ts";
import { type FoundTable, cannotWrite, checkColumns, codeOf, foundTable, quoted } from "./found-table.ts";
import { TypedFields } from "../typed-fields.ts";

/** So long is waited for whoever has locked the file. */
const LOCKED_MS = 30_000;
/** Pages of the cache, in KiB: more is written to the file before the end, for which nobody may read it. */
const CACHE_KIB = 65_536;

/** @throws {RowmillError} `output`, when the file is no database, or is locked. */
export function openSqliteTable(setup: AskedTable): TableWriter {
  const { path } = setup;
  const isNew = !existsSync(path);
  let database: Database | undefined;
  try {
    database = new Database(path, { create: true, readwrite: true, safeIntegers: true });
    database.run(`PRAGMA busy_timeout = ${LOCKED_MS}`);
    database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
    // What does not fit into the cache is written to the file, for which nobody may read it: the run itself would wait for itself.
    if (setup.inputs.some((input) => isSameFile(input, path))) database.run("PRAGMA cache_spill = OFF");
    database.run("BEGIN IMMEDIATE");
    return new SqliteTable(database, setup, isNew);
  } catch (error) {
    database?.close();
    if (isNew) rmSync(path, { force: true });
    throw cannotWrite(error, setup);
  }
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

class SqliteTable implements TableWriter {
  readonly #database: Database;
  readonly #setup: AskedTable;
  /** The file was made for this. */
  readonly #isNew: boolean;
  readonly #found: FoundTable | undefined;
  readonly #decoder = new TextDecoder();
  #columns: string[] | undefined;
  /** Lines from whose first rows it is not known yet what columns hold. */
  #held = "";
  #kinds: ColumnKinds | undefined;
  #insert: Statement<unknown, SQLQueryBindings[]> | undefined;
  /** How columns are declared: by that they change what comes. */
  #types: string[] = [];
  #rows = 0;

  constructor(database: Database, setup: AskedTable, isNew: boolean) {
    this.#database = database;
    this.#setup = setup;
    this.#isNew = isNew;
    this.#found = foundTable(database, setup);
    if (this.#found !== undefined && setup.onConflict !== "fail") checkHasKey(database, this.#found, setup);
    if (this.#found !== undefined && setup.replaces) database.run(`DELETE FROM ${quoted(this.#found.name)}`);
  }

  write(lines: Uint8Array): void {
    this.#take(this.#decoder.decode(lines));
  }

  #take(text: string): void {
    if (this.#insert !== undefined) {
      this.#insertRows(new TypedFields(text));
      return;
    }
    this.#held += text;
    const fields = new TypedFields(this.#held);
    if (this.#columns === undefined) {
      if (!fields.next()) return;
      this.#columns = [...fields.texts];
      this.#held = this.#held.slice(fields.position);
      if (this.#found !== undefined) this.#prepare(this.#found.name, []);
      this.#takeHeld();
      return;
    }
    const kinds = new ColumnKinds(this.#columns.length);
    let wantsMore = true;
    while (wantsMore && fields.next()) wantsMore = kinds.add(fields);
    this.#kinds = kinds;
    if (!wantsMore) this.#create();
  }

  /** Makes the table, and puts into it what was held back. */
  #create(): void {
    const columns = this.#columns ?? [];
    const types = (this.#kinds ?? new ColumnKinds(columns.length)).kinds.map((kind) => DECLARED[kind]);
    const { table, onConflict, name } = this.#setup;
    if (onConflict !== "fail") throw noKey(name, table);
    const declared = columns.map((column, at) => `${quoted(column)} ${types[at] ?? ""}`.trim());
    this.#database.run(`CREATE TABLE ${quoted(table)} (${declared.join(", ")})`);
    this.#prepare(table, types);
    this.#takeHeld();
  }

  #takeHeld(): void {
    const held = this.#held;
    this.#held = "";
    this.#take(held);
  }

  #prepare(table: string, types: readonly string[]): void {
    const columns = this.#columns ?? [];
    const found = this.#found;
    if (found !== undefined) checkColumns(columns, found, this.#setup);
    this.#types = columns.map((column, at) => found?.columns.get(column.toLowerCase())?.type ?? types[at] ?? "");
    const names = columns.map(quoted);
    const updates = names.map((column) => `${column} = excluded.${column}`);
    const conflict = {
      fail: "",
      ignore: " ON CONFLICT DO NOTHING",
      replace: ` ON CONFLICT DO UPDATE SET ${updates.join(", ")}`,
    };
    const marks = names.map(() => "?").join(", ");
    this.#insert = this.#database.prepare(
      `INSERT INTO ${quoted(table)} (${names.join(", ")}) VALUES (${marks})${conflict[this.#setup.onConflict]}`,
    );
  }

  #insertRows(fields: TypedFields): void {
    const insert = this.#insert;
    if (insert === undefined) return;
    const values: SQLQueryBindings[] = [];
    while (fields.next()) {
      this.#rows++;
      try {
        for (let column = 0; column < fields.kinds.length; column++) values[column] = this.#value(fields, column);
        insert.run(...values);
      } catch (error) {
        throw this.#rowFailure(error);
      }
    }
  }

  #value({ kinds, texts }: TypedFields, column: number): SQLQueryBindings {
    const text = texts[column] ?? "";
    switch (kinds[column]) {
      case "null":
      case undefined:
        return null;
      case "number":
        return this.#number(text, column);
      case "boolean":
        return text === "true" ? 1 : 0;
      default:
        return text;
    }
  }

  /** @throws {RangeError} When the column would change its digits, or has no place for it. */
  #number(text: string, column: number): SQLQueryBindings {
    const value = Number(text);
    if (value === (value | 0)) return value;
    const type = this.#types[column] ?? "";
    if (!/^-?\d+$/.test(text)) {
      if (Number.isFinite(value)) return value;
      if (keepsTexts(type)) return text;
      throw new RangeError(`column ${this.#columns?.[column] ?? ""}: ${text} is beyond what a number of SQLite may be`);
    }
    const whole = BigInt(text);
    if (isWhole64(text) && (Number.isSafeInteger(value) || !isOfDoubles(type))) return whole;
    if (keepsTexts(type)) return text;
    if (Number.isFinite(value) && BigInt(value) === whole) return value;
    const name = this.#columns?.[column] ?? "";
    throw new RangeError(`column ${name}: ${text} has more digits than a value of ${type} has`);
  }

  #rowFailure(error: unknown): RowmillError {
    const { name } = this.#setup;
    const code = codeOf(error);
    const isKey = code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY";
    const hint = isKey
      ? "--on-conflict ignore passes over rows whose key is there, --on-conflict replace writes them over"
      : error instanceof RangeError
        ? "make a text of it, or make the table before, with a column of texts"
        : undefined;
    if (code.startsWith("SQLITE_CONSTRAINT") || error instanceof RangeError) {
      return new RowmillError("output", `cannot write ${name}: row ${this.#rows} of the output: ${messageOf(error)}`, {
        ...(hint !== undefined && { hint }),
        cause: error,
      });
    }
    return cannotWrite(error, this.#setup);
  }

  commit(): string[] {
    if (this.#insert === undefined && this.#columns !== undefined) this.#create();
    this.#insert?.finalize();
    try {
      this.#database.run("COMMIT");
    } catch (error) {
      throw cannotWrite(error, this.#setup);
    }
    this.#database.close();
    if (this.#columns !== undefined || this.#found !== undefined) return [];
    if (this.#isNew) rmSync(this.#setup.path, { force: true });
    return [`${this.#setup.name}: no columns are known, so that no table is made`];
  }

  abandon(): void {
    this.#insert?.finalize();
    try {
      if (this.#database.inTransaction) this.#database.run("ROLLBACK");
    } finally {
      this.#database.close();
      if (this.#isNew) rmSync(this.#setup.path, { force: true });
    }
  }
}

/** How columns of a new table are declared. Those without a type keep each value as it is. */
const DECLARED: Readonly<Record<ColumnKind, string>> = {
  whole: "INTEGER",
  number: "REAL",
  long: "",
  boolean: "BOOLEAN",
  date: "TEXT",
  json: "TEXT",
  text: "TEXT",
  mixed: "",
  unknown: "",
};

/** @throws {RowmillError} `output`, when no row can be like another one. */
function checkHasKey(database: Database, { name: table }: FoundTable, { name }: AskedTable): void {
  const sql =
    'SELECT (SELECT count(*) FROM pragma_index_list(?1) WHERE "unique") + (SELECT count(*) FROM pragma_table_info(?1) WHERE pk) AS n';
  const { n = 0n } = database.query<{ n: bigint }, [string]>(sql).get(table) ?? {};
  if (n === 0n) throw noKey(name, table);
}

function noKey(name: string, table: string): RowmillError {
  return new RowmillError("output", `cannot write ${name}: ${table} has no key by which rows could be the same`, {
    hint: "--on-conflict is for tables with a primary key, or a unique one: make the table before",
  });
}

/** Whether a column of this type makes doubles of numbers, or leaves texts as they are. */
function isOfDoubles(type: string): boolean {
  return /real|floa|doub/i.test(type) && !/int|char|clob|text|blob/i.test(type);
}

function keepsTexts(type: string): boolean {
  return type === "" || /char|clob|text|blob/i.test(type);
}
