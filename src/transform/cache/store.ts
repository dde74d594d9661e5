/**
 * The store of `--cache`: a database of SQLite in a folder, for any number of workers and runs at once. All that is
 * written is written by one statement each, which is a transaction of its own: a thread that is ended at any moment
 * leaves no lock behind.
 */
import { Database, type Statement, constants } from "bun:sqlite";
import { type Stats, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { RowmillError, messageOf } from "../../errors.ts";
import { writeError } from "../../io/write-error.ts";

/** Where a result is found: two numbers below 2^53 of one digest. The first is the row of the table. */
export interface Key {
  id: number;
  more: number;
}

/** A result that is to be kept. */
export interface Entry extends Key {
  text: string;
}

/** What is in a cache. */
export interface StoreFacts {
  entries: number;
  /** Of the files, in bytes. */
  bytes: number;
  /** Of all results, in bytes. */
  resultBytes: number;
  /** When the first and the last entry were made, in milliseconds since 1970; undefined where there is none. */
  oldest: number | undefined;
  newest: number | undefined;
}

const FILE = "results.sqlite";
/** Says that a file of SQLite is such a cache: "RMca". */
const APPLICATION = 0x524d6361;
/** The form of the table. Another one is another version's. */
const FORM = 1;

/** So long is waited for another run that writes. */
const LOCKED_MS = 10_000;
/** So often is tried to put results into the file at the end of a run. Who comes next does it as well. */
const MOST_SETTLING = 20;
/** So many lookups see the cache as it was: others' entries are seen behind them, and their space can be used again. */
const MOST_LOOKUPS = 4096;
/** So many pages wait beside the file before they are put into it: 64 MB. */
const WAITING_PAGES = 16384;
/** So many entries are written by one statement. */
const MOST_ENTRIES = 64;

const TABLE = `CREATE TABLE IF NOT EXISTS results (
  id INTEGER PRIMARY KEY,
  more INTEGER NOT NULL,
  made INTEGER NOT NULL,
  text TEXT NOT NULL
)`;

/**
 * Makes a cache where there is none, and sees that it can be read.
 *
 * @throws {RowmillError} `output`, when it can not.
 */
export function makeStore(folder: string, shown: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() === false)
    throw new RowmillError("output", `the cache ${shown} is no folder`, { hint: "name a folder: it is made" });
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeError(error, shown);
  }
  new ResultStore(folder, shown, "makes").close();
}

/** Whether a folder holds a cache. */
export function hasStore(folder: string): boolean {
  return existsSync(join(folder, FILE));
}

/** Puts what stands beside the file of a cache into it, as far as no other run looks at it. */
export async function settleStore(folder: string): Promise<void> {
  try {
    const database = new Database(join(folder, FILE), { readwrite: true, create: false });
    try {
      // SQLite waits for readers by itself, and not for who does the same: a thread that is about to end may.
      database.run("PRAGMA busy_timeout = 100");
      const isSettled = (): boolean => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").values()[0]?.[0] === 0;
      for (let tries = 0; tries < MOST_SETTLING && !isSettled(); tries++) await Bun.sleep(10);
    } finally {
      database.close();
    }
  } catch {
    // Nothing is lost where it stands.
  }
}

/** An open cache. */
export class ResultStore {
  readonly #database: Database;
  readonly #path: string;
  readonly #inserts = new Map<number, Statement>();
  readonly #find: Statement<{ text: string }, [number, number]>;
  #lookups = 0;
  /** Nothing can be written to it. */
  readonly isReadOnly: boolean;

