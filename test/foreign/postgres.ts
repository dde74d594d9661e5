/**
 * Tables of Postgres that nobody here has made, field by field against `psql`: those of the monitor Zabbix, of PostGIS, and all
 * that a server has of its own, with types that hardly anything else has.
 *
 *     bun test/foreign/postgres.ts
 *
 * Fetches packages into a folder for the moment, and loads what they have into a server that it starts. Ends with exit code 1
 * where a field differs. Needs apt-get, dpkg-deb, and a server of Postgres.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { $ } from "bun";
import { RowmillError } from "../../src/errors.ts";
import { openPostgres } from "../../src/sources/postgres/open.ts";
import { PostgresServer } from "../cli/postgres-server.ts";
import { type Fields, fieldsOfSource } from "../sources/sqlite/read-all.ts";
import { Packages } from "./packages.ts";
import { passedOn } from "./read.ts";

const DEBIAN = ["zabbix-server-pgsql", "postgresql-15-postgis-3-scripts"];

/** What stands between fields and rows, and for null, in what `psql` shows. */
const [FIELD_END, ROW_END, NULL] = ["\x1F", "\x1E", "\x1D"];

/** Views of what goes on at the moment, which no two readers see alike. */
const OF_THE_MOMENT =
  /^pg_catalog\.(?:pg_stat_.*|pg_statio_.*|pg_locks|pg_settings|pg_shmem_allocations|pg_backend_memory_contexts|pg_cursors|pg_prepared_.*|pg_replication_.*)$/;

const packages = new Packages();
const counts = { tables: 0, rows: 0, differences: 0 };
const server = await PostgresServer.start();
if (server === undefined) throw new Error("a server of Postgres is needed");
try {
  await packages.debian(DEBIAN);
  await load(server);
  const listed = await psql(
    server,
    `SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1, 2`,
  );
  for (const [schema, name] of listed) await compare(server, `${schema}.${name}`);
} finally {
  await server.stop();
  packages.remove();
}
console.log(`${counts.tables} tables, ${counts.rows} rows, ${counts.differences} fields that differ`);
process.exitCode = counts.differences > 0 ? 1 : 0;

/** The file of a package that a pattern stands for. */
function find(path: string): string {
  return globSync(join(packages.folder, "debian", path)).join("");
}

async function load(to: PostgresServer): Promise<void> {
  await to.sql("ALTER SYSTEM SET autovacuum = off");
  await to.sql("SELECT pg_reload_conf(); CREATE SCHEMA zabbix; CREATE SCHEMA postgis");
  for (const name of ["schema", "images", "data"]) {
    const packed = readFileSync(find(`zabbix-server-pgsql/usr/share/zabbix-server-pgsql/${name}.sql.gz`));
    await runScript(to, "zabbix", gunzipSync(packed).toString());
  }
  const scripts = "postgresql-15-postgis-3-scripts/usr/share/postgresql/15";
  const contrib = `${scripts}/contrib/postgis-3.3`;
  const made = /CREATE TABLE spatial_ref_sys \([^;]*;/.exec(readFileSync(find(`${contrib}/postgis.sql`), "utf8"));
  await runScript(to, "postgis", `${made?.[0]}\n${readFileSync(find(`${contrib}/spatial_ref_sys.sql`), "utf8")}`);
  const addresses = readFileSync(find(`${scripts}/extension/address_standardizer_data_us--?.?.?.sql`), "utf8");
  // What only the script of an extension may say.
  await runScript(to, "postgis", addresses.replaceAll(/^SELECT pg_catalog\.pg_extension.*$/gm, ""));
  await to.sql("ANALYZE");
}

async function runScript(on: PostgresServer, schema: string, text: string): Promise<void> {
  const path = join(packages.folder, "script.sql");
  writeFileSync(path, `SET search_path = ${schema};\n${text}`);
  await $`psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=${path} ${on.url()}`.quiet();
}

/** The rows of a query as `psql` shows them. */
async function psql(on: PostgresServer, query: string): Promise<Fields[]> {
  const options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"];
  const ends = [`--field-separator=${FIELD_END}`, `--record-separator=${ROW_END}`, `--pset=null=${NULL}`];
  const found = await $`psql ${options} ${ends} --command=${query} ${on.url()}`.text();
  const rows = found.replace(/\n$/, "");
  if (rows === "") return [];
  return rows.split(ROW_END).map((row) => row.split(FIELD_END).map((text) => (text === NULL ? null : text)));
}

async function compare(on: PostgresServer, table: string): Promise<void> {
  if (OF_THE_MOMENT.test(table)) return;
  const quoted = table.replace(/^(.*?)\.(.*)$/, '"$1"."$2"');
  const theirs = await psql(on, `SELECT * FROM ${quoted}`);
  const source = await openPostgres({
    kind: "postgres",
    input: { name: on.url(`#${table}`), path: on.url(), member: table },
    settings: {},
  });
  const { columns } = source.table;
  const ours = await fieldsOfSource(source);
  const passed = await passedOn(on.url(`#${table}`), { to: "jsonl" });
  if (passed instanceof RowmillError) throw passed;
  const rows = passed
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => parsed(line) as Record<string, unknown>);
  counts.tables++;
  counts.rows += theirs.length;
  const wrong: string[] = [];
  for (const [what, count] of Object.entries({ read: ours.length, passedOn: rows.length }))
    if (count !== theirs.length) wrong.push(`${count} rows ${what}, wanted ${theirs.length}`);
  // A view may give its rows in another order the next time.
  const [wanted, read, written] = [
    sorted(theirs.map((row) => row.map((text, at) => expected(text, columns[at]?.type)))),
    sorted(ours.map((row) => row.map((text, at) => canonical(ofBytes(text), columns[at]?.type)))),
    sorted(rows.map((row) => columns.map(({ name, type }) => canonical(shown(row[name]), type)))),
  ];
  for (const [at, row] of wanted.entries())
    for (const [column, text] of row.entries())
      for (const found of [read[at]?.[column], written[at]?.[column]])
        if (found !== text)
          wrong.push(
            `${columns[column]?.name} is ${JSON.stringify(found)?.slice(0, 200)}, wanted ${JSON.stringify(text).slice(0, 200)}`,
          );
  counts.differences += wrong.length;
  for (const what of wrong.slice(0, 3)) console.log(`${table}: ${what}`);
}

