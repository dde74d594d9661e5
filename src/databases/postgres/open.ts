/**
 * Writes a table of Postgres by `COPY … FROM STDIN`, in one transaction: one that is there gets more rows, or others; one that
 * is not is made. Whoever dies, the server undoes what was begun.
 */
import { RowmillError, withoutSecrets } from "../../errors.ts";
import { postgresAddress } from "../../sources/postgres/address.ts";
import { type FoundTable, findTable, literal, quoted } from "../../sources/postgres/asked.ts";
import { type AskedServer, type Connection, connect, serverFailure } from "../../sources/postgres/connect.ts";
import { ColumnKinds, type ColumnKind } from "../column-kinds.ts";
import type { TableWriter, AskedTable } from "../table.ts";
import { TypedFields } from "../typed-fields.ts";

/** @throws {RowmillError} `output`, when the server cannot be reached, or nothing can be written there. */
export async function openPostgresTable(setup: AskedTable): Promise<TableWriter> {
  const address = postgresAddress(setup.path, { verb: "write" });
  const server: AskedServer = { name: setup.name, address, verb: "write" };
  let connection: Connection | undefined;
  try {
    connection = await connect(address);
    await connection.query("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0");
    const found = await findTable(connection, setup.table);
    const keys = setup.onConflict === "fail" ? [] : await keysOf(connection, found, setup);
    return new PostgresTable(connection, { setup, server, found, keys });
  } catch (error) {
    await connection?.close();
    const failure = serverFailure(error, server);
    if (address.notice === undefined || failure.hint === undefined) throw failure;
    throw new RowmillError(failure.code, failure.message, {
      hint: `${failure.hint} (${address.notice})`,
      cause: error,
    });
  }
}

/** Where rows wait until all are there, beside a column with their order. */
const STAGE = "rowmill_rows";
const ORDER = "rowmill_row";

interface Opened {
  setup: AskedTable;
  server: AskedServer;
  found: FoundTable | undefined;
  /** Columns of the key by which rows are the same, where that matters. */
  keys: readonly string[];
}

