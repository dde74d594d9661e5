/** Connections to servers of Postgres, and what goes wrong with them in words. */
import type { ReservedSQL } from "bun";
import { RowmillError, messageOf, withoutSecrets } from "../../errors.ts";
import type { PostgresAddress, Verb } from "./address.ts";

export interface Connection {
  /** Runs one statement or several; gives the rows of the only one. */
  query: (sql: string) => Promise<readonly Row[]>;
  /** The columns of a query, which is not run. */
  columnsOf: (query: string) => Promise<ResultColumn[]>;
  /** What `COPY … TO STDOUT` gives. */
  copyOut: (sql: string) => ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What takes the rows of `COPY … FROM STDIN`. */
  copyIn: (sql: string) => WritableStream<Uint8Array>;
  close: () => Promise<void>;
}

/** Values as the driver reads them. */
type Row = Readonly<Record<string, unknown>>;

export interface ResultColumn {
  name: string;
  type: number;
}

/** The server looks so often whether who asked is still there. */
const CHECK_MS = 1000;
/** Since this version it does. */
const CHECKS_SINCE = 140_000;

/** Opens a connection. Who closes it, or ends, ends what it does on the server. */
export async function connect(address: PostgresAddress): Promise<Connection> {
  const { host, port, user, database, password = "", tls, connectSeconds } = address;
  const { root, certificate, key } = tls;
  const files = {
    ...(root !== undefined && tls.mode.startsWith("verify") && { ca: Bun.file(root) }),
    ...(certificate !== undefined && { cert: Bun.file(certificate) }),
    ...(key !== undefined && { key: Bun.file(key) }),
  };
  const pool = new Bun.SQL({
    adapter: "postgres",
    // Settings that are named nowhere would come from the environment, by other rules.
    url: `postgres://localhost/?sslmode=${tls.mode}`,
    hostname: host,
    port,
    username: user,
    database,
    password,
    tls: Object.keys(files).length > 0 ? files : tls.mode,
    max: 1,
    idleTimeout: 0,
    maxLifetime: 0,
    prepare: false,
    connection: { application_name: "rowmill" },
    ...(connectSeconds !== undefined && { connectionTimeout: connectSeconds }),
  });
  let session: ReservedSQL;
  try {
    session = await pool.reserve();
    const [{ version = 0 } = {}] = await session.unsafe(
      "SELECT current_setting('server_version_num')::int4 AS version",
    );
    if (Number(version) >= CHECKS_SINCE) await session.unsafe(`SET client_connection_check_interval = ${CHECK_MS}`);
  } catch (error) {
    await pool.close({ timeout: 0 });
    throw error;
  }
  return {
    query: async (sql) => (await session.unsafe(sql).simple()) as Row[],
    columnsOf: async (query) => {
      const { columns } = (await session.unsafe(query)) as { columns: readonly ResultColumn[] | null };
      return (columns ?? []).map(({ name, type }) => ({ name, type }));
    },
    copyOut: (sql) => session.unsafe(sql).readable(),
    copyIn: (sql) => session.unsafe(sql).writable(),
    close: async () => await pool.close({ timeout: 0 }),
  };
}

/** What of an error of the driver or the server helps. */
interface ServerError {
  message: string;
  code: string;
  /** The class of the server's error. */
  state: string;
  detail: string | undefined;
  hint: string | undefined;
  /** Which line of a `COPY`, and which column. */
  where: string | undefined;
  position: number | undefined;
}

function serverError(error: unknown): ServerError {
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(Object(error), key);
    return typeof value === "string" ? value : undefined;
  };
  const position = Number(text("position"));
  return {
    message: messageOf(error),
    code: text("code") ?? "",
    state: text("errno") ?? "",
    detail: text("detail"),
    hint: text("hint"),
    where: /^COPY [^,]+, (.*)/s.exec(text("where") ?? "")?.[1],
    position: position > 0 ? position : undefined,
  };
}

/** What a user wrote, and what the server was asked. */
export interface AskedServer {
  name: string;
  address: PostgresAddress;
  verb: Verb;
  /** The user's query, and what stands before it in the statement. */
  query?: { text: string; offset: number };
}

/** The error that a user gets. */
export function serverFailure(error: unknown, asked: AskedServer): RowmillError {
  if (error instanceof RowmillError) return error;
  const said = serverError(error);
  const [reason, hint] = inWords(said, asked);
  return new RowmillError(
    asked.verb === "read" ? "input" : "output",
    `cannot ${asked.verb} ${withoutSecrets(asked.name)}: ${reason}`,
    { ...(hint !== undefined && { hint }), cause: error },
  );
}

function inWords(said: ServerError, { address, query }: AskedServer): [reason: string, hint: string | undefined] {
  const { host, port, user } = address;
  const where = host.startsWith("/") ? `the socket in ${host}, port ${port}` : `${host}:${port}`;
  if (said.code === "ERR_POSTGRES_CONNECTION_REFUSED" || said.code === "ERR_POSTGRES_CONNECTION_TIMEOUT")
    return [`no server answers at ${where}`, "check the host and the port, and that the server runs"];
  if (said.code === "ERR_POSTGRES_TLS_NOT_AVAILABLE")
    return [`the server at ${where} does not encrypt connections`, "sslmode=prefer in the address does without"];
  if (/certificate/i.test(said.message)) {
    return [
      `what the server at ${where} shows of itself does not hold (${said.message})`,
      "sslrootcert=FILE in the address names whom to trust; sslmode=require encrypts, whoever it is",
    ];
  }
  if (said.state === "28P01" || /PASSWORD|AUTH/.test(said.code)) {
    const what = said.state === "" ? said.message : `the server says: ${said.message}`;
    return [what, `the password of ${user} comes from PGPASSWORD, or from ~/.pgpass`];
  }
  if (said.code === "ERR_POSTGRES_CONNECTION_CLOSED" || said.code === "ERR_POSTGRES_IDLE_TIMEOUT")
    return ["the connection to the server was lost", "run again when the server can be reached"];
  if (said.state === "") return [said.message, undefined];
  const further = [said.detail, said.hint].flatMap((text) => text?.replace(/\.$/, "") || []);
  const position = query === undefined || said.position === undefined ? "" : placeIn(query, said.position);
  const row = said.where === undefined ? "" : ` (COPY, ${said.where})`;
  if (said.state === UNIQUE) further.push(ON_CONFLICT);
  return [`the server says: ${said.message}${row}${position}`, further.length > 0 ? further.join("; ") : undefined];
}

/** A key is there already. */
const UNIQUE = "23505";
const ON_CONFLICT = "--on-conflict ignore passes over rows whose key is there, --on-conflict replace writes them over";

/** Where in a query something stands. */
function placeIn({ text, offset }: { text: string; offset: number }, position: number): string {
  const at = position - 1 - offset;
  const characters = Array.from(text);
  if (at < 0 || at >= characters.length) return "";
  const shown = characters.slice(at, at + 20).join("");
  return ` (at character ${at + 1} of the query: ${shown.replaceAll(/\s+/g, " ")}${at + 20 < characters.length ? "…" : ""})`;
}