function sorted(rows: readonly Fields[]): Fields[] {
  return rows
    .map((row) => JSON.stringify(row))
    .toSorted()
    .map((row) => JSON.parse(row) as Fields);
}

/** A value of a row, as the text of a field. */
function shown(value: unknown): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value) ?? null;
}

/** What a field should be: its text by `psql`, lists and booleans as JSON has them. */
function expected(text: string | null, type: string | undefined): string | null {
  if (text === null) return null;
  if (type === "boolean") return text === "t" ? "true" : "false";
  // Lists of their own kind are numbers with blanks between them.
  if (type === "json" && /^[\d ]*$/.test(text)) return JSON.stringify(text.split(" ").filter(Boolean));
  if (type === "json" && (text === "{}" || !isJson(text))) return JSON.stringify(listOf(text));
  return canonical(text, type);
}

/** Numbers and JSON may be written in several ways; items of lists are compared as texts. */
function canonical(text: string | null, type: string | undefined): string | null {
  if (text === null) return null;
  if (type === "number") return /^-?\d+$/.test(text) ? text : String(Number(text));
  if (type !== "json") return text;
  const value = parsed(text);
  return JSON.stringify(Array.isArray(value) ? textsOf(value) : value);
}

/** A text with a character for each byte. */
function ofBytes(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, "latin1").toString();
}

/** A value of JSON whose numbers have all their digits: they are texts. */
function parsed(text: string): unknown {
  return (JSON.parse as (text: string, reviver: typeof digitsOf) => unknown)(text, digitsOf);
}

function digitsOf(_: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === "number" ? source : value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type List = (string | null | List)[];

function textsOf(list: readonly unknown[]): List {
  return list.map((item) => {
    if (Array.isArray(item)) return textsOf(item);
    if (typeof item === "boolean") return item ? "t" : "f";
    return shown(item);
  });
}

/** A list as Postgres writes it: `{1,"a b",NULL,{2}}`. */
function listOf(text: string): List {
  const stack: List[] = [[]];
  for (const [part = "", quoted] of text.matchAll(/[{}]|"((?:[^"\\]|\\.)*)"|[^{},"]+/gs)) {
    const last = stack.at(-1);
    if (part === "{") {
      const list: List = [];
      last?.push(list);
      stack.push(list);
    } else if (part === "}") stack.pop();
    else if (quoted === undefined) last?.push(part === "NULL" ? null : part);
    else last?.push(quoted.replaceAll(/\\(.)/gs, "$1"));
  }
  return stack[0]?.[0] as List;
}
