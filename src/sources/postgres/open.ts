/**
 * Reads tables and queries of Postgres: the server writes CSV, which goes on as it comes. All is of one moment, also what
 * several threads read of a large table.
 */
import { RowmillError, withoutSecrets } from "../../errors.ts";
import type { Source, SourceRows, SourceSetup } from "../source.ts";
import { postgresAddress } from "./address.ts";
import { type Asked, askedOf, copyStatement } from "./asked.ts";
import { type AskedServer, type Connection, connect, serverFailure } from "./connect.ts";

/** What further connections must know to read the same. */
interface Shared extends Asked {
  /** Of the first connection, as long as that is open. */
  snapshot: string;
  /** The first page of each part. */
  pages: number[];
}

/** A part has about so many bytes, which a thread may be ahead. */
const PART_BYTES = 1 << 20;
/** A table with fewer bytes is read at once. */
const LEAST_BYTES: number = 8 << 20;
/** Since this version single pages can be read. */
const PAGES_SINCE = 140_000;

/** @throws {RowmillError} `input`, when the server cannot be reached, or there is no such table or query. */
export async function openPostgres({ input, shared }: SourceSetup): Promise<Source> {
  const address = postgresAddress(input.path, { verb: "read" });
  const server: AskedServer = { name: input.name, address, verb: "read" };
  try {
    const connection = await connect(address);
    const asked = shared === undefined ? undefined : (shared as Shared);
    return asked === undefined
      ? await firstSource(connection, input, server)
      : await furtherSource(connection, asked, server);
  } catch (error) {
    const failure = serverFailure(error, server);
    if (address.notice === undefined || failure.hint === undefined) throw failure;
    throw new RowmillError(failure.code, failure.message, {
      hint: `${failure.hint} (${address.notice})`,
      cause: error,
    });
  }
}

const READING = "ISOLATION LEVEL REPEATABLE READ READ ONLY";
/** Rows come in the order in which they lie; and who waits for others is not cut off. */
const SETTINGS = "SET LOCAL synchronize_seqscans = off; SET LOCAL idle_in_transaction_session_timeout = 0";

async function firstSource(connection: Connection, input: SourceSetup["input"], server: AskedServer): Promise<Source> {
  await connection.query(`BEGIN ${READING}; ${SETTINGS}`);
  const asked = await askedOf(connection, input, server);
  const pages = asked.pagesOf === undefined ? [0] : await partsOf(connection, asked.pagesOf);
  const shared = pages.length > 1 ? { ...asked, pages, snapshot: await snapshotOf(connection) } : undefined;
  return sourceOf(connection, { asked, pages, shared }, server);
}

async function furtherSource(connection: Connection, shared: Shared, server: AskedServer): Promise<Source> {
  const { snapshot, pages, ...asked } = shared;
  await connection.query(`BEGIN ${READING}; SET TRANSACTION SNAPSHOT '${snapshot}'; ${SETTINGS}`);
  return sourceOf(connection, { asked, pages, shared }, server);
}

/** The first page of each part of a table. */
async function partsOf(connection: Connection, table: string): Promise<number[]> {
  const [found = {}] = await connection.query(
    `SELECT pg_relation_size(${regclass(table)})::text AS bytes, current_setting('block_size') AS page, current_setting('server_version_num') AS version`,
  );
  const [bytes, page, version] = [found["bytes"], found["page"], found["version"]].map(Number) as [
    number,
    number,
    number,
  ];
  if (version < PAGES_SINCE || !(bytes >= LEAST_BYTES)) return [0];
  const [pages, inPart] = [Math.ceil(bytes / page), Math.ceil(PART_BYTES / page)];
  return Array.from({ length: Math.ceil(pages / inPart) }, (_, part) => part * inPart);
}

function regclass(table: string): string {
  return `'${table.replaceAll("'", "''")}'::regclass`;
}

async function snapshotOf(connection: Connection): Promise<string> {
  const [{ snapshot } = {}] = await connection.query("SELECT pg_export_snapshot() AS snapshot");
  return String(snapshot);
}

function sourceOf(
  connection: Connection,
  { asked, pages, shared }: { asked: Asked; pages: readonly number[]; shared: Shared | undefined },
  server: AskedServer,
): Source {
  const notices = server.address.showsPassword ? [passwordShown(server.name)] : [];
  return {
    table: {
      columns: asked.columns.map(({ name, type }) => ({ name, type })),
      places: { unit: "row", first: 1 },
      parts: pages.length,
      notices,
      shared,
      skips: true,
    },
    rows: (part, coming) =>
      copied(connection, copyStatement(partQuery(asked, pages, part), asked.columns, coming), server),
    close: () => void connection.close(),
  };
}

/** Others on the machine see the words of a command. */
function passwordShown(name: string): string {
  return `${withoutSecrets(name)}: others on this machine may see the password in the command: PGPASSWORD, or ~/.pgpass, is a better place`;
}

function partQuery({ query, pagesOf }: Asked, pages: readonly number[], part: number): string {
  if (pagesOf === undefined || pages.length === 1) return query;
  const next = pages[part + 1];
  const to = next === undefined ? "" : ` AND ctid < '(${next},0)'`;
  return `SELECT * FROM ${pagesOf} WHERE ctid >= '(${pages[part] ?? 0},0)'${to}`;
}

const PIECE_BYTES = 256 * 1024;

/** What the server copies, in pieces that need not end with a row. */
async function* copied(connection: Connection, statement: string, server: AskedServer): AsyncGenerator<SourceRows> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of connection.copyOut(statement)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes < PIECE_BYTES) continue;
      yield { bytes: joined(pieces, bytes), rows: undefined };
      [pieces, bytes] = [[], 0];
    }
  } catch (error) {
    throw serverFailure(error, server);
  }
  if (bytes > 0) yield { bytes: joined(pieces, bytes), rows: undefined };
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
