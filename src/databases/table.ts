/**
 * Outputs that are tables of a database. A thread takes the rows, and puts them into the table in one transaction: all of
 * them are there when the run is done, and none of them before, or when it comes to any other end.
 */

/** What becomes of a row whose key is in the table already. */
type OnConflict = "fail" | "replace" | "ignore";

/** The table that is asked for. */
export interface AskedTable {
  /** Which kind of database it is of: its format. */
  kind: string;
  /** As the user wrote it. */
  name: string;
  /** A path that does not depend on the current folder, or an address. */
  path: string;
  /** The name of the table. */
  table: string;
  /** The rows take the place of all that are there. */
  replaces: boolean;
  onConflict: OnConflict;
  /** Paths and addresses of what the run reads, the same one perhaps. */
  inputs: readonly string[];
}

/** What writes it, in its thread. */
export interface TableWriter {
  /** Takes whole lines, as src/formats/typed-lines.ts writes them. The first line are the names of the columns. */
  write(lines: Uint8Array): Promise<void> | void;
  /** All lines have come. Gives what whoever started the run should know. */
  commit(): Promise<string[]> | string[];
  /** Nothing of it is to stand. */
  abandon(): Promise<void> | void;
}

/** A table that is there. */
export interface KnownTable {
  columns: string[];
}

export type LookAtTable = (setup: AskedTable) => Promise<KnownTable | undefined> | KnownTable | undefined;

/** @throws {RowmillError} `output`, when it cannot be written. */
export type OpenTableWriter = (setup: AskedTable) => Promise<TableWriter> | TableWriter;
