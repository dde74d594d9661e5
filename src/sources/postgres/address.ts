/**
 * Where a server of Postgres is, and who asks: by an address, by a service, by the environment, as the programs of Postgres
 * understand these. Passwords come from the environment, or from the file that is made for them.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { RowmillError, withoutSecrets } from "../../errors.ts";

const TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type TlsMode = (typeof TLS_MODES)[number];

export interface PostgresAddress {
  /** A name, or the folder of a socket. */
  host: string;
  port: number;
  user: string;
  database: string;
  password: string | undefined;
  /** It stands in the address. */
  showsPassword: boolean;
  tls: {
    mode: TlsMode;
    /** Files: certificates of those who may sign that of the server, and what the client shows of itself. */
    root: string | undefined;
    certificate: string | undefined;
    key: string | undefined;
  };
  connectSeconds: number | undefined;
  /** Why a file of passwords was not looked at. */
  notice: string | undefined;
}

/** Settings, by the names that they have in addresses. */
type Settings = Readonly<Partial<Record<SettingName, string>>>;
type SettingName = keyof typeof VARIABLES;

/** Where the environment has each setting. */
const VARIABLES = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: "PGDATABASE",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  connect_timeout: "PGCONNECT_TIMEOUT",
  service: "PGSERVICE",
  passfile: "PGPASSFILE",
} as const;

const DEFAULT_PORT = 5432;
/** Where servers of this machine have their sockets. */
const SOCKET_FOLDERS = ["/var/run/postgresql", "/tmp"];

/** What is to be done there. */
export type Verb = "read" | "write";
/** The error of an address that is wrong. */
type Wrong = (why: string, hint: string) => RowmillError;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param address Without what stands behind `#` or `sql=`.
 * @throws {RowmillError} `input` or `output`, when it is none.
 */
export function postgresAddress(
  address: string,
  { verb, env = process.env }: { verb: Verb; env?: Environment },
): PostgresAddress {
  const wrong: Wrong = (why, hint) =>
    new RowmillError(verb === "read" ? "input" : "output", `cannot ${verb} ${withoutSecrets(address)}: ${why}`, {
      hint,
    });
  const given = settingsOf(address, wrong);
  const byEnvironment = environmentSettings(env);
  const service = given.service ?? byEnvironment.service;
  const ofService = service === undefined ? {} : serviceSettings(service, { wrong, env });
  const all: Settings = { ...byEnvironment, ...ofService, ...given };
  const port = numberOf(all.port, "port", wrong) ?? DEFAULT_PORT;
  const host = all.host ?? SOCKET_FOLDERS.find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`))) ?? "localhost";
  const user = all.user ?? userInfo().username;
  const database = all.dbname ?? user;
  const kept = all.password === undefined ? keptPassword({ host, port, database, user }, all.passfile) : undefined;
  return {
    host,
    port,
    user,
    database,
    password: all.password ?? kept?.password,
    showsPassword: given.password !== undefined,
    tls: {
      mode: tlsMode(all.sslmode, wrong),
      root: all.sslrootcert ?? ownRoot(),
      certificate: all.sslcert,
      key: all.sslkey,
    },
    connectSeconds: numberOf(all.connect_timeout, "connect_timeout", wrong),
    notice: kept?.notice,
  };
}

function settingsOf(address: string, wrong: Wrong): Settings {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw wrong("it is no address", "write postgres://USER@HOST/DATABASE#TABLE");
  const settings: Partial<Record<SettingName, string>> = {};
  const parts: [SettingName, string][] = [
    ["host", url.hostname.replace(/^\[(.*)\]$/, "$1")],
    ["port", url.port],
    ["user", url.username],
    ["password", url.password],
    ["dbname", url.pathname.slice(1)],
  ];
  for (const [name, text] of parts) if (text !== "") settings[name] = decodeURIComponent(text);
  for (const [name, text] of url.searchParams) if (isSetting(name)) settings[name] = text;
  return settings;
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(VARIABLES, name);
}

function environmentSettings(env: Environment): Settings {
  const settings: Partial<Record<SettingName, string>> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (isSetting(name) && value !== undefined && value !== "") settings[name] = value;
  }
  return settings;
}

function serviceSettings(service: string, { wrong, env }: { wrong: Wrong; env: Environment }): Settings {
  const files = [
    env["PGSERVICEFILE"] ?? join(homedir(), ".pg_service.conf"),
    join(env["PGSYSCONFDIR"] ?? "/etc/postgresql-common", "pg_service.conf"),
  ];
  for (const file of files) {
    const found = existsSync(file) ? section(readFileSync(file, "utf8"), service) : undefined;
    if (found !== undefined) return found;
  }
  throw wrong(`there is no service ${service}`, `services are looked for in ${files.join(" and ")}`);
}

/** The lines of a service: `name=value`, behind `[service]`. */
function section(text: string, service: string): Settings | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const start = lines.indexOf(`[${service}]`);
  if (start < 0) return undefined;
  const settings: Partial<Record<SettingName, string>> = {};
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith("[")) break;
    const [, name = "", value = ""] = /^([a-z_]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (isSetting(name)) settings[name] = value;
  }
  return settings;
}

function numberOf(text: string | undefined, name: string, wrong: Wrong): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw wrong(`its ${name} is ${JSON.stringify(text)}`, "write a whole number");
}

function tlsMode(text: string | undefined, wrong: Wrong): TlsMode {
  if (text === undefined) return "prefer";
  const mode = TLS_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw wrong(`sslmode is ${JSON.stringify(text)}`, `it is one of ${TLS_MODES.join(", ")}`);
}

function ownRoot(): string | undefined {
  const file = join(homedir(), ".postgresql", "root.crt");
  return existsSync(file) ? file : undefined;
}

/** Others than the owner may not read a file of passwords, or it is not looked at. */
const OTHERS = 0o077;

/** What the file of passwords says: lines of `host:port:database:user:password`. */
function keptPassword(
  { host, port, database, user }: { host: string; port: number; database: string; user: string },
  file: string = join(homedir(), ".pgpass"),
): { password?: string | undefined; notice?: string } | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return undefined;
  if ((stat.mode & OTHERS) !== 0)
    return { notice: `${file} is not read for passwords, for others may read it: chmod 600 ${file}` };
  const wanted = [host.startsWith("/") ? "localhost" : host, String(port), database, user];
  for (const line of readFileSync(file, "utf8").split(/\r?\n/)) {
    const fields = passwordFields(line);
    if (line.startsWith("#") || fields.length <= wanted.length) continue;
    if (wanted.every((value, at) => fields[at] === "*" || fields[at] === value))
      return { password: fields[wanted.length] };
  }
  return undefined;
}

/** Fields with colons between them; a backslash stands before one that is meant. */
function passwordFields(line: string): string[] {
  return [...line.matchAll(/((?:[^:\\]|\\.?)*)(?::|$)/g)].map(([, field = ""]) => field.replaceAll(/\\(.)/g, "$1"));
}
