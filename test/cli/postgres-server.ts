/**
 * A server of Postgres for tests, with data of its own in a temporary folder, on this machine only. It is one that is
 * installed: where there is none, tests that need it are skipped, and say so.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

/** Who may connect: users by password, all others as they are. */
const ACCESS = `local all all trust
host all secret 127.0.0.1/32 scram-sha-256
hostssl all encrypted 127.0.0.1/32 trust
host all encrypted 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`;

export class PostgresServer {
  readonly #process: ReturnType<typeof spawn>;
  readonly #folder: string;
  readonly port: number;

  private constructor(server: ReturnType<typeof spawn>, { folder, port }: { folder: string; port: number }) {
    this.#process = server;
    this.#folder = folder;
    this.port = port;
  }

  /** Undefined where none is installed, or it cannot be started here. */
  static async start(): Promise<PostgresServer | undefined> {
    const programs = programFolder();
    const user = serverUser();
    if (programs === undefined || user === undefined) {
      console.warn("tests with a server of Postgres are skipped: none is installed, or no user could run it");
      return undefined;
    }
    const folder = mkdtempSync(join(tmpdir(), "rowmill-pg-"));
    if (user.isOther) chownSync(folder, user.uid, user.gid);
    const as = { cwd: folder, ...(user.isOther && { uid: user.uid, gid: user.gid }) };
    const data = join(folder, "data");
    const made = spawnSync(
      join(programs, "initdb"),
      ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"],
      as,
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${String(made.stderr)}`);
    writeFileSync(join(data, "pg_hba.conf"), ACCESS);
    const port = await freePort();
    const settings = { port, fsync: "off", listen_addresses: "127.0.0.1", unix_socket_directories: folder };
    const server = spawn(
      join(programs, "postgres"),
      ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { ...as, stdio: "ignore" },
    );
    const started = new PostgresServer(server, { folder, port });
    await started.#ready();
    return started;
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error("the server of Postgres has ended");
      try {
        await this.sql("SELECT 1");
        return;
      } catch {
        await Bun.sleep(50);
      }
    }
  }

  /** An address of it. */
  url(rest = "", user = "postgres"): string {
    return `postgres://${user}@127.0.0.1:${this.port}/postgres${rest}`;
  }

  /** The folder of its socket. */
  get folder(): string {
    return this.#folder;
  }

  /** Runs statements; gives the rows of the last one. */
  async sql(text: string): Promise<Record<string, unknown>[]> {
    const sql = new Bun.SQL({ url: this.url(), max: 1, connectionTimeout: 5 });
    try {
      const found: unknown = await sql.unsafe(text).simple();
      const results = found as Record<string, unknown>[] | Record<string, unknown>[][];
      const last = results.at(-1);
      return Array.isArray(last) ? last : (results as Record<string, unknown>[]);
    } finally {
      await sql.close({ timeout: 0 });
    }
  }

  /** How many connections Rowmill has. */
  async connections(): Promise<number> {
    const [{ n } = {}] = await this.sql(
      "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE application_name = 'rowmill'",
    );
    return Number(n);
  }

  /** From here on it encrypts; gives its certificate, which it has signed itself. */
  async encrypt(): Promise<string> {
    const openssl = Bun.which("openssl");
    if (openssl === null) throw new Error("there is no openssl");
    const certificate = join(this.#folder, "server.crt");
    const key = join(this.#folder, "server.key");
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const made = spawnSync(openssl, [
      "req",
      "-new",
      "-x509",
      "-nodes",
      "-out",
      certificate,
      "-keyout",
      key,
      ...subject,
    ]);
    if (made.status !== 0) throw new Error(`openssl failed: ${String(made.stderr)}`);
    chmodSync(key, 0o600);
    const { uid, gid } = statSync(this.#folder);
    chownSync(key, uid, gid);
    for (const [name, value] of [
      ["ssl_cert_file", certificate],
      ["ssl_key_file", key],
      ["ssl", "on"],
    ])
      await this.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    await this.sql("SELECT pg_reload_conf()");
    return certificate;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGQUIT");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Debian keeps the programs of a server off the PATH. */
function programFolder(): string | undefined {
  const found = Bun.which("initdb");
  const folders = [
    ...(found === null ? [] : [dirname(found)]),
    ...globSync("/usr/lib/postgresql/*/bin").toSorted().toReversed(),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** A server does not run for root. */
function serverUser(): { uid: number; gid: number; isOther: boolean } | undefined {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid, isOther: false };
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = ["postgres", "nobody"].map((name) => lines.find((one) => one.startsWith(`${name}:`))).find(Boolean);
  const [, , other, group] = line?.split(":") ?? [];
  return other === undefined ? undefined : { uid: Number(other), gid: Number(group), isOther: true };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
