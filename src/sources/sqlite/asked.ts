/** What of a database is to be read: a table, a view, or what a query gives. */
import type { Database } from "bun:sqlite";
import { RowmillError } from "../../errors.ts";
import { didYouMean, nearest } from "../../nearest.ts";
import { singleQuery } from "../query-text.ts";
import type { SourceName } from "../source.ts";

export interface Asked {
  /** The rows, in their order. */
  query: string;
  names: string[];
  /** As columns were declared; undefined for what is computed. */
  declared: (string | null)[];
  /** Set where rows are found by their number. */
  table?: { name: string; rowid: string };
}

/** @throws {RowmillError} `input`, when there is no such table, or the query is none. */
export function askedOf(database: Database, input: SourceName): Asked {
  const { name, sql } = input;
  if (sql !== undefined) return described(database, singleQuery(sql, { language: "sqlite", name }), name);
  const table = tableOf(database, input);
  const columns = database.query<{ name: string }, [string]>("SELECT name FROM pragma_table_xinfo(?)").all(table.name);
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const rowid = table.hasRowids ? ["rowid", "_rowid_", "oid"].find((word) => !taken.has(word)) : undefined;
  const all = `SELECT * FROM ${quoted(table.name)}`;
  if (rowid === undefined) return described(database, all, name);
  // Without an order an index may be read in place of the table.
  return {
    ...described(database, `${all} ORDER BY ${rowid}`, name),
    table: { name: table.name, rowid },
  };
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function described(database: Database, query: string, name: string): Asked {
  const statement = database.prepare(query);
  try {
    const { columnNames, declaredTypes, paramsCount } = statement;
    if (columnNames.length === 0)
      throw new RowmillError("input", `cannot read ${name}: the query gives no rows`, { hint: "write a SELECT" });
    if (paramsCount > 0)
      throw new RowmillError("input", `cannot read ${name}: the query has parameters, for which there are no values`, {
        hint: "write values in their place",
      });
    return { query, names: [...columnNames], declared: [...declaredTypes] };
  } finally {
    statement.finalize();
  }
}

interface FoundTable {
  name: string;
  /** Its rows have numbers, by which they are in order. */
  hasRowids: boolean;
}

function tableOf(database: Database, { name, member }: SourceName): FoundTable {
  const found = database
    .query<{ name: string; type: string; wr: bigint }, []>(
      "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
  // Virtual tables keep what they have in further ones.
  const names = found.filter(({ type }) => type !== "shadow").map((one) => one.name);
  const wanted = member ?? (names.length === 1 ? names[0] : undefined);
  const table =
    found.find((one) => one.name === wanted) ?? found.find((one) => one.name.toLowerCase() === wanted?.toLowerCase());
  if (table !== undefined) return { name: table.name, hasRowids: table.type === "table" && table.wr === 0n };
  const path = name.slice(0, name.length - (member === undefined ? 0 : member.length + 1));
  throw new RowmillError("input", member === undefined ? whichTable(name, names) : `${path} has no table ${member}`, {
    hint: hintOf(names, { path, member }),
  });
}

function whichTable(name: string, names: readonly string[]): string {
  return names.length === 0
    ? `cannot read ${name}: it has no tables`
    : `which table of ${name} is meant, it does not say`;
}

function hintOf(names: readonly string[], { path, member }: { path: string; member: string | undefined }): string {
  const [first] = names;
  if (first === undefined) return member === undefined ? "check the path" : "it has no tables";
  const near = member === undefined ? undefined : nearest(member, names);
  return near === undefined ? `its tables are ${names.join(", ")}: ${path}#${first}` : didYouMean(`${path}#${near}`);
}
