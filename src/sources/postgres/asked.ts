/** What of a database of Postgres is to be read, and what its columns are. */
import { RowmillError, withoutSecrets } from "../../errors.ts";
import { didYouMean, nearest } from "../../nearest.ts";
import { singleQuery } from "../query-text.ts";
import type { ComingColumns, SourceColumn, SourceName } from "../source.ts";
import { type AskedServer, type Connection, type ResultColumn, serverFailure } from "./connect.ts";

export interface Asked {
  /** The rows, where they are read at once. */
  query: string;
  /** The table, where its rows lie in pages that can be read one by one. */
  pagesOf: string | undefined;
  columns: CopiedColumn[];
}

/** A column, and how its text comes to be one. */
export interface CopiedColumn extends SourceColumn {
  cast: "none" | "text" | "json";
}

/** @throws {RowmillError} `input`, when there is no such table, or the query is none. */
export async function askedOf(connection: Connection, input: SourceName, server: AskedServer): Promise<Asked> {
  const { name, sql } = input;
  const table = sql === undefined ? await tableOf(connection, input) : undefined;
  const query =
    table === undefined
      ? singleQuery(sql ?? "", { language: "postgres", name: withoutSecrets(name) })
      : `SELECT * FROM ${table.name}`;
  // Where the query is wrong, the server says at which character.
  const before = "SELECT * FROM (";
  const found = await connection.columnsOf(`${before}${query}\n) AS q LIMIT 0`).catch((error: unknown) => {
    throw serverFailure(error, { ...server, query: { text: query, offset: before.length } });
  });
  if (found.length === 0)
    throw new RowmillError("input", `cannot read ${withoutSecrets(name)}: it has no columns`, {
      hint: "check its name",
    });
  const columns = await copiedColumns(connection, found);
  return { query, pagesOf: table?.hasPages === true ? table.name : undefined, columns };
}

/** The statement that has the rows of a query copied. Columns have names of our own, since theirs need not be different. */
export function copyStatement(
  query: string,
  columns: readonly CopiedColumn[],
  coming: ComingColumns = [...columns.keys()],
): string {
  const names = columns.map((_, at) => `c${at}`);
  const casts = coming.map((at) => {
    const cast = columns[at]?.cast;
    if (cast === undefined) return "NULL";
    if (cast === "none") return `c${at}`;
    return cast === "text" ? `c${at}::text` : `to_json(c${at})`;
  });
  return `COPY (SELECT ${casts.join(", ")} FROM (${query}\n) AS q(${names.join(", ")})) TO STDOUT (FORMAT csv)`;
}

/** Types of numbers, and those whose values are JSON. */
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700]);
const JSON_TYPES: ReadonlySet<number> = new Set([114, 3802]);
const BOOLEAN = 16;
/** Types of texts, of which nothing more need be known. */
const TEXTS: ReadonlySet<number> = new Set([25, 1042, 1043, 18, 19]);

function isKnown(type: number): boolean {
  return NUMBERS.has(type) || JSON_TYPES.has(type) || TEXTS.has(type) || type === BOOLEAN;
}

/** What columns are: lists, and values with fields, are JSON; booleans are written as words. */
async function copiedColumns(connection: Connection, found: readonly ResultColumn[]): Promise<CopiedColumn[]> {
  const unknown = [...new Set(found.map(({ type }) => type).filter((type) => !isKnown(type)))];
  const structured = new Set<number>();
  if (unknown.length > 0) {
    const rows = await connection.query(
      `SELECT oid::int8::text AS oid FROM pg_catalog.pg_type WHERE oid IN (${unknown.join(", ")}) AND (typcategory = 'A' OR typtype = 'c' OR oid = 2249)`,
    );
    for (const { oid } of rows) structured.add(Number(oid));
  }
  return found.map(({ name, type }): CopiedColumn => {
    if (NUMBERS.has(type)) return { name, type: "number", cast: "none" };
    if (JSON_TYPES.has(type)) return { name, type: "json", cast: "none" };
    if (type === BOOLEAN) return { name, type: "boolean", cast: "text" };
    return structured.has(type) ? { name, type: "json", cast: "json" } : { name, type: "text", cast: "none" };
  });
}

export interface FoundTable {
  /** Quoted, with its schema. */
  name: string;
  hasPages: boolean;
}

/** Tables as a user may name them, of which `where` is true. */
function tablesQuery(where: string): string {
  return `SELECT n.nspname::text AS schema, c.relname::text AS name, pg_catalog.pg_table_is_visible(c.oid) AS visible,
    c.relkind IN ('r', 'm') AND NOT c.relhassubclass AS pages
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${where} ORDER BY n.nspname, c.relname LIMIT ${MOST_TABLES}`;
}

/** So many tables are looked at for one that may be meant. */
const MOST_TABLES = 10_000;
/** So many are named. */
const MOST_NAMED = 12;

/** The table that is called so, in its schema or by `schema.table`; undefined where there is none. */
export async function findTable(connection: Connection, member: string): Promise<FoundTable | undefined> {
  const name = literal(member);
  const found = await connection.query(
    tablesQuery(
      `(lower(n.nspname || '.' || c.relname) = lower(${name}) OR (lower(c.relname) = lower(${name}) AND pg_catalog.pg_table_is_visible(c.oid)))`,
    ),
  );
  const isExact = (row: (typeof found)[number]): boolean =>
    row["name"] === member || `${String(row["schema"])}.${String(row["name"])}` === member;
  // As in SQL, small letters are meant where nothing else is there.
  const row = found.find(isExact) ?? found.find((one) => String(one["name"]) === String(one["name"]).toLowerCase());
  return row && foundTable(row);
}

async function tableOf(connection: Connection, input: SourceName): Promise<FoundTable> {
  const { member } = input;
  const named = member === undefined ? undefined : await findTable(connection, member);
  if (named !== undefined) return named;
  const all = await connection.query(
    tablesQuery("n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"),
  );
  const [only] = all;
  if (member === undefined && only !== undefined && all.length === 1) return foundTable(only);
  throw noTable(
    input,
    all.map(({ schema, name, visible }) => (visible === true ? String(name) : `${String(schema)}.${String(name)}`)),
  );
}

function foundTable({ schema, name, pages }: Readonly<Record<string, unknown>>): FoundTable {
  return { name: `${quoted(String(schema))}.${quoted(String(name))}`, hasPages: pages === true };
}

function noTable({ name, member }: SourceName, names: readonly string[]): RowmillError {
  const address = withoutSecrets(name);
  const path = address.slice(0, address.length - (member === undefined ? 0 : member.length + 1));
  const [first] = names;
  const message =
    member !== undefined
      ? `${path} has no table ${member}`
      : first === undefined
        ? `cannot read ${path}: it has no tables`
        : `which table of ${path} is meant, it does not say`;
  const near =
    member &&
    (names.find((other) => other.toLowerCase().endsWith(`.${member.toLowerCase()}`)) ?? nearest(member, names));
  const listed = names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ", …" : "");
  const hint =
    near !== undefined
      ? didYouMean(`${path}#${near}`)
      : first === undefined
        ? "check the name of the database, and who asks: others' tables may be hidden"
        : `its tables are ${listed}: ${path}#${first}`;
  return new RowmillError("input", message, { hint });
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  // A backslash is one in this form, whatever the server is set to.
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
