/** Opens files of SQLite to be read: also those that lie where nothing can be written, or that others are writing to. */
import { missingHint } from "../../io/missing-file.ts";
import { Database, constants } from "bun:sqlite";
import { type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import { RowmillError, messageOf } from "../../errors.ts";
import type { SourceName } from "../source.ts";

/** So long is waited for whoever has locked the file. */
const LOCKED_MS = 5000;

export interface OpenDatabase {
  database: Database;
  /** Nobody changes it while it is open here: others who open it see the same. */
  isLocked: boolean;
  /** @throws {RowmillError} `input`, when it was written to although nothing kept others from it. */
  checkUnchanged: () => void;
}

/** @throws {RowmillError} `input`, when it cannot be read. */
export function openDatabase({ name, path }: Pick<SourceName, "name" | "path">): OpenDatabase {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined)
    throw new RowmillError("input", `cannot read ${name}: there is no such file`, { hint: missingHint(path) });
  try {
    return opened(path);
  } catch (error) {
    if (codeOf(error) === "SQLITE_READONLY_ROLLBACK" && isUndone(path)) return opened(path);
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
    // What is read beside a log needs a file of its own beside it; without one the file alone is all.
    if (needsMoreFiles(error) && (log?.size ?? 0) === 0) return openUnlocked({ name, path }, before);
    throw cannotRead(error, { name, path, hasLog: log !== undefined });
  }
}

function opened(path: string): OpenDatabase {
  const database = begun(new Database(path, { readonly: true, safeIntegers: true }));
  try {
    return { database, isLocked: journalMode(database) !== "wal", checkUnchanged: () => {} };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Has SQLite undo what a program has left that was cut off while it wrote; tells whether it could. */
function isUndone(path: string): boolean {
  try {
    begun(new Database(path, { readwrite: true, create: false })).close();
    return true;
  } catch {
    return false;
  }
}

/** A file in a folder in which nothing can be made: it is taken to stay as it is, which is checked. */
function openUnlocked({ name, path }: Pick<SourceName, "name" | "path">, before: Stats): OpenDatabase {
  const address = new URL("file://");
  address.pathname = path.replaceAll("%", "%25");
  address.search = "immutable=1";
  try {
    const database = begun(new Database(address.href, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI));
    const checkUnchanged = (): void => {
      const { mtimeMs, size } = statSync(path);
      if (mtimeMs === before.mtimeMs && size === before.size) return;
      throw new RowmillError("input", `cannot read ${name}: it was written to while it was read`, {
        hint: "copy it, and read the copy",
      });
    };
    return { database, isLocked: false, checkUnchanged };
  } catch (error) {
    throw cannotRead(error, { name, path, hasLog: false });
  }
}

/** All that is read of it is of one moment. */
function begun(database: Database): Database {
  try {
    database.run(`PRAGMA busy_timeout = ${LOCKED_MS}`);
    database.run("BEGIN");
    database.query("SELECT count(*) FROM sqlite_schema").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function journalMode(database: Database): unknown {
  return database.query<{ journal_mode: string }, []>("PRAGMA journal_mode").get()?.journal_mode;
}

function needsMoreFiles(error: unknown): boolean {
  return /^SQLITE_(?:CANTOPEN|READONLY_DIRECTORY|READONLY_CANTINIT)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}

/** Why a database cannot be read, in words. */
export function cannotRead(
  error: unknown,
  { name, path, hasLog = false }: Pick<SourceName, "name" | "path"> & { hasLog?: boolean },
): RowmillError {
  const [reason, hint] = inWords(codeOf(error), path, hasLog) ?? [messageOf(error), "check the file, and the query"];
  return new RowmillError("input", `cannot read ${name}: ${reason}`, { hint, cause: error });
}

function inWords(code: string, path: string, hasLog: boolean): [reason: string, hint: string] | undefined {
  const file = basename(path);
  if (code.startsWith("SQLITE_BUSY")) return ["another program has locked it", "try again when that is done"];
  if (code.startsWith("SQLITE_CORRUPT"))
    return ["the database is damaged", "what can be read of it: sqlite3 FILE .recover"];
  if (code.startsWith("SQLITE_NOTADB")) {
    return [
      "it is no database of SQLite, or one that is encrypted",
      "if it is encrypted: write it anew without a key, with the program that made it",
    ];
  }
  if (code === "SQLITE_READONLY_ROLLBACK" || (code.startsWith("SQLITE_CANTOPEN") && !hasLog && hasJournal(path))) {
    return [
      "a program was cut off while it wrote to it, and what it left cannot be undone here",
      `copy it and ${file}-journal to a folder that you may write to`,
    ];
  }
  if (hasLog && needsMoreFiles({ code })) {
    return [
      `its last changes are in ${file}-wal, which cannot be read here`,
      `copy it and ${file}-wal to a folder that you may write to`,
    ];
  }
  if (code.startsWith("SQLITE_CANTOPEN")) return ["it cannot be opened", "ask for the right to read it"];
  return undefined;
}

function hasJournal(path: string): boolean {
  return statSync(`${path}-journal`, { throwIfNoEntry: false }) !== undefined;
}
