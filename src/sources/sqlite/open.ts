/**
 * Reads tables, views and queries of SQLite with the driver of the runtime. All of it is of one moment: the file is locked
 * against writers while it is read, or they write beside it.
 */
import type { Database } from "bun:sqlite";
import { RowmillError } from "../../errors.ts";
import type { ComingColumns, Source, SourceColumn, SourceRows, SourceSetup } from "../source.ts";
import { type Asked, askedOf } from "./asked.ts";
import { type OpenDatabase, cannotRead, openDatabase } from "./database.ts";
import { partQueries } from "./parts.ts";
import { type ColumnKind, type TextForm, type TextRow, columnsQuery, exactFields } from "./row-text.ts";
import { csvOf, exactRows, isOfQuery, rowsOf } from "./rows.ts";

/** So many rows say what columns hold. */
const SAMPLE_ROWS = 1000;
/** A query that takes longer to give these is not begun again, but gone on with. */
const SAMPLE_MS = 100;
/** Older versions cannot put rows together as texts. */
const LINES_SINCE = [3, 44];

/** @throws {RowmillError} `input`, when there is no such file, table, or query. */
export function openSqlite({ input }: SourceSetup): Source {
  const opened = openDatabase(input);
  const { database } = opened;
  try {
    return tableSource(opened, askedOf(database, input), input.path);
  } catch (error) {
    database.close();
    throw error instanceof RowmillError ? error : cannotRead(error, input);
  }
}

function tableSource({ database, isLocked, checkUnchanged }: OpenDatabase, asked: Asked, path: string): Source {
  const form = isUtf8(database) ? "bytes" : "characters";
  const sample = sampleOf(database, asked, form);
  const isSlow = sample.rest !== undefined;
  const queries =
    isLocked && !isSlow ? partQueries(database, asked, { path, bytesOfRow: sample.bytesOfRow }) : [asked.query];
  const makesLines = isNewer(database) && writesAllDigits(database);
  const convert = (whole: string, coming: ComingColumns): Iterable<SourceRows> => {
    if (sample.rest !== undefined) return csvOf(followedBy(sample.rows, sample.rest), form);
    const query = coming === undefined ? whole : columnsQuery(whole, asked.names.length, coming);
    const kinds = coming?.map((at) => sample.kinds[at] ?? "unwanted") ?? sample.kinds;
    return makesLines
      ? rowsOf(database, { query, kinds, form })
      : csvOf(exactRows(database, { query, kinds, form }), form);
  };
  return {
    table: {
      columns: asked.names.map((name, at): SourceColumn => ({ name, type: sample.types[at] ?? "text" })),
      places: { unit: "row", first: 1 },
      parts: queries.length,
      skips: !isSlow,
    },
    rows: function* (part, coming) {
      yield* convert(queries[part] ?? asked.query, coming);
      checkUnchanged();
    },
    close: () => database.close(),
  };
}

interface Sample {
  types: ("text" | "number")[];
  kinds: ColumnKind[];
  bytesOfRow: number;
  rows: TextRow[];
  /** The rows behind these, of a query that is not to be begun again. */
  rest: Generator<TextRow> | undefined;
}

/** A column may hold any values, whatever it was declared as: its first rows say what it is, as those of a text do. */
function sampleOf(database: Database, { query, names, declared, table }: Asked, form: TextForm): Sample {
  const all = exactRows(database, { query, kinds: names.map(() => "unknown"), form });
  const begun = performance.now();
  const rows = firstOf(all);
  const isSlow = table === undefined && performance.now() - begun > SAMPLE_MS;
  if (!isSlow) all.return(undefined);
  const fields = rows.map(({ start }) => exactFields(start));
  const types = names.map((_, at) => {
    const column = fields.map((row) => row[at]).filter((field) => field !== undefined);
    const isNumber =
      column.length === 0 ? isDeclaredAsNumber(declared[at]) : column.every(({ kind }) => kind !== "text");
    return isNumber ? "number" : "text";
  });
  const kinds = names.map((_, at): ColumnKind => {
    const hasDoubles = fields.some((row) => row[at]?.kind === "double");
    return hasDoubles ? "double" : kindByDeclaration(declared[at]);
  });
  const characters = fields.flat().reduce((sum, field) => sum + (field?.csv.length ?? 0) + 1, 0);
  return { types, kinds, bytesOfRow: characters / rows.length || 0, rows, rest: isSlow ? all : undefined };
}

/** The first rows; all before one at which the query fails, which it will do again. */
function firstOf(all: Iterator<TextRow>): TextRow[] {
  const rows: TextRow[] = [];
  try {
    while (rows.length < SAMPLE_ROWS) {
      const next = all.next();
      if (next.done === true) break;
      rows.push(next.value);
    }
  } catch (error) {
    if (!isOfQuery(error)) throw error;
  }
  return rows;
}

function* followedBy(rows: readonly TextRow[], rest: Iterable<TextRow>): Generator<TextRow> {
  yield* rows;
  yield* rest;
}

function isDeclaredAsNumber(type: string | null | undefined): boolean {
  return /int|real|floa|doub|numeric|decimal/i.test(type ?? "");
}

/** What columns with a type can hold: texts, and no numbers; numbers that are whole where they can be; doubles. */
function kindByDeclaration(type: string | null | undefined): ColumnKind {
  if (/int/i.test(type ?? "")) return "whole";
  if (/char|clob|text/i.test(type ?? "")) return "text";
  return /real|floa|doub/i.test(type ?? "") ? "double" : "unknown";
}

function isUtf8(database: Database): boolean {
  return database.query<{ encoding: string }, []>("PRAGMA encoding").get()?.encoding === "UTF-8";
}

/** Older versions write 15 digits of a double. */
function writesAllDigits(database: Database): boolean {
  const value = 0.1 + 0.2;
  const { text } = database.query<{ text: string }, [number]>("SELECT concat(?) AS text").get(value) ?? {};
  return Number(text) === value;
}

function isNewer(database: Database): boolean {
  const { version = "" } = database.query<{ version: string }, []>("SELECT sqlite_version() AS version").get() ?? {};
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = LINES_SINCE;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
