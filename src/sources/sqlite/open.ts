/**
 * Reads tables, views and queries of SQLite with the driver of the runtime, which has no cursor over a network to hold: rows
 * are taken one by one.
 */
import { Database, type Statement } from "bun:sqlite";
import { statSync } from "node:fs";
import { RowmillError, messageOf } from "../../errors.ts";
import { CsvPieces, textField } from "../csv-text.ts";
import type { Source, SourceColumn, SourceRows, SourceSetup, SourceType } from "../source.ts";

/** What SQLite holds, with whole numbers of 64 bits. */
type Value = string | number | bigint | Uint8Array | null;

/** So many rows say what columns hold. */
const SAMPLE_ROWS = 1000;

/** @throws {RowmillError} `input`, when there is no such file, table, or query. */
export function openSqlite({ input }: SourceSetup): Source {
  const { name, path } = input;
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    throw new RowmillError("input", `cannot read ${name}: there is no such file`, { hint: "check the path" });
  const database = new Database(path, { readonly: true, safeIntegers: true });
  try {
    const query = queryOf(database, input);
    const names = namesOf(database, query, name);
    const types = typesOf(database, query, names.length);
    return {
      table: {
        columns: names.map((column, at): SourceColumn => ({ name: column, type: types[at] ?? "text" })),
        places: { unit: "row", first: 1 },
        parts: 1,
      },
      rows: () => rowsOf(database, query, names.length),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error instanceof RowmillError
      ? error
      : new RowmillError("input", `cannot read ${name}: ${messageOf(error)}`, {
          hint: "check the file, and the query",
        });
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The query whose rows are read; without a table or a query, the only table. */
function queryOf(database: Database, { name, member, sql }: SourceSetup["input"]): string {
  if (sql !== undefined) return sql.trim().replace(/;+$/, "");
  const found = database
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
  const names = found.map((one) => one.name);
  const wanted = member ?? (names.length === 1 ? names[0] : undefined);
  if (wanted !== undefined && names.includes(wanted)) return `SELECT * FROM ${quoted(wanted)}`;
  const list = names.length === 0 ? "it has no tables" : `its tables are ${names.join(", ")}`;
  const [first = "TABLE"] = names;
  const path = name.slice(0, name.length - (member === undefined ? 0 : member.length + 1));
  throw new RowmillError(
    "input",
    member === undefined ? `which table of ${name} is meant, it does not say` : `${path} has no table ${member}`,
    { hint: names.length === 0 ? list : `${list}: ${path}#${first}` },
  );
}

function namesOf(database: Database, query: string, name: string): string[] {
  const statement = database.prepare(query);
  try {
    const { columnNames } = statement;
    if (columnNames.length > 0) return [...columnNames];
  } finally {
    statement.finalize();
  }
  throw new RowmillError("input", `the query of ${name} gives no rows`, { hint: "write a SELECT" });
}

/** A column may hold any values, whatever it was declared as: its first rows say what it is, as those of a text do. */
function typesOf(database: Database, query: string, width: number): SourceType[] {
  const names = namesOfOurs(width);
  const tests = names.map(
    (name) => `sum(typeof(${name}) NOT IN ('integer', 'real', 'null')) = 0 AND count(${name}) > 0`,
  );
  const sql = `WITH r(${names.join(", ")}) AS (${query}) SELECT ${tests.join(", ")} FROM (SELECT * FROM r LIMIT ${SAMPLE_ROWS})`;
  const statement = database.prepare(sql);
  try {
    const [said = []] = statement.values();
    return names.map((_, at) => (said[at] === 1n ? "number" : "text"));
  } finally {
    statement.finalize();
  }
}

function namesOfOurs(width: number): string[] {
  return Array.from({ length: width }, (_, at) => `c${at}`);
}

/** Rows under names of our own: objects have no two columns of one name, and put whole numbers first. */
function* rowsOf(database: Database, query: string, width: number): Generator<SourceRows> {
  const names = namesOfOurs(width);
  const statement: Statement<Record<string, Value>, []> = database.prepare(
    `WITH r(${names.join(", ")}) AS (${query}) SELECT * FROM r`,
  );
  const pieces = new CsvPieces();
  for (const row of statement.iterate()) {
    if (pieces.add(names.map((name) => field(row[name])).join(","))) yield pieces.take();
  }
  if (!pieces.isEmpty) yield pieces.take();
}

function field(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return textField(value);
  if (value instanceof Uint8Array) return textField(value.toBase64());
  return String(value);
}