  /** @throws {RowmillError} `output`, when it cannot be used. @param how `makes`: it is made where there is none. */
  constructor(folder: string, shown: string, how: "makes" | "opens" = "opens") {
    this.#path = join(folder, FILE);
    let found: ReturnType<typeof opened> | undefined;
    try {
      found = opened(this.#path, how);
      checkForm(found.database, shown);
      this.#find = found.database.prepare("SELECT text FROM results WHERE id = ? AND more = ?");
    } catch (error) {
      found?.database.close();
      throw error instanceof RowmillError ? error : cannotUse(shown, error);
    }
    this.#database = found.database;
    this.isReadOnly = found.isReadOnly;
  }

  /** The result with a key; undefined where there is none. */
  find({ id, more }: Key): string | undefined {
    // Lookups in a transaction take half the time of those that have one each.
    if (this.#lookups === 0) this.#database.run("BEGIN");
    this.#lookups++;
    const found = this.#find.get(id, more);
    if (this.#lookups >= MOST_LOOKUPS) this.pause();
    return found?.text;
  }

  /** No lookup follows for a while. */
  pause(): void {
    if (this.#lookups === 0) return;
    this.#lookups = 0;
    // A failure may have ended it.
    if (this.#database.inTransaction) this.#database.run("COMMIT");
  }

  /** Keeps results. */
  add(entries: readonly Entry[]): void {
    this.pause();
    const made = Date.now();
    for (let from = 0; from < entries.length; from += MOST_ENTRIES) {
      const some = entries.slice(from, from + MOST_ENTRIES);
      this.#insert(some.length).run(...some.flatMap(({ id, more, text }) => [id, more, made, text]));
    }
  }

  #insert(count: number): Statement {
    let insert = this.#inserts.get(count);
    if (insert === undefined) {
      const values = Array.from({ length: count }, () => "(?,?,?,?)").join(",");
      insert = this.#database.prepare(`INSERT OR REPLACE INTO results VALUES ${values}`);
      this.#inserts.set(count, insert);
    }
    return insert;
  }

  /** Drops a result. */
  remove({ id, more }: Key): void {
    this.pause();
    this.#database.run("DELETE FROM results WHERE id = ? AND more = ?", [id, more]);
  }

  get facts(): StoreFacts {
    const [row] = this.#database
      .prepare("SELECT count(*), coalesce(sum(octet_length(text)), 0), min(made), max(made) FROM results")
      .values();
    const [entries, resultBytes, oldest, newest] = row as [number, number, number | null, number | null];
    return { entries, resultBytes, bytes: this.#bytes, oldest: oldest ?? undefined, newest: newest ?? undefined };
  }

  get #bytes(): number {
    const sizes = [this.#path, `${this.#path}-wal`].map((path): Stats | undefined =>
      statSync(path, { throwIfNoEntry: false }),
    );
    return sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
  }

  /** Drops what was made before a time, in milliseconds since 1970. */
  dropBefore(time: number): void {
    this.#database.run("DELETE FROM results WHERE made < ?", [time]);
  }

  /** Drops what was made first, until the file has no more than so many bytes. */
  shrinkTo(bytes: number): void {
    this.compact();
    // Pages are not filled to the last byte: how far it gets at once is not known beforehand.
    for (let { entries } = this.facts; entries > 0 && this.#bytes > bytes; { entries } = this.facts) {
      const keeps = Math.floor(entries * Math.min(bytes / this.#bytes, 0.99));
      this.#database.run("DELETE FROM results WHERE id IN (SELECT id FROM results ORDER BY made, id LIMIT ?)", [
        entries - keeps,
      ]);
      this.compact();
    }
  }

  /** Gives the space of what was dropped back. */
  compact(): void {
    this.#database.run("VACUUM");
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    // With statements that are still there the database would stay open, and what was written beside it.
    for (const statement of [this.#find, ...this.#inserts.values()]) statement.finalize();
    this.#database.close();
  }
}

/** A database that can be read may be another's. */
function checkForm(database: Database, shown: string): void {
  const number = (pragma: string): unknown => database.prepare(`PRAGMA ${pragma}`).values()[0]?.[0];
  const form = number("user_version");
  const problem =
    number("application_id") !== APPLICATION
      ? "is no cache of Rowmill's"
      : form !== FORM
        ? `was made by another version of Rowmill (its form is ${String(form)}, not ${FORM})`
        : undefined;
  if (problem === undefined) return;
  throw new RowmillError("output", `cannot use the cache ${shown}: its file ${FILE} ${problem}`, {
    hint: "name another folder; or remove this one: its results are then asked for again",
  });
}

/** Opens the file as it can be opened: it may lie where nothing can be written. */
function opened(path: string, how: "makes" | "opens"): { database: Database; isReadOnly: boolean } {
  const isThere = existsSync(path);
  try {
    const database = new Database(path, { readwrite: true, create: how === "makes" });
    try {
      database.run(`PRAGMA busy_timeout = ${LOCKED_MS}`);
      if (how === "makes") prepareFile(database);
      database.run("PRAGMA synchronous = NORMAL");
      // Keys lie anywhere, so that every result writes a page: put into the file more rarely, a page that was written by
      // several is put there once, and the disk waited for less often.
      database.run(`PRAGMA wal_autocheckpoint = ${WAITING_PAGES}`);
      // In KiB: room for a million short results. Pages that it has not come from the file, at half the speed.
      database.run("PRAGMA cache_size = -65536");
      // It is read here, and not with the first row.
      database.prepare("SELECT count(*) FROM sqlite_schema").values();
      return { database, isReadOnly: false };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const isDenied = /READONLY|CANTOPEN|PERM/.test(codeOf(error)) || (codeOf(error) === "" && isThere);
    if (!isThere || !isDenied) {
      // What could not be made is not left half made.
      if (!isThere && how === "makes") rmSync(path, { force: true });
      throw error;
    }
    return { database: openedToRead(path), isReadOnly: true };
  }
}

function openedToRead(path: string): Database {
  try {
    const database = new Database(path, { readonly: true });
    database.run(`PRAGMA busy_timeout = ${LOCKED_MS}`);
    database.prepare("SELECT count(*) FROM sqlite_schema").values();
    return database;
  } catch {
    // Readers want a file beside it. Where none can be made nobody writes either: the file stays as it is.
    const address = new URL("file://");
    address.pathname = path.replaceAll("%", "%25");
    address.search = "immutable=1";
    return new Database(address.href, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI);
  }
}

/** Makes the table, where another run has not. */
function prepareFile(database: Database): void {
  const [form] = database.prepare("SELECT count(*) FROM sqlite_schema").values();
  // It has something in it already: what that is, is asked later.
  if (form?.[0] !== 0) return;
  // Two runs that make it at once are in each other's way for a moment.
  for (let tries = 1; ; tries++) {
    try {
      database.run("PRAGMA journal_mode = WAL");
      database.run("BEGIN IMMEDIATE");
      database.run(TABLE);
      database.run(`PRAGMA application_id = ${APPLICATION}`);
      database.run(`PRAGMA user_version = ${FORM}`);
      database.run("COMMIT");
      return;
    } catch (error) {
      if (database.inTransaction) database.run("ROLLBACK");
      if (!codeOf(error).startsWith("SQLITE_BUSY") || tries === 100) throw error;
      Bun.sleepSync(20);
    }
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** What a failure of SQLite says, in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (/CORRUPT|NOTADB/.test(code)) return "its file is damaged";
  if (code.startsWith("SQLITE_FULL")) return "the disk is full";
  if (code.startsWith("SQLITE_BUSY")) return "another program has locked it";
  if (/READONLY|CANTOPEN|PERM/.test(code)) return "it cannot be written";
  return messageOf(error);
}

function cannotUse(shown: string, error: unknown): RowmillError {
  const isDamaged = /CORRUPT|NOTADB/.test(codeOf(error));
  return new RowmillError("output", `cannot use the cache ${shown}: ${reasonOf(error)}`, {
    hint: isDamaged
      ? "remove the folder, or name another one: its results are then asked for again"
      : "name another folder",
    cause: error,
  });
}