class PostgresTable implements TableWriter {
  readonly #connection: Connection;
  readonly #opened: Opened;
  readonly #decoder = new TextDecoder();
  #columns: string[] | undefined;
  /** Lines that came before the server takes any. */
  #held: Uint8Array[] = [];
  #text = "";
  #kinds: ColumnKinds | undefined;
  #copy: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor(connection: Connection, opened: Opened) {
    this.#connection = connection;
    this.#opened = opened;
  }

  async write(lines: Uint8Array): Promise<void> {
    if (this.#copy === undefined) await this.#hold(lines);
    else await this.#send(lines);
  }

  /** Holds lines back until it is known what columns there are, and what a new one holds. */
  async #hold(lines: Uint8Array): Promise<void> {
    let rows = lines;
    if (this.#columns === undefined) {
      const header = new TypedFields(this.#decoder.decode(lines));
      if (!header.next()) return;
      this.#columns = [...header.texts];
      rows = lines.subarray(lines.indexOf(LINE_FEED, headerBytes(this.#columns)) + 1);
    }
    if (this.#opened.found !== undefined) {
      await this.#begin();
      await this.#send(rows);
      return;
    }
    this.#held.push(rows);
    this.#text += this.#decoder.decode(rows);
    const fields = new TypedFields(this.#text);
    const kinds = new ColumnKinds(this.#columns.length);
    this.#kinds = kinds;
    let wantsMore = true;
    while (wantsMore && fields.next()) wantsMore = kinds.add(fields);
    if (!wantsMore) await this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      const into = await this.#tableToCopyTo();
      const names = (this.#columns ?? []).map(quoted).join(", ");
      this.#copy = this.#connection.copyIn(`COPY ${into} (${names}) FROM STDIN (FORMAT csv)`).getWriter();
      // It is looked at when something else fails by it.
      void this.#copy.closed.catch(() => {});
    } catch (error) {
      throw serverFailure(error, this.#opened.server);
    }
    for (const lines of this.#held.splice(0)) await this.#send(lines);
    this.#text = "";
  }

  async #tableToCopyTo(): Promise<string> {
    const { found, setup } = this.#opened;
    const columns = this.#columns ?? [];
    if (found === undefined) return await this.#create();
    await this.#checkColumns(found);
    if (!setup.replaces && setup.onConflict === "fail") return found.name;
    const names = columns.map(quoted).join(", ");
    await this.#connection.query(
      `CREATE TEMPORARY TABLE ${STAGE} ON COMMIT DROP AS SELECT ${names} FROM ${found.name} WITH NO DATA; ` +
        `ALTER TABLE ${STAGE} ADD ${ORDER} bigserial`,
    );
    return STAGE;
  }

  async #create(): Promise<string> {
    const columns = this.#columns ?? [];
    const { setup } = this.#opened;
    const kinds = (this.#kinds ?? new ColumnKinds(columns.length)).kinds;
    const declared = columns.map((column, at) => `${quoted(column)} ${DECLARED[kinds[at] ?? "unknown"]}`);
    const name = await newName(this.#connection, setup);
    await this.#connection.query(`CREATE TABLE ${name} (${declared.join(", ")})`);
    return name;
  }

  async #checkColumns({ name }: FoundTable): Promise<void> {
    const found = await this.#connection.columnsOf(`SELECT * FROM ${name} LIMIT 0`);
    const known = found.map((column) => column.name);
    const other = (this.#columns ?? []).find((column) => !known.includes(column));
    if (other === undefined) return;
    throw new RowmillError("output", `cannot write ${shown(this.#opened.setup)}: the table has no column ${other}`, {
      hint: `its columns are ${known.join(", ")}; write these, or to another table`,
    });
  }

  async #send(lines: Uint8Array): Promise<void> {
    if (lines.length === 0) return;
    try {
      await this.#copy?.write(lines);
    } catch (error) {
      throw serverFailure(await this.#causeOf(error), this.#opened.server);
    }
  }

  /** Rows that come, and their end, fail by what the server has said of rows before them. */
  async #causeOf(failure: unknown): Promise<unknown> {
    const said = async (): Promise<unknown> => {
      try {
        await this.#copy?.closed;
        return failure;
      } catch (cause) {
        return cause;
      }
    };
    return (await Promise.race([said(), Bun.sleep(SAID_MS)])) ?? failure;
  }

  async commit(): Promise<string[]> {
    const { found, setup, server } = this.#opened;
    try {
      if (this.#copy === undefined && this.#columns !== undefined) await this.#begin();
      await this.#endCopy();
      if (this.#copy !== undefined && found !== undefined) await this.#unstage(found);
      // Without columns there are no rows: what was there goes all the same.
      else if (found !== undefined && setup.replaces) await this.#connection.query(`TRUNCATE ${found.name}`);
      await this.#connection.query("COMMIT");
    } catch (error) {
      throw serverFailure(error, server);
    }
    await this.#connection.close();
    if (this.#columns !== undefined || found !== undefined) return [];
    return [`${shown(setup)}: no columns are known, so that no table is made`];
  }

  async #endCopy(): Promise<void> {
    try {
      await this.#copy?.close();
    } catch (error) {
      throw await this.#causeOf(error);
    }
  }

  /** Moves rows that waited to where they belong. */
  async #unstage({ name }: FoundTable): Promise<void> {
    const { setup, keys } = this.#opened;
    const columns = this.#columns ?? [];
    const names = columns.map(quoted).join(", ");
    if (setup.replaces) {
      await this.#connection.query(
        `TRUNCATE ${name}; INSERT INTO ${name} (${names}) SELECT ${names} FROM ${STAGE} ORDER BY ${ORDER}`,
      );
      return;
    }
    if (setup.onConflict === "fail") return;
    const key = keys.map(quoted).join(", ");
    const updates = columns
      .filter((column) => !keys.includes(column))
      .map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
    const isUpdated = setup.onConflict === "replace" && updates.length > 0;
    // Of rows with the same key the last one counts.
    const rows = isUpdated
      ? `SELECT DISTINCT ON (${key}) ${names} FROM ${STAGE} ORDER BY ${key}, ${ORDER} DESC`
      : `SELECT ${names} FROM ${STAGE} ORDER BY ${ORDER}`;
    const conflict = isUpdated ? `(${key}) DO UPDATE SET ${updates.join(", ")}` : "DO NOTHING";
    await this.#connection.query(`INSERT INTO ${name} (${names}) ${rows} ON CONFLICT ${conflict}`);
  }

  /** The server undoes all of a transaction whose connection ends. */
  async abandon(): Promise<void> {
    this.#copy?.abort().catch(() => {});
    await this.#connection.close();
  }
}

const LINE_FEED = 10;
/** A stream that has failed says why at once. */
const SAID_MS = 1000;

/** How many bytes the names of columns take at least, on their line. */
function headerBytes(columns: readonly string[]): number {
  return Buffer.byteLength(columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(","));
}

/** How columns of a new table are declared. A number keeps all its digits. */
const DECLARED: Readonly<Record<ColumnKind, string>> = {
  whole: "bigint",
  number: "numeric",
  long: "numeric",
  boolean: "boolean",
  date: "timestamptz",
  json: "jsonb",
  text: "text",
  mixed: "text",
  unknown: "text",
};

function shown({ name }: AskedTable): string {
  return withoutSecrets(name);
}

/** The name of a table to be made: of one in a schema, where what stands before a point is one. */
async function newName(connection: Connection, setup: AskedTable): Promise<string> {
  const { table } = setup;
  const point = table.indexOf(".");
  if (point < 0) return quoted(table);
  const [schema, name] = [table.slice(0, point), table.slice(point + 1)];
  const [found] = await connection.query(
    `SELECT nspname::text AS name FROM pg_catalog.pg_namespace WHERE nspname = ${literal(schema)}`,
  );
  if (found !== undefined) return `${quoted(schema)}.${quoted(name)}`;
  throw new RowmillError("output", `cannot write ${shown(setup)}: there is no schema ${schema}`, {
    hint: `CREATE SCHEMA ${quoted(schema)} makes it`,
  });
}

/** The columns of the key by which rows are the same: the primary one, or the only other one. */
async function keysOf(connection: Connection, found: FoundTable | undefined, setup: AskedTable): Promise<string[]> {
  const rows =
    found === undefined
      ? []
      : await connection.query(
          `SELECT i.indisprimary AS "primary", ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(n, at)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.at)::text[] AS names
           FROM pg_catalog.pg_index AS i WHERE i.indrelid = ${literal(found.name)}::regclass
             AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY i.indisprimary DESC`,
        );
  const [first, ...others] = rows;
  const isClear =
    first !== undefined && (first["primary"] === true || others.length === 0 || setup.onConflict === "ignore");
  if (isClear && Array.isArray(first["names"])) return first["names"].map(String);
  throw new RowmillError(
    "output",
    first === undefined
      ? `cannot write ${shown(setup)}: ${setup.table} has no key by which rows could be the same`
      : `cannot write ${shown(setup)}: ${setup.table} has several unique keys, and none of them is the primary one`,
    { hint: "--on-conflict is for tables with a primary key, or a unique one: make it before" },
  );
}
