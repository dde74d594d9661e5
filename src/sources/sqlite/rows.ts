/** The rows of a query, piece by piece. */
import type { Database } from "bun:sqlite";
import { messageOf } from "../../errors.ts";
import { CsvPieces } from "../csv-text.ts";
import { NextRowError, type SourceRows } from "../source.ts";
import {
  type ColumnKind,
  type TextForm,
  type TextRow,
  csvOfLines,
  exactFields,
  exactQuery,
  lineQuery,
} from "./row-text.ts";

export interface RowQuery {
  query: string;
  kinds: readonly ColumnKind[];
  form: TextForm;
}

/** @throws {NextRowError} When the query fails at a row. */
export function* rowsOf(database: Database, { query, kinds, form }: RowQuery): Generator<SourceRows> {
  let done = 0;
  for (const piece of inPieces(resultsOf(database, lineQuery(query, kinds)), new LinePieces(kinds))) {
    if (piece === undefined) return yield* csvOf(exactRows(database, { query, kinds, form }).drop(done), form);
    yield piece;
    done += piece.rows ?? 0;
  }
}

/** Rows of {@linkcode exactQuery}. */
export function exactRows(database: Database, { query, ...how }: RowQuery): Generator<TextRow> {
  return resultsOf(database, exactQuery(query, how));
}

export function csvOf(rows: Iterable<TextRow>, form: TextForm): Generator<SourceRows> {
  const pieces = new CsvPieces(form === "bytes" ? "latin1" : "utf8");
  const add = ({ start }: TextRow): boolean =>
    pieces.add(
      exactFields(start)
        .map((field) => field?.csv ?? "")
        .join(","),
    );
  return inPieces(rows, { add, take: () => (pieces.isEmpty ? nothing() : pieces.take()) });
}

/** Made each time: whoever takes it hands its memory on, and that can be done once. */
function nothing(): SourceRows {
  return { bytes: new Uint8Array(0), rows: 0 };
}

function resultsOf(database: Database, sql: string): Generator<TextRow> {
  const statement = database.prepare<TextRow, []>(sql);
  return (function* () {
    try {
      yield* statement.iterate();
    } finally {
      statement.finalize();
    }
  })();
}

interface Pieces<Piece> {
  /** True when there is enough for a piece. */
  add(row: TextRow): boolean;
  take(): Piece;
}

/** What stands before a failure comes before it. */
function* inPieces<Piece>(rows: Iterable<TextRow>, pieces: Pieces<Piece>): Generator<Piece> {
  let failure: unknown;
  try {
    for (const row of rows) if (pieces.add(row)) yield pieces.take();
  } catch (error) {
    failure = error;
  }
  yield pieces.take();
  if (failure === undefined) return;
  throw isOfQuery(failure) ? new NextRowError(messageOf(failure), { cause: failure }) : failure;
}

export function isOfQuery(error: unknown): boolean {
  return error instanceof Error && error.name === "SQLiteError";
}

const PIECE_CHARACTERS = 256 * 1024;
const encoder = new TextEncoder();

class LinePieces implements Pieces<SourceRows | undefined> {
  readonly #kinds: readonly ColumnKind[];
  #text = "";
  #rows = 0;

  constructor(kinds: readonly ColumnKind[]) {
    this.#kinds = kinds;
  }

  add({ start }: TextRow): boolean {
    this.#text += start;
    this.#rows++;
    return this.#text.length >= PIECE_CHARACTERS;
  }

  take(): SourceRows | undefined {
    const rows = this.#rows;
    if (rows === 0) return nothing();
    // The last row ends with a mark, too.
    const text = `${this.#text}\u001E`;
    [this.#text, this.#rows] = ["", 0];
    // Perhaps it was no UTF-8.
    if (text.includes("\uFFFD")) return undefined;
    const bytes = csvOfLines(encoder.encode(text), { rows, kinds: this.#kinds });
    return bytes && { bytes, rows };
  }
}
